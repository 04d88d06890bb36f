import {once} from 'node:events';
import net from 'node:net';
import anyTest, {type TestFn} from 'ava';
import pg from 'pg';
import type {Prisma} from '../../src/db/client.ts';
import {constraintOf, isConnectionLost, isRetryable, sqlStateOf} from '../../src/db/sql-state.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';

const test = anyTest as TestFn<{database: TestDatabase}>;

test.before(async t => {
	// Several tests hold a connection while they need another one, and a deadlock takes a second: nobody here queues for a connection.
	t.context.database = await openTestDatabase({generalMax: 24});
	await t.context.database.asOwner(`
		CREATE TABLE probe (id integer PRIMARY KEY, amount integer CONSTRAINT probe_amount_check CHECK (amount >= 0));
		CREATE FUNCTION refuse_probe() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			RAISE EXCEPTION 'not here' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'probe_refused';
		END $$;
		CREATE TRIGGER probe_immutable BEFORE DELETE ON probe FOR EACH ROW EXECUTE FUNCTION refuse_probe();
		CREATE CONSTRAINT TRIGGER probe_late AFTER UPDATE ON probe DEFERRABLE INITIALLY DEFERRED
			FOR EACH ROW WHEN (NEW.amount = 13) EXECUTE FUNCTION refuse_probe();
		-- The tests run side by side and some hold a row for a while, so none shares a row with another.
		INSERT INTO probe SELECT id, 1 FROM generate_series(1, 7) AS id;
		GRANT ALL ON probe TO public;
	`);
});

test.after.always(async t => {
	await t.context.database.close();
});

type Prober = (database: TestDatabase) => Promise<unknown>;

const reads = test.macro<[probe: Prober, state: string, constraint?: string, retryable?: boolean]>({
	async exec(t, probe, state, constraint, retryable = false) {
		const error: unknown = await t.throwsAsync(probe(t.context.database), {any: true});

		t.is(sqlStateOf(error), state);
		t.is(constraintOf(error), constraint);
		t.is(isRetryable(error), retryable);
		t.false(isConnectionLost(error));
	},
	title: (given = '', _probe, state) => `${given} is read as ${state}`,
});

const merchant = {name: '', timeZone: 'UTC', currency: 'BRL'};

test('a unique violation of a model call', reads, twice, '23505', 'merchants_name_key');
test(
	'a CHECK violation of a model call',
	reads,
	({general}) => general.prisma.merchant.create({data: merchant}),
	'23514',
	'merchants_name_check',
);
test(
	'a CHECK violation of a raw call',
	reads,
	raw('INSERT INTO probe VALUES (8, -1)'),
	'23514',
	'probe_amount_check',
);
test(
	'a unique violation of a raw call',
	reads,
	raw('INSERT INTO probe VALUES (1, 1)'),
	'23505',
	'probe_pkey',
);
test(
	'the refusal of a trigger, dressed by Prisma as a foreign key',
	reads,
	raw('DELETE FROM probe WHERE id = 1'),
	'23001',
	'probe_refused',
);
test(
	'a refusal at COMMIT, which has no code of Prisma',
	reads,
	raw('UPDATE probe SET amount = 13 WHERE id = 2'),
	'23001',
	'probe_refused',
);
test(
	'a refusal at the COMMIT of an interactive transaction',
	reads,
	lateInTransaction,
	'23001',
	'probe_refused',
);
test(
	'a violation from pg itself',
	reads,
	({general}) => general.pool.query('INSERT INTO probe VALUES (8, -1)'),
	'23514',
	'probe_amount_check',
);
test('a serialization failure', reads, ({general}) => conflict(general.prisma), '40001', undefined, true);
test('a deadlock', reads, ({general}) => deadlock(general.pool), '40P01', undefined, true);
test('a lock that was not given in time', reads, waitForLock, '55P03', undefined);
test('a query that took too long', reads, tooLong, '57014', undefined);

test('an error without any SQLSTATE has none, and is not retried', t => {
	const circular = new Error('round');
	circular.cause = circular;

	for (const error of [
		new Error('other'),
		circular,
		undefined,
		null,
		'text',
		{code: 'P2025'},
		{code: 'ENOSPC'},
	]) {
		t.is(sqlStateOf(error), undefined);
		t.is(constraintOf(error), undefined);
		t.false(isRetryable(error));
		t.false(isConnectionLost(error));
	}
});

const loses = test.macro<[probe: Prober]>({
	async exec(t, probe) {
		const error: unknown = await t.throwsAsync(probe(t.context.database), {any: true});

		t.true(isConnectionLost(error));
		t.false(isRetryable(error));
	},
	title: (given = '') => `${given} is a lost connection`,
});

test('a session that was ended during a query', loses, async ({superuserUrl, general}) => {
	const sleeping = general.prisma.$queryRaw`SELECT pg_sleep(20) /* ended */::text`;
	await Promise.all([sleeping, endSessions(superuserUrl, '%ended%')]);
});
test('a session that was ended between two statements of a transaction', loses, endedBetween);
test('a session that was ended before COMMIT', loses, endedBeforeCommit);
test('a server that is not there', loses, async () => {
	const client = new pg.Client({connectionString: 'postgresql://nobody:x@127.0.0.1:1/none'});
	await client.connect();
});
test('a server that does not answer in time', loses, async () => {
	const silent = net.createServer().listen(0, '127.0.0.1');
	try {
		await once(silent, 'listening');
		const {port} = silent.address() as net.AddressInfo;
		const client = new pg.Client({host: '127.0.0.1', port, user: 'nobody', connectionTimeoutMillis: 50});
		await client.connect();
	} finally {
		silent.close();
	}
});
test('a socket that is not there', loses, async () => {
	const client = new pg.Client({host: '/nonexistent', user: 'nobody'});
	await client.connect();
});

function raw(statement: string): Prober {
	return ({general}) => general.prisma.$executeRawUnsafe(statement);
}

async function twice({general}: TestDatabase): Promise<void> {
	for (let round = 0; round < 2; round++) {
		await general.prisma.merchant.create({data: {...merchant, name: 'twice'}});
	}
}

function lateInTransaction({general}: TestDatabase): Promise<unknown> {
	return general.prisma.$transaction(tx => tx.$executeRaw`UPDATE probe SET amount = 13 WHERE id = 3`);
}

/** Two transactions that both saw the old row; the second one to write loses. */
function conflict(prisma: TestDatabase['general']['prisma']): Promise<unknown> {
	const isolationLevel = 'RepeatableRead';
	return prisma.$transaction(
		async tx => {
			await tx.$queryRaw`SELECT amount FROM probe`;
			await prisma.$executeRaw`UPDATE probe SET amount = amount + 1 WHERE id = 4`;
			await tx.$executeRaw`UPDATE probe SET amount = amount + 1 WHERE id = 4`;
		},
		{isolationLevel},
	);
}

/** Each holds what the other wants; PostgreSQL ends one of them, and both wait without a limit for their locks. */
async function deadlock(pool: pg.Pool): Promise<void> {
	const [first, second] = await Promise.all([pool.connect(), pool.connect()]);
	try {
		const lock = (client: pg.PoolClient, id: number) =>
			client.query('SELECT pg_advisory_xact_lock($1)', [id]);
		for (const client of [first, second]) {
			await client.query('BEGIN; SET LOCAL lock_timeout = 0');
		}

		await lock(first, 71);
		await lock(second, 72);
		await Promise.all([lock(first, 72), lock(second, 71)]);
	} finally {
		await Promise.allSettled([first.query('ROLLBACK'), second.query('ROLLBACK')]);
		first.release();
		second.release();
	}
}

function waitForLock({general: {prisma}}: TestDatabase): Promise<unknown> {
	return prisma.$transaction(async tx => {
		await tx.$executeRaw`SELECT FROM probe WHERE id = 5 FOR UPDATE`;
		await prisma.$executeRaw`SELECT FROM probe WHERE id = 5 FOR UPDATE`;
	});
}

function tooLong({general}: TestDatabase): Promise<unknown> {
	return general.prisma.$transaction(async tx => {
		await tx.$executeRaw`SET LOCAL statement_timeout = '20ms'`;
		await tx.$queryRaw`SELECT pg_sleep(20)::text`;
	});
}

function endedBetween({superuserUrl, general}: TestDatabase): Promise<unknown> {
	return general.prisma.$transaction(async tx => {
		await endSession(superuserUrl, tx);
		await tx.$executeRaw`UPDATE probe SET amount = 5 WHERE id = 6`;
	});
}

function endedBeforeCommit({superuserUrl, general}: TestDatabase): Promise<unknown> {
	return general.prisma.$transaction(async tx => {
		await tx.$executeRaw`UPDATE probe SET amount = 6 WHERE id = 7`;
		await endSession(superuserUrl, tx);
	});
}

async function endSession(superuserUrl: string, tx: Prisma.TransactionClient): Promise<void> {
	const [session] = await tx.$queryRaw<[{pid: number}]>`SELECT pg_backend_pid() AS pid`;
	await asSuperuser(superuserUrl, async client => {
		await client.query('SELECT pg_terminate_backend($1, 5000)', [session.pid]);
	});
}

/** Wait until a query of that text runs on this database, and end its session. The server is that of other files' tests too. */
async function endSessions(superuserUrl: string, text: string): Promise<void> {
	await asSuperuser(superuserUrl, async client => {
		for (let ended = 0; ended === 0;) {
			const {rowCount} = await client.query(
				`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
				 WHERE datname = current_database() AND query LIKE $1 AND state = 'active' AND pid <> pg_backend_pid()`,
				[text],
			);
			ended = rowCount ?? 0;
		}
	});
}

async function asSuperuser(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
	const client = new pg.Client({connectionString: url});
	await client.connect();
	try {
		await work(client);
	} finally {
		await client.end();
	}
}
