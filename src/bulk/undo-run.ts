import {setTimeout as delay} from 'node:timers/promises';
import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {explained} from '../ledger/commands.ts';
import {type Why} from '../ledger/reasons.ts';
import {type Writer} from '../ledger/writer.ts';
import {type ChunkPace, firstChunkPace, nextChunkPace} from './pace.ts';
import {firstPlace, nextCredits, type Place, type RunCredit, standingOf} from './run-credits.ts';
import {runKinds} from './runs.ts';
import {submitAll} from './submit-all.ts';

/** A run that cannot be taken back. Nothing was changed; the message says what to do. */
export class UndoRefusedError extends Error {
	override readonly name = 'UndoRefusedError';
}

/** An import by its name. `rows`: lines with something to do. */
export type UndoableRun = {readonly id: number; readonly name: string; readonly rows: number};

export type UndoWish = Why & {
	readonly run: UndoableRun;
	/** Take what is still there of a credit that is not there whole. */
	readonly isPartial: boolean;
	/** Tell what would be taken back, and change nothing. */
	readonly isDryRun: boolean;
	readonly actorId: number;
};

/** What became of one credit. `amount` is the sum of the others; minor units of its asset. */
export type UndoneCredit = Pick<RunCredit, 'id' | 'publicId' | 'customerId' | 'assetId' | 'amount'> & Parts;

type Parts = {
	/** By this run of the command. */
	readonly taken: bigint;
	/** By an earlier one. */
	readonly before: bigint;
	/** Still there, because the whole is not. */
	readonly left: bigint;
	/** For orders that are neither settled nor cancelled. */
	readonly held: bigint;
	/** Spent, expired, corrected, or moved to another card. */
	readonly gone: bigint;
};

export type UndoTotal = Parts & {readonly assetId: number; readonly credits: number; readonly amount: bigint};

export type Undone = {
	readonly totals: readonly UndoTotal[];
	readonly credits: number;
	/** Those of which something could not be taken back. */
	readonly unfinished: number;
	readonly isStopped: boolean;
};

export type UndoProgress = {
	/** Told of the credits of each page that were not taken back whole, and how many were looked at so far. */
	readonly onPage: (unfinished: readonly UndoneCredit[], done: number) => void;
	/** Stop after the page at hand. */
	readonly signal: AbortSignal;
};

export type UndoTools = {
	readonly prisma: PrismaClient;
	readonly writer: Pick<Writer, 'submit'>;
	readonly clock: () => Instant;
};

type Merchant = {readonly id: number; readonly timeZone: string};

// What is looked up together, and queues up at the writer, which cuts it into batches of its own.
const pageSize = 500;
// A credit that others spend from at the same time is looked at again so often.
const looksMax = 10;

/**
 * The import of a name, to be taken back.
 * @throws {UndoRefusedError} when there is none, and for cards
 */
export async function undoableRun(
	prisma: PrismaClient,
	merchantId: number,
	name: string,
): Promise<UndoableRun> {
	const run = await prisma.importRun.findFirst({
		where: {merchantId, name},
		select: {id: true, name: true, kind: true, rows: true},
	});
	if (run === null) {
		throw new UndoRefusedError(
			`There is no import "${name}". credits:import tells the name of its run when it begins.`,
		);
	}

	if (run.kind !== runKinds.credits) {
		throw new UndoRefusedError(
			`"${name}" imported cards, and the value that a card was issued with cannot be taken back from it. cards:block stops a card now, and ` +
				'cards:close ends it; what is on it goes to the adjustment account then, with who and why.',
		);
	}

	return run;
}

/**
 * Take back all credits of an import, page by page, each out of its own lot and what goes on of it (A10, A13): whole where it is still
 * there, in part where that is wished. First the run is marked, and nothing more of it is imported: the ledger lets no batch of it commit
 * after the mark. Each step happens once by its key, so it may be stopped anywhere and repeated: what was taken back stays so, and what
 * has come back since is taken then.
 * @throws {OverloadedError} when the database stays too busy; what was taken back until then stays so
 */
export async function undoRun(
	tools: UndoTools,
	merchant: Merchant,
	wish: UndoWish,
	progress: UndoProgress,
): Promise<Undone> {
	if (!wish.isDryRun) {
		await mark(tools, merchant, wish.run);
	}

	const tally: Tally = {totals: new Map(), credits: 0, unfinished: 0};
	const isDone = await walk(tools, merchant, {wish, tally, progress});
	return {
		totals: [...tally.totals.values()],
		credits: tally.credits,
		unfinished: tally.unfinished,
		isStopped: !isDone,
	};
}

// Longer than some batches, which hold the run until they are committed; less than a statement may take.
const markPatience = '9s';

async function mark({prisma, clock}: UndoTools, merchant: Merchant, {id}: UndoableRun): Promise<void> {
	await prisma.$transaction(
		async tx => {
			await tx.$executeRawUnsafe(`SET LOCAL lock_timeout = '${markPatience}'`);
			await tx.importRun.updateMany({
				where: {merchantId: merchant.id, id, undoneAt: null},
				data: {undoneAt: new Date(clock())},
			});
		},
		{timeout: 20_000},
	);
}

type Tally = {
	readonly totals: Map<number, UndoTotal>;
	credits: number;
	unfinished: number;
};

type Walk = {
	readonly wish: UndoWish;
	readonly tally: Tally;
	readonly progress: UndoProgress;
};

/** Returns whether it came to the end. */
async function walk(tools: UndoTools, merchant: Merchant, at: Walk): Promise<boolean> {
	const {wish, tally, progress} = at;
	const place = {merchantId: merchant.id, runId: wish.run.id};
	let after: Place | undefined = firstPlace;
	let pace: ChunkPace = firstChunkPace;
	while (after !== undefined) {
		if (progress.signal.aborted) {
			return false;
		}

		const startedAt = performance.now();
		const page: Awaited<ReturnType<typeof nextCredits>> = await nextCredits(tools.prisma, place, {
			...{after, limit: pageSize},
		});
		const credits = await standingOf(tools.prisma, merchant.id, page.ids);
		const undone = await inOrder(credits.map(async credit => takeBack(tools, merchant, wish, credit)));
		count(tally, undone);
		progress.onPage(undone.filter(isUnfinished), tally.credits);
		after = page.last;
		const {restMs, ...next} = nextChunkPace(pace, performance.now() - startedAt);
		pace = next;
		await delay(restMs);
	}

	return true;
}

/** All of them, whatever fails: the first failure is told when nothing is on its way any more. */
async function inOrder<Result>(works: readonly Promise<Result>[]): Promise<Result[]> {
	const results = await Promise.allSettled(works);
	return results.map(result => {
		if (result.status === 'rejected') {
			throw result.reason;
		}

		return result.value;
	});
}

function count(tally: Tally, undone: readonly UndoneCredit[]): void {
	for (const {assetId, amount, taken, before, left, held, gone} of undone) {
		const nothing = {amount: 0n, taken: 0n, before: 0n, left: 0n, held: 0n, gone: 0n};
		const known = tally.totals.get(assetId) ?? {assetId, credits: 0, ...nothing};
		tally.totals.set(assetId, {
			assetId,
			credits: known.credits + 1,
			amount: known.amount + amount,
			taken: known.taken + taken,
			before: known.before + before,
			left: known.left + left,
			held: known.held + held,
			gone: known.gone + gone,
		});
	}

	tally.credits += undone.length;
	tally.unfinished += undone.filter(isUnfinished).length;
}

function isUnfinished({amount, taken, before}: UndoneCredit): boolean {
	return taken + before < amount;
}

async function takeBack(
	tools: UndoTools,
	merchant: Merchant,
	wish: UndoWish,
	first: RunCredit,
): Promise<UndoneCredit> {
	let credit = first;
	for (let look = 1; ; look++) {
		const rest = credit.amount - credit.reversed;
		const there = credit.holders.reduce((sum, {remaining}) => sum + remaining, 0n);
		const wanted = there >= rest ? rest : wish.isPartial ? there : 0n;
		if (wanted === 0n || wish.isDryRun) {
			return outcomeOf(credit, {first, there, wouldTake: wanted});
		}

		if (look > looksMax) {
			throw new Error(
				'Somebody spends so quickly from a card of this import that its credit could not be taken back. Repeat the command.',
			);
		}

		await takeOnce(tools, merchant, wish, {credit, wanted});
		[credit = credit] = await standingOf(tools.prisma, merchant.id, [credit.id]);
	}
}

function outcomeOf(
	{id, publicId, customerId, assetId, amount, reversed, held}: RunCredit,
	{first, there, wouldTake}: {readonly first: RunCredit; readonly there: bigint; readonly wouldTake: bigint},
): UndoneCredit {
	const taken = reversed - first.reversed + wouldTake;
	const left = there - wouldTake;
	const gone = amount - first.reversed - taken - left - held;
	return {id, publicId, customerId, assetId, amount, taken, before: first.reversed, left, held, gone};
}

/** Take from each card what is wanted of it; where somebody was quicker, the next look tells. */
async function takeOnce(
	tools: UndoTools,
	merchant: Merchant,
	{run, actorId, ...why}: UndoWish,
	{credit, wanted}: {readonly credit: RunCredit; readonly wanted: bigint},
): Promise<void> {
	let {reversed} = credit;
	let missing = wanted;
	for (const {cardId: holderId, remaining} of credit.holders) {
		const amount = remaining < missing ? remaining : missing;
		if (amount === 0n) {
			continue;
		}

		const [outcome] = await submitAll(tools.writer, merchant, [
			{
				verb: 'undo',
				...{cardId: credit.cardId, operationId: credit.id, holderId},
				...{assetId: credit.assetId, amount, actorId},
				// After so much was taken back: two that take back the same run at once do each step once.
				key: {scope: credit.id, space: 'undo', key: `run ${run.id} after ${reversed}`},
				note: explained(why),
			},
		]);
		if (outcome?.kind === 'failed') {
			throw outcome.error;
		}

		if (outcome?.kind !== 'done') {
			return;
		}

		reversed += amount;
		missing -= amount;
	}
}
