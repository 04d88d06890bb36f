import {lineHash, type SealedEntry, type SealedTable, sealedTables} from './canonical.ts';

/*
 * A hash over a thousand entries tells that one of their rows was altered, and not which. So a seal keeps a mark of each row, the first four
 * bytes of its SHA-256, under the id of its entry. Marks prove nothing: who finds another row with the same mark is still found by
 * the seal's hash. For each entry, in order:
 *
 *     16 bytes   its id
 *      3 × 2     how many postings, lot movements and commands it has
 *      4 each    the marks of the entry, of its postings, its lot movements, its commands
 */

const idBytes = 16;
const countBytes = 2;
const markBytes = 4;
const [, ...partTables] = sealedTables;

/** An entry as it was sealed: the marks of its rows, in hexadecimal. */
export type MarkedEntry = {readonly id: string} & Readonly<Record<SealedTable, readonly string[]>>;

/** A row that is not as it was sealed, or that was not there. */
export type Alteration = {
	readonly table: SealedTable;
	readonly entryId: string;
	readonly what: 'changed' | 'added' | 'gone';
	/** The row as it is now; undefined where it is gone. */
	readonly line?: string;
};

export function marksOf(entries: readonly SealedEntry[]): Buffer {
	return Buffer.concat(
		entries.map(entry => {
			const counts = Buffer.alloc(countBytes * partTables.length);
			partTables.forEach((table, index) => {
				counts.writeUInt16BE(entry[table].length, index * countBytes);
			});
			const marks = sealedTables.flatMap(table =>
				entry[table].map(line => lineHash(line).subarray(0, markBytes)),
			);
			return Buffer.concat([Buffer.from(entry.id.replaceAll('-', ''), 'hex'), counts, ...marks]);
		}),
	);
}

/** The marks of a seal, or undefined where they are none: then they were altered. */
export function readMarks(marks: Uint8Array): MarkedEntry[] | undefined {
	const bytes = Buffer.from(marks);
	const entries: MarkedEntry[] = [];
	for (let at = 0; at < bytes.length;) {
		const begin = at + idBytes + countBytes * partTables.length;
		if (begin + markBytes > bytes.length) {
			return undefined;
		}

		const counts = [
			1,
			...partTables.map((_, index) => bytes.readUInt16BE(at + idBytes + index * countBytes)),
		];
		const end = begin + counts.reduce((sum, count) => sum + count, 0) * markBytes;
		if (end > bytes.length) {
			return undefined;
		}

		const all = Array.from({length: (end - begin) / markBytes}, (_, index) =>
			bytes.toString('hex', begin + index * markBytes, begin + (index + 1) * markBytes),
		);
		const parts = sealedTables.map((table, index) => [table, all.splice(0, counts[index])]);
		entries.push({id: uuidAt(bytes, at), ...Object.fromEntries(parts)} as MarkedEntry);
		at = end;
	}

	return entries;
}

function uuidAt(bytes: Buffer, at: number): string {
	return bytes
		.toString('hex', at, at + idBytes)
		.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** What was altered, in the order of the entries as they are now, and last what is gone. */
export function alterations(
	sealed: readonly MarkedEntry[],
	found: readonly SealedEntry[],
): readonly Alteration[] {
	const left = new Map(sealed.map(entry => [entry.id, entry]));
	const altered = found.flatMap((entry): Alteration[] => {
		const marked = left.get(entry.id);
		left.delete(entry.id);
		const line = entry.entries[0] ?? '';
		return marked === undefined
			? [{table: 'entries', entryId: entry.id, what: 'added', line}]
			: sealedTables.flatMap(table => alteredRows(table, marked, entry));
	});
	const gone = [...left.keys()].map(entryId => ({table: 'entries', entryId, what: 'gone'}) as const);
	return [...altered, ...gone];
}

function alteredRows(
	table: SealedTable,
	marked: MarkedEntry,
	{id: entryId, ...entry}: SealedEntry,
): Alteration[] {
	const missing = [...marked[table]];
	const strange = entry[table].filter(line => {
		const index = missing.indexOf(lineHash(line).toString('hex', 0, markBytes));
		if (index !== -1) {
			missing.splice(index, 1);
		}

		return index === -1;
	});
	return [
		// A row that was changed is one that is missing and one that is strange.
		...strange.map((line, index) => {
			const what = index < missing.length ? 'changed' : 'added';
			return {table, entryId, what, line} as const;
		}),
		...missing.slice(strange.length).map(() => ({table, entryId, what: 'gone'}) as const),
	];
}
