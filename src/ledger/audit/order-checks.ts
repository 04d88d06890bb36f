import {accountNumbers} from '../chart.ts';
import {entryKinds} from '../entry.ts';
import {type Check} from './check.ts';

const {fundingEarned} = accountNumbers;
const {earn, clawback} = entryKinds;

/** That what orders have earned is what their entries gave, and did not take back (A12). */
export const orderChecks: readonly Check[] = [
	{
		name: 'Every order has booked what its entries gave and did not take back, less what its lots still owe',
		looksAt: ['orders', 'order_bookings', 'entries', 'lots'],
		damage: `
			SELECT merchant_id AS merchant, earning_id AS entry, order_id AS "order", CASE
				WHEN orders = 0 THEN 'It gave points for an order, and no order names it.'
				WHEN orders > 1 THEN format('%s orders name it.', orders)
				ELSE format('Of asset %s it has booked %s, and its lots owe %s; its entries gave %s more than they took back.',
					asset_id, booked, owed, given) END AS problem
			FROM (
				SELECT merchant_id, earning_id, asset_id, sum(orders) OVER earning AS orders,
					max(order_id) OVER earning AS order_id, booked, owed, given
				FROM (
					SELECT merchant_id, earning_id, asset_id, sum(orders) AS orders, min(order_id) AS order_id,
						coalesce(sum(booked), 0) AS booked, coalesce(sum(owed), 0) AS owed, coalesce(sum(given), 0) AS given
					FROM (
						SELECT merchant_id, earning_id, NULL::int AS asset_id, 1 AS orders, order_id,
							NULL::bigint AS booked, NULL::bigint AS owed, NULL::bigint AS given
						FROM orders WHERE earning_id IS NOT NULL
						UNION ALL
						SELECT b.merchant_id, o.earning_id, c.asset_id, 0, NULL, b.units, NULL, NULL
						FROM order_bookings b JOIN orders o ON o.merchant_id = b.merchant_id AND o.order_id = b.order_id
						JOIN cards c ON c.merchant_id = b.merchant_id AND c.id = b.card_id
						WHERE o.earning_id IS NOT NULL
						UNION ALL
						-- A release or refund that pays what a lot owes answers the lot's own entry, which answers the earning.
						SELECT e.merchant_id, coalesce(o.answers, e.answers, e.id), p.asset_id, 0, NULL, NULL, NULL, -p.amount
						FROM entries e
						JOIN postings p ON p.merchant_id = e.merchant_id AND p.entry_id = e.id AND p.account = ${fundingEarned}
						LEFT JOIN entries o ON o.merchant_id = e.merchant_id AND o.id = e.answers AND o.kind = ${earn}
						WHERE e.kind IN (${earn}, ${clawback})
						UNION ALL
						SELECT l.merchant_id, coalesce(e.answers, e.id), c.asset_id, 0, NULL, NULL, l.owed, NULL
						FROM lots l JOIN cards c ON c.merchant_id = l.merchant_id AND c.id = l.card_id
						LEFT JOIN entries e ON e.merchant_id = l.merchant_id AND e.id = coalesce(l.root_id, l.id)
						WHERE l.owed <> 0
					) part GROUP BY merchant_id, earning_id, asset_id
				) sums WINDOW earning AS (PARTITION BY merchant_id, earning_id)
			) "order"
			WHERE orders <> 1 OR booked + owed <> given`,
	},
	{
		name: 'Every booking belongs to an order and a wallet, and an order without an earning has booked nothing',
		looksAt: ['orders', 'order_bookings'],
		damage: `
			SELECT b.merchant_id AS merchant, b.order_id AS "order", b.card_id::text AS card, CASE
				WHEN b.units < 0 OR b.forgone < 0 THEN format('It has booked %s and forgone %s: neither may be below zero.', b.units, b.forgone)
				WHEN o.order_id IS NULL THEN 'No order has this id.'
				WHEN c.id IS NULL THEN 'No card has this id.'
				WHEN o.applied_version IS NULL THEN 'It was booked by no version of its order.'
				ELSE format('It has booked %s, and no entry gave points for its order.', b.units) END AS problem
			FROM order_bookings b
			LEFT JOIN orders o ON o.merchant_id = b.merchant_id AND o.order_id = b.order_id
			LEFT JOIN cards c ON c.merchant_id = b.merchant_id AND c.id = b.card_id
			WHERE b.units < 0 OR b.forgone < 0 OR o.order_id IS NULL OR c.id IS NULL OR o.applied_version IS NULL
				OR (o.earning_id IS NULL AND b.units <> 0)`,
	},
	{
		name: 'No lot owes more than was taken out of it and can come back',
		looksAt: ['lots', 'lot_movements'],
		damage: `
			SELECT merchant_id AS merchant, lot_id AS lot,
				format('It owes %s, and %s was taken out of it and neither lost nor moved on.', owed, out) AS problem
			FROM (
				SELECT l.merchant_id, l.id AS lot_id, l.owed, l.issued - l.remaining - coalesce(m.lost, 0) - coalesce(c.issued, 0) AS out
				FROM lots l
				LEFT JOIN (
					SELECT m.merchant_id, m.lot_id, -sum(m.remaining_delta) AS lost FROM lot_movements m
					JOIN entries e ON e.merchant_id = m.merchant_id AND e.id = m.entry_id
					WHERE m.leg IS NULL AND m.remaining_delta < 0 AND e.kind <> ${entryKinds.transfer}
					GROUP BY m.merchant_id, m.lot_id
				) m ON m.merchant_id = l.merchant_id AND m.lot_id = l.id
				LEFT JOIN (
					-- Restored value is in a child on the same card. What was given away to another card is out of the lot for good.
					SELECT c.merchant_id, c.parent_id, c.card_id, sum(c.issued) AS issued FROM lots c
					WHERE c.parent_id IS NOT NULL GROUP BY c.merchant_id, c.parent_id, c.card_id
				) c ON c.merchant_id = l.merchant_id AND c.parent_id = l.id AND c.card_id = l.card_id
				WHERE l.owed <> 0
			) owing WHERE owed < 0 OR owed > out`,
	},
];
