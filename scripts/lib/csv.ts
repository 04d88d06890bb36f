/** What a file holds in one record: its cells, and the line on which it begins, from 1. */
export type CsvRecord = {readonly line: number; readonly cells: readonly string[]};

/** A file that is no CSV from some line on. What stands behind it cannot be read. */
export class CsvError extends Error {
	override readonly name = 'CsvError';
	readonly line: number;

	constructor(line: number, problem: string) {
		super(problem);
		this.line = line;
	}
}

/** The longest record: some cells of text, not a file without line ends. Characters. */
export const recordLengthMax = 16_384;
const cellsMax = 100;

/**
 * Read CSV as RFC 4180 has it, strictly, record by record: UTF-8 with or without a byte order mark; CRLF or LF; cells in quotes may hold
 * separators, line ends, and quotes written twice. Comma or semicolon, whichever the first record has more of outside of quotes. Lines
 * with nothing on them are passed over. Memory is that of one record and one chunk.
 * @throws {CsvError} for bytes that are no UTF-8, a quote that is misplaced or never closed, and a record beyond the limits
 */
export async function* readCsv(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<CsvRecord> {
	for await (const records of readCsvParts(chunks)) {
		yield* records;
	}
}

/**
 * The same records, those of one chunk after the other: waiting for each of a million records by itself takes longer than reading it.
 * Each part must be read to its end before the next one is asked for, and throws where the damage is.
 */
export async function* readCsvParts(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Iterable<CsvRecord>> {
	const decoder = new TextDecoder('utf-8', {fatal: true});
	const reader = new RecordReader();
	for await (const chunk of chunks) {
		yield recordsOf(decoder, reader, chunk);
	}

	yield recordsOf(decoder, reader);
	yield reader.end();
}

function* recordsOf(decoder: Decoder, reader: RecordReader, chunk?: Uint8Array): Generator<CsvRecord> {
	yield* reader.read(decode(decoder, reader, chunk));
}

function decode(decoder: Decoder, reader: RecordReader, chunk?: Uint8Array): string {
	try {
		return chunk === undefined ? decoder.decode() : decoder.decode(chunk, {stream: true});
	} catch {
		throw new CsvError(
			reader.line + linesBeforeDamage(chunk),
			'From here on the file is not UTF-8. Save it as "CSV UTF-8".',
		);
	}
}

/** How many lines of a chunk end before its first character that is none; it may have begun in the chunk before. */
function linesBeforeDamage(chunk: Uint8Array | undefined): number {
	const text = new TextDecoder().decode(chunk);
	const readable = text.slice(0, Math.max(0, text.indexOf('\uFFFD')));
	return readable.split('\n').length - 1;
}

type Decoder = InstanceType<typeof TextDecoder>;

/** Where in a cell the reader stands: before it, in one without quotes, in one with, or behind its closing quote. */
type Place = 'start' | 'bare' | 'quoted' | 'closed';

/** Text up to a separator outside of quotes, or to the end of the record. */
type Piece = {readonly text: string; readonly separator: ',' | ';' | ''};

class RecordReader {
	/** The line that is being read. */
	line = 1;
	#place: Place = 'start';
	#separator: ',' | ';' | undefined;
	#begunOn = 1;
	#length = 0;
	#cell = '';
	#cells: string[] = [];
	/** The first record, cut at either separator until it is known which of them it is. */
	#first: Piece[] | undefined = [];
	#isAfterReturn = false;

	*read(text: string): Generator<CsvRecord> {
		for (let at = 0; at < text.length;) {
			const end = this.#isBetweenRecords() ? text.indexOf('\n', at) : -1;
			const cells = end === -1 ? undefined : this.#plainCells(text.slice(at, end));
			if (cells !== undefined) {
				if (cells.length > 0) {
					yield {line: this.line, cells};
				}

				at = end + 1;
				this.line++;
				this.#begunOn = this.line;
				continue;
			}

			// To the end of the line, or of the text: what a quote opened may go on for many lines.
			for (let isOver = false; at < text.length && !isOver; at++) {
				const record = this.#take(text.charAt(at));
				isOver = record !== undefined;
				if (record !== undefined) {
					yield record;
				}
			}
		}
	}

	/** Whether a record may begin here, and what separates its cells is known. */
	#isBetweenRecords(): boolean {
		return (
			this.#first === undefined &&
			this.#place === 'start' &&
			this.#length === 0 &&
			this.#cells.length === 0 &&
			!this.#isAfterReturn
		);
	}

	/**
	 * The cells of a line without quotes, none of a blank one: most lines of most files, read at once. Nothing for a line that must be looked at
	 * character by character.
	 */
	#plainCells(line: string): readonly string[] | undefined {
		const text = line.endsWith('\r') ? line.slice(0, -1) : line;
		if (text.length > recordLengthMax || text.includes('"') || text.includes('\r')) {
			return undefined;
		}

		const cells = text === '' ? [] : text.split(this.#separator ?? ',');
		return cells.length > cellsMax ? undefined : cells;
	}

	*end(): Generator<CsvRecord> {
		if (this.#place === 'quoted') {
			throw new CsvError(this.#begunOn, 'A quote is opened here and never closed.');
		}

		const record = this.#endRecord();
		if (record !== undefined) {
			yield record;
		}
	}

	#take(character: string): CsvRecord | undefined {
		const isEndOfReturn = this.#isAfterReturn && character === '\n';
		this.#isAfterReturn = character === '\r' && this.#place !== 'quoted';
		if (isEndOfReturn) {
			return undefined;
		}

		if (this.#place === 'quoted') {
			this.#takeQuoted(character);
			return undefined;
		}

		if (character === '\n' || character === '\r') {
			const record = this.#endRecord();
			this.line++;
			this.#begunOn = this.line;
			return record;
		}

		if (this.#isSeparator(character)) {
			this.#endCell(character);
		} else if (character === '"') {
			this.#takeQuote();
		} else {
			this.#takeBare(character);
		}

		return undefined;
	}

	#takeQuoted(character: string): void {
		if (character === '"') {
			this.#place = 'closed';
			return;
		}

		this.line += Number(character === '\n');
		this.#add(character);
	}

	/** A quote outside of quotes: one begins, or the one that was just closed stands for itself. */
	#takeQuote(): void {
		if (this.#place === 'start') {
			this.#place = 'quoted';
		} else if (this.#place === 'closed') {
			this.#place = 'quoted';
			this.#add('"');
		} else {
			throw new CsvError(
				this.line,
				'A quote stands in the middle of a cell. Put the cell in quotes, and double those in it.',
			);
		}
	}

	#takeBare(character: string): void {
		if (this.#place === 'closed') {
			throw new CsvError(this.line, 'Something follows the closing quote of a cell.');
		}

		this.#place = 'bare';
		this.#add(character);
	}

	#isSeparator(character: string): character is ',' | ';' {
		return this.#separator === undefined
			? character === ',' || character === ';'
			: character === this.#separator;
	}

	#add(text: string): void {
		this.#length += text.length;
		if (this.#length > recordLengthMax) {
			throw new CsvError(this.#begunOn, `A record has at most ${recordLengthMax} characters.`);
		}

		this.#cell += text;
	}

	#endCell(separator: ',' | ';' | ''): void {
		this.#place = 'start';
		this.#length += separator.length;
		if (this.#first === undefined) {
			this.#cells.push(this.#cell);
		} else {
			this.#first.push({text: this.#cell, separator});
		}

		this.#cell = '';
		if (this.#cells.length > cellsMax || (this.#first?.length ?? 0) > cellsMax) {
			throw new CsvError(this.#begunOn, `A record has at most ${cellsMax} cells.`);
		}
	}

	#endRecord(): CsvRecord | undefined {
		const isBlank = this.#place === 'start' && this.#length === 0;
		if (isBlank) {
			return undefined;
		}

		this.#endCell('');
		const cells = this.#first === undefined ? this.#cells : this.#settle(this.#first);
		this.#first = undefined;
		this.#cells = [];
		this.#length = 0;
		return {line: this.#begunOn, cells};
	}

	/** The first record is over: what it has more of separates, and the other is text. */
	#settle(pieces: readonly Piece[]): string[] {
		const commas = pieces.filter(({separator}) => separator === ',').length;
		const semicolons = pieces.filter(({separator}) => separator === ';').length;
		const chosen = semicolons > commas ? ';' : ',';
		this.#separator = chosen;
		const cells: string[] = [''];
		for (const {text, separator} of pieces) {
			const last = cells.length - 1;
			cells[last] = (cells[last] ?? '') + text;
			if (separator === chosen) {
				cells.push('');
			} else {
				cells[last] += separator;
			}
		}

		return cells;
	}
}
