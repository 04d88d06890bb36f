import {keySpaces, verbs} from '../commands.ts';
import {paymentStatusNumbers} from '../store/lock-payments.ts';
import {sourceNumbers} from '../store/write-cards.ts';
import {type Check} from './check.ts';

const {pending, denied, cancelled} = paymentStatusNumbers;
const {payment, conclusion, settlement, cancellation, refund, byHand} = keySpaces;

const spaces = [payment, conclusion, settlement, cancellation, refund].join(', ');

// What a person did to the hold of a payment.
const handVerbs = [verbs.settle, verbs.cancel, verbs.refund].join(', ');

/** That payments are what their holds and commands made of them. */
export const paymentChecks: readonly Check[] = [
	{
		name: 'Every payment has the hold that it names, over its value, and every hold of a payment has its payment',
		looksAt: ['payments', 'holds', 'hold_legs'],
		damage: `
			SELECT merchant_id AS merchant, hold_id AS hold, tid, CASE
				WHEN payments IS NULL THEN 'It was held for a payment, and no payment names it.'
				WHEN payments > 1 THEN format('%s payments name it.', payments)
				WHEN is_hold IS NULL THEN 'A payment names it, and no payment holds anything by that id.'
				ELSE format('Its payment has a value of %s, and its legs reserved %s, or another currency.', value, reserved)
				END AS problem
			FROM (
				SELECT merchant_id, hold_id, count(*) AS payments, min(tid::text) AS tid, min(value) AS value, min(asset_id) AS asset_id,
					bool_or(is_again) AS is_again
				FROM (
					SELECT merchant_id, hold_id, tid, value, asset_id, former_hold_id IS NOT NULL AS is_again FROM payments
					UNION ALL
					SELECT merchant_id, former_hold_id, tid, value, asset_id, false FROM payments
				) named WHERE hold_id IS NOT NULL GROUP BY merchant_id, hold_id
			) p
			FULL JOIN (SELECT merchant_id, id AS hold_id, true AS is_hold FROM holds WHERE source = ${sourceNumbers.payment}) h
				USING (merchant_id, hold_id)
			LEFT JOIN (
				SELECT merchant_id, hold_id, sum(value) AS reserved, min(currency_id) AS low, max(currency_id) AS high
				FROM hold_legs GROUP BY merchant_id, hold_id
			) l USING (merchant_id, hold_id)
			-- A late settlement takes again what it settles, which may be less (A6).
			WHERE (payments = 1 AND is_hold AND asset_id = low AND asset_id = high
				AND CASE WHEN is_again THEN reserved <= value ELSE reserved = value END) IS NOT TRUE`,
	},
	{
		name: 'Nothing is held for a payment that is over, and none says that it holds what it does not',
		looksAt: ['payments', 'hold_legs'],
		damage: `
			SELECT merchant_id AS merchant, tid, hold_id AS hold, CASE
				WHEN status IN (${pending}, ${denied}) AND hold_id IS NOT NULL THEN 'It waits or was denied, and it has a hold.'
				WHEN status = ${cancelled} AND captured > 0 THEN format('It is cancelled, and %s of it was captured.', captured)
				WHEN cancellation_id IS NOT NULL AND held > 0 THEN format('It was cancelled, and %s of it is held.', held)
				ELSE 'It is to be released one day, and nothing of it is held.' END AS problem
			FROM payments LEFT JOIN (
				SELECT merchant_id, hold_id, sum(value - captured - released) AS held, sum(captured) AS captured
				FROM hold_legs GROUP BY merchant_id, hold_id
			) l USING (merchant_id, hold_id)
			WHERE (status IN (${pending}, ${denied}) AND hold_id IS NOT NULL)
				OR (status = ${cancelled} AND captured > 0)
				OR (cancellation_id IS NOT NULL AND held > 0)
				OR (hold_until IS NOT NULL AND coalesce(held, 0) = 0)`,
	},
	{
		name: 'Every command of a payment names its payment and answers with its hold or its cancellation',
		looksAt: ['commands', 'payments', 'entries'],
		damage: `
			SELECT c.merchant_id AS merchant, c.scope AS tid, c.space, CASE
				WHEN p.tid IS NULL THEN 'No payment has this id.'
				ELSE format('It answered %s; its payment has the hold %s and the cancellation %s.',
					c.outcome_id, coalesce(p.hold_id::text, 'none'), coalesce(p.cancellation_id::text, 'none')) END AS problem
			FROM commands c LEFT JOIN payments p ON p.merchant_id = c.merchant_id AND p.tid = c.scope
			WHERE (c.space IN (${spaces}) OR (c.space = ${byHand} AND c.verb IN (${handVerbs}))) AND c.refusal IS NULL AND (p.tid IS NULL OR CASE
				WHEN c.verb IN (${verbs.pay}, ${verbs.conclude}) AND c.moved > 0
					THEN c.outcome_id IS DISTINCT FROM coalesce(p.former_hold_id, p.hold_id)
				WHEN c.verb IN (${verbs.pay}, ${verbs.conclude}) THEN c.outcome_id NOT IN (p.tid, coalesce(p.hold_id, p.tid))
				WHEN c.verb = ${verbs.cancel} THEN c.outcome_id IS DISTINCT FROM p.cancellation_id AND NOT EXISTS (
					SELECT FROM entries e WHERE e.merchant_id = p.merchant_id AND e.id = c.outcome_id AND e.answers = p.former_hold_id)
				ELSE p.hold_id IS NULL END)`,
	},
];
