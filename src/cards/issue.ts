import {setTimeout as delay} from 'node:timers/promises';
import {type PrismaClient} from '../db/client.ts';
import {type Instant, localDate} from '../ledger/calendar.ts';
import {type FundingAccount} from '../ledger/chart.ts';
import {type Issue, noNote, scriptScope} from '../ledger/commands.ts';
import {OverloadedError, type Writer} from '../ledger/writer.ts';
import {formatAmount} from '../money/amount.ts';
import {type MerchantAsset} from '../merchants/assets.ts';
import {beginIssueRun, completeIssueRun, type IssueRun, IssueRefusedError} from './issue-run.ts';
import {findIssued, type FoundCard, reserveCardIds} from './issued.ts';
import {hashCode, type Pepper} from './pepper.ts';
import {codeFromSeed, lastFour} from './redemption-code.ts';
import {publicIdFromSeed} from './run-seed.ts';

export type IssueTools = {
	readonly prisma: PrismaClient;
	readonly writer: Writer;
	/** The current one. */
	readonly pepper: Pepper;
	readonly secretsKey: string;
	readonly clock: () => Instant;
};

export type IssueRequest = {
	/** The run: repeated under the same key it issues nothing twice, and goes on where it was interrupted. */
	readonly key: string;
	readonly count: number;
	/** Of each card, in minor units. */
	readonly amount: bigint;
	readonly asset: MerchantAsset;
	readonly origin: FundingAccount;
	/** The first instant at which the cards are no longer valid; null for never. */
	readonly expiresAt: Instant | null;
	readonly ownerId: string | null;
	readonly restricted: boolean;
	readonly singleUse: boolean;
	readonly rechargeable: boolean;
	readonly caption: string | null;
	readonly relationName: string | null;
	readonly actorId: number;
};

/** A card of a run. */
export type IssuedCard = {
	/** Its number in the run, from 0. */
	readonly index: number;
	/** A UUID. */
	readonly publicId: string;
	/** Normalised; null when the run's seed has been destroyed and nobody knows the code any more but who has it. */
	readonly code: string | null;
	readonly codeLast4: string;
	/** What can be spent of it now (B10), in minor units. */
	readonly balance: bigint;
	/** Whether an earlier attempt had issued it. */
	readonly isRepeated: boolean;
};

export type IssueProgress = {
	/** Told of the cards of each chunk once they are durable, in order; the next chunk waits for it. */
	readonly onChunk: (cards: readonly IssuedCard[]) => void | Promise<void>;
	/** Stop after the chunk at hand. */
	readonly signal?: AbortSignal;
};

export type IssueResult = {readonly issued: number; readonly repeated: number; readonly isComplete: boolean};

/** More cards are several runs, each with a key of its own. */
export const issueCountMax = 1_000_000;

// What is printed together, and what one look-up and one reservation of ids serve. The writer cuts it into batches of its own.
const chunkSize = 500;
// A chunk that the database was too busy for is tried so often, with growing pauses in between.
const attemptsMax = 6;
const pauseMs = 250;
// Others want the database when a chunk takes so much longer than the quickest one.
const slowdownMax = 3;

/**
 * Issue the cards of a run in chunks, each card a command of its own under the run's key, so that it happens once. An
 * interrupted run that is repeated prints the same cards and codes (A15) and issues those that were missing.
 * @throws {IssueRefusedError} when the key names another run, or the date has passed
 * @throws {OverloadedError} when the database stays too busy; what was issued until then stays
 */
export async function issueCards(
	tools: IssueTools,
	merchant: {readonly id: number; readonly timeZone: string},
	request: IssueRequest,
	{onChunk, signal}: IssueProgress,
): Promise<IssueResult> {
	const {prisma, clock, secretsKey} = tools;
	const {key, count} = request;
	const now = clock();
	const parameters = parametersOf(request, merchant.timeZone);
	const check = () => {
		refuseUnusable(request, now);
	};
	const run = await beginIssueRun(prisma, {merchantId: merchant.id, key, count, parameters, secretsKey, now, check});
	let issued = 0;
	let quickestMs = Number.POSITIVE_INFINITY;
	let first = 0;
	for (; first < count && signal?.aborted !== true; first += chunkSize) {
		const startedAt = performance.now();
		const indexes = Array.from({length: Math.min(chunkSize, count - first)}, (_, offset) => first + offset);
		const cards = await issueChunk(tools, merchant, request, run, indexes);
		const tookMs = performance.now() - startedAt;
		issued += cards.filter(({isRepeated}) => !isRepeated).length;
		await onChunk(cards);
		quickestMs = Math.min(quickestMs, tookMs);
		// Checkouts come first: leave them as long a pause as the slow chunk took (B13).
		await delay(tookMs > slowdownMax * quickestMs ? tookMs : 0);
	}

	const done = Math.min(first, count);
	if (done === count) {
		await completeIssueRun(prisma, merchant.id, key, clock());
	}

	return {issued, repeated: done - issued, isComplete: done === count};
}

async function issueChunk(
	tools: IssueTools,
	merchant: {readonly id: number; readonly timeZone: string},
	request: IssueRequest,
	run: IssueRun,
	indexes: readonly number[],
): Promise<IssuedCard[]> {
	for (let attempt = 1; ; attempt++) {
		const known = await findIssued(tools, merchant.id, request.key, indexes);
		const missing = indexes.filter(index => !known.has(index));
		const rowIds = await reserveCardIds(tools.prisma, missing.length);
		const commands = missing.map((index, position) =>
			commandOf(tools.pepper, request, run, {index, rowId: rowIds[position] ?? ''}),
		);
		const results = await Promise.allSettled(commands.map(command => tools.writer.submit(merchant, command)));
		const failures = results.flatMap(result => (result.status === 'rejected' ? [result.reason as unknown] : []));
		if (failures.length === 0) {
			results.forEach(result => {
				if (result.status === 'fulfilled' && result.value.kind === 'refused') {
					throw new IssueRefusedError(`A card of the run was refused: ${result.value.refusal}.`);
				}
			});
			const value = isPast(request, tools.clock()) ? 0n : request.amount;
			return indexes.map(index => cardOf(run, index, known.get(index) ?? value));
		}

		const unexpected = failures.find(error => !(error instanceof OverloadedError));
		if (unexpected !== undefined || attempt === attemptsMax) {
			throw unexpected ?? failures[0];
		}

		await delay(pauseMs * 2 ** attempt);
	}
}

function commandOf(
	pepper: Pepper,
	request: IssueRequest,
	run: IssueRun,
	{index, rowId}: {readonly index: number; readonly rowId: string},
): Issue {
	if (run.seed === null) {
		throw new Error(`The run "${request.key}" is complete, yet its card ${index} is missing; run ledger:audit.`);
	}

	const {amount, asset, origin, actorId, ownerId, restricted, singleUse, rechargeable, caption, relationName, expiresAt} =
		request;
	const code = codeFromSeed(run.seed, index);
	return {
		verb: 'issue',
		key: {scope: scriptScope, space: 'issue', key: `${request.key}:${index}`},
		cardId: rowId,
		amount,
		assetId: asset.id,
		origin,
		actorId,
		note: noNote,
		card: {
			publicId: publicIdFromSeed(run.seed, index),
			pepperId: pepper.id,
			codeHash: hashCode(code, pepper.key),
			codeLast4: lastFour(code),
			status: 'active',
			emittedAt: run.begunAt,
			expiresAt,
			ownerId,
			restricted,
			singleUse,
			rechargeable,
			caption,
			relationName,
		},
	};
}

/** A card of an earlier attempt as it was found, or one that has just been issued, with its value. */
function cardOf({seed}: IssueRun, index: number, found: FoundCard | bigint): IssuedCard {
	const code = seed === null ? null : codeFromSeed(seed, index);
	if (typeof found !== 'bigint') {
		return {...found, index, code, isRepeated: true};
	}

	if (seed === null || code === null) {
		throw new Error(`Card ${index} of the run was issued without a code.`);
	}

	const publicId = publicIdFromSeed(seed, index);
	return {index, publicId, code, codeLast4: lastFour(code), balance: found, isRepeated: false};
}

function isPast({expiresAt}: IssueRequest, now: Instant): boolean {
	return expiresAt !== null && expiresAt <= now;
}

function refuseUnusable(request: IssueRequest, now: Instant): void {
	if (request.count > issueCountMax) {
		throw new IssueRefusedError(`A run issues at most ${issueCountMax} cards; make it several runs.`);
	}

	if (isPast(request, now) && request.origin !== 'fundingMigrated') {
		throw new IssueRefusedError(
			'The cards would have expired before they are issued. Take a later date; only migrated cards may keep one that has passed.',
		);
	}
}

/** By the names of the flags, because people are told what differs. */
function parametersOf(request: IssueRequest, timeZone: string): Readonly<Record<string, string | boolean | null>> {
	return {
		amount: formatAmount(request.amount, request.asset),
		currency: request.asset.code,
		expires: request.expiresAt === null ? null : localDate(request.expiresAt - 1, timeZone),
		funding: request.origin.replace('funding', '').toLowerCase(),
		'owner-id': request.ownerId === null ? null : `customer ${request.ownerId}`,
		restricted: request.restricted,
		'single-use': request.singleUse,
		'no-recharge': !request.rechargeable,
		caption: request.caption,
		'relation-name': request.relationName,
	};
}
