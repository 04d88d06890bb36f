import test from 'ava';
import fc from 'fast-check';
import {type Head, verifySeals} from '../../src/ledger/verify.ts';
import {prepareForBlocks, readBlock} from '../../src/ledger/seal/block.ts';
import {beginning, columnsOf, type SealedEntry} from '../../src/ledger/seal/canonical.ts';
import {alterations, marksOf, readMarks} from '../../src/ledger/seal/marks.ts';
import {firstStride, placesAfter} from '../../src/ledger/seal/places.ts';
import {sealEntries} from '../../src/ledger/seal.ts';
import {sealEntries as job} from '../../src/jobs/seal-entries.ts';
import {openConnection} from '../../src/db/client.ts';
import {openIncarnation} from '../../src/ledger/incarnation.ts';
import {assertAuditClean, bookHealthyTraffic} from '../helpers/audit.ts';
import {type TestDatabase, withDatabase} from '../helpers/database.ts';
import {authorize, idOf, noon, openTestLedger} from '../helpers/ledger.ts';
import {cancel, pay} from '../helpers/payment-commands.ts';
import {asIntruder, sealAll} from '../helpers/seals.ts';

const verify = async ({general: {prisma}}: TestDatabase, merchantId: number, options = {}) =>
	verifySeals(prisma, merchantId, options);

const headOf = (text: string): Head => {
	const [number = '', hash = ''] = text.split(':');
	return {number: Number(number), hash};
};

test('whatever was done is sealed in blocks of bounded size, in one chain for each merchant, and is found as it was', async t => {
	const database = await withDatabase(t);
	const ledger = await openTestLedger(database);
	const other = await openTestLedger(database, 'other shop');
	await bookHealthyTraffic(ledger);
	await other.issue();

	const head = await sealAll(database, ledger.merchant.id);
	await sealAll(database, other.merchant.id);

	const {rows} = await database.general.pool.query<{merchant: number; seals: string; most: number}>(
		'SELECT merchant_id AS merchant, count(*) AS seals, max(entries) AS most FROM seals GROUP BY 1 ORDER BY 1',
	);
	t.true(Number(rows[0]?.seals) > 5);
	t.is(rows[0]?.most, 7);
	t.like(rows[1], {seals: '1', most: 1});
	t.like(await verify(database, 1), {ok: true, head, unsealed: 0, findings: []});
	t.like(await verify(database, 2), {ok: true, seals: 1, entries: 1});

	for (let card = 0; card < 10; card++) {
		await ledger.issue();
	}

	t.is((await verify(database, 1)).unsealed, 10);
	const later = await sealAll(database, 1, 1000);
	t.true(headOf(later).number > headOf(head).number);
	t.like(await verify(database, 1, {from: headOf(head)}), {ok: true, head: later, unsealed: 0});
	t.like(await verify(database, 1, {kept: headOf(head)}), {ok: true, head: later});
	await assertAuditClean(t, database);
});

test('the command of an entry is not looked for among those of all others', async t => {
	const {general} = await withDatabase(t);
	const plans: string[] = [];
	await general.prisma.$transaction(async tx => {
		await prepareForBlocks(tx);
		const explain = async (sql: string, ...values: unknown[]) => {
			plans.push(JSON.stringify(await tx.$queryRawUnsafe(`EXPLAIN (FORMAT JSON) ${sql}`, ...values)));
			return [];
		};
		const explaining = {$queryRawUnsafe: explain} as unknown as typeof tx;
		const to = {...beginning, incarnation: 1};
		await readBlock(explaining, 1, beginning, beginning);
		await readBlock(explaining, 1, {...to, xid: '5'}, {...to, xid: '9'});
		await readBlock(explaining, 1, beginning, to);
	});

	t.is(plans.length, 3);
	for (const plan of plans) {
		t.regex(plan, /"Node Type":"(?:Hash|Merge) ?Join"/);
		t.notRegex(plan, /"Node Type":"Nested Loop"/);
	}
});

test('a stranger who knows the canonical form finds the same hash with nothing but SQL', async t => {
	const database = await withDatabase(t);
	const ledger = await openTestLedger(database);
	const card = await ledger.issue({amount: 50_00n});
	await ledger.submit(authorize(ledger, card, 60_00n, 'refused'));
	await ledger.submit(authorize(ledger, card, 20_00n, 'a "key" and more'));
	await sealAll(database, 1, 100);

	const at = (column: string) => `(extract(epoch FROM ${column}) * 1000)::bigint`;
	const {rows} = await database.general.pool.query<{stored: string; computed: string}>(
		`WITH line AS (
			SELECT 0 AS place, 0::numeric AS xid, NULL::uuid AS id, 1 AS part, '' AS of,
				format('seal 1 %s %s %s %s %s %s %s %s %s %s %s', merchant_id, number, encode(previous, 'hex'), from_incarnation, from_xid,
					from_entry, to_incarnation, to_xid, to_entry, entries, ${at('sealed_at')}) AS line FROM seals
			UNION ALL
			SELECT 1, xid::text::numeric, id, 1, '', format('entry %s %s %s %s %s %s %s %s %s %s', merchant_id, id, kind, ${at('occurred_at')},
				${at('recorded_at')}, coalesce(answers::text, '-'), coalesce(operation_id::text, '-'), actor_id, incarnation, xid) FROM entries
			UNION ALL
			SELECT 1, xid::text::numeric, e.id, 2, to_char(account, '000') || to_char(card_id, '00000'),
				format('posting %s %s %s %s %s %s %s %s', p.merchant_id, entry_id, account, card_id, asset_id, amount,
					coalesce(balance_after::text, '-'), coalesce(version::text, '-')) FROM postings p JOIN entries e ON e.id = p.entry_id
			UNION ALL
			SELECT 1, xid::text::numeric, e.id, 3, lot_id::text, format('movement %s %s %s %s %s %s', m.merchant_id, entry_id, lot_id,
				coalesce(leg::text, '-'), remaining_delta, held_delta) FROM lot_movements m JOIN entries e ON e.id = m.entry_id
			UNION ALL
			SELECT 1, xid::text::numeric, e.id, 4, scope::text, format('command %s %s %s %s %s %s %s %s %s %s %s %s', c.merchant_id, scope, space,
				to_json(key), verb, amount, asset_id, '-', outcome_id, moved, ${at('decided_at')}, '-') FROM commands c JOIN entries e ON e.id = c.outcome_id
		)
		SELECT (SELECT encode(hash, 'hex') FROM seals) AS stored,
			encode(sha256(convert_to(string_agg(line || E'\\n', '' ORDER BY place, xid, id, part, of), 'UTF8')), 'hex') AS computed FROM line`,
	);

	t.is(rows[0]?.computed, rows[0]?.stored);
});

// Two processes may decide within one millisecond, and the seal come between them.
test('a repetition that moves nothing is not sealed, so that it may be decided in the millisecond of its entry and come later', async t => {
	const database = await withDatabase(t);
	const ledger = await openTestLedger(database);
	const {cardId} = await ledger.issue({amount: 30n});
	const cardIds = [cardId];
	const target = {
		paymentId: 'p',
		cardIds,
		holdId: idOf(await ledger.submit(pay(ledger, 'p', cardIds, 10n))),
	};
	const cancelled = await ledger.submit(cancel(ledger, target, 'c1'));
	const head = await sealAll(database, 1);

	const again = await ledger.submit(cancel(ledger, target, 'c2'));

	t.is(idOf(again), idOf(cancelled));
	t.like(await verify(database, 1), {ok: true, head, unsealed: 0, findings: []});
});

test('of two who seal at once one does it, and the other does not wait', async t => {
	const database = await withDatabase(t);
	const ledger = await openTestLedger(database);
	await ledger.issue();
	const {prisma} = database.general;
	await openIncarnation(prisma);
	const whileTaken = async () =>
		prisma.$transaction(async tx => {
			const {tryLockName} = await import('../../src/db/named-lock.ts');
			t.true(await tryLockName(tx, 'seals 1'));
			return sealEntries(prisma, 1, {clock: () => noon});
		});
	t.like(await whileTaken(), {isTaken: true, seals: 0, head: undefined});

	const both = await Promise.all(
		[1, 2, 3].map(async () => sealEntries(prisma, 1, {clock: () => noon, blockMax: 1})),
	);
	t.true(both.reduce((sum, {entries}) => sum + entries, 0) <= 1);
	await sealAll(database, 1);
	const {head, ...verified} = await verify(database, 1);
	t.like(verified, {ok: true, seals: 1, entries: 1});
	t.like(await whileTaken(), {isTaken: true, seals: 0, head}, 'the head that there is');
});

test('nothing is sealed past the oldest transaction under way, and what that writes is sealed when it has ended', async t => {
	const database = await withDatabase(t);
	const ledger = await openTestLedger(database);
	await ledger.issue();
	await sealAll(database, 1);
	const slow = await openConnection(database.url, 'slow');
	await slow.query('BEGIN; SELECT pg_current_xact_id()');
	await ledger.issue();
	await ledger.issue();

	t.like(await sealEntries(database.general.prisma, 1, {clock: () => noon}), {seals: 0, entries: 0});
	t.like(await verify(database, 1), {ok: true, unsealed: 2});
	await slow.query(
		`INSERT INTO entries (merchant_id, id, kind, occurred_at, recorded_at, actor_id)
			VALUES (1, '00000000-0000-7000-8000-00000000abcd', 11, now(), now(), ${ledger.actorId});
		INSERT INTO postings (merchant_id, entry_id, account, asset_id, amount)
			SELECT 1, '00000000-0000-7000-8000-00000000abcd', account, ${ledger.assetId}, amount FROM (VALUES (20, 1), (40, -1)) v (account, amount);
		COMMIT`,
	);
	await slow.end();

	await sealAll(database, 1);
	t.like(await verify(database, 1), {ok: true, entries: 4, unsealed: 0});
});

test('what comes after thousands of transactions of others is found and sealed', async t => {
	const database = await withDatabase(t);
	const ledger = await openTestLedger(database);
	await ledger.issue();
	await sealAll(database, 1);
	await database.general.pool.query(`CREATE TEMP TABLE spent (n int); DO $$ BEGIN
		FOR n IN 1..${3n * firstStride} LOOP
			BEGIN INSERT INTO spent VALUES (n); EXCEPTION WHEN OTHERS THEN RAISE; END;
		END LOOP;
	END $$`);
	await ledger.issue();
	await ledger.issue();

	await sealAll(database, 1);
	t.like(await verify(database, 1), {ok: true, entries: 3, unsealed: 0});
});

test('among millions of entries to be sealed only the next are looked for', async t => {
	const asked: {from: string; until: bigint}[] = [];
	const crowded = (_sql: string, ...values: unknown[]) => {
		if (values.length === 0) {
			return Promise.resolve([{horizon: 5_000_000n}]);
		}

		const [, , after, , , until, most] = values as [number, number, string, string, number, bigint, number];
		asked.push({from: after, until});
		// Ten entries in each transaction.
		const first = BigInt(after) + 1n;
		const count = Math.min(most, 10 * Number(until - first));
		const nth = (n: number) => ({
			...{incarnation: 1, xid: String(first + BigInt(Math.floor(n / 10))), entryId: beginning.entryId},
		});
		return Promise.resolve(Array.from({length: count}, (_, n) => nth(n)));
	};
	const tx = {$queryRawUnsafe: crowded} as unknown as Parameters<typeof placesAfter>[0];
	const after = {...beginning, incarnation: 1, xid: '1000'};
	const question = {merchantId: 1, incarnation: 1, most: 5000};
	const {places, stride} = await placesAfter(tx, {...question, after, stride: firstStride});
	t.is(places.length, 5000);
	const [last = after] = places.slice(-1);
	await placesAfter(tx, {...question, after: last, stride});

	t.deepEqual(asked, [
		{from: '1000', until: 1000n + firstStride},
		{from: '1500', until: 2501n},
	]);
});

test('after a restore elsewhere the chain goes on in the new incarnation, where numbers begin anew', async t => {
	const database = await withDatabase(t);
	const ledger = await openTestLedger(database);
	await ledger.issue();
	await sealAll(database, 1);
	await ledger.issue();
	await asIntruder(database, async connection => {
		await connection.query(
			"UPDATE incarnations SET system_id = system_id + 1; UPDATE entries SET xid = '4294967296'::xid8 WHERE NOT EXISTS (SELECT FROM seals WHERE to_entry = id)",
		);
	});

	await openIncarnation(database.general.prisma);
	await ledger.issue();
	await sealAll(database, 1);

	t.like(await verify(database, 1), {ok: true, entries: 3, unsealed: 0});
	const {rows} = await database.general.pool.query<{last: number}>(
		'SELECT max(to_incarnation) AS last FROM seals',
	);
	t.is(rows[0]?.last, 2);
});

test('the job seals every merchant, stops when it is asked to, and says where the role may not know its server', async t => {
	const database = await withDatabase(t);
	const {prisma} = database.general;
	for (const name of ['one', 'two']) {
		await (await openTestLedger(database, name)).issue();
	}

	const parts = {prisma, clock: () => noon} as Parameters<typeof job.runOnce>[0];
	const stopped = new AbortController();
	stopped.abort();
	t.deepEqual(await job.runOnce(parts, stopped.signal), {seals: 0, entries: 0});
	for (let seals = 0; seals < 2;) {
		seals += Number((await job.runOnce(parts))['seals']);
	}

	await database.asOwner(
		'CREATE OR REPLACE FUNCTION server_id() RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT NULL::bigint $$',
	);
	t.deepEqual(await job.runOnce(parts), {seals: 0, entries: 0, barred: 2});
});

// The pure parts.

const line = fc.string({minLength: 1});
const entryOf = fc.record({
	id: fc.uuid(),
	entries: fc.tuple(line),
	postings: fc.uniqueArray(line, {maxLength: 4}),
	lot_movements: fc.uniqueArray(line, {maxLength: 4}),
	commands: fc.uniqueArray(line, {maxLength: 2}),
});
const blockOf = fc.uniqueArray(entryOf, {selector: ({id}) => id, minLength: 1, maxLength: 6});

test('marks are read as they were written, and find nothing where nothing was altered', t => {
	fc.assert(
		fc.property(blockOf, block => {
			const marked = readMarks(marksOf(block));
			t.deepEqual(
				marked?.map(({id}) => id),
				block.map(({id}) => id),
			);
			t.deepEqual(alterations(marked ?? [], block), []);
		}),
	);
});

test('whichever row is altered, added or taken away, its marks name the table and the entry, and nothing else', t => {
	const tables = ['entries', 'postings', 'lot_movements', 'commands'] as const;
	fc.assert(
		fc.property(blockOf, fc.nat(), fc.nat(), fc.constantFrom(...tables), (block, which, row, table) => {
			const marked = readMarks(marksOf(block)) ?? [];
			const index = which % block.length;
			const entry = block[index] as SealedEntry;
			const lines = entry[table];
			const alter = (altered: readonly string[]) =>
				alterations(marked, block.with(index, {...entry, [table]: altered} as never)).map(one => [
					one.table,
					one.entryId,
					one.what,
				]);
			t.deepEqual(alter([...lines, 'a new line']), [[table, entry.id, 'added']]);
			if (lines.length > 0) {
				t.deepEqual(alter(lines.with(row % lines.length, 'another line')), [[table, entry.id, 'changed']]);
				t.deepEqual(alter(lines.toSpliced(row % lines.length, 1)), [[table, entry.id, 'gone']]);
			}

			t.deepEqual(alterations(marked, block.toSpliced(index, 1)), [
				{table: 'entries', entryId: entry.id, what: 'gone'},
			]);
		}),
	);
});

test('bytes that are no marks are told from marks', t => {
	const [marks] = fc.sample(blockOf, {numRuns: 1, seed: 1}).map(marksOf);
	t.is(readMarks((marks ?? Buffer.alloc(9)).subarray(0, -1)), undefined);
	t.is(readMarks(Buffer.alloc(5)), undefined);
	t.is(readMarks(Buffer.alloc(22, 255)), undefined);
});

test('a key with spaces and quotes is one column of its line', t => {
	const columns = columnsOf('commands', 'command 1 s 2 "a \\"key\\" -" 3 4 5 - o 6 7 -');
	t.like(columns, {scope: 's', space: '2', key: '"a \\"key\\" -"', verb: '3', refusal: '-', run_id: '-'});
});
