import {verbs} from '../commands.ts';
import {entryKinds} from '../entry.ts';
import {type Check} from './check.ts';

const {issue, credit, authorize, capture, release, refund, reverseCredit, expire, close} = entryKinds;

/** Verb number → the kinds of entry that it may begin with. */
const kindsOfVerbs = [
	[verbs.issue, issue],
	[verbs.credit, credit],
	[verbs.authorize, authorize],
	[verbs.capture, capture],
	[verbs.undo, release],
	[verbs.undo, refund],
	[verbs.undo, reverseCredit],
] as const;

const allowed = kindsOfVerbs.map(pair => `(${pair.join(', ')})`).join(', ');

/** That every command was done once or refused, and that nothing was done without one. */
export const commandChecks: readonly Check[] = [
	{
		name: 'Every accepted command has the entry that it made, and moved what it says',
		looksAt: ['commands', 'postings'],
		damage: `
			SELECT c.merchant_id AS merchant, c.scope, c.space, c.key, c.outcome_id AS entry, CASE
				WHEN c.outcome_id IS NULL OR c.moved IS NULL THEN 'It has neither an outcome nor a refusal.'
				WHEN c.refusal IS NOT NULL THEN 'It has both an outcome and a refusal.'
				WHEN o.id IS NULL THEN 'It says that it was done, and the entry of its outcome does not exist.'
				WHEN (c.verb, o.kind) NOT IN (${allowed}) THEN 'Its entry is of a kind that its verb does not make.'
				ELSE format('It says that it moved %s of %s; its entries moved %s.', c.moved, c.amount, coalesce(o.moved, 0)) END AS problem
			FROM commands c LEFT JOIN (
				-- What an entry moved is what it puts into accounts. Two entries of one operation count together (A9).
				SELECT merchant_id, id, asset_id, min(kind) AS kind, sum(amount) AS moved
				FROM (
					SELECT e.merchant_id, coalesce(e.operation_id, e.id) AS id, p.asset_id, p.amount,
						CASE WHEN e.operation_id IS NULL OR e.operation_id = e.id THEN e.kind END AS kind
					FROM entries e JOIN postings p ON p.merchant_id = e.merchant_id AND p.entry_id = e.id AND p.amount > 0
				) part GROUP BY merchant_id, id, asset_id
			) o ON o.merchant_id = c.merchant_id AND o.id = c.outcome_id AND o.asset_id = c.asset_id
			WHERE CASE
				WHEN c.refusal IS NULL THEN c.moved IS DISTINCT FROM o.moved OR c.moved > c.amount OR (c.verb, o.kind) NOT IN (${allowed})
				ELSE c.outcome_id IS NOT NULL OR c.moved IS NOT NULL END`,
	},
	{
		name: 'Every entry was made by one command, or by a sweep or closing',
		looksAt: ['entries', 'commands'],
		damage: `
			SELECT e.merchant_id AS merchant, e.id AS entry, CASE
				WHEN c.times > 1 THEN format('%s commands say that they made it.', c.times)
				WHEN c.times = 1 THEN 'A command says that it made it, and its kind has none.'
				ELSE 'No command made it.' END AS problem
			FROM entries e LEFT JOIN (
				SELECT merchant_id, outcome_id, count(*) AS times FROM commands WHERE outcome_id IS NOT NULL GROUP BY merchant_id, outcome_id
			) c ON c.merchant_id = e.merchant_id AND c.outcome_id = e.id
			WHERE coalesce(c.times, 0) <> CASE WHEN e.kind IN (${expire}, ${close}) OR e.operation_id <> e.id THEN 0 ELSE 1 END`,
	},
	{
		name: 'Every further entry of an operation follows its first',
		looksAt: ['entries'],
		damage: `
			SELECT e.merchant_id AS merchant, e.id AS entry, CASE
				WHEN o.id IS NULL THEN 'The first entry of its operation does not exist.'
				ELSE 'The first entry of its operation answers something else.' END AS problem
			FROM entries e LEFT JOIN entries o ON o.merchant_id = e.merchant_id AND o.id = e.operation_id AND o.operation_id IS NULL
			WHERE e.operation_id IS NOT NULL AND (o.id IS NULL OR o.answers IS DISTINCT FROM e.answers)`,
	},
];
