import {type Books} from '../books.ts';
import {recordShare} from '../lot-shares.ts';
import {type Instant} from '../calendar.ts';
import {bySpendingOrder} from '../lots.ts';
import {type Lot, type LotShare, type Use} from '../card-state.ts';
import {originOf} from '../chart.ts';
import {type KeySpace, keySpaces, keyText, type Verb, verbs} from '../commands.ts';
import {entryKindOf} from '../entry.ts';
import {type Identifier} from '../owner.ts';
import {refusalOf} from '../refusals.ts';
import {type Remembered} from '../remembered.ts';
import {type LockedCard} from './lock.ts';

/*
 * Rows travel as JSON arrays in one text column for each part: it passes Prisma's conversions once for the whole part
 * and not once for each value. Every `…Columns` below belongs to the tuple type next to it.
 */

type Part = string | null | undefined;

/** A timestamp column as milliseconds. */
export const ms = (column: string) => `(extract(epoch FROM ${column}) * 1000)::bigint`;

export type LotRow = [
	cardId: string,
	id: string,
	origin: number,
	issued: string,
	remaining: string,
	held: string,
	spendableFrom: Instant,
	expiresAt: Instant | null,
	parentId: string | null,
	rootId: string | null,
	rootExpiresAt: Instant | null,
	owed: string,
];
export const lotColumns = `json_build_array(l.card_id::text, l.id, l.origin, l.issued::text, l.remaining::text, l.held::text,
	${ms('l.spendable_from')}, ${ms('l.expires_at')}, l.parent_id, l.root_id, CASE WHEN l.root_id IS NOT NULL THEN
		(SELECT ${ms('root.expires_at')} FROM lots root WHERE root.merchant_id = l.merchant_id AND root.id = l.root_id) END, l.owed::text)`;

/** Lots out of a column of `lotColumns`, with the card of each. */
export function lotsOf(part: Part): {readonly cardId: string; readonly lot: Lot}[] {
	return parse<LotRow>(part).map(row => ({cardId: row[0], lot: lotOf(row)}));
}

export function lotOf(row: LotRow): Lot {
	const [
		,
		id,
		origin,
		issued,
		remaining,
		held,
		spendableFrom,
		expiresAt,
		parentId,
		rootId,
		rootExpiresAt,
		owed,
	] = row;
	return {
		id,
		origin: originOf(origin),
		issued: BigInt(issued),
		remaining: BigInt(remaining),
		held: BigInt(held),
		spendableFrom,
		expiresAt,
		parentId,
		rootId,
		rootExpiresAt: rootId === null ? expiresAt : rootExpiresAt,
		owed: BigInt(owed),
	};
}

export function addLots(books: Books, ...lotParts: readonly Part[]): void {
	for (const {cardId, lot} of lotParts.flatMap(lotsOf)) {
		books.cards.get(cardId)?.lots.set(lot.id, lot);
	}
}

type LegRow = [
	hold: string,
	leg: number,
	cardId: string,
	currencyId: number,
	value: string,
	units: string,
	numerator: string | null,
	denominator: string | null,
	captured: string,
	released: string,
	refunded: string,
];
export const legColumns = `json_build_array(hold_id, leg, card_id::text, currency_id, value::text, units::text, rate_numerator::text,
	rate_denominator::text, captured::text, released::text, refunded::text)`;

type MovementRow = [
	operation: string,
	kind: number,
	leg: number | null,
	cardId: string,
	lotId: string,
	remainingDelta: string,
	heldDelta: string,
	parentId: string | null,
];
export const movementColumns = `json_build_array(e.operation, e.kind, m.leg, l.card_id::text, m.lot_id, m.remaining_delta::text, m.held_delta::text, l.parent_id)`;

/**
 * Holds with the shares of their legs, and credits with what was reversed of them, out of their movements: first those of
 * the entry that made them. Within one authorization lots were taken in spending order, so the lots must be in the books.
 */
export function addOperations(books: Books, legs: Part, movements: Part): void {
	for (const row of parse<LegRow>(legs)) {
		const [holdId] = row;
		books.holds.set(holdId, {id: holdId, legs: [...(books.holds.get(holdId)?.legs ?? []), legOf(row)]});
	}

	for (const row of parse<MovementRow>(movements)) {
		addMovement(books, row);
	}

	for (const leg of [...books.holds.values()].flatMap(hold => hold.legs)) {
		const lots = books.cards.get(leg.cardId)?.lots;
		if (lots !== undefined) {
			leg.shares.sort((a, b) => bySpendingOrderOf(lots, a, b));
		}
	}
}

function legOf(row: LegRow) {
	const [, number, cardId, currencyId, value, units, numerator, denominator, captured, released, refunded] =
		row;
	return {
		number,
		cardId,
		currencyId,
		value: BigInt(value),
		units: BigInt(units),
		rate:
			numerator === null || denominator === null
				? null
				: {numerator: BigInt(numerator), denominator: BigInt(denominator)},
		captured: BigInt(captured),
		released: BigInt(released),
		refunded: BigInt(refunded),
		shares: [],
	};
}

function addMovement(books: Books, row: MovementRow): void {
	const [operation, kindNumber, legNumber, cardId, id, remaining, held, parentId] = row;
	const kind = entryKindOf(kindNumber);
	const deltas = {remainingDelta: BigInt(remaining), heldDelta: BigInt(held)};
	const leg = books.holds.get(operation)?.legs.find(({number}) => number === legNumber);
	if (leg !== undefined) {
		recordShare(leg.shares, kind, {id, parentId}, deltas);
		return;
	}

	const credited = kind === 'credit' ? books.cards.get(cardId)?.lots.get(id) : undefined;
	if (credited !== undefined) {
		const isGrant = credited.origin !== 'fundingCredit';
		books.credits.set(operation, {
			id: operation,
			cardId,
			isGrant,
			amount: deltas.remainingDelta,
			reversed: 0n,
		});
	} else if (kind === 'reverseCredit') {
		const credit = books.credits.get(operation);
		if (credit !== undefined) {
			credit.reversed -= deltas.remainingDelta;
		}
	}
}

function bySpendingOrderOf(lots: ReadonlyMap<string, Lot>, a: LotShare, b: LotShare): number {
	const [lotA, lotB] = [lots.get(a.lotId), lots.get(b.lotId)];
	return lotA === undefined || lotB === undefined ? 0 : bySpendingOrder(lotA, lotB);
}

const identifierKinds = {1: 'profile', 2: 'document', 3: 'email'} as const;
export type IdentifierNumber = keyof typeof identifierKinds;
type OwnerRow = [customerId: string, kind: IdentifierNumber, value: string];

export function addOwners(owned: readonly LockedCard[], owners: Part): void {
	const rows = parse<OwnerRow>(owners);
	for (const {card, ownerId} of owned) {
		card.owner = rows
			.filter(([customerId]) => customerId === ownerId)
			.map(([, kind, value]) => identifierOf(kind, value));
	}
}

/** An identifier out of its columns `kind` and `value`. */
export function identifierOf(kind: IdentifierNumber, value: string): Identifier {
	return {kind: identifierKinds[kind], value};
}

export type UseRow = [cardId: string, holdId: string, value: string, released: string, refunded: string];
export const useColumns = `json_build_array(card_id::text, hold_id, value::text, released::text, refunded::text)`;

export function addUses(books: Books, uses: Part): void {
	for (const row of parse<UseRow>(uses)) {
		books.cards.get(row[0])?.uses.push(useOf(row));
	}
}

export function useOf([, holdId, value, released, refunded]: UseRow): Use {
	return {holdId, value: BigInt(value), released: BigInt(released), refunded: BigInt(refunded)};
}

type CommandRow = [
	scope: string,
	space: number,
	key: string,
	verb: number,
	amount: string,
	assetId: number,
	refusal: number | null,
	outcomeId: string | null,
	moved: string | null,
	at: Instant,
];
export const commandColumns = `json_build_array(c.scope, c.space, c.key, c.verb, c.amount::text, c.asset_id, c.refusal, c.outcome_id, c.moved::text, ${ms('c.decided_at')})`;

const spacesByNumber = new Map(Object.entries(keySpaces).map(([name, number]) => [number, name as KeySpace]));
const verbsByNumber = new Map(Object.entries(verbs).map(([name, number]) => [number, name as Verb]));

export function rememberedCommands(part: Part): Map<string, Remembered> {
	const remembered = new Map<string, Remembered>();
	for (const [
		scope,
		spaceNumber,
		key,
		verbNumber,
		amount,
		assetId,
		refusal,
		id,
		moved,
		at,
	] of parse<CommandRow>(part)) {
		const space = spacesByNumber.get(spaceNumber);
		const verb = verbsByNumber.get(verbNumber);
		if (space === undefined || verb === undefined) {
			throw new RangeError(
				`No verb ${verbNumber} in key space ${spaceNumber}; is this service older than the database?`,
			);
		}

		remembered.set(keyText({scope, space, key}), {
			verb,
			amount: BigInt(amount),
			assetId,
			at,
			outcome:
				refusal === null
					? {kind: 'accepted', id: id ?? '', moved: BigInt(moved ?? 0)}
					: {kind: 'refused', refusal: refusalOf(refusal)},
		});
	}

	return remembered;
}

function parse<Row>(part: Part): Row[] {
	return part === null || part === undefined ? [] : (JSON.parse(part) as Row[]);
}
