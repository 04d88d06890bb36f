import {setTimeout as delay} from 'node:timers/promises';
import {creditCaption} from '../cards/open-wallet.ts';
import {openWallets, walletKey} from '../cards/open-wallets.ts';
import {valueRefused} from '../cards/value-moves.ts';
import {whileLiving} from '../customers/survivor.ts';
import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {type Credit, keyText} from '../ledger/commands.ts';
import {type Writer} from '../ledger/writer.ts';
import {type MerchantAsset} from '../merchants/assets.ts';
import {ChunkTerms} from './chunk-terms.ts';
import {conflictSentence, refusedBefore} from './credit-check.ts';
import {type CreditWish} from './credit-row.ts';
import {findCreditCards} from './credit-cards.ts';
import {findKnownLines, lineKey} from './known-lines.ts';
import {findLaterCards, isSameCard} from './later-cards.ts';
import {type LineProblem} from './line.ts';
import {nameCustomers, type NamedCustomers} from './named-customers.ts';
import {firstChunkPace, nextChunkPace} from './pace.ts';
import {checkStanding, type ImportRun} from './runs.ts';
import {submitAll, type Submitted} from './submit-all.ts';

export type CreditTools = {
	readonly prisma: PrismaClient;
	readonly readerPrisma: PrismaClient;
	readonly writer: Pick<Writer, 'submit'>;
	readonly assets: {readonly ofCurrency: (merchantId: number, code: string) => Promise<MerchantAsset>};
	readonly clock: () => Instant;
};

export type CreditRun = {
	readonly merchant: {readonly id: number; readonly timeZone: string};
	readonly run: ImportRun;
	readonly actorId: number;
	/** Whether some lines may have been imported before: they are looked up then, and cost nothing more. */
	readonly isRepeated: boolean;
};

/** A line that is done, now or before. */
export type DoneLine = {readonly wish: CreditWish; readonly isRepeated: boolean};

export type ChunkResult = {
	readonly done: readonly DoneLine[];
	readonly problems: readonly LineProblem[];
	/** The last line of the chunk. */
	readonly line: number;
};

/** Lines that are looked up together, and queue up at the writer, which cuts them into batches of its own. */
export const creditChunkSize = 1024;

// While one chunk is being committed the next is read and looked up; with more, a Ctrl-C would only take longer.
const chunksInFlight = 2;
const chunksAhead = 2;

/**
 * Import chunks of lines that were checked: each line is a command of its own, under its key or its place in the run. What is done of a
 * chunk is durable when its result is told.
 * @param chunks - read while earlier ones are being committed; the end of it, or its return, ends the import
 * @throws {RunRefusedError} when somebody takes the run back meanwhile; {OverloadedError} when the database stays too busy
 */
export async function* importCredits(
	tools: CreditTools,
	at: CreditRun,
	chunks: AsyncIterable<readonly CreditWish[]>,
): AsyncGenerator<ChunkResult> {
	const flying: Promise<ChunkResult>[] = [];
	const pace = openPace();
	for await (const prepared of preparedAhead(tools, at, chunks)) {
		const first = flying.length === chunksInFlight ? flying.shift() : undefined;
		if (first !== undefined) {
			yield await first;
		}

		flying.push(inItsTurn(pace.time(async () => carryOut(tools, at, prepared))));
		await delay(pace.restMs());
	}

	for (const flight of flying) {
		yield await flight;
	}
}

/** Chunks in their order, each prepared while those before it are: looking up and making customers is mostly waiting. */
async function* preparedAhead(
	tools: CreditTools,
	at: CreditRun,
	chunks: AsyncIterable<readonly CreditWish[]>,
): AsyncGenerator<Prepared> {
	const ahead: Promise<Prepared>[] = [];
	for await (const wishes of chunks) {
		await checkStanding(tools.prisma, at.merchant.id, at.run.id);
		ahead.push(inItsTurn(prepare(tools, at, wishes)));
		const first = ahead.length === chunksAhead ? ahead.shift() : undefined;
		if (first !== undefined) {
			yield await first;
		}
	}

	for (const prepared of ahead) {
		yield await prepared;
	}
}

/** Its failure is told when its turn comes. */
function inItsTurn<Result>(work: Promise<Result>): Promise<Result> {
	work.catch(() => undefined);
	return work;
}

/** Times chunks of which the next queues up while one is being committed: each takes as long as since the one before was done. */
function openPace() {
	let pace = {...firstChunkPace, restMs: 0};
	let lastAt = 0;
	return {
		restMs: () => pace.restMs,
		async time<Result>(work: () => Promise<Result>): Promise<Result> {
			const startedAt = performance.now();
			const result = await work();
			const now = performance.now();
			pace = nextChunkPace(pace, now - Math.max(lastAt, startedAt));
			lastAt = now;
			return result;
		},
	};
}

type Ready = {readonly wish: CreditWish; readonly command: Credit};

/** A chunk before its commands are submitted: what need not be, because it was done before or cannot be, is decided. */
type Prepared = {
	readonly ready: readonly Ready[];
	readonly done: readonly DoneLine[];
	readonly problems: readonly LineProblem[];
	readonly line: number;
};

async function prepare(tools: CreditTools, at: CreditRun, wishes: readonly CreditWish[]): Promise<Prepared> {
	const known = at.isRepeated ? await knownAmong(tools, at, wishes) : undefined;
	const isKnown = (wish: CreditWish) => known?.has(keyText(lineKey('grant', wish, at.run.id))) === true;
	const fresh = known === undefined ? wishes : wishes.filter(wish => !isKnown(wish));
	const assetIds = await assetIdsOf(tools, at, fresh);
	const places = await placesOf(tools, at, fresh, assetIds);
	const terms = new ChunkTerms(tools.clock());
	const ready: Ready[] = [];
	const problems: LineProblem[] = [];
	for (const wish of fresh) {
		const place = places.get(wish.line);
		if (place === undefined) {
			const problem = wish.target.kind === 'card' ? 'There is no card of this id.' : conflictSentence;
			problems.push({line: wish.line, problem});
		} else {
			ready.push({
				wish,
				command: commandOf(at, wish, {place, assetId: assetIds.get(wish.asset.code) ?? 0, terms}),
			});
		}
	}

	const done = known === undefined ? [] : wishes.filter(isKnown).map(wish => ({wish, isRepeated: true}));
	return {ready, done, problems, line: wishes.at(-1)?.line ?? 0};
}

/** Lines that were done before. The check has seen that they say the same as then; one that was refused is answered by the writer. */
async function knownAmong(
	{readerPrisma}: CreditTools,
	{merchant, run}: CreditRun,
	wishes: readonly CreditWish[],
): Promise<Set<string>> {
	const keys = wishes.map(wish => lineKey('grant', wish, run.id));
	const known = await findKnownLines(readerPrisma, merchant.id, 'grant', keys);
	return new Set([...known].flatMap(([key, {refusal}]) => (refusal === null ? [key] : [])));
}

async function assetIdsOf(
	{assets}: CreditTools,
	{merchant}: CreditRun,
	wishes: readonly CreditWish[],
): Promise<ReadonlyMap<string, number>> {
	const ids = new Map<string, number>();
	for (const {asset, program} of wishes) {
		if (!ids.has(asset.code)) {
			ids.set(asset.code, program?.asset.id ?? (await assets.ofCurrency(merchant.id, asset.code)).id);
		}
	}

	return ids;
}

type Place = {readonly cardId: string; readonly cardExpiresAt: Instant | null};

/** The card that each line names, or the wallet of the customer: opened where there is none. By line; nothing for those in conflict. */
async function placesOf(
	tools: CreditTools,
	{merchant}: CreditRun,
	wishes: readonly CreditWish[],
	assetIds: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<number, Place>> {
	const {readerPrisma} = tools;
	const cardIds = wishes.flatMap(({target}) => (target.kind === 'card' ? [target.publicId] : []));
	const [cards, wallets] = await Promise.all([
		findCreditCards(readerPrisma, merchant.id, cardIds),
		walletsOf(tools, merchant.id, wishes, assetIds),
	]);
	return new Map(
		wishes.flatMap(({line, target}): [number, Place][] => {
			const card = target.kind === 'card' ? cards.get(target.publicId) : undefined;
			const cardId = card?.cardId ?? wallets.get(line);
			return cardId === undefined ? [] : [[line, {cardId, cardExpiresAt: card?.expiresAt ?? null}]];
		}),
	);
}

/** The rows of the wallets of the customers whom lines name, by line. Whoever is merged or erased at this moment is looked up again. */
async function walletsOf(
	{prisma, readerPrisma, clock}: CreditTools,
	merchantId: number,
	wishes: readonly CreditWish[],
	assetIds: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<number, string>> {
	const named = wishes.flatMap(wish =>
		wish.target.kind === 'customer' ? [{...wish, identifiers: wish.target.identifiers}] : [],
	);
	if (named.length === 0) {
		return new Map();
	}

	return whileLiving(async () => {
		const customers: NamedCustomers = await nameCustomers({prisma, readerPrisma}, merchantId, named);
		const wanted = named.flatMap(({line, asset, program}) => {
			const [customerId, assetId] = [customers.get(line), assetIds.get(asset.code)];
			return customerId === undefined || assetId === undefined
				? []
				: [{line, customerId, assetId, caption: program?.caption ?? creditCaption}];
		});
		const wallets = await openWallets({prisma, readerPrisma}, merchantId, wanted, clock());
		return new Map(
			wanted.flatMap(({line, ...wallet}): [number, string][] => {
				const found = wallets.get(walletKey(wallet));
				return found === undefined ? [] : [[line, found.cardId]];
			}),
		);
	});
}

function commandOf(
	{actorId, run}: CreditRun,
	wish: CreditWish,
	{
		place: {cardId, cardExpiresAt},
		assetId,
		terms,
	}: {readonly place: Place; readonly assetId: number; readonly terms: ChunkTerms},
): Credit {
	const {amount, origin} = wish;
	return {
		verb: 'credit',
		key: lineKey('grant', wish, run.id),
		cardId,
		assetId,
		amount,
		origin,
		grant: terms.grantOf(wish, cardExpiresAt),
		actorId,
		note: terms.noteOf(wish),
		runId: run.id,
	};
}

async function carryOut(
	tools: CreditTools,
	at: CreditRun,
	{ready, done, problems, line}: Prepared,
): Promise<ChunkResult> {
	const outcomes = await submitAll(
		tools.writer,
		at.merchant,
		ready.map(({command}) => command),
	);
	if (outcomes.some(outcome => outcome.kind === 'refused' && outcome.refusal === 'runTakenBack')) {
		await checkStanding(tools.prisma, at.merchant.id, at.run.id);
	}

	const elsewhere = await repeatedElsewhere(tools, at, ready, outcomes);
	const given: DoneLine[] = [];
	const failed: LineProblem[] = [];
	for (const [index, {wish}] of ready.entries()) {
		const outcome = outcomes[index];
		const problem = outcome && problemOf(outcome, wish);
		if (outcome === undefined || problem !== undefined || elsewhere.has(wish.line)) {
			failed.push({line: wish.line, problem: problem ?? 'Its key was used before, for another card.'});
		} else {
			given.push({wish, isRepeated: outcome.kind === 'done' && outcome.isReplay});
		}
	}

	return {done: [...done, ...given], problems: [...problems, ...failed], line};
}

function problemOf(outcome: Submitted, {key}: CreditWish): string | undefined {
	switch (outcome.kind) {
		case 'done': {
			return undefined;
		}

		case 'refused': {
			return outcome.isReplay
				? refusedBefore(outcome.refusal, key)
				: valueRefused(outcome.refusal, false).message;
		}

		case 'failed': {
			return 'The database refused it; ledger:audit tells whether something is wrong there.';
		}
	}
}

/** The card is no part of the fingerprint (A18): lines whose key was used meanwhile, for another card than theirs. */
async function repeatedElsewhere(
	{readerPrisma}: CreditTools,
	{merchant, run}: CreditRun,
	ready: readonly Ready[],
	outcomes: readonly Submitted[],
): Promise<ReadonlySet<number>> {
	const replays = ready.filter((_, index) => {
		const outcome = outcomes[index];
		return outcome?.kind === 'done' && outcome.isReplay;
	});
	const keys = replays.map(({wish}) => lineKey('grant', wish, run.id));
	const known = await findKnownLines(readerPrisma, merchant.id, 'grant', keys);
	const others = replays.flatMap(({wish, command}, index) => {
		const before = known.get(keyText(keys[index] ?? command.key))?.cardId ?? null;
		return wish.key === null || before === command.cardId ? [] : [{wish, command, before}];
	});
	const later = await findLaterCards(
		readerPrisma,
		merchant.id,
		others.flatMap(({before}) => before ?? []),
	);
	return new Set(
		others.flatMap(({wish, command, before}) =>
			isSameCard(before, command.cardId, later) ? [] : [wish.line],
		),
	);
}
