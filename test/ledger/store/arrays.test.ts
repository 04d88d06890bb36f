import test from 'ava';
import fc from 'fast-check';
import {bytesArray, instantArray, plainArray, textArray} from '../../../src/ledger/store/arrays.ts';
import {openTestDatabase, type TestDatabase} from '../../helpers/database.ts';
import {authorize, openTestLedger} from '../../helpers/ledger.ts';

const seed = 20_260_615;
let database: TestDatabase;

test.before(async () => {
	database = await openTestDatabase();
});
test.after.always(async () => {
	await database.close();
});

/** What PostgreSQL makes of an array literal. */
async function read<Value>(type: string, literal: string): Promise<Value[]> {
	const [row] = await database.writer.prisma.$queryRawUnsafe<[{value: Value[]}]>(
		`SELECT $1::${type}[] AS value`,
		literal,
	);
	return row.value;
}

const difficult = [
	'NULL',
	'null',
	'',
	' ',
	'{}',
	'{',
	'}',
	',',
	'"',
	'\\',
	'\\"',
	"'",
	'""',
	'\n\t',
	'\\x00',
	'ção',
	'🎁',
	'\u2028',
	'$1',
	'--',
];
// Every character but NUL, which PostgreSQL's text does not have; halves of a surrogate pair are no characters.
const text = fc.oneof(
	fc.constantFrom(...difficult),
	fc.string({unit: fc.constantFrom(...difficult, 'a'), maxLength: 12}),
	fc.string({unit: 'binary'}).map(value => value.replaceAll('\u0000', '0')),
);

test('any text comes back from the database as it went', async t => {
	await fc.assert(
		fc.asyncProperty(fc.array(fc.option(text), {maxLength: 30}), async values => {
			t.deepEqual(await read<string | null>('text', textArray(values)), values);
		}),
		{seed, numRuns: 150, includeErrorInReport: true},
	);
});

test('any bytes come back from the database as they went', async t => {
	await fc.assert(
		fc.asyncProperty(fc.array(fc.uint8Array({maxLength: 40})), async values => {
			const found = await read<Uint8Array>('bytea', bytesArray(values.map(value => Buffer.from(value))));
			t.deepEqual(
				found.map(value => [...value]),
				values.map(value => [...value]),
			);
		}),
		{seed, numRuns: 50, includeErrorInReport: true},
	);
});

test('any instant comes back from the database to the millisecond', async t => {
	const instant = fc.integer({
		min: Date.parse('1970-01-01T00:00:00Z'),
		max: Date.parse('9999-12-31T23:59:59.999Z'),
	});
	await fc.assert(
		fc.asyncProperty(fc.array(fc.option(instant)), async values => {
			const found = await read<Date | null>('timestamptz', instantArray(values));
			t.deepEqual(
				found.map(value => value?.getTime() ?? null),
				values,
			);
		}),
		{seed, numRuns: 50, includeErrorInReport: true},
	);
});

test('any number that a column holds comes back from the database exactly', async t => {
	const amount = fc.bigInt({min: -(2n ** 63n), max: 2n ** 63n - 1n});
	await fc.assert(
		fc.asyncProperty(fc.array(fc.option(amount)), async values => {
			t.deepEqual(await read<bigint | null>('bigint', plainArray(values)), values);
		}),
		{seed, numRuns: 50, includeErrorInReport: true},
	);
	t.deepEqual(await read('boolean', plainArray([true, false, null])), [true, false, null]);
});

// Goal: the key of a command is found again as it was given, whatever is in it. Method: through the writer, one
// batch for each set of keys, and each set twice.
test('a command is remembered under any key, and under no other', async t => {
	const ledger = await openTestLedger(database, t.title);
	const card = await ledger.issue({amount: 1_000_000n});
	const keys = fc.uniqueArray(
		text.filter(key => key !== ''),
		{minLength: 5, maxLength: 60},
	);
	const seen = new Set<string>();
	await fc.assert(
		fc.asyncProperty(keys, async drawn => {
			const fresh = drawn.filter(key => !seen.has(key));
			const submit = () => Promise.all(fresh.map(key => ledger.submit(authorize(ledger, card, 1n, key))));
			const first = await submit();
			const again = await submit();

			t.true(first.every(({kind, isReplay}) => kind === 'done' && !isReplay));
			t.deepEqual(
				again,
				first.map(outcome => ({...outcome, isReplay: true})),
			);
			fresh.forEach(key => seen.add(key));
		}),
		{seed, numRuns: 20, includeErrorInReport: true, endOnFailure: true},
	);
	const stored = await database.general.prisma.command.findMany({where: {scope: card.publicId}});
	t.deepEqual(new Set(stored.map(({key}) => key)), seen);
	const holds = await database.general.prisma.hold.findMany({where: {merchantId: ledger.merchant.id}});
	t.deepEqual(new Set(holds.map(({requestId}) => requestId)), seen);
});
