import {accountNumbers} from '../chart.ts';
import {statusNumbers} from '../store/lock.ts';
import {type Check} from './check.ts';

const {available, held, debt} = accountNumbers;

/** That what cards store for speed is what their history says. */
export const cardChecks: readonly Check[] = [
	{
		name: 'Every card stores the sum of its postings',
		looksAt: ['cards', 'postings'],
		damage: `
			SELECT merchant_id AS merchant, card_id::text AS card, CASE
				WHEN c.stored IS NULL THEN 'It has postings, and no card has this id.'
				WHEN asset_id <> low OR asset_id <> high THEN 'It has postings in another asset than its own.'
				ELSE format('Available, held and debt are stored as %s and posted as %s.',
					array_to_string(stored, ', '), array_to_string(posted, ', ')) END AS problem
			FROM (SELECT merchant_id, id AS card_id, asset_id, ARRAY[available, held, debt]::numeric[] AS stored FROM cards) c
			FULL JOIN (
				SELECT merchant_id, card_id, min(asset_id) AS low, max(asset_id) AS high, ARRAY[
					coalesce(sum(amount) FILTER (WHERE account = ${available}), 0),
					coalesce(sum(amount) FILTER (WHERE account = ${held}), 0),
					coalesce(sum(amount) FILTER (WHERE account = ${debt}), 0)] AS posted
				FROM postings WHERE card_id <> 0 GROUP BY merchant_id, card_id
			) p USING (merchant_id, card_id)
			WHERE stored IS DISTINCT FROM coalesce(posted, ARRAY[0, 0, 0]) OR asset_id <> low OR asset_id <> high`,
	},
	{
		name: "Every card's history has no gap, and its balances after add up",
		looksAt: ['cards', 'postings'],
		damage: `
			SELECT merchant_id AS merchant, card_id::text AS card, CASE
				WHEN gap IS NOT NULL THEN format('Its versions do not count up by one, entry by entry, at version %s.', gap)
				WHEN wrong IS NOT NULL THEN format('From version %s on, the balances after do not follow from the postings.', wrong)
				ELSE format('It stores version %s, and its last posting has version %s.', version, coalesce(last, 0)) END AS problem
			FROM (SELECT merchant_id, id AS card_id, version FROM cards) c
			FULL JOIN (
				SELECT merchant_id, card_id, max(version) AS last,
					min(version) FILTER (WHERE NOT (step = 1 AND is_other) AND NOT (step = 0 AND NOT is_other)) AS gap,
					min(version) FILTER (WHERE balance_after <> balance) AS wrong
				FROM (
					SELECT merchant_id, card_id, version, balance_after,
						version - lag(version, 1, 0::bigint) OVER history AS step,
						lag(entry_id) OVER history IS DISTINCT FROM entry_id AS is_other,
						CASE account
							WHEN ${available} THEN sum(CASE account WHEN ${available} THEN amount ELSE 0 END) OVER history
							WHEN ${held} THEN sum(CASE account WHEN ${held} THEN amount ELSE 0 END) OVER history
							ELSE sum(CASE account WHEN ${debt} THEN amount ELSE 0 END) OVER history END AS balance
					FROM postings WHERE card_id <> 0
					WINDOW history AS (PARTITION BY merchant_id, card_id ORDER BY version, account ROWS UNBOUNDED PRECEDING)
				) line GROUP BY merchant_id, card_id
			) p USING (merchant_id, card_id)
			WHERE gap IS NOT NULL OR wrong IS NOT NULL OR version IS DISTINCT FROM coalesce(last, 0)`,
	},
	{
		name: 'Every card carries the sum of its lots',
		looksAt: ['cards', 'lots'],
		damage: `
			SELECT merchant_id AS merchant, card_id::text AS card,
				format('It has %s available and %s held; its lots have %s and %s.',
					available, held, coalesce(lot_remaining, 0), coalesce(lot_held, 0)) AS problem
			FROM (SELECT merchant_id, id AS card_id, available, held FROM cards) c
			FULL JOIN (
				SELECT merchant_id, card_id, sum(remaining) AS lot_remaining, sum(held) AS lot_held
				FROM lots GROUP BY merchant_id, card_id
			) l USING (merchant_id, card_id)
			WHERE available IS DISTINCT FROM coalesce(lot_remaining, 0) OR held IS DISTINCT FROM coalesce(lot_held, 0)`,
	},
	{
		name: 'No balance is beyond its limit, and closed cards hold nothing',
		looksAt: ['cards'],
		damage: `
			SELECT merchant_id AS merchant, id::text AS card, CASE
				WHEN available >= 0 AND held >= 0 AND debt <= 0 THEN format('It is closed and holds %s.', held)
				ELSE format('Available %s, held %s, debt %s: the first two may not be below zero, the last not above.',
					available, held, debt)
				END AS problem
			FROM cards
			WHERE available < 0 OR held < 0 OR debt > 0 OR (status = ${statusNumbers.closed} AND held <> 0)`,
	},
	{
		name: 'Cards and house accounts cancel out for each asset',
		looksAt: ['cards', 'postings'],
		damage: `
			SELECT merchant_id AS merchant, asset_id AS asset,
				format('The cards carry %s and the house accounts %s; together they must be zero.',
					coalesce(carried, 0), coalesce(posted, 0)) AS problem
			FROM (
				SELECT merchant_id, asset_id, sum(available + held + debt) AS carried FROM cards GROUP BY merchant_id, asset_id
			) c
			FULL JOIN (
				SELECT merchant_id, asset_id, sum(amount) AS posted FROM postings WHERE card_id = 0 GROUP BY merchant_id, asset_id
			) h USING (merchant_id, asset_id)
			WHERE coalesce(carried, 0) + coalesce(posted, 0) <> 0`,
	},
];
