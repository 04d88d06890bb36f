import {currentIncarnation} from '../incarnation.ts';
import {type Check} from './check.ts';

/** That house accounts are read as they were posted to. */
export const houseChecks: readonly Check[] = [
	{
		name: 'Every house account is its snapshot and what was posted since',
		looksAt: ['entries', 'postings'],
		damage: `
			-- Snapshots that were taken elsewhere are read by nobody.
			WITH valid AS MATERIALIZED (
				SELECT h.merchant_id, h.incarnation, h.horizon FROM house_horizons h JOIN (${currentIncarnation}) i ON i.id = h.incarnation
			)
			SELECT merchant_id AS merchant, account::int, asset_id AS asset,
				format('Its snapshot is %s, and its postings below the horizon sum to %s.', stored, posted) AS problem
			FROM (
				SELECT merchant_id, account, asset_id, sum(stored) AS stored, sum(posted) AS posted FROM (
					SELECT s.merchant_id, s.account, s.asset_id, s.balance AS stored, 0 AS posted
					FROM house_snapshots s JOIN valid USING (merchant_id)
					UNION ALL
					SELECT p.merchant_id, p.account, p.asset_id, 0, p.amount
					FROM entries e JOIN valid v ON v.merchant_id = e.merchant_id
					JOIN postings p ON p.merchant_id = e.merchant_id AND p.entry_id = e.id AND p.card_id = 0
					WHERE e.incarnation < v.incarnation OR (e.incarnation = v.incarnation AND e.xid::text::bigint < v.horizon)
				) part GROUP BY merchant_id, account, asset_id
			) account WHERE stored <> posted
			UNION ALL
			SELECT merchant_id, NULL, NULL, format('An entry was written in incarnation %s, after the last one that was opened.', incarnation)
			FROM entries WHERE incarnation > (SELECT max(id) FROM incarnations) GROUP BY merchant_id, incarnation`,
	},
];
