import {randomUUID} from 'node:crypto';
import test, {type ExecutionContext} from 'ava';
import fc from 'fast-check';
import type pg from 'pg';
import {openConnection} from '../../src/db/client.ts';
import {openIncarnation, readIncarnation} from '../../src/ledger/incarnation.ts';
import {advanceSnapshots, type HouseBalance, houseBalances} from '../../src/ledger/snapshot.ts';
import {audit} from '../../src/ledger/audit.ts';
import {houseChecks} from '../../src/ledger/audit/house-checks.ts';
import {assertAuditClean, bookHealthyTraffic, takeWholeSnapshot} from '../helpers/audit.ts';
import {openTestDatabase, type TestDatabase, withDatabase} from '../helpers/database.ts';
import {authorize, capture, idOf, openTestLedger, type TestLedger} from '../helpers/ledger.ts';
import {until} from '../helpers/until.ts';

/** What the reports read: one moment. */
async function balances({general: {prisma}}: TestDatabase, merchantId: number): Promise<HouseBalance[]> {
	return prisma.$transaction(tx => houseBalances(tx, merchantId), {isolationLevel: 'RepeatableRead'});
}

/** The same from all of history. */
async function sums({general: {pool}}: TestDatabase, merchantId: number): Promise<unknown[]> {
	const {rows} = await pool.query<{account: number; asset: number; balance: string}>(
		`SELECT account, asset_id AS asset, sum(amount)::text AS balance FROM postings
		WHERE merchant_id = $1 AND card_id = 0 GROUP BY 1, 2 ORDER BY 2, 1`,
		[merchantId],
	);
	return rows.map(({asset, balance}) => [asset, BigInt(balance)]);
}

async function assertEqual(t: ExecutionContext, database: TestDatabase, merchantId: number): Promise<void> {
	t.deepEqual(
		(await balances(database, merchantId)).map(({assetId, balance}) => [assetId, balance]),
		await sums(database, merchantId),
	);
}

/** What a scribe writes has no command; of its books the house accounts are right. */
async function assertHouseRight(t: ExecutionContext, {general: {prisma}}: TestDatabase): Promise<void> {
	const {checks} = await audit(prisma);
	const names = houseChecks.map(({name}) => name);
	t.deepEqual(
		checks.filter(({name, ok}) => ok && names.includes(name)).map(({name}) => name),
		names,
	);
}

/** Somebody who writes entries by hand and commits when the test says so. */
type Scribe = {
	readonly write: (amount: bigint) => Promise<void>;
	readonly end: (how: 'COMMIT' | 'ROLLBACK') => Promise<void>;
};

async function openScribe(database: TestDatabase, {merchant, assetId, actorId}: TestLedger): Promise<Scribe> {
	const connection = await openConnection(database.url, 'scribe');
	await connection.query('BEGIN; SELECT pg_current_xact_id()');
	return {
		async write(amount) {
			const id = randomUUID();
			await connection.query(
				`INSERT INTO entries (merchant_id, id, kind, occurred_at, recorded_at, actor_id)
				VALUES ($1, $2, 11, now(), now(), $3)`,
				[merchant.id, id, actorId],
			);
			await connection.query(
				`INSERT INTO postings (merchant_id, entry_id, account, asset_id, amount)
				VALUES ($1, $2, 20, $3, $4), ($1, $2, 40, $3, -$4::bigint)`,
				[merchant.id, id, assetId, amount],
			);
		},
		async end(how) {
			await connection.query(how);
			await connection.end();
		},
	};
}

/** As after a restore elsewhere: what was numbered here was numbered by another server. */
async function moveElsewhere({superuserUrl}: TestDatabase): Promise<void> {
	await asSuperuser(superuserUrl, connection =>
		connection.query(
			'SET session_replication_role = replica; UPDATE incarnations SET system_id = system_id + 1',
		),
	);
}

async function asSuperuser(url: string, work: (connection: pg.Client) => Promise<unknown>): Promise<void> {
	const connection = await openConnection(url, 'monedero tests');
	try {
		await work(connection);
	} finally {
		await connection.end();
	}
}

test('snapshot and tail are the full sum, before the first snapshot, right after one, and with every verb behind it', async t => {
	const database = await withDatabase(t);
	const {prisma} = database.general;
	const ledger = await openTestLedger(database);
	const other = await openTestLedger(database, 'other shop');
	await other.issue();
	t.deepEqual(await balances(database, ledger.merchant.id), []);

	await ledger.issue({amount: 5_00n});
	await assertEqual(t, database, ledger.merchant.id);
	t.true((await advanceSnapshots(prisma, ledger.merchant.id)).isAnew);
	t.deepEqual(await balances(database, ledger.merchant.id), [
		{account: 'fundingSold', assetId: ledger.assetId, balance: -5_00n},
	]);
	t.false((await advanceSnapshots(prisma, ledger.merchant.id)).isAnew);
	await bookHealthyTraffic(ledger);
	await assertEqual(t, database, ledger.merchant.id);
	await advanceSnapshots(prisma, ledger.merchant.id);
	await assertEqual(t, database, ledger.merchant.id);
	await assertEqual(t, database, other.merchant.id);
	await assertAuditClean(t, database);
});

test('an entry whose transaction began before a snapshot and commits after it is not lost, nor is one that is rolled back counted', async t => {
	const database = await withDatabase(t);
	const {prisma} = database.general;
	const ledger = await openTestLedger(database);
	const {id} = ledger.merchant;
	const [late, never] = [await openScribe(database, ledger), await openScribe(database, ledger)];
	await late.write(7n);
	await never.write(1000n);
	// Numbered later, and committed at once.
	await ledger.issue({amount: 3_00n});

	await advanceSnapshots(prisma, id);
	await assertEqual(t, database, id);
	await late.end('COMMIT');
	await never.end('ROLLBACK');

	await assertEqual(t, database, id);
	t.deepEqual(
		(await balances(database, id)).map(({account, balance}) => [account, balance]),
		[
			['fundingSold', -3_00n],
			['redeemed', 7n],
			['adjustment', -7n],
		],
	);
	await advanceSnapshots(prisma, id);
	await assertEqual(t, database, id);
	await assertHouseRight(t, database);
});

test('once no older transaction is under way, the snapshot has everything and the tail is empty', async t => {
	const database = await withDatabase(t);
	const {prisma} = database.general;
	const ledger = await openTestLedger(database);
	const {id} = ledger.merchant;
	await bookHealthyTraffic(ledger);

	await takeWholeSnapshot(prisma, id);

	const stored = await prisma.houseSnapshot.findMany({orderBy: [{assetId: 'asc'}, {account: 'asc'}]});
	t.deepEqual(
		stored.map(({assetId, balance}) => [assetId, balance]),
		await sums(database, id),
	);
	t.true(stored.length > 5);
});

test('however writers begin, commit, give up and cross with snapshots, snapshot and tail are the full sum', async t => {
	const database = await openTestDatabase();
	const {prisma} = database.general;
	const ledger = await openTestLedger(database);
	const {id} = ledger.merchant;
	const step = fc.oneof(
		fc.record({do: fc.constant('begin' as const)}),
		fc.record({do: fc.constant('write' as const), who: fc.nat(9), amount: fc.integer({min: 1, max: 99})}),
		fc.record({do: fc.constantFrom('COMMIT' as const, 'ROLLBACK' as const), who: fc.nat(9)}),
		fc.record({do: fc.constant('snapshot' as const)}),
		fc.record({do: fc.constant('restore' as const)}),
	);
	try {
		await fc.assert(
			fc.asyncProperty(fc.array(step, {minLength: 4, maxLength: 25}), async steps => {
				const scribes: Scribe[] = [];
				const chosen = (who: number) => scribes[who % Math.max(1, scribes.length)];
				try {
					for (const one of steps) {
						if (one.do === 'begin' && scribes.length < 5) {
							scribes.push(await openScribe(database, ledger));
						} else if (one.do === 'write') {
							await chosen(one.who)?.write(BigInt(one.amount));
						} else if (one.do === 'COMMIT' || one.do === 'ROLLBACK') {
							const scribe = chosen(one.who);
							scribes.splice(0, scribes.length, ...scribes.filter(other => other !== scribe));
							await scribe?.end(one.do);
						} else if (one.do === 'snapshot') {
							// Whoever finds no incarnation would wait for the scribes.
							if (scribes.length === 0 || (await readIncarnation(prisma)) !== null) {
								await advanceSnapshots(prisma, id);
							}
						} else if (one.do === 'restore' && scribes.length === 0) {
							await moveElsewhere(database);
						}

						await assertEqual(t, database, id);
					}
				} finally {
					await Promise.all(scribes.map(scribe => scribe.end('COMMIT')));
				}

				await assertEqual(t, database, id);
			}),
			{numRuns: 15, seed: 5, includeErrorInReport: true},
		);
		await assertHouseRight(t, database);
	} finally {
		await database.close();
	}
});

test('beside traffic, and beside each other, snapshots are right at every moment', async t => {
	const database = await withDatabase(t);
	const {prisma} = database.general;
	const ledger = await openTestLedger(database);
	const {id} = ledger.merchant;
	const cards = await Promise.all(Array.from({length: 6}, () => ledger.issue({amount: 10_000_00n})));
	const second = ledger.openWriter();
	let isOver = false;
	const traffic = cards.map(async (card, index) => {
		for (let round = 0; !isOver; round++) {
			const by = index % 2 === 0 ? ledger.writer : second;
			const hold = idOf(await ledger.submit(authorize(ledger, card, 2n, `r${round}`), by));
			await ledger.submit(capture(ledger, card, hold, 1n, 's'), by);
		}
	});
	for (let round = 0; round < 20; round++) {
		await Promise.all([advanceSnapshots(prisma, id), advanceSnapshots(prisma, id)]);
		const [read, full] = await prisma.$transaction(
			async tx => [
				await houseBalances(tx, id),
				await tx.$queryRaw<[{sum: string | null}]>`
					SELECT sum(amount)::text AS sum FROM postings WHERE merchant_id = ${id} AND account = 20`,
			],
			{isolationLevel: 'RepeatableRead'},
		);
		const redeemed = read.find(({account}) => account === 'redeemed')?.balance ?? 0n;
		t.is(redeemed, BigInt(full[0].sum ?? 0));
	}

	isOver = true;
	await Promise.all(traffic);
	await assertEqual(t, database, id);
	await assertAuditClean(t, database);
});

test('restored on another server, snapshots are passed over and begin anew, and entries name the new incarnation', async t => {
	const database = await withDatabase(t);
	const {prisma} = database.general;
	const ledger = await openTestLedger(database);
	const {id} = ledger.merchant;
	await ledger.issue({amount: 5_00n});
	await advanceSnapshots(prisma, id);
	// There its transactions had come much further than here: no new one will be above that horizon for years.
	await prisma.$executeRaw`UPDATE house_horizons SET horizon = 9000000000000000`;
	await moveElsewhere(database);
	t.is(await readIncarnation(prisma), null);

	// Before anybody has noticed.
	await ledger.issue({amount: 30_00n});
	await assertEqual(t, database, id);
	t.true((await advanceSnapshots(prisma, id)).isAnew);
	await ledger.issue({amount: 200_00n});
	await assertEqual(t, database, id);
	t.false((await advanceSnapshots(prisma, id)).isAnew);
	await assertEqual(t, database, id);

	const {rows} = await database.general.pool.query<{incarnation: number; entries: string}>(
		'SELECT incarnation, count(*) AS entries FROM entries GROUP BY 1 ORDER BY 1',
	);
	t.deepEqual(rows, [
		{incarnation: 1, entries: '2'},
		{incarnation: 2, entries: '1'},
	]);
	await assertAuditClean(t, database);
});

test('an incarnation of another server does not count here, whatever its horizons are', async t => {
	const database = await withDatabase(t);
	const {prisma} = database.general;

	t.is(await readIncarnation(prisma), 1);
	await moveElsewhere(database);
	t.is(await readIncarnation(prisma), null);
});

test('an incarnation is opened once, however many processes find it missing, and no entry of the old one comes after it', async t => {
	const database = await withDatabase(t);
	const {prisma} = database.general;
	const ledger = await openTestLedger(database);
	const scribe = await openScribe(database, ledger);
	await scribe.write(5n);
	await moveElsewhere(database);

	const opening = Promise.all(Array.from({length: 3}, async () => openIncarnation(prisma, 60_000)));
	await until('all wait for whoever has written in the old one', async () => {
		const {rows} = await database.general.pool.query<{waiting: number}>(
			`SELECT count(*)::int AS waiting FROM pg_locks
			WHERE NOT granted AND relation = 'entries'::regclass AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
		);
		return rows[0]?.waiting === 3;
	});

	await scribe.end('COMMIT');
	t.deepEqual(await opening, [2, 2, 2]);
	t.is(await readIncarnation(prisma), 2);
	t.is(await openIncarnation(prisma), 2);
});

test('a horizon above all transactions of this server is not believed', async t => {
	const database = await withDatabase(t);
	const {prisma} = database.general;
	const ledger = await openTestLedger(database);
	const {id} = ledger.merchant;
	await ledger.issue();
	await advanceSnapshots(prisma, id);
	await prisma.$executeRaw`UPDATE house_horizons SET horizon = 9000000000000000`;
	await ledger.issue();

	await assertEqual(t, database, id);
	t.true((await advanceSnapshots(prisma, id)).isAnew);
	await assertEqual(t, database, id);
});

test('where the role may not know its server, nothing fails: balances are added up from all of history', async t => {
	const database = await withDatabase(t);
	const {prisma} = database.general;
	const ledger = await openTestLedger(database);
	const {id} = ledger.merchant;
	await ledger.issue({amount: 5_00n});
	await takeWholeSnapshot(prisma, id);
	await ledger.issue({amount: 7_00n});
	const superuser = await openConnection(database.superuserUrl, t.title);
	t.teardown(() => superuser.end());
	await superuser.query('REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC');
	await t.throwsAsync(database.general.pool.query('SELECT FROM pg_control_system()'), {code: '42501'});

	t.is(await readIncarnation(prisma), null);
	t.is(await openIncarnation(prisma), null);
	t.deepEqual(await advanceSnapshots(prisma, id), {isAnew: false, accounts: 0, isBarred: true});
	await assertEqual(t, database, id);
	await assertAuditClean(t, database);

	// What was written meanwhile is found when it may again.
	await ledger.issue({amount: 9_00n});
	await superuser.query('GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC');
	await assertEqual(t, database, id);
	t.false((await advanceSnapshots(prisma, id)).isAnew);
	await assertEqual(t, database, id);
});
