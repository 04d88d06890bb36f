import {
	beginRun,
	completeRun,
	findRun,
	type ImportRun,
	type RunKind,
	type RunWish,
} from '../../src/bulk/runs.ts';
import {formatMoney, toJsonNumber, MAX_UNITS, formatAmount} from '../../src/money/amount.ts';
import {type Asset} from '../../src/money/asset.ts';
import {findAsset} from './asset-flags.ts';
import {type Context, type Flags, type Given} from './command.ts';
import {counted} from './counted.ts';
import {type CsvRecord} from './csv.ts';
import {
	digestOf,
	type FileTally,
	type ImportFile,
	importFlags,
	isUnchanged,
	type LineProblem,
	openImportFile,
	refuseProblems,
	rowsOf,
	tellProblem,
} from './import-file.ts';
import {readAhead} from './read-ahead.ts';
import {printTable} from './table.ts';

/* What the imports have in common that move value: a run that goes on where it stopped, and a pass that finds problems before any is moved. */

export const bulkFlags = {
	...importFlags,
	run: {
		type: 'text',
		placeholder: 'NAME',
		description: 'Names the import, to be taken back as a whole; without it a name is made from the file.',
	},
} as const satisfies Flags;

/** What every line asks for. */
export type Wish = {readonly line: number; readonly asset: Asset; readonly amount: bigint};

/** What became of a chunk. */
export type BulkResult<W extends Wish> = {
	readonly done: readonly {readonly wish: W; readonly isRepeated: boolean}[];
	readonly problems: readonly LineProblem[];
	/** Its last line. */
	readonly line: number;
};

/** What is to be done with a file of some kind. */
export type BulkImport<Columns extends object, W extends Wish> = {
	readonly command: string;
	readonly kind: RunKind;
	readonly chunkSize: number;
	readonly columns: (record: CsvRecord) => Columns | LineProblem;
	readonly row: (columns: Columns, record: CsvRecord) => W | LineProblem;
	/** Opens a look at all lines, in their order, of a run that was begun before or not. */
	readonly openCheck: (run: ImportRun | undefined) => {
		readonly check: (
			wishes: readonly W[],
		) => Promise<{readonly problems: readonly LineProblem[]; readonly known: number}>;
	};
	/** Does what the lines ask for; `isRepeated`: some of them may have been done before. */
	readonly write: (
		at: {
			readonly run: ImportRun;
			readonly lines: number;
			readonly isRepeated: boolean;
			readonly actorId: number;
		},
		chunks: AsyncIterable<readonly W[]>,
	) => AsyncIterable<BulkResult<W>>;
};

type Tally = FileTally & {
	/** Done now, done before, and refused when they were to be done. */
	imported: number;
	repeated: number;
	failed: number;
};

type Sum = {readonly asset: Asset; lines: number; amount: bigint};
type Sums = Map<string, Sum>;

type Passing<Columns extends object, W extends Wish> = {
	readonly context: Context;
	readonly file: ImportFile;
	readonly bulk: BulkImport<Columns, W>;
	readonly tally: Tally;
	/** Lines that have a problem. */
	readonly faulty: Set<number>;
};

/**
 * Import a file: look at all of it first, then do what its lines ask for, where it has no problem or those lines are to be left out.
 * @throws Error where any line failed, and where it was stopped
 */
export async function importBulk<Columns extends object, W extends Wish>(
	context: Context,
	args: {
		readonly operand: string | undefined;
		readonly 'dry-run': boolean;
		readonly 'skip-invalid': boolean;
		readonly run: string | undefined;
	},
	bulk: BulkImport<Columns, W>,
): Promise<void> {
	const {parts, merchant, signal} = context;
	const file = await openImportFile(bulk.command, args.operand);
	try {
		const wish = {kind: bulk.kind, name: args.run, digest: await digestOf(file)};
		const run = await findRun(parts.prisma, merchant.id, wish);
		const tally = {rows: 0, invalid: 0, complete: true, imported: 0, repeated: 0, failed: 0};
		const passing = {context, file, bulk, tally, faulty: new Set<number>()};
		const {sums, known} = await checkAll(passing, run);
		const isWritten =
			!args['dry-run'] && (tally.invalid === 0 || args['skip-invalid']) && tally.rows > tally.invalid;
		if (signal.aborted) {
			throw new Error('Stopped while the file was looked at. Nothing was changed.');
		}

		if (!(await isUnchanged(file))) {
			throw new Error(
				'The file was written to while it was looked at. Nothing was changed; repeat the command once it is complete.',
			);
		}

		const given = isWritten ? await giveAll(context, sums, onceOf(bulk, wish)) : undefined;
		const {name, sums: written} = isWritten
			? await writeAll(passing, wish, known > 0)
			: {name: run?.name, sums};
		await given?.(written);
		summarise(context, tally, {sums: written, isWritten, name});
		refuse(tally, isWritten);
	} finally {
		await file.handle.close();
	}
}

/** The first pass: every problem is told, nothing is changed. */
async function checkAll<Columns extends object, W extends Wish>(
	passing: Passing<Columns, W>,
	run: ImportRun | undefined,
): Promise<{readonly sums: Sums; readonly known: number}> {
	const {bulk, tally, faulty, context} = passing;
	const check = bulk.openCheck(run);
	const sums: Sums = new Map();
	let known = 0;
	for await (const wishes of readAhead(linesOf(passing, tally, {task: 'Checking', isTold: true}))) {
		const found = await check.check(wishes);
		known += found.known;
		const before = faulty.size;
		for (const problem of found.problems) {
			tally.invalid++;
			faulty.add(problem.line);
			tellProblem(context, problem);
		}

		const usable = faulty.size === before ? wishes : wishes.filter(({line}) => !faulty.has(line));
		usable.forEach(wish => {
			add(sums, wish);
		});
	}

	return {sums, known};
}

/** An import that is repeated gives nothing out a second time, as a whole. */
function onceOf(
	{command}: {readonly command: string},
	{name = '', digest}: Pick<RunWish, 'name' | 'digest'>,
): string {
	return `${command} ${name} ${digest.toString('hex')}`;
}

/**
 * Reserve what all lines give out together, before any does. What an import that stops has given out is not known until it is repeated, so
 * that all of it counts.
 * @returns to be told what was given out, by the code of the asset
 * @throws {ValueRefusedError} when it is more than the actor's role may give out
 */
async function giveAll(
	context: Context,
	sums: Sums,
	once: string,
): Promise<(written: Sums) => Promise<void>> {
	const givens = new Map<string, Given>();
	const {parts, merchant} = context;
	for (const [
		code,
		{
			asset: {kind},
			amount,
		},
	] of sums) {
		const asset =
			kind === 'money' ? await parts.assets.ofCurrency(merchant.id, code) : await findAsset(context, code);
		givens.set(code, await context.give({asset, amount, once}));
	}

	return async written => {
		for (const [code, given] of givens) {
			await given.moved(written.get(code)?.amount ?? 0n);
		}
	};
}

/** The second pass, without the lines of which a problem is known. */
async function writeAll<Columns extends object, W extends Wish>(
	passing: Passing<Columns, W>,
	wish: RunWish,
	isRepeated: boolean,
): Promise<{readonly name: string; readonly sums: Sums}> {
	const {context, bulk, tally} = passing;
	const {parts, merchant, signal, print} = context;
	const actorId = await context.actorId();
	const rows = tally.rows - tally.invalid;
	const run = await beginRun(parts.prisma, merchant.id, {...wish, rows, actorId, now: parts.clock()});
	print.note(`Run ${run.name}`);
	const sums: Sums = new Map();
	let line = 0;
	const again = {rows: 0, invalid: 0, complete: true};
	const lines = linesOf(passing, again, {task: 'Importing', isTold: false});
	const chunks = withoutFaulty(asLookedAt(lines, passing.file, run), passing.faulty);
	for await (const result of bulk.write({run, lines: tally.rows, isRepeated, actorId}, chunks)) {
		line = result.line;
		for (const problem of result.problems) {
			tally.failed++;
			tellProblem(context, problem);
		}

		for (const {wish: done, isRepeated: wasBefore} of result.done) {
			if (wasBefore) {
				tally.repeated++;
			} else {
				tally.imported++;
				add(sums, done);
			}
		}
	}

	if (signal.aborted && tally.imported + tally.repeated + tally.failed < rows) {
		throw new Error(
			`Stopped after line ${line}. Repeat the command: what is imported is not imported again.`,
		);
	}

	await completeRun(parts.prisma, merchant.id, run.id, parts.clock());
	return {name: run.name, sums};
}

/** @throws Error when somebody writes to the file between the two passes: its lines are no longer those that were looked at */
async function* asLookedAt<W extends Wish>(
	chunks: AsyncIterable<readonly W[]>,
	file: ImportFile,
	{name}: ImportRun,
): AsyncGenerator<readonly W[]> {
	for await (const chunk of chunks) {
		if (!(await isUnchanged(file))) {
			throw new Error(
				`The file was written to while it was imported, and nothing more of it is. Lines before line ${chunk.at(0)?.line ?? 'the last'} may be ` +
					`imported, as run "${name}". Put the file back as it was and repeat the command.`,
			);
		}

		yield chunk;
	}
}

async function* withoutFaulty<W extends Wish>(
	chunks: AsyncIterable<readonly W[]>,
	faulty: ReadonlySet<number>,
): AsyncGenerator<readonly W[]> {
	for await (const chunk of chunks) {
		const usable = faulty.size === 0 ? chunk : chunk.filter(({line}) => !faulty.has(line));
		if (usable.length > 0) {
			yield usable;
		}
	}
}

function linesOf<Columns extends object, W extends Wish>(
	{context, file, bulk, faulty}: Passing<Columns, W>,
	tally: FileTally,
	{task, isTold}: {readonly task: string; readonly isTold: boolean},
): AsyncGenerator<W[]> {
	const {chunkSize, columns, row} = bulk;
	return rowsOf<Columns, W>(context, file, {
		...{task, tally, chunkSize, columns, row, signal: context.signal},
		onProblem(problem) {
			if (isTold) {
				faulty.add(problem.line);
				tellProblem(context, problem);
			}
		},
	});
}

function add(sums: Sums, {asset, amount}: Wish): void {
	const sum = sums.get(asset.code) ?? {asset, lines: 0, amount: 0n};
	sum.lines++;
	sum.amount += amount;
	sums.set(asset.code, sum);
}

function summarise(
	{print}: Context,
	tally: Tally,
	{
		sums,
		isWritten,
		name,
	}: {readonly sums: Sums; readonly isWritten: boolean; readonly name: string | undefined},
): void {
	const {rows, invalid, imported, repeated, failed} = tally;
	const totals = [...sums.values()];
	print.value({
		...(name !== undefined && {run: name}),
		...tally,
		changed: isWritten,
		totals: totals.map(({asset, lines, amount}) => ({
			currency: asset.code,
			lines,
			amount: amount > MAX_UNITS ? formatAmount(amount, asset) : toJsonNumber(amount, asset),
		})),
	});
	if (invalid + failed > 0) {
		print.line();
	}

	printTable(print, totals, [
		{title: isWritten ? 'Imported' : 'To be imported', text: ({asset}) => asset.code},
		{title: 'Lines', text: ({lines}) => figure(lines), isRight: true},
		{title: 'Total', text: ({asset, amount}) => formatMoney(amount, asset), isRight: true},
	]);
	const counts = isWritten
		? `${figure(imported)} imported, ${figure(repeated)} had been before, ${figure(invalid + failed)} with a problem.`
		: `${figure(invalid)} with a problem. Nothing was changed.`;
	print.line(`${totals.length > 0 ? '\n' : ''}${counted(rows, 'line')}: ${counts}`);
	if (name !== undefined && isWritten) {
		print.line(`Run: ${name}`);
	}
}

const figure = (count: number) => count.toLocaleString('en');

/** @throws Error where any line failed */
function refuse(tally: Tally, isWritten: boolean): void {
	refuseProblems(tally, {isWritten, isSkipping: isWritten});
	const {failed, invalid} = tally;
	const missing = failed + invalid;
	if (missing > 0) {
		throw new Error(
			`${missing === 1 ? 'One line is' : `${counted(missing, 'line')} are`} not imported. Mend what is wrong, and import it in a file of its own.`,
		);
	}
}
