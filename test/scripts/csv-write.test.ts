import {Writable} from 'node:stream';
import {setImmediate} from 'node:timers/promises';
import test from 'ava';
import fc from 'fast-check';
import {readCsv} from '../../scripts/lib/csv.ts';
import {
	type CsvColumn,
	csvLine,
	csvNames,
	guard,
	openCsv,
	withoutGuard,
} from '../../scripts/lib/csv-write.ts';
import {openPrint, OutputClosedError} from '../../scripts/lib/print.ts';

type Row = readonly [text: string, amount: string, another: string];

const columns: readonly CsvColumn<Row>[] = [
	{name: 'caption', text: ([text]) => text},
	{name: 'amount', number: ([, amount]) => amount},
	{name: 'reason', text: ([, , text]) => text},
];

async function cellsOf(text: string): Promise<(readonly string[])[]> {
	const rows: (readonly string[])[] = [];
	for await (const {cells} of readCsv(bytesOf(text))) {
		rows.push(cells);
	}

	return rows;
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
	yield await Promise.resolve(Buffer.from(text));
}

const line = (text: string) => csvLine([text, '1', ''], columns);

test('cells are in quotes where they hold separators, quotes or line ends', t => {
	t.is(csvNames(columns), 'caption,amount,reason');
	t.is(csvLine(['Ana', '-10.00', 'lost'], columns), 'Ana,-10.00,lost');
	t.is(line('a,b'), '"a,b",1,');
	t.is(line('a;b'), '"a;b",1,');
	t.is(line('the "gold" one'), '"the ""gold"" one",1,');
	t.is(line('a\r\nb'), '"a\r\nb",1,');
	t.is(line("d'Ávila"), "d'Ávila,1,");
	t.is(line("'t Hooft"), "'t Hooft,1,");
	t.is(csvLine('', [{name: 'only', text: text => text}]), '""');
});

test('what a spreadsheet could compute is text; numbers stay numbers', t => {
	for (const text of [
		...['=1+1', '+5511', '-10', '@SUM(A1)', '\tx', '\rx', '\nx', '  =1', '\u00A0=1', '\u200B=1', '\u0000-1'],
		...['＝1', '＋1', '－1', '＠x', '−1', "'=1", "''  @x"],
	]) {
		t.is(guard(text), `'${text}`);
		t.is(withoutGuard(guard(text)), text);
	}

	t.is(guard('\t=1'), "'\t'=1");
	// Where a semicolon separates, a cell begins behind it.
	t.is(guard('gift; =1'), "gift;' =1");
	t.is(guard('a-b; c+d'), 'a-b; c+d');
	t.is(csvLine(['', '-10.00', ''], columns), ',-10.00,');
});

test('a column of numbers takes nothing but numbers', t => {
	for (const text of ['=1', '1,5', '1e9', '--1', '+1', '', 'NaN', '1\n']) {
		t.throws(() => csvLine(['', text, ''], columns), {instanceOf: RangeError});
	}

	const number: CsvColumn<bigint | number | null> = {name: 'n', number: value => value};
	t.deepEqual(
		[-5n, 0, null].map(value => csvLine(value, [number, number])),
		['-5,-5', '0,0', ','],
	);
});

const anyText = fc.oneof(
	fc.string({
		unit: fc.constantFrom(...Array.from('a=+-@＝－"\',;\t\r\n \u00A0\u200B\uFEFFé𝄞')),
		maxLength: 8,
	}),
	fc.string({unit: 'binary', maxLength: 8}),
);

test('whatever is written is read back to the same cells, and no text in it begins as a formula does', async t => {
	await fc.assert(
		fc.asyncProperty(
			fc.array(
				fc.tuple(
					anyText,
					fc.integer().map(cents => (cents / 100).toFixed(2)),
					anyText,
				),
				{
					minLength: 1,
					maxLength: 4,
				},
			),
			async rows => {
				const file = [csvNames(columns), ...rows.map(row => csvLine(row, columns))].join('\n');
				const [names, ...read] = await cellsOf(`${file}\n`);

				t.deepEqual(names, ['caption', 'amount', 'reason']);
				t.deepEqual(
					read.map(cells => cells.map((cell, index) => (index === 1 ? cell : withoutGuard(cell)))),
					rows.map(row => [...row]),
				);
				for (const [text = '', , another = ''] of read) {
					for (const cell of [text, another].flatMap(cell => cell.split(/[;\t\r\n]/))) {
						t.notRegex(cell, /^[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠]/u);
					}

					t.notRegex(text, /^[\t\r]/);
				}
			},
		),
		{numRuns: 500},
	);
});

/** Somebody who reads only when told so. */
class SlowReader extends Writable {
	text = '';
	#taken: (() => void) | undefined;

	override _write(chunk: Buffer, _encoding: BufferEncoding, taken: () => void): void {
		this.text += chunk.toString();
		this.#taken = taken;
	}

	take(): void {
		this.#taken?.();
	}
}

const rowsOf = (count: number) => Array.from({length: count}, (): Row => ['x'.repeat(100), '1', '']);

test('a slow reader is waited for', async t => {
	const reader = new SlowReader({highWaterMark: 1000});
	const csv = openCsv(openPrint({stdout: reader, stderr: reader}, false), columns);
	let isDone = false;
	const written = csv.rows(rowsOf(100)).then(() => (isDone = true));
	await setImmediate();
	t.false(isDone);

	while (reader.writableNeedDrain) {
		reader.take();
		await setImmediate();
	}

	await written;
	t.is(reader.text.split('\n').length, 102);
	t.is(reader.listenerCount('close') + reader.listenerCount('error') + reader.listenerCount('drain'), 0);
});

test('when nobody reads any more nothing more is written', async t => {
	const reader = new SlowReader({highWaterMark: 1000});
	reader.on('error', () => undefined);
	const csv = openCsv(openPrint({stdout: reader, stderr: reader}, false), columns);
	const written = csv.rows(rowsOf(100));
	reader.destroy(new Error('write EPIPE'));

	await t.throwsAsync(written, {instanceOf: OutputClosedError, message: /nobody reads/});
	await t.throwsAsync(csv.rows([]), {instanceOf: OutputClosedError});
});
