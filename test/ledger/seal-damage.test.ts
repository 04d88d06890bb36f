import anyTest, {type TestFn} from 'ava';
import {forms, type SealedTable, sealedTables} from '../../src/ledger/seal/canonical.ts';
import {type Verification, verifySeals} from '../../src/ledger/verify.ts';
import {bookHealthyTraffic} from '../helpers/audit.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {openTestLedger} from '../helpers/ledger.ts';
import {asIntruder, dropChecks, sealAll, sealedRows, whileChanged} from '../helpers/seals.ts';

/*
 * Whoever may do anything to the database may pass every trigger. Here somebody alters the journal that way, column by column as the
 * catalog lists them, and the seals have to tell which row it was.
 */

const test = anyTest as TestFn<TestDatabase>;

test.before(async t => {
	const database = await openTestDatabase();
	await bookHealthyTraffic(await openTestLedger(database));
	await openTestLedger(database, 'other shop');
	await sealAll(database, 1);
	await dropChecks(database);
	t.context = database;
});

test.after.always(async t => t.context.close());

/** Columns that no seal covers, as `table.column`, each with the reason why. */
const unsealed: Readonly<Record<string, string>> = {};

type Column = {readonly table: SealedTable; readonly name: string; readonly type: string};

async function columnsOf({general: {pool}}: TestDatabase): Promise<Column[]> {
	const {rows} = await pool.query<Column>(
		`SELECT table_name AS table, column_name AS name, data_type AS type FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name = ANY ($1) ORDER BY table_name, ordinal_position`,
		[sealedTables],
	);
	return rows;
}

/** Another value of a type; a null becomes one too. */
function otherValue({name, type}: Column): string {
	switch (type) {
		case 'uuid':
			return `'00000000-0000-7000-8000-00000000beef'`;
		case 'text':
			return `coalesce(${name}, '') || 'x'`;
		case 'timestamp with time zone':
			return `${name} + interval '1 millisecond'`;
		case 'xid8':
			return `'3'::xid8`;
		default:
			return `coalesce(${name}, 0) + 61`;
	}
}

const verify = async ({general: {prisma}}: TestDatabase, options = {}): Promise<Verification> =>
	verifySeals(prisma, 1, options);

test.serial('every column of what is sealed is in the canonical form, or left out for a reason', async t => {
	const columns = await columnsOf(t.context);
	const covered = sealedTables.flatMap(table => forms[table].columns.map(name => `${table}.${name}`));
	t.deepEqual(
		columns.map(({table, name}) => `${table}.${name}`).toSorted(),
		[...covered, ...Object.keys(unsealed)].toSorted(),
		'A new column has to be sealed by a form of its own number, or listed here with a reason.',
	);
});

test.serial('nobody can alter a column of the journal without being found, and the row is named', async t => {
	for (const column of await columnsOf(t.context)) {
		const {table, name} = column;
		const {rows} = await t.context.general.pool.query<{row: string; entry: string}>(
			`SELECT "row"::text, entry FROM (${sealedRows(table)}) sealed WHERE merchant_id = 1
			ORDER BY ${name} IS NULL, md5(sealed::text) LIMIT 1`,
		);
		const [{row, entry}] = rows as [{row: string; entry: string}];
		const change = {table, row, set: `${name} = ${otherValue(column)}`};

		const {ok, findings} = await whileChanged(t.context, change, () => verify(t.context));

		t.false(ok, `${table}.${name}`);
		t.true(
			findings.some(finding => finding.table === table && finding['entry'] === entry),
			`${table}.${name}: ${JSON.stringify(findings)}`,
		);
	}

	t.like(await verify(t.context), {ok: true, findings: []});
});

test.serial('nobody can alter a column of a seal without being found, and the seal is named', async t => {
	const {rows} = await t.context.general.pool.query<{name: string; type: string}>(
		`SELECT column_name AS name, data_type AS type FROM information_schema.columns WHERE table_name = 'seals'`,
	);
	t.is(rows.length, 13);
	for (const {name, type} of rows) {
		const {rows: found} = await t.context.general.pool.query<{row: string}>(
			'SELECT ctid::text AS row FROM seals WHERE merchant_id = 1 AND number = 3',
		);
		const value =
			type === 'bytea'
				? `set_byte(${name}, 20, 255 - get_byte(${name}, 20))`
				: otherValue({table: 'entries', name, type});
		const change = {table: 'seals', row: found[0]?.row ?? '', set: `${name} = ${value}`};

		const {ok, findings} = await whileChanged(t.context, change, () => verify(t.context));

		t.false(ok, name);
		t.true(
			findings.some(
				({table, seal, problem}) => table === 'seals' && ([3, 4].includes(seal) || problem.includes('3')),
			),
			`${name}: ${JSON.stringify(findings)}`,
		);
	}

	t.true((await verify(t.context)).ok);
});

/** What an intruder does in a transaction that is rolled back would not be seen; so it is done, and undone by what it says. */
async function whileDone(database: TestDatabase, doing: string, undoing: string): Promise<Verification> {
	return asIntruder(database, async connection => {
		await connection.query(doing);
		try {
			return await verify(database);
		} finally {
			await connection.query(undoing);
		}
	});
}

for (const table of sealedTables) {
	test.serial(`a row that was removed from ${table} is missed, and its entry is named`, async t => {
		const {rows} = await t.context.general.pool.query<{row: string; entry: string; image: string}>(
			`SELECT "row"::text, entry, (SELECT row_to_json(t)::text FROM ${table} t WHERE t.ctid = sealed."row") AS image
			FROM (${sealedRows(table)}) sealed WHERE merchant_id = 1 ORDER BY md5(sealed::text) LIMIT 1`,
		);
		const [{row, entry, image}] = rows as [{row: string; entry: string; image: string}];

		const {findings} = await whileDone(
			t.context,
			`DELETE FROM ${table} WHERE ctid = '${row}'`,
			`INSERT INTO ${table} SELECT * FROM json_populate_record(NULL::${table}, '${image.replaceAll("'", "''")}')`,
		);

		t.is(findings.length, 1);
		t.like(findings[0], {table, entry});
		t.regex(findings[0]?.problem ?? '', /is gone/);
	});
}

const late = '00000000-0000-7000-8000-00000000abcd';

test.serial(
	'an entry that is put among sealed ones later, with a number of theirs, is found and named',
	async t => {
		const {findings} = await whileDone(
			t.context,
			`INSERT INTO entries (merchant_id, id, kind, occurred_at, recorded_at, actor_id, xid)
			SELECT 1, '${late}', kind, occurred_at, recorded_at, actor_id, xid FROM entries WHERE id = (SELECT to_entry FROM seals WHERE merchant_id = 1 AND number = 2)`,
			`DELETE FROM entries WHERE id = '${late}'`,
		);

		t.like(findings[0], {table: 'entries', entry: late});
		t.regex(findings[0]?.problem ?? '', /This entry was not there when its time was sealed/);
	},
);

test.serial(
	'a posting, a movement and a command that are added to a sealed entry are found and named',
	async t => {
		const {rows} = await t.context.general.pool.query<{entry: string}>(
			'SELECT e.id AS entry FROM entries e WHERE merchant_id = 1 AND kind = 3 ORDER BY id LIMIT 1',
		);
		const entry = rows[0]?.entry ?? '';
		const {findings} = await whileDone(
			t.context,
			`INSERT INTO postings (merchant_id, entry_id, account, asset_id, amount) VALUES (1, '${entry}', 59, 1, 1);
		INSERT INTO lot_movements (merchant_id, entry_id, lot_id, remaining_delta, held_delta) VALUES (1, '${entry}', '${late}', 1, 1);
		INSERT INTO commands (merchant_id, scope, space, key, verb, amount, asset_id, outcome_id, moved, decided_at)
			SELECT 1, '${late}', 1, 'a "key" with words', 1, 1, 1, id, 1, recorded_at FROM entries WHERE id = '${entry}'`,
			`DELETE FROM postings WHERE account = 59; DELETE FROM lot_movements WHERE lot_id = '${late}'; DELETE FROM commands WHERE scope = '${late}'`,
		);

		t.deepEqual(
			findings.map(({table, entry: of}) => [table, of]),
			[
				['postings', entry],
				['lot_movements', entry],
				['commands', entry],
			],
		);
		t.like(findings[2], {scope: late, space: '1', key: '"a \\"key\\" with words"'});
	},
);

test.serial('a seal that was removed is missed, and so are two that changed places', async t => {
	const {findings: gone} = await whileDone(
		t.context,
		'CREATE TABLE removed AS SELECT * FROM seals WHERE merchant_id = 1 AND number = 2; DELETE FROM seals WHERE merchant_id = 1 AND number = 2',
		'INSERT INTO seals SELECT * FROM removed; DROP TABLE removed',
	);
	t.is(gone[0]?.problem, 'Seal 2 is gone, before this one.');

	const swap = `UPDATE seals SET number = number + 1000 WHERE merchant_id = 1 AND number IN (2, 3);
		UPDATE seals SET number = CASE number WHEN 1002 THEN 3 ELSE 2 END WHERE merchant_id = 1 AND number > 1000`;
	const {findings: moved} = await whileDone(t.context, swap, swap);
	t.like(moved[0], {table: 'seals', seal: 2, problem: 'It does not follow from the seal before it.'});
	t.true((await verify(t.context)).ok);
});

test.serial(
	'seals that were cut off at the end, or made anew for another history, are found by a head that was kept',
	async t => {
		const {head} = await verify(t.context);
		const [number = '', hash = ''] = head?.split(':') ?? [];
		const kept = {number: Number(number), hash};
		t.true((await verify(t.context, {kept})).ok);
		t.like(await verify(t.context, {from: kept}), {ok: true, seals: 0, entries: 0, head});
		t.like(await verify(t.context, {from: {...kept, number: 2}}), {ok: false});

		const cut = await asIntruder(t.context, async connection => {
			await connection.query(
				'CREATE TABLE removed AS SELECT * FROM seals WHERE merchant_id = 1 AND number > 2; DELETE FROM seals WHERE merchant_id = 1 AND number > 2',
			);
			try {
				return [await verify(t.context), await verify(t.context, {kept})];
			} finally {
				await connection.query('INSERT INTO seals SELECT * FROM removed; DROP TABLE removed');
			}
		});
		t.like(cut[0], {ok: true, seals: 2});
		t.true((cut[0]?.unsealed ?? 0) > 0);
		t.regex(cut[1]?.findings[0]?.problem ?? '', /There is no seal \d+, and its hash was kept/);

		const other = {number: 2, hash: 'f'.repeat(64)};
		t.regex(
			(await verify(t.context, {kept: other})).findings[0]?.problem ?? '',
			/another hash than the one that was kept/,
		);
	},
);
