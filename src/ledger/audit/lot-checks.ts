import {accountNumbers} from '../chart.ts';
import {entryKinds} from '../entry.ts';
import {type Check} from './check.ts';

const {transfer, extend} = entryKinds;
const {fundingEarned} = accountNumbers;

/** That lots are what their movements made of them (B1), and keep their dates (A11). */
export const lotChecks: readonly Check[] = [
	{
		name: 'Every lot is the sum of its movements',
		looksAt: ['lots', 'lot_movements'],
		damage: `
			SELECT merchant_id AS merchant, lot_id AS lot, CASE
				WHEN issued IS NULL THEN 'It was moved, and no lot has this id.'
				WHEN issued IS DISTINCT FROM arrived THEN
					format('It says that %s was issued, and %s arrived.', issued, coalesce(arrived, 0))
				ELSE format('It stores %s remaining and %s held; its movements sum to %s and %s.',
					remaining, held, moved_remaining, moved_held) END AS problem
			FROM (SELECT merchant_id, id AS lot_id, issued, remaining, held FROM lots) l
			FULL JOIN (
				-- What arrived at first is the most that ever arrives at once: whatever comes back was taken out of it.
				SELECT merchant_id, lot_id, sum(remaining_delta) AS moved_remaining, sum(held_delta) AS moved_held,
					max(remaining_delta) AS arrived
				FROM lot_movements GROUP BY merchant_id, lot_id
			) m USING (merchant_id, lot_id)
			WHERE (remaining, held, issued) IS DISTINCT FROM (moved_remaining, moved_held, arrived)`,
	},
	{
		name: 'No lot gives more than was issued, and none is hidden while it has value',
		looksAt: ['lots'],
		damage: `
			SELECT merchant_id AS merchant, id AS lot, card_id::text AS card, CASE
				WHEN spent <> (remaining = 0) THEN
					format('It is marked %s with %s remaining.', CASE WHEN spent THEN 'spent' ELSE 'unspent' END, remaining)
				ELSE format('%s remaining and %s held do not fit into %s issued.', remaining, held, issued) END AS problem
			FROM lots
			WHERE issued <= 0 OR remaining < 0 OR held < 0 OR remaining + held > issued OR spent <> (remaining = 0)`,
	},
	{
		name: 'Every lot was issued by an entry, or continues one that expired, was extended or is on another card',
		looksAt: ['lots'],
		damage: `
			SELECT l.merchant_id AS merchant, l.id AS lot, l.card_id::text AS card, CASE
				WHEN l.parent_id IS NULL AND l.root_id IS NULL THEN
					format('No entry issued %s from account %s into it.', l.issued, l.origin)
				WHEN parent.id IS NULL THEN 'Its parent does not exist.'
				WHEN parent.card_id <> l.card_id AND t.lot_id IS NULL THEN 'Its parent belongs to another card.'
				WHEN parent.origin <> l.origin THEN 'Its parent has another origin.'
				WHEN coalesce(parent.root_id, parent.id) IS DISTINCT FROM l.root_id THEN 'It names another root than its parent.'
				ELSE 'It expires before its parent, or one of them never expires.' END AS problem
			FROM lots l
			LEFT JOIN lots parent ON parent.merchant_id = l.merchant_id AND parent.id = l.parent_id
			-- What an earning pays of a debt comes from the same account, and into no lot.
			LEFT JOIN postings p ON p.merchant_id = l.merchant_id AND p.entry_id = l.id AND p.card_id = 0
				AND p.account = l.origin AND (p.amount = -l.issued OR (p.account = ${fundingEarned} AND p.amount < -l.issued))
			-- What a transfer brought, which has a check of its own.
			LEFT JOIN (
				SELECT m.merchant_id, m.lot_id FROM entries e
				JOIN lot_movements m ON m.merchant_id = e.merchant_id AND m.entry_id = e.id AND m.remaining_delta > 0
				WHERE e.kind = ${transfer}
			) t ON t.merchant_id = l.merchant_id AND t.lot_id = l.id
			WHERE CASE
				WHEN l.parent_id IS NULL AND l.root_id IS NULL THEN p.entry_id IS NULL
				ELSE parent.id IS NULL OR parent.origin <> l.origin
					OR coalesce(parent.root_id, parent.id) IS DISTINCT FROM l.root_id
					OR (t.lot_id IS NULL AND (parent.card_id <> l.card_id OR (l.expires_at >= parent.expires_at) IS NOT TRUE)) END`,
	},
	{
		name: 'Every transfer closes parts of lots, and opens them on another card under the same dates',
		looksAt: ['entries', 'lots', 'lot_movements'],
		damage: `
			SELECT merchant_id AS merchant, entry_id AS entry, lot_id AS lot, CASE
				WHEN child IS NULL THEN format('It took %s of this lot and opened no lot for it.', taken)
				WHEN taken IS NULL THEN 'It opened this lot and took nothing of its parent.'
				WHEN taken <> arrived OR arrived <> issued THEN
					format('It opened a lot of %s with %s for %s that it took of this one.', issued, arrived, taken)
				WHEN is_same_card THEN 'It moved value of this lot within one card.'
				ELSE 'The lot that it opened has other dates than this one.' END AS problem
			FROM (
				SELECT m.merchant_id, m.entry_id, l.id AS lot_id, l.card_id, -m.remaining_delta AS taken, l.spendable_from, l.expires_at
				FROM entries e
				JOIN lot_movements m ON m.merchant_id = e.merchant_id AND m.entry_id = e.id AND m.remaining_delta <= 0
				JOIN lots l ON l.merchant_id = m.merchant_id AND l.id = m.lot_id
				WHERE e.kind = ${transfer}
			) departure FULL JOIN (
				SELECT m.merchant_id, m.entry_id, coalesce(l.parent_id, l.id) AS lot_id, l.id AS child, l.issued, m.remaining_delta AS arrived,
					l.card_id AS to_card, l.spendable_from AS child_from, l.expires_at AS child_end
				FROM entries e
				JOIN lot_movements m ON m.merchant_id = e.merchant_id AND m.entry_id = e.id AND m.remaining_delta > 0
				JOIN lots l ON l.merchant_id = m.merchant_id AND l.id = m.lot_id
				WHERE e.kind = ${transfer}
			) arrival USING (merchant_id, entry_id, lot_id)
			CROSS JOIN LATERAL (SELECT card_id = to_card AS is_same_card) place
			WHERE child IS NULL OR taken IS NULL OR taken <> arrived OR arrived <> issued OR is_same_card
				OR (spendable_from, expires_at) IS DISTINCT FROM (child_from, child_end)`,
	},
	{
		name: 'Every extension puts whole lots by, and opens them on their card again with a later date',
		looksAt: ['entries', 'lots', 'lot_movements'],
		damage: `
			SELECT merchant_id AS merchant, operation AS entry, lot_id AS lot, CASE
				WHEN child IS NULL THEN format('It put %s of this lot by and opened no lot for it.', taken)
				WHEN taken IS NULL THEN 'It opened a lot for this one and took nothing of it.'
				WHEN taken <> arrived OR arrived <> issued THEN
					format('It opened a lot of %s with %s for %s that it took of this one.', issued, arrived, taken)
				WHEN NOT is_same_card THEN 'It moved value of this lot to another card.'
				WHEN child_from <> spendable_from THEN 'The lot that it opened begins at another time than this one.'
				ELSE 'The lot that it opened ends no later than this one.' END AS problem
			FROM (
				SELECT m.merchant_id, coalesce(e.operation_id, e.id) AS operation, l.id AS lot_id, l.card_id, -m.remaining_delta AS taken,
					l.spendable_from, l.expires_at
				FROM entries e
				JOIN lot_movements m ON m.merchant_id = e.merchant_id AND m.entry_id = e.id AND m.remaining_delta <= 0
				JOIN lots l ON l.merchant_id = m.merchant_id AND l.id = m.lot_id
				WHERE e.kind = ${extend}
			) departure FULL JOIN (
				SELECT m.merchant_id, coalesce(e.operation_id, e.id) AS operation, coalesce(l.parent_id, l.id) AS lot_id, l.id AS child,
					l.issued, m.remaining_delta AS arrived, l.card_id AS to_card, l.spendable_from AS child_from, l.expires_at AS child_end
				FROM entries e
				JOIN lot_movements m ON m.merchant_id = e.merchant_id AND m.entry_id = e.id AND m.remaining_delta > 0
				JOIN lots l ON l.merchant_id = m.merchant_id AND l.id = m.lot_id
				WHERE e.kind = ${extend}
			) arrival USING (merchant_id, operation, lot_id)
			CROSS JOIN LATERAL (SELECT card_id = to_card AS is_same_card) place
			WHERE child IS NULL OR taken IS NULL OR taken <> arrived OR arrived <> issued OR NOT is_same_card
				OR child_from <> spendable_from OR (child_end > expires_at) IS NOT TRUE`,
	},
	{
		name: "Every reversed credit came out of its own lot, or what goes on of it, and stays within the credit's amount",
		looksAt: ['entries'],
		damage: `
			SELECT r.merchant_id AS merchant, r.answers AS entry, CASE
				WHEN r.is_other THEN 'A reversal of this credit took from another lot.'
				ELSE format('%s of this credit was taken back, and it was %s.', r.reversed, l.issued) END AS problem
			FROM (
				SELECT e.merchant_id, e.answers, -sum(m.remaining_delta) AS reversed,
					bool_or(coalesce(l.root_id, m.lot_id) IS DISTINCT FROM e.answers) AS is_other
				FROM entries e JOIN lot_movements m ON m.merchant_id = e.merchant_id AND m.entry_id = e.id
				LEFT JOIN lots l ON l.merchant_id = m.merchant_id AND l.id = m.lot_id
				WHERE e.kind = ${entryKinds.reverseCredit} GROUP BY e.merchant_id, e.answers
			) r LEFT JOIN lots l ON l.merchant_id = r.merchant_id AND l.id = r.answers
			WHERE r.is_other OR r.reversed > l.issued`,
	},
];
