import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {accountNumbers} from '../ledger/chart.ts';
import {textArray} from '../ledger/store/arrays.ts';
import {sourceNumbers} from '../ledger/store/write-cards.ts';
import {ms} from '../ledger/store/rows.ts';
import {captureStep, refundStep, releaseStep} from '../money/convert.ts';
import {type ListedHold, type ListedLeg, type Standing} from './hold.ts';
import {paymentsOf, type Unpaired} from './payments-of.ts';

/** Which holds are wanted. Without a card, an order or a payment: those of which something is held, or with `all` every one. */
export type HoldWish = {
	/** The row of a card that gives to them. */
	readonly cardId?: string | undefined;
	readonly orderId?: string | undefined;
	readonly paymentId?: string | undefined;
	/** Of these purchases: an order's id without the number of its seller (Orders, 3.6). */
	readonly groupIds?: readonly string[] | undefined;
	/** Opened then or later; with `all` it spares the reading of the others. */
	readonly since?: Instant | undefined;
	/** Opened before then. */
	readonly before?: Instant | undefined;
	readonly all?: boolean | undefined;
};

type Place = {readonly prisma: PrismaClient; readonly merchantId: number};

const pageSize = 500;

/**
 * Holds, oldest first, read page by page. Nothing in the database marks what is held, because a column that changes with every debit
 * must not stand in an index (B7): without a card or a payment this reads all legs there ever were once, in the order of their key, some
 * two million a second. It locks nothing.
 */
export async function* listHolds(place: Place, wish: HoldWish): AsyncGenerator<ListedHold> {
	for await (const ids of pagesOf(place, wish)) {
		yield* await describe(place, ids, wish);
	}
}

/** One hold by its id (a UUID); undefined where the merchant has no such hold. */
export async function findHold(place: Place, id: string): Promise<ListedHold | undefined> {
	const [hold] = await describe(place, [id], {all: true});
	return hold;
}

/** Ids of the holds that may be wanted, at most `pageSize` at a time. */
async function* pagesOf(place: Place, wish: HoldWish): AsyncGenerator<readonly string[]> {
	const named = await namedIds(place, wish);
	if (named !== undefined) {
		for (let from = 0; from < named.length; from += pageSize) {
			yield named.slice(from, from + pageSize);
		}

		return;
	}

	const next = wish.all === true ? everyId : openIds;
	let after = '00000000-0000-0000-0000-000000000000';
	for (;;) {
		const ids = await next(place, after, wish);
		yield ids;
		after = ids.at(-1) ?? after;
		if (ids.length < pageSize) {
			return;
		}
	}
}

/** All holds of what is named most narrowly: a payment has two at most, and a card's are found along its history. */
async function namedIds(place: Place, wish: HoldWish): Promise<string[] | undefined> {
	if (wish.paymentId !== undefined) {
		return idsOfPayment(place, wish.paymentId);
	}

	if (wish.cardId !== undefined) {
		return idsOfCard(place, wish.cardId);
	}

	if (wish.groupIds !== undefined) {
		return idsOfGroups(place, wish.groupIds);
	}

	return wish.orderId === undefined ? undefined : idsOfOrder(place, wish.orderId);
}

type IdRow = {readonly id: string};
const idsIn = (rows: readonly IdRow[]) => rows.map(({id}) => id);

async function openIds({prisma, merchantId}: Place, after: string): Promise<string[]> {
	return idsIn(
		await prisma.$queryRaw<IdRow[]>`
			SELECT DISTINCT hold_id::text AS id, hold_id FROM hold_legs
			WHERE merchant_id = ${merchantId}::int AND hold_id > ${after}::uuid AND value - captured - released > 0
			ORDER BY hold_id LIMIT ${pageSize}::int`,
	);
}

async function everyId(
	{prisma, merchantId}: Place,
	after: string,
	{since, before}: HoldWish,
): Promise<string[]> {
	const [from, to] = [since ?? -Infinity, before ?? Infinity].map(boundary);
	return idsIn(
		await prisma.$queryRaw<IdRow[]>`
			SELECT id::text AS id FROM holds h WHERE merchant_id = ${merchantId}::int AND h.id > ${after}::uuid
				AND h.opened_at >= ${from}::timestamptz AND h.opened_at < ${to}::timestamptz
			ORDER BY h.id LIMIT ${pageSize}::int`,
	);
}

/** An instant as PostgreSQL takes it, which has a beginning and an end of all times, too. */
function boundary(at: Instant): string {
	return Number.isFinite(at) ? new Date(at).toISOString() : at < 0 ? '-infinity' : 'infinity';
}

async function idsOfPayment({prisma, merchantId}: Place, paymentId: string): Promise<string[]> {
	const payment = await prisma.payment.findUnique({
		where: {merchantId_paymentId: {merchantId, paymentId}},
		select: {formerHoldId: true, holdId: true},
	});
	return [payment?.formerHoldId, payment?.holdId].filter(id => typeof id === 'string');
}

async function idsOfCard({prisma, merchantId}: Place, cardId: string): Promise<string[]> {
	return idsIn(
		await prisma.$queryRaw<IdRow[]>`
			SELECT h.id::text AS id FROM postings p JOIN holds h ON h.merchant_id = p.merchant_id AND h.id = p.entry_id
			WHERE p.merchant_id = ${merchantId}::int AND p.card_id = ${BigInt(cardId)}::bigint AND p.card_id <> 0
				AND p.account = ${accountNumbers.held}::smallint
			ORDER BY p.version`,
	);
}

/** Orders have no index of their own: one pass over the holds. */
async function idsOfOrder({prisma, merchantId}: Place, orderId: string): Promise<string[]> {
	return idsIn(
		await prisma.$queryRaw<IdRow[]>`
			SELECT h.id::text AS id FROM holds h WHERE h.merchant_id = ${merchantId}::int AND h.order_id = ${orderId} ORDER BY h.id`,
	);
}

/** The same: however many groups, one pass. */
async function idsOfGroups({prisma, merchantId}: Place, groupIds: readonly string[]): Promise<string[]> {
	return idsIn(
		await prisma.$queryRaw<IdRow[]>`
			SELECT h.id::text AS id FROM holds h WHERE h.merchant_id = ${merchantId}::int
				AND regexp_replace(h.order_id, '-[0-9]{2}$', '') = ANY (${textArray(groupIds)}::text[])
			ORDER BY h.id`,
	);
}

type LegRow = [
	cardId: string,
	publicId: string,
	assetId: number,
	currencyId: number,
	value: string,
	units: string,
	captured: string,
	released: string,
	refunded: string,
];

type HoldRow = Unpaired & {
	readonly openedAt: number;
	readonly orderId: string | null;
	readonly source: number;
	readonly legs: readonly LegRow[];
};

/** Holds by their ids, in the order of these; those that are not wanted are left out. */
async function describe(place: Place, ids: readonly string[], wish: HoldWish): Promise<ListedHold[]> {
	if (ids.length === 0) {
		return [];
	}

	const rows = await readHolds(place, ids);
	const payments = await paymentsOf(
		place,
		rows.filter(({source}) => source === sourceNumbers.payment),
	);
	const holds = new Map(
		rows.map((row): [string, ListedHold] => [
			row.id,
			{...holdOf(row), payment: payments.get(row.id) ?? null},
		]),
	);
	return ids.flatMap(id => holds.get(id) ?? []).filter(hold => isWanted(hold, wish));
}

async function readHolds({prisma, merchantId}: Place, ids: readonly string[]): Promise<HoldRow[]> {
	const [{holds}] = await prisma.$queryRawUnsafe<[{holds: string | null}]>(holdsSql, merchantId, ids);
	return JSON.parse(holds ?? '[]') as HoldRow[];
}

const holdsSql = `SELECT json_agg(json_build_object('id', h.id, 'openedAt', ${ms('h.opened_at')}, 'orderId', h.order_id, 'source', h.source,
		'requestId', h.request_id, 'legs', legs))::text AS holds
	FROM holds h JOIN LATERAL (
		SELECT json_agg(json_build_array(l.card_id::text, c.public_id, l.asset_id, l.currency_id, l.value::text, l.units::text, l.captured::text,
			l.released::text, l.refunded::text) ORDER BY l.leg) AS legs
		FROM hold_legs l JOIN cards c ON c.merchant_id = l.merchant_id AND c.id = l.card_id
		WHERE l.merchant_id = h.merchant_id AND l.hold_id = h.id
	) leg ON true
	WHERE h.merchant_id = $1::int AND h.id = ANY ($2::uuid[])`;

function isWanted({orderId, openedAt, legs, payment, value}: ListedHold, wish: HoldWish): boolean {
	const isNamed = [wish.cardId, wish.orderId, wish.paymentId, wish.groupIds].some(name => name !== undefined);
	return (
		(wish.orderId === undefined || orderId === wish.orderId) &&
		(wish.cardId === undefined || legs.some(({cardId}) => cardId === wish.cardId)) &&
		(wish.paymentId === undefined || payment?.paymentId === wish.paymentId) &&
		(wish.since === undefined || openedAt >= wish.since) &&
		(wish.before === undefined || openedAt < wish.before) &&
		// Between two pages the last of a hold may have been captured.
		(isNamed || wish.all === true || value.held > 0n)
	);
}

function holdOf({id, openedAt, orderId, requestId, legs: rows}: HoldRow): Omit<ListedHold, 'payment'> {
	const legs = rows.map(legOf);
	const total = (of: (standing: Standing) => bigint) => legs.reduce((sum, {value}) => sum + of(value), 0n);
	return {
		id,
		...{openedAt, orderId, requestId},
		// A hold is over one currency, whatever its cards have.
		assetId: rows[0]?.[3] ?? 0,
		value: {
			authorized: total(({authorized}) => authorized),
			captured: total(({captured}) => captured),
			released: total(({released}) => released),
			refunded: total(({refunded}) => refunded),
			held: total(({held}) => held),
		},
		legs,
	};
}

function legOf([cardId, publicId, assetId, currencyId, ...amounts]: LegRow): ListedLeg {
	const [value, units, captured, released, refunded] = amounts.map(BigInt) as [
		bigint,
		bigint,
		bigint,
		bigint,
		bigint,
	];
	const leg = {value, units};
	return {
		cardId,
		publicId,
		value: standing(value, captured, released, refunded),
		own:
			assetId === currencyId
				? null
				: {
						assetId,
						// By the cumulative value, as they were moved (A5).
						units: standing(
							units,
							captureStep(leg, 0n, captured),
							releaseStep(leg, 0n, released),
							refundStep(leg, 0n, refunded),
						),
					},
	};
}

function standing(authorized: bigint, captured: bigint, released: bigint, refunded: bigint): Standing {
	return {authorized, captured, released, refunded, held: authorized - captured - released};
}
