import test from 'ava';
import fc from 'fast-check';
import {CsvError, type CsvRecord, readCsv, recordLengthMax} from '../../scripts/lib/csv.ts';

/** The bytes of a text, some at a time: cells and characters are cut anywhere. */
async function* bytesOf(text: string | Uint8Array, size: number): AsyncGenerator<Uint8Array> {
	const bytes = Buffer.from(text as string);
	for (let from = 0; from < bytes.length; from += size) {
		yield await Promise.resolve(bytes.subarray(from, from + size));
	}
}

async function read(text: string | Uint8Array, size = 1000): Promise<CsvRecord[]> {
	const records: CsvRecord[] = [];
	for await (const record of readCsv(bytesOf(text, size))) {
		records.push(record);
	}

	return records;
}

const cells = async (text: string, size?: number) => (await read(text, size)).map(record => record.cells);

test('records end with CRLF or LF, and the last one with the file', async t => {
	for (const end of ['\r\n', '\n', '\r']) {
		t.deepEqual(await cells(['a,b', '1,2', '3,4'].join(end)), [
			['a', 'b'],
			['1', '2'],
			['3', '4'],
		]);
		t.deepEqual(await cells(`a,b${end}1,${end}`), [
			['a', 'b'],
			['1', ''],
		]);
	}
});

test('a byte order mark is no part of the first cell', async t => {
	t.deepEqual(await cells('\uFEFFemail\nana@example.com'), [['email'], ['ana@example.com']]);
});

test('cells in quotes hold separators, line ends and quotes', async t => {
	t.deepEqual(await cells('a,b\n"x,""y""\r\nz",""\n'), [
		['a', 'b'],
		['x,"y"\r\nz', ''],
	]);
});

test('semicolons separate where the header has more of them, and commas are text then', async t => {
	t.deepEqual(await cells('email;document;number, or so\na@x;1,5;2'), [
		['email', 'document', 'number, or so'],
		['a@x', '1,5', '2'],
	]);
	t.deepEqual(await cells('email,document\na;b,c'), [
		['email', 'document'],
		['a;b', 'c'],
	]);
});

test('a record is told with the line on which it begins, whatever lines are empty or in quotes', async t => {
	const records = await read('a,b\r\n\r\n"one\r\ntwo",x\r\n\n1,2\n');

	t.deepEqual(
		records.map(({line}) => line),
		[1, 3, 6],
	);
});

const refuses = test.macro({
	async exec(t, text: string | Uint8Array, line: number, problem: RegExp) {
		for (const size of [1, 2, 1000]) {
			const error = await t.throwsAsync(read(text, size), {instanceOf: CsvError, message: problem});

			t.is(error.line, line);
		}
	},
	title: (given = '') => `${given} is no CSV`,
});

test('a quote that is never closed', refuses, 'a\n"b\nc', 2, /never closed/);
test('a quote in the middle of a cell', refuses, 'a\nb"c"\n', 2, /middle of a cell/);
test('text behind a closing quote', refuses, 'a\n"b" c\n', 2, /follows the closing quote/);
test('Latin 1', refuses, Buffer.from('a\njos\u00E9\n', 'latin1'), 2, /not UTF-8/);

test('a record of the longest length is read, and one character more is refused', async t => {
	t.is((await cells(`a\n${'x'.repeat(recordLengthMax)}\n`))[1]?.[0]?.length, recordLengthMax);
	await t.throwsAsync(read(`a\n${'x'.repeat(recordLengthMax + 1)}\n`), {
		instanceOf: CsvError,
		message: /at most/,
	});
	await t.throwsAsync(read(`a\n"${'\n'.repeat(recordLengthMax + 1)}`), {
		instanceOf: CsvError,
		message: /at most/,
	});
});

test('a record has at most 100 cells', async t => {
	t.is((await cells(','.repeat(99)))[0]?.length, 100);
	await t.throwsAsync(read(','.repeat(100)), {instanceOf: CsvError, message: /at most 100 cells/});
});

test('whatever is written with quotes is read back, however the bytes arrive', async t => {
	const cell = fc.string({
		unit: fc.constantFrom('a', 'é', '𝄞', '"', ',', ';', '\n', '\r', ' '),
		maxLength: 6,
	});
	const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
	await fc.assert(
		fc.asyncProperty(
			fc.array(fc.array(cell, {minLength: 2, maxLength: 3}), {minLength: 1, maxLength: 4}),
			fc.constantFrom(',', ';'),
			fc.constantFrom('\n', '\r\n'),
			fc.integer({min: 1, max: 7}),
			async (rows, separator, end, size) => {
				const text = rows.map(row => row.map(quoted).join(separator) + end).join('');

				t.deepEqual(await cells(text, size), rows);
			},
		),
	);
});

test('lines that are read at once say the same as those that are read by character', async t => {
	const text = fc
		.array(
			fc.oneof(
				{weight: 8, arbitrary: fc.constantFrom('a', 'é', '𝄞', ' ', ',', ';', ',b,', '\n', '\r\n')},
				{weight: 1, arbitrary: fc.constantFrom('"', '\r', '""', ',"a,b",', ',"a\nb"\n')},
			),
			{maxLength: 24},
		)
		.map(parts => `a,b\n${parts.join('')}`);
	const told = async (all: string, size: number) => {
		const records: CsvRecord[] = [];
		try {
			for await (const record of readCsv(bytesOf(all, size))) {
				records.push(record);
			}
		} catch (error) {
			t.true(error instanceof CsvError);
			return {records, line: (error as CsvError).line, problem: (error as CsvError).message};
		}

		return {records};
	};
	await fc.assert(
		// Of one byte at a time no line is ever seen as a whole.
		fc.asyncProperty(text, fc.integer({min: 2, max: 200}), async (all, size) => {
			t.deepEqual(await told(all, size), await told(all, 1));
		}),
		{numRuns: 1000},
	);
});
