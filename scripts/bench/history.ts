import {createHash} from 'node:crypto';
import pg from 'pg';
import {openParts} from '../../src/assemble.ts';
import {wireIdOf} from '../../src/cards/public-id.ts';
import {hashCode, type Pepper} from '../../src/cards/pepper.ts';
import {codeFromSeed, formatCode, lastFour} from '../../src/cards/redemption-code.ts';
import {loadConfig} from '../../src/config.ts';
import {accountNumbers} from '../../src/ledger/chart.ts';
import {keySpaces, scriptScope, verbs} from '../../src/ledger/commands.ts';
import {entryKinds} from '../../src/ledger/entry.ts';
import type {SeededCard} from './requests.ts';

/*
 * A store that has been open for two years: every other card was issued and never used; the others were topped up, spent from and
 * settled since. That is five postings a card. The rows are made by SQL, past the writer, because a million cards are to be there in a
 * minute or two; the audit, which the bench times on them, proves that they are what the writer would have left behind.
 */

export const postingsPerCard = 5;

const {available, held, fundingSold, fundingCredit, redeemed} = accountNumbers;
const {issue, credit, authorize, capture} = entryKinds;
// What is sealed is read in the order of transactions, and the commands of a seal by its times. So a transaction has as few cards as a
// writer would commit together, nearly, and what a card is used for follows within hours: what one transaction has is of about one time.
const cardsAtOnce = 500;
const seed = createHash('sha256').update('cards of the bench').digest();
// Minor units.
const [issued, credited, spent] = [100_000, 50_000, 2_500];

// Entries are made in the order of their time, as the writer's ids are; the number of a card tells two at one time apart.
const session = [
	"SET session_replication_role = 'replica'",
	'SET synchronous_commit = off',
	`CREATE FUNCTION pg_temp.entry_id(at timestamptz, kind int, n int) RETURNS uuid IMMUTABLE LANGUAGE sql AS $$
		SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(kind), 3, '0') || '8000' || lpad(to_hex(n), 12, '0'))::uuid
	$$`,
];

/**
 * Fill the empty books of a service that runs.
 * @param env - of the service, for what it hashes codes with
 * @param superuserUrl - of somebody who may switch off a session's triggers
 * @returns the cards, with their codes as people type them
 */
export async function seedHistory(
	env: NodeJS.ProcessEnv,
	superuserUrl: string,
	cards: number,
	onProgress: (done: number) => void,
): Promise<SeededCard[]> {
	const store = await storeOf(env);
	const client = new pg.Client({connectionString: superuserUrl});
	await client.connect();
	const seeded: SeededCard[] = [];
	try {
		for (const setting of session) {
			await client.query(setting);
		}

		for (let from = 0; from < cards; from += cardsAtOnce) {
			const some = Array.from({length: Math.min(cardsAtOnce, cards - from)}, (_, n) => from + n);
			seeded.push(...(await seedSome(client, store, {some, of: cards})));
			onProgress(from + some.length);
		}

		await client.query("SELECT setval(pg_get_serial_sequence('cards', 'id'), (SELECT max(id) FROM cards))");
		await client.query('VACUUM (ANALYZE)');
		await client.query('CHECKPOINT');
	} finally {
		await client.end();
	}

	return seeded;
}

type Store = {
	readonly merchantId: number;
	readonly assetId: number;
	readonly actorId: number;
	readonly pepper: Pepper;
};

async function storeOf(env: NodeJS.ProcessEnv): Promise<Store> {
	const log = {info: () => undefined, warn: console.error, error: console.error};
	const parts = await openParts(loadConfig(env), {purpose: 'script', log});
	try {
		const {prisma, firstMerchant, assets, peppers} = parts;
		const asset = await assets.ofCurrency(firstMerchant.id, firstMerchant.currency);
		const actor = await prisma.actor.findFirstOrThrow({where: {merchantId: firstMerchant.id}});
		return {
			merchantId: firstMerchant.id,
			assetId: asset.id,
			actorId: actor.id,
			pepper: peppers.current,
		};
	} finally {
		await parts.close();
	}
}

async function seedSome(
	client: pg.Client,
	{merchantId, assetId, actorId, pepper}: Store,
	{some, of}: {readonly some: readonly number[]; readonly of: number},
): Promise<SeededCard[]> {
	const codes = some.map(n => codeFromSeed(seed, n));
	const publicIds = some.map(n => createHash('md5').update(`bench card ${n}`).digest('hex'));
	await client.query('BEGIN');
	await client.query(
		`CREATE TEMP TABLE seeded ON COMMIT DROP AS
			SELECT $1::int AS merchant_id, $2::int AS asset_id, $3::int AS actor_id, n + 1 AS card_id, public_id, code_hash, last4,
				at, at + interval '5 years' AS ends, n % 2 = 0 AS is_used,
				pg_temp.entry_id(at, 1, n) AS issue_id, pg_temp.entry_id(at + interval '1 hour', 2, n) AS credit_id,
				pg_temp.entry_id(at + interval '2 hours', 3, n) AS hold_id, pg_temp.entry_id(at + interval '3 hours', 4, n) AS capture_id
			FROM (
				SELECT n, public_id, code_hash, last4,
					date_trunc('milliseconds', now()) - interval '730 days' + interval '690 days' * (n / $8::float8) AS at
				FROM unnest($4::int[], $5::uuid[], $6::bytea[], $7::text[]) AS v(n, public_id, code_hash, last4)
			) v`,
		[
			...[merchantId, assetId, actorId],
			...[some, publicIds, codes.map(code => hashCode(code, pepper.key)), codes.map(lastFour), of],
		],
	);
	for (const statement of statements(pepper.id)) {
		await client.query(statement);
	}

	await client.query('COMMIT');
	return codes.map((code, index) => ({
		id: wireIdOf(publicIds[index] ?? ''),
		redemptionCode: formatCode(code),
	}));
}

/** One posting to a card and its counterpart, of the entries of some column. */
function postings(
	id: string,
	version: number,
	lines: readonly (readonly [account: number, amount: number, after: number | null])[],
): string {
	const values = lines.map(([account, amount, after]) => `(${account}, ${amount}, ${after ?? 'NULL::int'})`);
	return `SELECT merchant_id, ${id}, account, CASE WHEN after IS NULL THEN 0 ELSE card_id END, asset_id, amount, after,
			CASE WHEN after IS NOT NULL THEN ${version} END
		FROM seeded CROSS JOIN (VALUES ${values.join(', ')}) AS line(account, amount, after)`;
}

/** Everything that those cards have, table by table, from the temporary table `seeded`. */
function statements(pepperId: number): string[] {
	const used = 'FROM seeded WHERE is_used';
	const full = issued + credited - spent;
	return [
		`INSERT INTO cards (merchant_id, id, public_id, asset_id, available, version, pepper_id, code_hash, code_last4, emitted_at, expires_at, created_at)
			SELECT merchant_id, card_id, public_id, asset_id, CASE WHEN is_used THEN ${full} ELSE ${issued} END,
				CASE WHEN is_used THEN 4 ELSE 1 END, ${pepperId}, code_hash, last4, at, ends, at FROM seeded`,
		`INSERT INTO lots (merchant_id, id, card_id, origin, issued, remaining, spent, spendable_from, expires_at)
			SELECT merchant_id, issue_id, card_id, ${fundingSold}, ${issued}, CASE WHEN is_used THEN ${issued - spent} ELSE ${issued} END, false, at, ends
			FROM seeded
			UNION ALL SELECT merchant_id, credit_id, card_id, ${fundingCredit}, ${credited}, ${credited}, false, at + interval '1 hour', ends ${used}`,
		`INSERT INTO entries (merchant_id, id, kind, occurred_at, recorded_at, answers, actor_id)
			SELECT merchant_id, id, kind, moment, moment, answers, actor_id FROM (
				SELECT merchant_id, issue_id AS id, ${issue} AS kind, at AS moment, NULL::uuid AS answers, actor_id FROM seeded
				UNION ALL SELECT merchant_id, credit_id, ${credit}, at + interval '1 hour', NULL, actor_id ${used}
				UNION ALL SELECT merchant_id, hold_id, ${authorize}, at + interval '2 hours', NULL, actor_id ${used}
				UNION ALL SELECT merchant_id, capture_id, ${capture}, at + interval '3 hours', hold_id, actor_id ${used}
			) entry ORDER BY id`,
		`INSERT INTO postings (merchant_id, entry_id, account, card_id, asset_id, amount, balance_after, version)
			${postings('issue_id', 1, [
				[available, issued, issued],
				[fundingSold, -issued, null],
			])}
			UNION ALL ${postings('credit_id', 2, [
				[available, credited, issued + credited],
				[fundingCredit, -credited, null],
			])} WHERE is_used
			UNION ALL ${postings('hold_id', 3, [
				[available, -spent, full],
				[held, spent, spent],
			])} WHERE is_used
			UNION ALL ${postings('capture_id', 4, [
				[held, -spent, 0],
				[redeemed, spent, null],
			])} WHERE is_used`,
		`INSERT INTO lot_movements (merchant_id, entry_id, lot_id, leg, remaining_delta, held_delta)
			SELECT merchant_id, issue_id, issue_id, NULL::smallint, ${issued}, 0 FROM seeded
			UNION ALL SELECT merchant_id, credit_id, credit_id, NULL, ${credited}, 0 ${used}
			UNION ALL SELECT merchant_id, hold_id, issue_id, 1, ${-spent}, ${spent} ${used}
			UNION ALL SELECT merchant_id, capture_id, issue_id, 1, 0, ${-spent} ${used}`,
		`INSERT INTO holds (merchant_id, id, source, order_id, request_id, opened_at)
			SELECT merchant_id, hold_id, 1, 'order-' || card_id, 'request-' || card_id, at + interval '2 hours' ${used}`,
		`INSERT INTO hold_legs (merchant_id, hold_id, leg, card_id, asset_id, currency_id, value, units, captured)
			SELECT merchant_id, hold_id, 1, card_id, asset_id, asset_id, ${spent}, ${spent}, ${spent} ${used}`,
		`INSERT INTO commands (merchant_id, scope, space, key, verb, amount, asset_id, outcome_id, moved, decided_at)
			SELECT merchant_id, '${scriptScope}', ${keySpaces.issue}, 'bench:' || card_id, ${verbs.issue}, ${issued}, asset_id, issue_id, ${issued}, at FROM seeded
			UNION ALL SELECT merchant_id, public_id, ${keySpaces.transaction}, md5('credit ' || card_id), ${verbs.credit}, ${credited}, asset_id, credit_id, ${credited},
				at + interval '1 hour' ${used}
			UNION ALL SELECT merchant_id, public_id, ${keySpaces.transaction}, md5('debit ' || card_id), ${verbs.authorize}, ${spent}, asset_id, hold_id, ${spent},
				at + interval '2 hours' ${used}
			UNION ALL SELECT merchant_id, hold_id, ${keySpaces.capture}, md5('capture ' || card_id), ${verbs.capture}, ${spent}, asset_id, capture_id, ${spent},
				at + interval '3 hours' ${used}`,
	];
}
