import {accountNumbers} from '../chart.ts';
import {entryKinds} from '../entry.ts';
import {type Check} from './check.ts';

const {authorize, capture, release, refund} = entryKinds;
const {exchange, committed} = accountNumbers;

// Units that a cumulative value of a leg stands for (A5); the same number where a card pays in its own currency.
const unitsDown = (value: string) =>
	`CASE WHEN units = value THEN ${value} ELSE div(units::numeric * ${value}, nullif(value, 0)) END`;
const unitsUp = (value: string) =>
	`CASE WHEN units = value THEN ${value} ELSE div(units::numeric * ${value} + value - 1, nullif(value, 0)) END`;

/** That holds are what the entries which answer them made of them. */
export const holdChecks: readonly Check[] = [
	{
		name: 'Every hold has its authorization and its legs',
		looksAt: ['holds', 'hold_legs', 'entries'],
		damage: `
			SELECT merchant_id AS merchant, id AS hold, CASE
				WHEN is_hold IS NULL AND is_authorized IS NULL THEN 'It has legs, and no hold has this id.'
				WHEN is_hold IS NULL THEN 'It was authorized, and no hold has this id.'
				WHEN is_authorized IS NULL THEN 'No entry authorized it.'
				ELSE 'It has no leg.' END AS problem
			FROM (SELECT merchant_id, id, true AS is_hold FROM holds) h
			FULL JOIN (SELECT merchant_id, id, true AS is_authorized FROM entries WHERE kind = ${authorize}) e
				USING (merchant_id, id)
			FULL JOIN (SELECT DISTINCT merchant_id, hold_id AS id, true AS has_legs FROM hold_legs) l USING (merchant_id, id)
			WHERE (is_hold AND is_authorized AND has_legs) IS NOT TRUE`,
	},
	{
		name: 'Every leg is authorized, captured, released and refunded by as much as its entries moved',
		looksAt: ['hold_legs', 'lot_movements'],
		damage: `
			SELECT merchant_id AS merchant, hold_id AS hold, leg, CASE
				WHEN value IS NULL THEN 'Entries moved lots for it, and no leg has this number.'
				WHEN is_mixed THEN 'It gave more of a lot than it took of it.'
				WHEN moved_card IS DISTINCT FROM card_id THEN 'Lots of another card were moved for it.'
				ELSE format('It says %s captured, %s released, %s refunded of %s (%s units)', captured, released, refunded, value, units)
					|| format('; its entries took %s units, captured %s, released %s, refunded %s.',
						moved_taken, moved_captured, moved_released, moved_refunded) END AS problem
			FROM hold_legs FULL JOIN (
				SELECT merchant_id, hold_id, leg, CASE WHEN min(card_id) = max(card_id) THEN min(card_id) END AS moved_card,
					bool_or(held < 0) AS is_mixed,
					coalesce(sum(taken), 0) AS moved_taken, coalesce(sum(captured), 0) AS moved_captured,
					coalesce(sum(released), 0) AS moved_released, coalesce(sum(refunded), 0) AS moved_refunded
				FROM (
					SELECT m.merchant_id, coalesce(e.answers, e.id) AS hold_id, m.leg, l.card_id, m.lot_id,
						sum(m.held_delta) AS held,
						sum(m.held_delta) FILTER (WHERE e.kind = ${authorize}) AS taken,
						-sum(m.held_delta) FILTER (WHERE e.kind = ${capture}) AS captured,
						-sum(m.held_delta) FILTER (WHERE e.kind = ${release}) AS released,
						sum(m.remaining_delta) FILTER (WHERE e.kind = ${refund}) AS refunded
					FROM lot_movements m
					JOIN entries e ON e.merchant_id = m.merchant_id AND e.id = m.entry_id
					LEFT JOIN lots l ON l.merchant_id = m.merchant_id AND l.id = m.lot_id
					WHERE m.leg IS NOT NULL
					GROUP BY m.merchant_id, coalesce(e.answers, e.id), m.leg, l.card_id, m.lot_id
				) share GROUP BY merchant_id, hold_id, leg
			) moved USING (merchant_id, hold_id, leg)
			WHERE is_mixed OR (card_id, units, ${unitsDown('captured')}, ${unitsUp('released')}, ${unitsDown('refunded')})
				IS DISTINCT FROM (moved_card, moved_taken, moved_captured, moved_released, moved_refunded)`,
	},
	{
		name: 'No leg captures, releases or refunds more than it may',
		looksAt: ['hold_legs'],
		damage: `
			SELECT merchant_id AS merchant, hold_id AS hold, leg,
				format('Of %s it captured %s and released %s; of what it captured it refunded %s.',
					value, captured, released, refunded) AS problem
			FROM hold_legs
			WHERE value <= 0 OR captured < 0 OR released < 0 OR refunded < 0
				OR captured + released > value OR refunded > captured`,
	},
	{
		name: 'Every card holds what its open legs reserve, and no lot is held without a leg',
		looksAt: ['cards', 'hold_legs', 'lot_movements'],
		damage: `
			SELECT merchant_id AS merchant, card_id::text AS card, NULL::uuid AS entry,
				format('It holds %s, and its open legs reserve %s.', coalesce(held, 0), coalesce(reserved, 0)) AS problem
			FROM (SELECT merchant_id, id AS card_id, held FROM cards) c
			FULL JOIN (
				SELECT merchant_id, card_id, sum(units - ${unitsDown('captured')} - ${unitsUp('released')}) AS reserved
				FROM hold_legs GROUP BY merchant_id, card_id
			) l USING (merchant_id, card_id)
			WHERE held IS DISTINCT FROM coalesce(reserved, 0)
			UNION ALL
			SELECT merchant_id, NULL, entry_id, 'It moves held value of a lot and names no leg.'
			FROM lot_movements WHERE held_delta <> 0 AND leg IS NULL`,
	},
	{
		name: 'Points that pay are exchanged for as much as their legs promise and keep',
		looksAt: ['hold_legs', 'postings'],
		damage: `
			SELECT merchant_id AS merchant, hold_id AS hold, asset_id AS asset,
				format('Its legs promise %s of this asset and exchanged %s of it; its entries posted %s and %s.',
					coalesce(promised, 0), coalesce(exchanged, 0), coalesce(posted_committed, 0), coalesce(posted_exchange, 0)) AS problem
			FROM (
				SELECT merchant_id, hold_id, asset_id, sum(promised) AS promised, sum(exchanged) AS exchanged FROM (
					-- In the currency: what is still to be paid for is committed, and what was given up for it came from the exchange.
					SELECT merchant_id, hold_id, currency_id AS asset_id, value - captured - released AS promised, released + refunded - value AS exchanged
					FROM hold_legs WHERE rate_numerator IS NOT NULL
					UNION ALL
					-- In points: those that paid went there.
					SELECT merchant_id, hold_id, asset_id, 0, ${unitsDown('captured')} - ${unitsDown('refunded')}
					FROM hold_legs WHERE rate_numerator IS NOT NULL
				) side GROUP BY merchant_id, hold_id, asset_id
			) l FULL JOIN (
				SELECT p.merchant_id, coalesce(e.answers, e.id) AS hold_id, p.asset_id,
					sum(p.amount) FILTER (WHERE p.account = ${committed}) AS posted_committed,
					sum(p.amount) FILTER (WHERE p.account = ${exchange}) AS posted_exchange
				FROM postings p JOIN entries e ON e.merchant_id = p.merchant_id AND e.id = p.entry_id
				WHERE p.account IN (${committed}, ${exchange})
				GROUP BY p.merchant_id, coalesce(e.answers, e.id), p.asset_id
			) p USING (merchant_id, hold_id, asset_id)
			WHERE coalesce(promised, 0) <> coalesce(posted_committed, 0) OR coalesce(exchanged, 0) <> coalesce(posted_exchange, 0)`,
	},
];
