import {accountNumbers} from '../chart.ts';
import {keySpaces, verbs} from '../commands.ts';
import {entryKinds} from '../entry.ts';
import {type Check} from './check.ts';

const {issue, credit, authorize, capture, release, refund, reverseCredit, expire, close, transfer, adjust} =
	entryKinds;
const {earn, clawback, extend} = entryKinds;
const {available, exchange, committed} = accountNumbers;

/** Verb number → the kinds of entry that it may begin with. */
const kindsOfVerbs = [
	[verbs.issue, issue],
	[verbs.credit, credit],
	[verbs.authorize, authorize],
	[verbs.capture, capture],
	[verbs.undo, release],
	[verbs.undo, refund],
	[verbs.undo, reverseCredit],
	[verbs.pay, authorize],
	[verbs.conclude, authorize],
	[verbs.settle, capture],
	[verbs.cancel, release],
	[verbs.refund, refund],
	[verbs.transfer, transfer],
	[verbs.adjust, adjust],
	[verbs.merge, transfer],
	[verbs.extend, extend],
] as const;

const allowed = kindsOfVerbs.map(pair => `(${pair.join(', ')})`).join(', ');

// State makes them idempotent, so that no command remembers them (B16).
const sweeps = [expire, close, earn, clawback].join(', ');

// What follows when value comes back: it pays what its lot owes, or moves on. The command moved what came back (A10, A13).
const followers = [transfer, clawback].join(', ');

// They answer with the payment's own id, or with that of its cancellation, where nothing is to be moved (C4, A8).
const movingNothing = [verbs.pay, verbs.conclude, verbs.cancel].join(', ');

/** That every command was done once or refused, and that nothing was done without one. */
export const commandChecks: readonly Check[] = [
	{
		name: 'Every command was refused or made one operation, and every operation was made by one command or a sweep',
		looksAt: ['commands', 'entries', 'payments', 'hold_legs'],
		damage: `
			SELECT merchant_id AS merchant, id AS entry, CASE
				WHEN kind IS NULL THEN
					format('It has no first entry; commands that name it: %s, further entries: %s.', commands, entries)
				WHEN commands > 1 THEN format('%s commands say that they made it.', commands)
				WHEN kind IN (${sweeps}) THEN 'A command says that it made it, and its kind has none.'
				WHEN commands = 0 THEN 'No command made it.'
				WHEN (verb, kind) NOT IN (${allowed}) THEN 'Its command has another verb.'
				WHEN is_mixed THEN 'Its command names another asset.'
				ELSE format('Its command says that it moved %s of %s; its entries moved %s.', said, asked, coalesce(moved, 0))
				END AS problem
			FROM (
				SELECT merchant_id, id, sum(commands) AS commands, sum(entries) AS entries, min(verb) AS verb, min(kind) AS kind,
					max(said) AS said, max(asked) AS asked, sum(moved) FILTER (WHERE commands > 0) AS moved,
					-- Points that pay move in their own asset, too; the command is about the currency, and the exchange joins the two (A5).
					bool_or(commands = 0 AND moved > 0) AND NOT coalesce(bool_or(exchanged), false) AS is_mixed
				FROM (
					SELECT merchant_id, id, asset_id, count(verb) AS commands, count(*) - count(verb) AS entries,
						min(verb) AS verb, min(kind) AS kind, max(said) AS said, max(asked) AS asked, sum(moved) AS moved,
						bool_or(exchanged) AS exchanged
					FROM (
						-- What an entry moved is what it puts into accounts. Two entries of one operation count together (A9). A transfer between two
						-- wallets may move a debt, too, which is no value; an extension puts value by and back, and only what is back is moved.
						SELECT e.merchant_id, coalesce(e.operation_id, e.id) AS id,
							CASE WHEN e.operation_id IS NULL THEN e.kind END AS kind,
							CASE WHEN e.kind IN (${transfer}, ${extend}) AND p.account <> ${available} THEN 0 ELSE p.amount END AS moved, p.asset_id,
							p.account IN (${exchange}, ${committed}) AS exchanged, NULL::smallint AS verb, NULL::bigint AS said, NULL::bigint AS asked
						FROM entries e LEFT JOIN postings p ON p.merchant_id = e.merchant_id AND p.entry_id = e.id AND p.amount > 0
						WHERE NOT (e.operation_id IS NOT NULL AND e.kind IN (${followers}))
						UNION ALL
						-- A cancellation of a payment releases what there is, whatever it asks for, and so does a transfer of everything, an extension, or
						-- a person who captures or gives back all of a hold, which ask for nothing. An adjustment says by its sign whether it adds or takes.
						SELECT merchant_id, outcome_id, NULL, NULL, asset_id, NULL, verb, moved,
							CASE WHEN verb = ${verbs.cancel} OR ((verb IN (${verbs.transfer}, ${verbs.merge}, ${verbs.extend}) OR space = ${keySpaces.byHand}) AND amount = 0)
								THEN moved ELSE abs(amount) END
						FROM commands c WHERE refusal IS NULL AND NOT (moved = 0 AND verb IN (${movingNothing}))
							-- Two wallets of which the first is empty are merged without an entry, unless it owes something, and an empty card is extended.
							AND NOT (moved = 0 AND verb IN (${verbs.merge}, ${verbs.extend}) AND NOT EXISTS (
								SELECT FROM entries e WHERE e.merchant_id = c.merchant_id AND e.id = c.outcome_id))
						UNION ALL
						-- A payment that was held at once is the memory of its own create (B16); older ones have a command besides.
						SELECT merchant_id, coalesce(former_hold_id, hold_id), NULL, NULL, asset_id, NULL, ${verbs.pay}, value, value FROM payments p
						WHERE hold_id IS NOT NULL AND NOT EXISTS (
							SELECT FROM commands c WHERE c.merchant_id = p.merchant_id AND c.scope = p.tid
								AND c.outcome_id = coalesce(p.former_hold_id, p.hold_id) AND c.moved > 0 AND c.verb IN (${verbs.pay}, ${verbs.conclude})
						)
						UNION ALL
						-- Value that a late settlement took again (A6).
						SELECT merchant_id, hold_id, NULL, NULL, asset_id, NULL, ${verbs.pay}, taken, taken FROM (
							SELECT merchant_id, hold_id, asset_id FROM payments WHERE former_hold_id IS NOT NULL
						) again JOIN (
							SELECT merchant_id, hold_id, sum(value)::bigint AS taken FROM hold_legs GROUP BY merchant_id, hold_id
						) leg USING (merchant_id, hold_id)
					) part GROUP BY merchant_id, id, asset_id
				) of_asset GROUP BY merchant_id, id
			) operation
			WHERE CASE WHEN kind IN (${sweeps}) THEN commands > 0
				ELSE (commands = 1 AND (verb, kind) IN (${allowed}) AND said = moved AND said <= asked AND NOT is_mixed)
					IS NOT TRUE END`,
	},
	{
		name: 'What a person did to a hold is what was asked for, and nothing else',
		looksAt: ['commands', 'entries'],
		damage: `
			SELECT c.merchant_id AS merchant, e.id AS entry, format('Somebody asked for a %s by hand, and it did something else.', asked) AS problem
			FROM (SELECT *, split_part(key, ' ', 1) AS asked FROM commands WHERE space = ${keySpaces.byHand} AND refusal IS NULL) c
			JOIN entries e ON e.merchant_id = c.merchant_id AND e.id = c.outcome_id
			WHERE (e.kind = CASE asked WHEN 'capture' THEN ${capture} WHEN 'release' THEN ${release} WHEN 'refund' THEN ${refund} END) IS NOT TRUE
				OR EXISTS (SELECT FROM entries f WHERE f.merchant_id = e.merchant_id AND f.answers = e.answers AND f.operation_id = e.id
					AND f.kind IN (${release}, ${refund}))`,
	},
	{
		name: 'Every command has either a refusal or an outcome',
		looksAt: ['commands'],
		damage: `
			SELECT merchant_id AS merchant, scope, space, key, CASE
				WHEN refusal IS NULL THEN 'It was not refused, and what it made or moved is missing.'
				ELSE 'It was refused, and it says what it made or moved.' END AS problem
			FROM commands
			WHERE (refusal IS NULL) <> (outcome_id IS NOT NULL) OR (refusal IS NULL) <> (moved IS NOT NULL)`,
	},
	{
		name: 'Every further entry of an operation answers the same as its first',
		looksAt: ['entries'],
		damage: `
			SELECT e.merchant_id AS merchant, e.id AS entry,
				CASE WHEN o.id IS NULL THEN 'The first entry of its operation does not exist.'
					ELSE 'The first entry of its operation answers something else.' END AS problem
			FROM entries e LEFT JOIN entries o ON o.merchant_id = e.merchant_id AND o.id = e.operation_id
			-- What follows a release or refund, which answers a hold, answers nothing or the entry that opened a lot.
			WHERE e.operation_id IS NOT NULL AND (o.id IS NULL OR o.operation_id IS NOT NULL OR (o.answers IS DISTINCT FROM e.answers
				AND NOT (o.kind IN (${release}, ${refund}) AND e.kind IN (${followers}))))`,
	},
];
