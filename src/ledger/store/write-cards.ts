import {type CardState} from '../card-state.ts';
import {accountNumbers} from '../chart.ts';
import {reasonNumberOf} from '../reasons.ts';
import {bytesArray} from './arrays.ts';
import {statusNumbers} from './lock.ts';
import {type Counts, insert, instant, type Parameter, plain, text, update} from './statements.ts';
import {type HoldSource, type WriteSet} from './write-set.ts';

/* The rows that hold the present: cards, their lots, holds and legs, each in its final image. */

export function insertCards(parameter: Parameter, {changes, decided}: WriteSet): string | undefined {
	const cards = new Map([...changes.cards].map(card => [card.id, card]));
	const rows = decided.flatMap(({command, remembered}) => {
		const image = command.verb === 'issue' ? cards.get(command.cardId) : undefined;
		return command.verb === 'issue' && remembered.outcome.kind === 'accepted' && image !== undefined
			? [{image, opening: command.card}]
			: [];
	});
	return insert(parameter, 'cards', rows, [
		['id', 'bigint', plain(({image}) => image.id)],
		['public_id', 'uuid', plain(({opening}) => opening.publicId)],
		['asset_id', 'int', plain(({image}) => image.assetId)],
		['status', 'smallint', plain(({image}) => statusNumbers[image.status])],
		['available', 'bigint', plain(({image}) => image.available)],
		['held', 'bigint', plain(({image}) => image.held)],
		['version', 'bigint', plain(({image}) => image.version)],
		['restricted', 'boolean', plain(({opening}) => opening.restricted)],
		['single_use', 'boolean', plain(({opening}) => opening.singleUse)],
		['rechargeable', 'boolean', plain(({opening}) => opening.rechargeable)],
		['owner_id', 'bigint', plain(({opening}) => opening.ownerId)],
		['pepper_id', 'smallint', plain(({opening}) => opening.pepperId)],
		['code_hash', 'bytea', all => bytesArray(all.map(({opening}) => opening.codeHash))],
		['code_last4', 'text', text(({opening}) => opening.codeLast4)],
		['caption', 'text', text(({opening}) => opening.caption)],
		['relation_name', 'text', text(({opening}) => opening.relationName)],
		['emitted_at', 'timestamptz', instant(({opening}) => opening.emittedAt)],
		['expires_at', 'timestamptz', instant(({opening}) => opening.expiresAt)],
	]);
}

export function updateCards(
	parameter: Parameter,
	{changes, versions, cardChanges}: WriteSet,
	expected: Counts,
): string | undefined {
	// Dates change once in a card's life if ever, and debits must not pay for it.
	const isExtending = cardChanges.some(({kind}) => kind === 'extend');
	return update(parameter, expected, 'cards', {
		rows: [...changes.cards].filter(card => versions.has(card.id)),
		columns: [
			['id', 'bigint', plain(card => card.id)],
			['expected', 'bigint', plain(card => versions.get(card.id) ?? -1n)],
			['status', 'smallint', plain(card => statusNumbers[card.status])],
			['available', 'bigint', plain(card => card.available)],
			['held', 'bigint', plain(card => card.held)],
			['debt', 'bigint', plain(card => card.debt)],
			['forwards_to', 'bigint', plain(card => card.forwardsTo)],
			['version', 'bigint', plain(card => card.version)],
			...(isExtending
				? [['expires_at', 'timestamptz', instant((card: CardState) => card.expiresAt)] as const]
				: []),
		],
		set:
			'status = v.status, available = v.available, held = v.held, debt = v.debt, forwards_to = v.forwards_to, version = v.version' +
			(isExtending ? ', expires_at = v.expires_at' : ''),
		where: 't.id = v.id AND t.version = v.expected',
	});
}

export function insertLots(parameter: Parameter, {changes}: WriteSet): string | undefined {
	const cards = new Map([...changes.cards].map(card => [card.id, card]));
	const rows = changes.openedLots.map(lot => ({lot, image: cards.get(lot.cardId)?.lots.get(lot.id)}));
	return insert(parameter, 'lots', rows, [
		['id', 'uuid', plain(({lot}) => lot.id)],
		['card_id', 'bigint', plain(({lot}) => lot.cardId)],
		['origin', 'smallint', plain(({lot}) => accountNumbers[lot.origin])],
		['issued', 'bigint', plain(({lot}) => lot.issued)],
		['remaining', 'bigint', plain(({image}) => image?.remaining ?? null)],
		['held', 'bigint', plain(({image}) => image?.held ?? null)],
		['spent', 'boolean', plain(({image}) => image?.remaining === 0n)],
		['spendable_from', 'timestamptz', instant(({lot}) => lot.spendableFrom)],
		['expires_at', 'timestamptz', instant(({lot}) => lot.expiresAt)],
		['parent_id', 'uuid', plain(({lot}) => lot.parentId)],
		['root_id', 'uuid', plain(({lot}) => lot.rootId)],
		['owed', 'bigint', plain(({image}) => image?.owed ?? null)],
	]);
}

export function updateLots(parameter: Parameter, {changes}: WriteSet, expected: Counts): string | undefined {
	return update(parameter, expected, 'lots', {
		rows: [...changes.lots.values()],
		columns: [
			['id', 'uuid', plain(lot => lot.id)],
			['remaining', 'bigint', plain(lot => lot.remaining)],
			['held', 'bigint', plain(lot => lot.held)],
			['owed', 'bigint', plain(lot => lot.owed)],
		],
		set: 'remaining = v.remaining, held = v.held, owed = v.owed, spent = (v.remaining = 0)',
		where: 't.id = v.id',
	});
}

export const sourceNumbers = {giftCard: 1, payment: 2} as const satisfies Record<HoldSource, number>;

export function insertHolds(parameter: Parameter, {holds}: WriteSet): string | undefined {
	return insert(
		parameter,
		'holds',
		holds,
		[
			['id', 'uuid', plain(({id}) => id)],
			['source', 'smallint', plain(({source}) => sourceNumbers[source])],
			['order_id', 'text', text(({note}) => note.orderId)],
			['request_id', 'text', text(({note}) => note.requestId)],
			['description', 'text', text(({note}) => note.description)],
		],
		{opened_at: '$2::timestamptz'},
	);
}

export function insertLegs(parameter: Parameter, {changes}: WriteSet): string | undefined {
	const rows = changes.openedHolds.flatMap(({id, legs}) => legs.map(leg => ({...leg, holdId: id})));
	return insert(parameter, 'hold_legs', rows, [
		['hold_id', 'uuid', plain(leg => leg.holdId)],
		['leg', 'smallint', plain(leg => leg.number)],
		['card_id', 'bigint', plain(leg => leg.cardId)],
		['asset_id', 'int', plain(leg => leg.assetId)],
		['currency_id', 'int', plain(leg => leg.currencyId)],
		['value', 'bigint', plain(leg => leg.value)],
		['units', 'bigint', plain(leg => leg.units)],
		['rate_numerator', 'bigint', plain(leg => leg.rate?.numerator ?? null)],
		['rate_denominator', 'bigint', plain(leg => leg.rate?.denominator ?? null)],
		['captured', 'bigint', plain(leg => leg.captured)],
		['released', 'bigint', plain(leg => leg.released)],
		['refunded', 'bigint', plain(leg => leg.refunded)],
		['single_use', 'boolean', plain(leg => leg.singleUse)],
	]);
}

export function updateLegs(parameter: Parameter, {changes}: WriteSet, expected: Counts): string | undefined {
	return update(parameter, expected, 'hold_legs', {
		rows: [...changes.legs],
		columns: [
			['hold_id', 'uuid', plain(leg => leg.holdId)],
			['leg', 'smallint', plain(leg => leg.number)],
			['captured', 'bigint', plain(leg => leg.captured)],
			['released', 'bigint', plain(leg => leg.released)],
			['refunded', 'bigint', plain(leg => leg.refunded)],
		],
		set: 'captured = v.captured, released = v.released, refunded = v.refunded',
		where: 't.hold_id = v.hold_id AND t.leg = v.leg',
	});
}

/** Card change → the number that stands for it in the database. */
export const cardChangeNumbers = {block: 1, unblock: 2, close: 3, pin: 4, reissue: 5, extend: 6} as const;

export function insertCardChanges(parameter: Parameter, {cardChanges}: WriteSet): string | undefined {
	return insert(
		parameter,
		'card_changes',
		cardChanges,
		[
			['card_id', 'bigint', plain(change => change.cardId)],
			['kind', 'smallint', plain(change => cardChangeNumbers[change.kind])],
			['actor_id', 'int', plain(change => change.actorId)],
			['reason', 'text', text(change => change.reason)],
			['reason_code', 'smallint', plain(change => reasonNumberOf(change.reasonCode))],
			['former_expires_at', 'timestamptz', instant(change => change.formerExpiresAt)],
		],
		{at: '$2::timestamptz'},
	);
}
