import {type Check} from './check.ts';

const first = "(0::smallint, 0::bigint, '00000000-0000-0000-0000-000000000000'::uuid)";

/** That the seals are one chain, over every entry up to its end. What the entries say is replayed by `ledger:verify`, which reads all of it. */
export const sealChecks: readonly Check[] = [
	{
		name: 'Every seal follows from the one before it, and no sealed entry is missing or added',
		looksAt: ['seals', 'entries'],
		damage: `
			SELECT merchant_id AS merchant, number AS seal, CASE
				WHEN number <> expected THEN format('The seal before it is %s, and seal %s is missing.', expected - 1, expected)
				ELSE 'It does not follow from the seal before it.' END AS problem
			FROM (
				SELECT merchant_id, number, previous, (from_incarnation, from_xid, from_entry) AS place,
					lag(number, 1, 0) OVER chain + 1 AS expected,
					lag(hash, 1, decode(repeat('00', 32), 'hex')) OVER chain AS hash_before,
					coalesce(lag((to_incarnation, to_xid, to_entry)) OVER chain, ${first}) AS place_before
				FROM seals WINDOW chain AS (PARTITION BY merchant_id ORDER BY number)
			) link
			WHERE number <> expected OR previous <> hash_before OR place <> place_before
			UNION ALL
			SELECT merchant_id, number, format('Up to it %s entries were sealed, and there are %s.', sealed, coalesce(found, 0))
			FROM (
				SELECT s.merchant_id, max(s.number) AS number, sum(s.entries) AS sealed FROM seals s GROUP BY s.merchant_id
			) chain LEFT JOIN (
				SELECT e.merchant_id, count(*) AS found FROM entries e JOIN (
					SELECT DISTINCT ON (merchant_id) merchant_id, to_incarnation, to_xid, to_entry FROM seals ORDER BY merchant_id, number DESC
				) last ON last.merchant_id = e.merchant_id AND (e.incarnation, e.xid::text::bigint, e.id) <= (to_incarnation, to_xid, to_entry)
				GROUP BY e.merchant_id
			) journal USING (merchant_id)
			WHERE sealed <> coalesce(found, 0)`,
	},
];
