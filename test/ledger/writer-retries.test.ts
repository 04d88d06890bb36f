import test from 'ava';
import {openDatabase} from '../../src/db/client.ts';
import {OverloadedError} from '../../src/ledger/writer.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {patienceMs, type TestDatabase, withDatabase} from '../helpers/database.ts';
import {
	aroundTransactions,
	beforeStatements,
	connect,
	isWrite,
	tell,
	type Told,
} from '../helpers/interference.ts';
import {authorize, balances, openTestLedger, words} from '../helpers/ledger.ts';
import {until} from '../helpers/until.ts';

/** Refuse the first insertions of a command under the key `conflict`, in the statement or at COMMIT. */
async function plantConflicts(
	{asOwner}: TestDatabase,
	state: string,
	times: number,
	timing: 'statement' | 'commit',
): Promise<void> {
	const kind =
		timing === 'commit' ? ['CONSTRAINT TRIGGER', 'DEFERRABLE INITIALLY DEFERRED'] : ['TRIGGER', ''];
	await asOwner(`
		CREATE SEQUENCE conflicts;
		CREATE FUNCTION conflict() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			IF NEW.key = 'conflict' AND nextval('conflicts') <= ${times} THEN
				RAISE EXCEPTION 'planted' USING ERRCODE = '${state}';
			END IF;
			RETURN NULL;
		END $$;
		CREATE ${kind[0]} planted AFTER INSERT ON commands ${kind[1]} FOR EACH ROW EXECUTE FUNCTION conflict()`);
}

const passing: readonly (readonly [state: string, timing: 'statement' | 'commit'])[] = [
	['40001', 'statement'],
	['40001', 'commit'],
	['40P01', 'statement'],
	['40P01', 'commit'],
	['53300', 'statement'],
	['57014', 'statement'],
	['57P01', 'statement'],
];

for (const [state, timing] of passing) {
	test(`a batch that meets ${state} in its ${timing} runs again until it succeeds`, async t => {
		const own = await withDatabase(t);
		await plantConflicts(own, state, 2, timing);
		const ledger = await openTestLedger(own);
		const card = await ledger.issue({amount: 100n});
		const told: Told = [];
		const writer = ledger.openWriter({}, {onFailure: tell(told)});

		const outcomes = await Promise.all([
			ledger.submit(authorize(ledger, card, 1n, 'first'), writer),
			ledger.submit(authorize(ledger, card, 2n, 'conflict'), writer),
			ledger.submit(authorize(ledger, card, 3n, 'last'), writer),
		]);

		t.deepEqual(words(outcomes), ['1', '2', '3']);
		t.deepEqual(await balances(own, card), [94n, 6n, 4n]);
		t.deepEqual(told, [
			{what: 'A batch of 3 commands runs again', state},
			{what: 'A batch of 3 commands runs again', state},
		]);
	});
}

test('a conflict that does not pass ends in OverloadedError at the deadline, never in a refusal', async t => {
	const own = await withDatabase(t);
	await plantConflicts(own, '40001', 1_000_000, 'statement');
	const ledger = await openTestLedger(own);
	const card = await ledger.issue({amount: 100n});

	const writer = ledger.openWriter({deadlineMs: 200});
	await t.throwsAsync(ledger.submit(authorize(ledger, card, 2n, 'conflict'), writer), {
		instanceOf: OverloadedError,
	});

	t.deepEqual(words([await ledger.submit(authorize(ledger, card, 3n, 'other'))]), ['3']);
	t.deepEqual(await balances(own, card), [97n, 3n, 2n]);
});

// Goal: a real deadlock, which sorted locks alone cannot exclude, because an administrator locks as he likes. Method: he
// holds something and waits for the card of a batch; then the batch waits for what he holds. Its connection looks for
// deadlocks soon and his does late, so that the batch is the one that PostgreSQL ends.
test('a batch that loses a deadlock runs again', async t => {
	const own = await withDatabase(t);
	const administrator = await connect(t, own.superuserUrl);
	await administrator.query(
		`ALTER DATABASE ${new URL(own.url).pathname.slice(1)} SET deadlock_timeout = '10ms'`,
	);
	await administrator.query(`SET deadlock_timeout = '1min'`);
	const hasty = await openDatabase(own.url, {purpose: 'writer', patienceMs});
	t.teardown(() => hasty.close());
	const ledger = await openTestLedger(own);
	const card = await ledger.issue({amount: 100n});
	let crossing: Promise<unknown> | undefined;
	const prisma = beforeStatements(hasty.prisma, async (sql, tx) => {
		if (isWrite(sql) && crossing === undefined) {
			await administrator.query('BEGIN');
			await administrator.query('SELECT pg_advisory_xact_lock(1)');
			crossing = administrator.query('SELECT FROM cards WHERE id = $1 FOR UPDATE', [card.cardId]);
			await until('the administrator waits for the card', () => hasWaiting(own));
			await tx.$queryRawUnsafe(`SELECT set_config('lock_timeout', '10s', true)`);
			await tx.$queryRawUnsafe('SELECT pg_advisory_xact_lock(1)::text');
		}
	});
	const told: Told = [];
	const writer = ledger.openWriter({}, {prisma, onFailure: tell(told)});

	const outcome = ledger.submit(authorize(ledger, card, 1n, 'a'), writer);
	await until('the batch has lost', () => told.length > 0);
	await crossing;
	await administrator.query('COMMIT');

	t.deepEqual(words([await outcome]), ['1']);
	t.deepEqual(told, [{what: 'A batch of 1 commands runs again', state: '40P01'}]);
	t.deepEqual(await balances(own, card), [99n, 1n, 2n]);
	await assertAuditClean(t, own);
});

async function hasWaiting({general}: TestDatabase): Promise<boolean> {
	const {rowCount} = await general.pool.query(
		'SELECT FROM pg_stat_activity WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0',
	);
	return rowCount === 1;
}

test('a batch for which no transaction could be begun in time runs again', async t => {
	const own = await withDatabase(t);
	const ledger = await openTestLedger(own);
	const card = await ledger.issue({amount: 100n});
	const told: string[] = [];
	let failures = 2;
	const prisma = aroundTransactions(own.writer.prisma, async run => {
		if (failures-- > 0) {
			// As Prisma says it.
			throw Object.assign(new Error('Unable to start a transaction in the given time.'), {code: 'P2028'});
		}

		return run();
	});
	const writer = ledger.openWriter({}, {prisma, onFailure: (_error, what) => told.push(what)});

	t.deepEqual(words([await ledger.submit(authorize(ledger, card, 1n, 'a'), writer)]), ['1']);
	t.deepEqual(told, Array<string>(2).fill('A batch of 1 commands runs again'));
});
