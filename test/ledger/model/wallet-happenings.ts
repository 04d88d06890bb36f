import {type PostedEntry} from '../../../src/ledger/books.ts';
import {type Play} from './player.ts';

/** What happened in a story only because points, payments or merges are in it, by name. */
export function* walletHappenings({ledger, cards}: Play): Generator<string> {
	const {books} = ledger;
	for (const {legs} of books.holds.values()) {
		const points = legs.filter(({rate}) => rate !== null);
		if (points.length > 0 && points.length < legs.length) {
			yield 'points and money in one hold';
		}

		if (new Set(points.map(({cardId}) => books.cards.get(cardId)?.assetId)).size > 1) {
			yield 'points of two programs in one hold';
		}

		if (legs.filter(({captured, released}) => captured > 0n && released > 0n).length > 0) {
			yield 'a leg that was captured and released';
		}
	}

	if ([...books.payments.values()].some(({formerHoldId}) => formerHoldId !== null)) {
		yield 'a payment that was settled after it was forgotten';
	}

	if (cards.some(({reference}) => (reference.mergedInto?.mergedInto ?? null) !== null)) {
		yield 'a line of merged wallets';
	}

	yield* orderHappenings(ledger);
	const {entries, openedLots} = books.changes();
	const lots = new Map(openedLots.map(lot => [lot.id, lot]));
	for (const entry of entries) {
		yield* entryHappenings(entry, id => lots.get(id)?.spendableFrom ?? 0);
	}

	const given = new Map(entries.map(({id, kind}) => [id, kind]));
	if (
		entries.some(
			({kind, operationId}) =>
				kind === 'clawback' && ['release', 'refund'].includes(given.get(operationId ?? '') ?? ''),
		)
	) {
		yield 'a lot that was paid what it was owed';
	}

	const extended = new Set(
		entries.flatMap(({kind, movements}) =>
			kind === 'extend' ? movements.flatMap(one => (one.remainingDelta > 0n ? [one.lotId] : [])) : [],
		),
	);
	if (
		entries.some(({kind, movements}) => kind === 'clawback' && movements.some(one => extended.has(one.lotId)))
	) {
		yield 'points taken back out of an extended lot';
	}

	for (const {id, cardId, parentId, expiresAt} of openedLots) {
		const parent = lots.get(parentId ?? '');
		if (parent?.cardId === cardId && !extended.has(id)) {
			yield parent.expiresAt === expiresAt
				? 'points restored without any grace'
				: 'points restored with grace';
		}
	}
}

function* orderHappenings({books, deeds}: Play['ledger']): Generator<string> {
	if ([...books.orders.values()].some(({bookings}) => [...bookings.values()].some(one => one.forgone > 0n))) {
		yield 'points that a cap kept away';
	}

	if (
		deeds.some(deed => deed.do === 'command' && deed.outcome.kind === 'done' && deed.outcome.isSuperseded)
	) {
		yield 'a document that came too late';
	}

	if ([...books.cards.values()].some(({lots}) => [...lots.values()].some(({owed}) => owed > 0n))) {
		yield 'a lot that owes';
	}
}

function* entryHappenings(
	{kind, operationId, at, postings, movements}: PostedEntry,
	beginningOf: (lotId: string) => number,
): Generator<string> {
	if (kind === 'transfer' && movements.some(({lotId}) => beginningOf(lotId) > at)) {
		yield 'a lot that moves before it can be spent';
	}

	if (kind === 'extend' && movements.some(({lotId}) => beginningOf(lotId) > at)) {
		yield 'a lot that is extended before it can be spent';
	}

	if (kind === 'transfer' && operationId !== null) {
		yield 'value that moved on after a merge';
	}

	if (movements.length === 0 && postings.some(({account}) => account === 'redeemed')) {
		yield 'a part of a value that moves no point';
	}

	const debts = postings.filter(({account}) => account === 'debt');
	if (debts.length > 0) {
		const names = {earn: 'a debt that was paid by earning', transfer: 'a debt that a merge moved'};
		yield kind === 'earn' || kind === 'transfer' ? names[kind] : 'a debt of a wallet';
	}

	if (kind === 'clawback' && postings.some(({account}) => account === 'breakage')) {
		yield 'points taken back from breakage';
	}
}
