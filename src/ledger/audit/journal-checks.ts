import {accountNumbers} from '../chart.ts';
import {entryKinds} from '../entry.ts';
import {type Check} from './check.ts';

const {available, held} = accountNumbers;
const {authorize, capture, release, refund, credit, reverseCredit, earn, clawback} = entryKinds;

/** What makes the journal a journal (B2). */
export const journalChecks: readonly Check[] = [
	{
		name: 'Every entry balances for each asset',
		looksAt: ['entries', 'postings'],
		damage: `
			SELECT p.merchant_id AS merchant, p.entry_id AS entry,
				format('Its postings of asset %s sum to %s.', p.asset_id, sum(p.amount)) AS problem
			FROM (
				-- Nearly every entry has one asset; only the others are looked at asset by asset.
				SELECT merchant_id, entry_id FROM postings GROUP BY merchant_id, entry_id
				HAVING sum(amount) <> 0 OR min(asset_id) <> max(asset_id)
			) suspect JOIN postings p USING (merchant_id, entry_id)
			GROUP BY p.merchant_id, p.entry_id, p.asset_id HAVING sum(p.amount) <> 0
			UNION ALL
			SELECT merchant_id, entry_id, 'It has a posting of nothing.' FROM postings WHERE amount = 0
			UNION ALL
			SELECT merchant_id, id, 'It has no postings.' FROM entries e
			WHERE NOT EXISTS (SELECT FROM postings p WHERE p.merchant_id = e.merchant_id AND p.entry_id = e.id)`,
	},
	{
		name: 'Every posting, lot movement and note belongs to an entry',
		looksAt: ['postings', 'lot_movements', 'entry_notes'],
		damage: `
			SELECT part.merchant_id AS merchant, part.entry_id AS entry,
				format('A %s names an entry that does not exist.', part.kind) AS problem
			FROM (
				SELECT merchant_id, entry_id, 'posting' AS kind FROM postings
				UNION ALL SELECT merchant_id, entry_id, 'lot movement' FROM lot_movements
				UNION ALL SELECT merchant_id, entry_id, 'note' FROM entry_notes
			) part
			WHERE NOT EXISTS (SELECT FROM entries e WHERE e.merchant_id = part.merchant_id AND e.id = part.entry_id)`,
	},
	{
		name: 'Every entry moves lots by what it posts, as one step of its card',
		looksAt: ['postings', 'lot_movements'],
		damage: `
			SELECT merchant_id AS merchant, entry_id AS entry, card_id::text AS card, CASE
				WHEN available = 0 AND held = 0 THEN 'Its postings on this card have different versions.'
				ELSE format('Its postings exceed its lot movements by %s on available and %s on held.', available, held)
				END AS problem
			FROM (
				SELECT merchant_id, entry_id, card_id, sum(available) AS available, sum(held) AS held,
					min(version) <> max(version) AS torn
				FROM (
					SELECT merchant_id, entry_id, card_id, version,
						CASE account WHEN ${available} THEN amount ELSE 0 END AS available,
						CASE account WHEN ${held} THEN amount ELSE 0 END AS held
					FROM postings WHERE card_id <> 0
					UNION ALL
					SELECT m.merchant_id, m.entry_id, l.card_id, NULL, -m.remaining_delta, -m.held_delta
					FROM lot_movements m JOIN lots l ON l.merchant_id = m.merchant_id AND l.id = m.lot_id
				) line GROUP BY merchant_id, entry_id, card_id
			) step
			WHERE available <> 0 OR held <> 0 OR torn`,
	},
	{
		name: 'Every capture, release, refund, reversal and clawback answers its authorization, credit or earning',
		looksAt: ['entries'],
		damage: `
			SELECT e.merchant_id AS merchant, e.id AS entry, CASE
				WHEN e.answers IS NULL THEN 'It answers nothing, and its kind must.'
				WHEN o.id IS NULL THEN 'What it answers does not exist.'
				ELSE 'What it answers is of the wrong kind.' END AS problem
			FROM entries e LEFT JOIN entries o ON o.merchant_id = e.merchant_id AND o.id = e.answers
			WHERE CASE
				WHEN e.kind IN (${capture}, ${release}, ${refund}) THEN o.kind IS DISTINCT FROM ${authorize}
				WHEN e.kind = ${reverseCredit} THEN o.kind IS DISTINCT FROM ${credit}
				-- All of an order answer its first one; what a release or refund pays of what a lot owes answers the one that opened the lot.
				WHEN e.kind = ${earn} THEN e.answers IS NOT NULL AND (o.kind IS DISTINCT FROM ${earn} OR o.answers IS NOT NULL)
				WHEN e.kind = ${clawback} THEN o.kind IS DISTINCT FROM ${earn} OR (e.operation_id IS NULL AND o.answers IS NOT NULL)
				ELSE e.answers IS NOT NULL END`,
	},
	{
		name: 'Every entry names a known actor, and every posting a known asset',
		looksAt: ['entries', 'postings'],
		damage: `
			SELECT merchant_id AS merchant, format('There is no %s %s (%s: %s).', what, id, rows, count(*)) AS problem
			FROM (
				SELECT merchant_id, actor_id AS id, 'actor' AS what, 'entries' AS rows FROM entries e
				WHERE NOT EXISTS (SELECT FROM actors a WHERE a.merchant_id = e.merchant_id AND a.id = e.actor_id)
				UNION ALL
				SELECT merchant_id, asset_id, 'asset', 'postings' FROM postings p
				WHERE NOT EXISTS (SELECT FROM assets a WHERE a.merchant_id = p.merchant_id AND a.id = p.asset_id)
			) named GROUP BY merchant_id, id, what, rows`,
	},
];
