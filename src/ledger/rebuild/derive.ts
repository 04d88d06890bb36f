import {accountNumbers} from '../chart.ts';
import {entryKinds} from '../entry.ts';

/*
 * What stands in the rows that change, derived from those that never do: entries, postings, lot movements, and what is fixed of cards, lots and
 * legs. Nothing that changes is read here. The audit compares each stored number with the one sum that is nearest to it, cards with their
 * postings and legs with their movements; this goes the other way round: a card's value is that of its lots' movements, its version is
 * how many entries there are of it, and what became of a hold is what the merchant's own accounts got and gave for it. A mistake that
 * both would make would have to be made twice.
 */

const {available, held, debt, redeemed, committed} = accountNumbers;
const {authorize, capture, release, refund} = entryKinds;

/** Temporary tables, in the order in which they are made. `of` says whose rows, as SQL that begins with AND. */
export function derivedTables(
	of: (alias: string) => string,
): readonly (readonly [name: string, query: string])[] {
	return [
		[
			'derived_lots',
			`SELECT m.merchant_id, m.lot_id, sum(m.remaining_delta) AS remaining, sum(m.held_delta) AS held,
				-- Whatever comes back to a lot was taken out of it, so what arrived first is the most that ever arrives at once.
				max(m.remaining_delta) AS issued
			FROM lot_movements m WHERE true ${of('m')} GROUP BY m.merchant_id, m.lot_id`,
		],
		[
			'derived_values',
			`SELECT l.merchant_id, l.card_id, sum(d.remaining) AS available, sum(d.held) AS held
			FROM derived_lots d JOIN lots l ON l.merchant_id = d.merchant_id AND l.id = d.lot_id GROUP BY l.merchant_id, l.card_id`,
		],
		[
			'derived_versions',
			`SELECT merchant_id, card_id, count(*) AS version, max(owing) FILTER (WHERE debt_version = last_debt) AS debt
			FROM (
				SELECT merchant_id, card_id, debt_version, owing, max(debt_version) OVER (PARTITION BY merchant_id, card_id) AS last_debt
				FROM (
					SELECT p.merchant_id, p.card_id, p.entry_id, max(p.version) FILTER (WHERE p.account = ${debt}) AS debt_version,
						max(p.balance_after) FILTER (WHERE p.account = ${debt}) AS owing
					FROM postings p WHERE p.card_id <> 0 AND p.account IN (${available}, ${held}, ${debt}) ${of('p')}
					GROUP BY p.merchant_id, p.card_id, p.entry_id
				) step
			) history GROUP BY merchant_id, card_id`,
		],
		[
			'derived_legs',
			`SELECT m.merchant_id, coalesce(e.answers, e.id) AS hold_id, m.leg,
				coalesce(-sum(m.held_delta) FILTER (WHERE e.kind = ${capture}), 0) AS captured,
				coalesce(-sum(m.held_delta) FILTER (WHERE e.kind = ${release}), 0) AS released,
				coalesce(sum(m.remaining_delta) FILTER (WHERE e.kind = ${refund}), 0) AS refunded
			FROM lot_movements m JOIN entries e ON e.merchant_id = m.merchant_id AND e.id = m.entry_id
			WHERE m.leg IS NOT NULL ${of('m')} GROUP BY m.merchant_id, coalesce(e.answers, e.id), m.leg`,
		],
		[
			'derived_holds',
			`SELECT h.merchant_id, h.hold_id,
				coalesce(sum(p.amount) FILTER (WHERE e.kind = ${authorize} AND p.account IN (${held}, ${committed})), 0) AS value,
				coalesce(sum(p.amount) FILTER (WHERE e.kind = ${capture} AND p.account = ${redeemed}), 0) AS captured,
				coalesce(-sum(p.amount) FILTER (WHERE e.kind = ${release} AND p.account IN (${held}, ${committed})), 0) AS released,
				coalesce(-sum(p.amount) FILTER (WHERE e.kind = ${refund} AND p.account = ${redeemed}), 0) AS refunded
			FROM (SELECT l.merchant_id, l.hold_id, min(l.currency_id) AS currency_id FROM hold_legs l WHERE true ${of('l')} GROUP BY 1, 2) h
			JOIN entries e ON e.merchant_id = h.merchant_id AND coalesce(e.answers, e.id) = h.hold_id
				AND e.kind IN (${authorize}, ${capture}, ${release}, ${refund})
			JOIN postings p ON p.merchant_id = e.merchant_id AND p.entry_id = e.id AND p.asset_id = h.currency_id
				AND p.account IN (${held}, ${committed}, ${redeemed})
			GROUP BY h.merchant_id, h.hold_id`,
		],
	];
}

type Pair = readonly [column: string, stored: string, derived: string];

/** Rows of which one column at least differs, a line for each such column. */
function compared(
	table: string,
	from: string,
	{id, asset, pairs}: {id: string; asset: string; pairs: readonly Pair[]},
): string {
	const list = (index: 1 | 2) => pairs.map(pair => `(${pair[index]})::numeric`).join(', ');
	const names = pairs.map(([column]) => `'${column}'`).join(', ');
	return `SELECT merchant_id, '${table}' AS "table", id, asset_id, v."column", v.stored, v.derived FROM (
			SELECT merchant_id, ${id} AS id, ${asset} AS asset_id, ARRAY[${list(1)}] AS stored, ARRAY[${list(2)}] AS derived FROM ${from}
		) both_sides CROSS JOIN LATERAL unnest(ARRAY[${names}], stored, derived) AS v ("column", stored, derived)
		WHERE both_sides.stored IS DISTINCT FROM both_sides.derived AND v.stored IS DISTINCT FROM v.derived`;
}

/** Every difference between what is stored and what was derived: SQL of one query. */
export function differencesQuery(of: (alias: string) => string): string {
	return [
		compared(
			'cards',
			`(SELECT c.merchant_id, c.id AS card_id, c.public_id, c.asset_id, c.available, c.held, c.debt, c.version FROM cards c WHERE true ${of('c')}) s
			FULL JOIN derived_values d USING (merchant_id, card_id) FULL JOIN derived_versions v USING (merchant_id, card_id)`,
			{
				id: "coalesce(replace(public_id::text, '-', ''), card_id::text)",
				asset: 'asset_id',
				pairs: [
					['available', 's.available', 'coalesce(d.available, 0)'],
					['held', 's.held', 'coalesce(d.held, 0)'],
					['debt', 's.debt', 'coalesce(v.debt, 0)'],
					['version', 's.version', 'coalesce(v.version, 0)'],
				],
			},
		),
		compared(
			'lots',
			`(SELECT l.merchant_id, l.id AS lot_id, c.asset_id, l.remaining, l.held, l.issued, l.spent FROM lots l
				LEFT JOIN cards c ON c.merchant_id = l.merchant_id AND c.id = l.card_id WHERE true ${of('l')}) s
			FULL JOIN derived_lots d USING (merchant_id, lot_id)`,
			{
				id: 'lot_id::text',
				asset: 'asset_id',
				pairs: [
					['issued', 's.issued', 'coalesce(d.issued, 0)'],
					['remaining', 's.remaining', 'coalesce(d.remaining, 0)'],
					['held', 's.held', 'coalesce(d.held, 0)'],
					// As a number of what may still be found of it: a lot that is marked spent has nothing.
					[
						'spent',
						'CASE WHEN s.spent THEN 1 ELSE 0 END',
						'CASE WHEN coalesce(d.remaining, 0) = 0 THEN 1 ELSE 0 END',
					],
				],
			},
		),
		compared(
			'hold_legs',
			// A leg in points moves units, and its counters are values: what those come to is compared for the hold as a whole.
			`(SELECT l.merchant_id, l.hold_id, l.leg, l.currency_id, l.captured, l.released, l.refunded
				FROM hold_legs l WHERE l.rate_numerator IS NULL ${of('l')}) s
			LEFT JOIN derived_legs d USING (merchant_id, hold_id, leg)`,
			{
				id: "hold_id::text || ' leg ' || leg",
				asset: 'currency_id',
				pairs: [
					['captured', 's.captured', 'coalesce(d.captured, 0)'],
					['released', 's.released', 'coalesce(d.released, 0)'],
					['refunded', 's.refunded', 'coalesce(d.refunded, 0)'],
				],
			},
		),
		compared(
			'holds',
			`(SELECT l.merchant_id, l.hold_id, min(l.currency_id) AS currency_id, sum(l.value) AS value, sum(l.captured) AS captured,
				sum(l.released) AS released, sum(l.refunded) AS refunded FROM hold_legs l WHERE true ${of('l')} GROUP BY 1, 2) s
			LEFT JOIN derived_holds d USING (merchant_id, hold_id)`,
			{
				id: 'hold_id::text',
				asset: 'currency_id',
				pairs: [
					['value', 's.value', 'coalesce(d.value, 0)'],
					['captured', 's.captured', 'coalesce(d.captured, 0)'],
					['released', 's.released', 'coalesce(d.released, 0)'],
					['refunded', 's.refunded', 'coalesce(d.refunded, 0)'],
				],
			},
		),
		compared(
			'payments',
			`(SELECT p.merchant_id, p.tid, p.asset_id, p.value, coalesce(p.former_hold_id, p.hold_id) AS hold_id
				FROM payments p WHERE p.hold_id IS NOT NULL ${of('p')}) s
			LEFT JOIN derived_holds d USING (merchant_id, hold_id)`,
			{id: 'tid::text', asset: 'asset_id', pairs: [['value', 's.value', 'coalesce(d.value, 0)']]},
		),
	].join('\nUNION ALL\n');
}
