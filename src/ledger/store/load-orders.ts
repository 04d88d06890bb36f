import {type Books} from '../books.ts';
import {accountNumbers} from '../chart.ts';
import {entryKinds} from '../entry.ts';
import {earnedKey, type LotLosses, noReversal} from '../order-state.ts';
import {instantArray, plainArray} from './arrays.ts';
import {addLots, lotColumns, ms} from './rows.ts';

/** What is to be known of orders that may get less, or something again. */
export type WantedOrders = {
	/** Their first entries. */
	readonly earnings: readonly string[];
	/** The wallets that their lots may be on. */
	readonly cardIds: readonly string[];
	/** Those of them to which value of an order may have come from another wallet, before the order was booked to them. */
	readonly heirs: readonly string[];
};

/** A wallet, and since when what it earned counts. */
export type WantedDay = {readonly cardId: string; readonly dayStart: number};

type Parameter = (value: unknown) => string;

type OrdersPart = {
	readonly earns: readonly [earning: string, entry: string][] | null;
	readonly lots: unknown;
	readonly losses: readonly [lot: string, expired: string, adjusted: string, clawedBack: string][] | null;
	readonly reversed:
		readonly [earning: string, assetId: number, breakage: string, adjustment: string][] | null;
};

const {earn, clawback, expire, close, adjust} = entryKinds;
const {available, debt, breakage, adjustment} = accountNumbers;

/**
 * The lots of some orders, and what they lost otherwise than by being spent. Lots that go on of them are found by the history of their
 * wallets, from the first earning on, and of heirs from its beginning: no index leads from a lot to its movements or its children,
 * because every debit would pay for it.
 */
export function ordersSql(parameter: Parameter, {earnings, cardIds, heirs}: WantedOrders): string {
	const ids = `ANY (${parameter(plainArray(earnings))}::uuid[])`;
	return `(WITH earns AS (
			SELECT id AS earning, id FROM entries WHERE merchant_id = $1::int AND id = ${ids}
			UNION ALL
			SELECT answers, id FROM entries WHERE merchant_id = $1::int AND answers = ${ids} AND kind = ${earn}
		), wallets AS (
			SELECT card_id, CASE WHEN card_id = ANY (${parameter(plainArray(heirs))}::bigint[]) THEN 0 ELSE (
				SELECT coalesce(min(p.version), 0) FROM earns
				JOIN postings p ON p.merchant_id = $1::int AND p.entry_id = earns.id AND p.card_id = wallet.card_id
			) END AS first FROM unnest(${parameter(plainArray(cardIds))}::bigint[]) AS wallet(card_id)
		), found AS (
			SELECT l.id AS lot_id, coalesce(-sum(m.remaining_delta) FILTER (WHERE e.kind = ${expire}), 0) AS expired,
				coalesce(-sum(m.remaining_delta) FILTER (WHERE e.kind IN (${close}, ${adjust})), 0) AS adjusted,
				coalesce(-sum(m.remaining_delta) FILTER (WHERE e.kind = ${clawback}), 0) AS clawed_back
			FROM wallets w
			JOIN postings p ON p.merchant_id = $1::int AND p.card_id = w.card_id AND p.card_id <> 0
				AND p.account = ${available} AND p.version >= w.first
			JOIN entries e ON e.merchant_id = $1::int AND e.id = p.entry_id
			JOIN lot_movements m ON m.merchant_id = $1::int AND m.entry_id = p.entry_id
			JOIN lots l ON l.merchant_id = $1::int AND l.id = m.lot_id AND l.card_id = w.card_id
			WHERE coalesce(l.root_id, l.id) IN (SELECT id FROM earns)
			GROUP BY l.id
		)
		SELECT json_build_object(
			'earns', (SELECT json_agg(json_build_array(earning, id)) FROM earns),
			'losses', (SELECT json_agg(json_build_array(lot_id, expired::text, adjusted::text, clawed_back::text)) FROM found),
			'lots', (SELECT json_agg(${lotColumns}) FROM found JOIN lots l ON l.merchant_id = $1::int AND l.id = lot_id),
			'reversed', (
				SELECT json_agg(json_build_array(answers, asset_id, breakage::text, adjustment::text)) FROM (
					SELECT e.answers, p.asset_id, coalesce(-sum(p.amount) FILTER (WHERE p.account = ${breakage}), 0) AS breakage,
						coalesce(-sum(p.amount) FILTER (WHERE p.account = ${adjustment}), 0) AS adjustment
					FROM entries e JOIN postings p ON p.merchant_id = $1::int AND p.entry_id = e.id
					WHERE e.merchant_id = $1::int AND e.answers = ${ids} AND e.kind = ${clawback}
						AND p.account IN (${breakage}, ${adjustment})
					GROUP BY e.answers, p.asset_id
				) taken
			)
		)::text) AS orders`;
}

/** @param part - the column of `ordersSql` */
export function addOrders(books: Books, part: string | null | undefined): void {
	if (part === null || part === undefined) {
		return;
	}

	const {earns, lots, losses, reversed} = JSON.parse(part) as OrdersPart;
	addLots(books, JSON.stringify(lots ?? []));
	for (const [lotId, expired, adjusted, clawedBack] of losses ?? []) {
		const counted: LotLosses = {
			expired: BigInt(expired),
			adjusted: BigInt(adjusted),
			clawedBack: BigInt(clawedBack),
		};
		books.losses.set(lotId, counted);
	}

	for (const order of [...books.orders.values()].filter(({earningId}) => earningId !== null)) {
		const own = (reversed ?? []).filter(([earning]) => earning === order.earningId);
		books.addOrder({
			...order,
			lotIds: (earns ?? []).filter(([earning]) => earning === order.earningId).map(([, id]) => id),
			reversed: new Map(
				own.map(([, assetId, ofBreakage, ofAdjustment]) => [
					assetId,
					{...noReversal, breakage: BigInt(ofBreakage), adjustment: BigInt(ofAdjustment)},
				]),
			),
		});
	}
}

/** What wallets earned since a day began, whatever was taken back since. */
export function earnedSql(parameter: Parameter, days: readonly WantedDay[]): string {
	const cards = parameter(plainArray(days.map(({cardId}) => cardId)));
	const starts = parameter(instantArray(days.map(({dayStart}) => dayStart)));
	return `(SELECT json_agg(json_build_array(card_id::text, ${ms('day_start')}, units::text))::text FROM (
		SELECT day.card_id, day.day_start, coalesce(sum(e.units), 0) AS units
		FROM unnest(${cards}::bigint[], ${starts}::timestamptz[]) AS day(card_id, day_start)
		LEFT JOIN LATERAL (
			SELECT p.amount AS units FROM postings p JOIN entries e ON e.merchant_id = $1::int AND e.id = p.entry_id
			WHERE p.merchant_id = $1::int AND p.card_id = day.card_id AND p.card_id <> 0 AND p.account IN (${available}, ${debt})
				AND e.kind = ${earn} AND e.occurred_at >= day.day_start
		) e ON true
		GROUP BY day.card_id, day.day_start
	) earned) AS earned`;
}

/** @param part - the column of `earnedSql` */
export function addEarned(books: Books, part: string | null | undefined): void {
	for (const [cardId, dayStart, units] of JSON.parse(part ?? '[]') as [string, number, string][]) {
		books.earned.set(earnedKey(cardId, dayStart), BigInt(units));
	}
}
