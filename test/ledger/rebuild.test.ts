import anyTest, {type TestFn} from 'ava';
import {openDatabase} from '../../src/db/client.ts';
import {type Difference, rebuild} from '../../src/ledger/rebuild.ts';
import {bookHealthyTraffic} from '../helpers/audit.ts';
import {openTestDatabase, type TestDatabase, withDatabase} from '../helpers/database.ts';
import {openTestLedger} from '../helpers/ledger.ts';
import {dropChecks, whileChanged} from '../helpers/seals.ts';

const test = anyTest as TestFn<TestDatabase>;

test.before(async t => {
	const database = await openTestDatabase();
	for (const name of ['shop', 'other shop']) {
		await bookHealthyTraffic(await openTestLedger(database, name));
	}

	await dropChecks(database);
	t.context = database;
});

test.after.always(async t => t.context.close());

test.serial('whatever was done, the journal makes of it what is stored', async t => {
	t.deepEqual(await rebuild(t.context.general.prisma), {found: 0, differences: []});
	t.deepEqual(await rebuild(t.context.general.prisma, {merchantId: 2}), {found: 0, differences: []});
});

test('empty books have no differences', async t => {
	const {general} = await withDatabase(t);
	t.deepEqual(await rebuild(general.prisma), {found: 0, differences: []});
});

test('a session that has had temporary tables before rebuilds as any other', async t => {
	const {url} = await withDatabase(t);
	const database = await openDatabase(url, {purpose: 'general', poolMax: 1});
	t.teardown(() => database.close());
	await database.pool.query('CREATE TEMPORARY TABLE former AS SELECT 1 AS one');

	t.deepEqual(await rebuild(database.prisma), {found: 0, differences: []});
});

/** Table, what is changed of its first row of a merchant, and the differences that tell of it. */
const damages: readonly (readonly [
	table: string,
	set: string,
	...told: (readonly [Difference['table'], string])[],
])[] = [
	['cards', 'available = available + 1', ['cards', 'available']],
	['cards', 'held = held + 1', ['cards', 'held']],
	['cards', 'debt = debt - 1', ['cards', 'debt']],
	['cards', 'version = version + 1', ['cards', 'version']],
	['lots', 'remaining = remaining + 1', ['lots', 'remaining']],
	['lots', 'held = held + 1', ['lots', 'held']],
	['lots', 'issued = issued + 1', ['lots', 'issued']],
	['lots', 'spent = NOT spent', ['lots', 'spent']],
	['hold_legs', 'captured = captured + 1', ['hold_legs', 'captured'], ['holds', 'captured']],
	['hold_legs', 'released = released + 1', ['hold_legs', 'released'], ['holds', 'released']],
	['hold_legs', 'refunded = refunded + 1', ['hold_legs', 'refunded'], ['holds', 'refunded']],
	['payments', 'value = value + 1', ['payments', 'value']],
];

for (const [table, set, ...told] of damages) {
	test.serial(`a changed row of ${table} is told from what the journal says: ${set}`, async t => {
		const isHeld = table === 'payments' ? 'AND hold_id IS NOT NULL' : '';
		const isPlain = table === 'hold_legs' ? 'AND rate_numerator IS NULL' : '';
		const {rows} = await t.context.general.pool.query<{row: string}>(
			`SELECT ctid::text AS row FROM ${table} t WHERE merchant_id = 2 ${isHeld} ${isPlain} ORDER BY md5(t::text) LIMIT 1`,
		);

		const {found, differences} = await whileChanged(t.context, {table, row: rows[0]?.row ?? '', set}, () =>
			rebuild(t.context.general.prisma),
		);

		t.is(found, told.length);
		t.deepEqual(
			differences.map(one => [one.table, one.column]),
			told,
		);
		t.true(differences.every(({merchantId, stored, derived}) => merchantId === 2 && stored !== derived));
	});
}

test.serial('a leg in points that says something else is told by what was captured for its hold', async t => {
	const {rows} = await t.context.general.pool.query<{row: string}>(
		'SELECT ctid::text AS row FROM hold_legs WHERE merchant_id = 1 AND rate_numerator IS NOT NULL LIMIT 1',
	);
	const change = {table: 'hold_legs', row: rows[0]?.row ?? '', set: 'captured = captured - 1'};

	const {differences} = await whileChanged(t.context, change, () => rebuild(t.context.general.prisma));

	t.like(differences, [{merchantId: 1, table: 'holds', column: 'captured'}]);
	t.is((differences[0]?.derived ?? 0n) - (differences[0]?.stored ?? 0n), 1n);
});

test.serial(
	'a posting and a movement that were changed leave every row that they make different',
	async t => {
		for (const [table, set, told] of [
			['lot_movements', 'remaining_delta = remaining_delta + 1', ['cards available', 'lots remaining']],
			['postings', 'amount = amount + 1', []],
		] as const) {
			const {rows} = await t.context.general.pool.query<{row: string}>(
				`SELECT t.ctid::text AS row FROM ${table} t JOIN entries e ON e.merchant_id = t.merchant_id AND e.id = t.entry_id
			WHERE t.merchant_id = 1 AND e.kind = 11 LIMIT 1`,
			);
			const {differences} = await whileChanged(t.context, {table, row: rows[0]?.row ?? '', set}, () =>
				rebuild(t.context.general.prisma, {merchantId: 1}),
			);
			const names = differences.map(one => `${one.table} ${one.column}`);
			t.true(
				told.every(name => names.includes(name)),
				names.join(),
			);
		}
	},
);

test.serial('a row that is missing is a difference of every number in it', async t => {
	const {rows} = await t.context.general.pool.query<{row: string}>(
		'SELECT ctid::text AS row FROM lots WHERE merchant_id = 1 AND remaining > 0 LIMIT 1',
	);
	const change = {table: 'lots', row: rows[0]?.row ?? '', set: 'merchant_id = 3'};

	const {differences} = await whileChanged(t.context, change, () =>
		rebuild(t.context.general.prisma, {merchantId: 1}),
	);

	t.true(
		differences.some(
			({table, column, stored}) => table === 'lots' && column === 'remaining' && stored === null,
		),
	);
});
