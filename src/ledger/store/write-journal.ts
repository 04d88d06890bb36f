import {accountNumbers} from '../chart.ts';
import {keySpaces, verbs} from '../commands.ts';
import {entryKinds} from '../entry.ts';
import {reasonNumberOf} from '../reasons.ts';
import {refusals} from '../refusals.ts';
import {insert, type Parameter, plain, text} from './statements.ts';
import {type WriteSet} from './write-set.ts';

/* The append-only tables: entries with their postings, movements and notes, and the commands that caused them. */

export function insertEntries(parameter: Parameter, {changes}: WriteSet): string | undefined {
	return insert(
		parameter,
		'entries',
		changes.entries,
		[
			['id', 'uuid', plain(entry => entry.id)],
			['kind', 'smallint', plain(entry => entryKinds[entry.kind])],
			['answers', 'uuid', plain(entry => entry.answers)],
			['operation_id', 'uuid', plain(entry => entry.operationId)],
			['actor_id', 'int', plain(entry => entry.actorId)],
		],
		{occurred_at: '$2::timestamptz', recorded_at: '$2::timestamptz'},
	);
}

export function insertPostings(parameter: Parameter, {changes}: WriteSet): string | undefined {
	const rows = changes.entries.flatMap(({id, postings}) => postings.map(posting => ({entryId: id, posting})));
	return insert(parameter, 'postings', rows, [
		['entry_id', 'uuid', plain(({entryId}) => entryId)],
		['account', 'smallint', plain(({posting}) => accountNumbers[posting.account])],
		['card_id', 'bigint', plain(({posting}) => posting.cardId ?? 0)],
		['asset_id', 'int', plain(({posting}) => posting.assetId)],
		['amount', 'bigint', plain(({posting}) => posting.amount)],
		['balance_after', 'bigint', plain(({posting}) => posting.balanceAfter)],
		['version', 'bigint', plain(({posting}) => posting.version)],
	]);
}

export function insertMovements(parameter: Parameter, {changes}: WriteSet): string | undefined {
	const rows = changes.entries.flatMap(({id, movements}) =>
		movements.map(movement => ({entryId: id, movement})),
	);
	return insert(parameter, 'lot_movements', rows, [
		['entry_id', 'uuid', plain(({entryId}) => entryId)],
		['lot_id', 'uuid', plain(({movement}) => movement.lotId)],
		['leg', 'smallint', plain(({movement}) => movement.leg)],
		['remaining_delta', 'bigint', plain(({movement}) => movement.remainingDelta)],
		['held_delta', 'bigint', plain(({movement}) => movement.heldDelta)],
	]);
}

export function insertNotes(parameter: Parameter, {notes}: WriteSet): string | undefined {
	return insert(parameter, 'entry_notes', notes, [
		['entry_id', 'uuid', plain(({entryId}) => entryId)],
		['order_id', 'text', text(({note}) => note.orderId)],
		['request_id', 'text', text(({note}) => note.requestId)],
		['description', 'text', text(({note}) => note.description)],
		['reason', 'text', text(({note}) => note.reason)],
		['reason_code', 'smallint', plain(({note}) => reasonNumberOf(note.reasonCode))],
	]);
}

export function insertCommands(parameter: Parameter, {decided}: WriteSet): string | undefined {
	return insert(
		parameter,
		'commands',
		decided,
		[
			['scope', 'uuid', plain(({command}) => command.key.scope)],
			['space', 'smallint', plain(({command}) => keySpaces[command.key.space])],
			['key', 'text', text(({command}) => command.key.key)],
			['verb', 'smallint', plain(({remembered}) => verbs[remembered.verb])],
			['amount', 'bigint', plain(({remembered}) => remembered.amount)],
			['asset_id', 'int', plain(({remembered}) => remembered.assetId)],
			[
				'refusal',
				'smallint',
				plain(({remembered: {outcome}}) =>
					outcome.kind === 'refused' ? refusals[outcome.refusal].number : null,
				),
			],
			[
				'outcome_id',
				'uuid',
				plain(({remembered: {outcome}}) => (outcome.kind === 'accepted' ? outcome.id : null)),
			],
			[
				'moved',
				'bigint',
				plain(({remembered: {outcome}}) => (outcome.kind === 'accepted' ? outcome.moved : null)),
			],
			['run_id', 'int', plain(({command}) => ('runId' in command ? (command.runId ?? null) : null))],
		],
		{decided_at: '$2::timestamptz'},
	);
}
