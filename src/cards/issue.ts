import {setTimeout as delay} from 'node:timers/promises';
import {type Instant, localDate} from '../ledger/calendar.ts';
import {isExpired} from '../ledger/lots.ts';
import {formatAmount} from '../money/amount.ts';
import {issueChunk, type IssuedCard, type IssueRequest, type IssueTools} from './issue-chunk.ts';
import {
	beginIssueRun,
	completeIssueRun,
	IssueRefusedError,
	ownerParameter,
	ownerText,
	type RunParameters,
} from './issue-run.ts';

export type {IssuedCard, IssueRequest, IssueTools} from './issue-chunk.ts';

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
	const run = await beginIssueRun(prisma, {
		merchantId: merchant.id,
		key,
		count,
		parameters: parametersOf(request, merchant.timeZone),
		secretsKey,
		now,
		check() {
			refuseUnusable(request, now);
		},
	});
	let issued = 0;
	let done = 0;
	let quickestMs = Number.POSITIVE_INFINITY;
	while (done < count && signal?.aborted !== true) {
		const startedAt = performance.now();
		const cards = await issueChunk(tools, {merchant, request, run}, nextIndexes(done, count));
		const tookMs = performance.now() - startedAt;
		done += cards.length;
		issued += cards.filter(({isRepeated}) => !isRepeated).length;
		await onChunk(cards);
		quickestMs = Math.min(quickestMs, tookMs);
		// Checkouts come first: leave them as long a pause as the slow chunk took (B13).
		await delay(tookMs > slowdownMax * quickestMs ? tookMs : 0);
	}

	if (done === count) {
		await completeIssueRun(prisma, merchant.id, key, clock());
	}

	return {issued, repeated: done - issued, isComplete: done === count};
}

function nextIndexes(done: number, count: number): number[] {
	return Array.from({length: Math.min(chunkSize, count - done)}, (_, offset) => done + offset);
}

function refuseUnusable({count, card, origin}: IssueRequest, now: Instant): void {
	if (count > issueCountMax) {
		throw new IssueRefusedError(
			`A run issues at most ${issueCountMax.toLocaleString('en')} cards; make it several runs.`,
		);
	}

	if (isExpired(card, now) && origin !== 'fundingMigrated') {
		throw new IssueRefusedError(
			'The cards would have expired before they are issued. Take a later date; only migrated cards may keep one that has passed.',
		);
	}
}

/** By the names of the flags, because people are told what differs. */
function parametersOf({amount, asset, origin, card, withPin}: IssueRequest, timeZone: string): RunParameters {
	return {
		amount: formatAmount(amount, asset),
		currency: asset.code,
		expires: card.expiresAt === null ? null : localDate(card.expiresAt - 1, timeZone),
		funding: origin.replace('funding', '').toLowerCase(),
		[ownerParameter]: card.ownerId === null ? null : ownerText(card.ownerId),
		restricted: card.restricted,
		'single-use': card.singleUse,
		'no-recharge': !card.rechargeable,
		caption: card.caption,
		'relation-name': card.relationName,
		pin: withPin,
	};
}
