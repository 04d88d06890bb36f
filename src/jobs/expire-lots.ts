import {setTimeout as delay} from 'node:timers/promises';
import {type Instant} from '../ledger/calendar.ts';
import {noNote} from '../ledger/commands.ts';
import {OverloadedError} from '../ledger/writer.ts';
import {actorId} from '../merchants/actors.ts';
import {formatMoney} from '../money/amount.ts';
import {type Job, type JobParts} from './job.ts';
import {firstPace, nextPace} from './pace.ts';

const name = 'expire-lots';

// A card that cannot be swept is passed over and tried again in the next run; with this many something else is wrong.
const passedOverMax = 100;

/** A merchant whose cards are swept, and what has come of it so far. */
type Sweep = {
	readonly merchant: {readonly id: number; readonly timeZone: string};
	/** Cards that were tried in vain, because of an error or because the writer saw nothing due. */
	readonly passedOver: string[];
	/** Minor units by asset. */
	readonly moved: Map<number, bigint>;
	cards: number;
	failed: number;
	isStopped: boolean;
};

/**
 * Book what remains of lots past their date to breakage. Nobody waits for it: such value cannot be spent, swept or not. Held value
 * does not expire. What was swept is not due any more, so the job may stop anywhere and run twice at once.
 */
export const expireLots: Job = {
	name,
	description: 'Book the remainder of value past its date to breakage, card by card.',
	everySeconds: 300,
	async runOnce(parts, signal) {
		const merchants = await parts.prisma.merchant.findMany({
			select: {id: true, timeZone: true},
			orderBy: {id: 'asc'},
		});
		const sweeps = merchants.map(merchant => ({
			merchant,
			passedOver: [],
			moved: new Map(),
			cards: 0,
			failed: 0,
			isStopped: false,
		}));
		for (const sweep of sweeps) {
			await sweepMerchant(parts, sweep, signal);
		}

		return {
			cards: sweeps.reduce((sum, {cards}) => sum + cards, 0),
			moved: await movedText(parts, sweeps),
			failed: sweeps.reduce((sum, {failed}) => sum + failed, 0),
			stopped: sweeps.some(({isStopped}) => isStopped),
		};
	},
};

/** One chunk after the other until nothing is due. Stops early when asked to, and when the writer has no room for it. */
async function sweepMerchant(parts: JobParts, sweep: Sweep, signal: AbortSignal | undefined): Promise<void> {
	const now = parts.clock();
	for (let pace = firstPace; ;) {
		if (signal?.aborted === true || sweep.passedOver.length > passedOverMax) {
			sweep.isStopped = true;
			return;
		}

		const cards = await dueCards(parts, sweep, now, pace.chunk);
		if (cards.length === 0) {
			return;
		}

		const begun = performance.now();
		const isOverloaded = await sweepCards(parts, sweep, cards);
		if (isOverloaded) {
			sweep.isStopped = true;
			return;
		}

		pace = nextPace(pace, performance.now() - begun);
		await delay(pace.restMs);
	}
}

type DueCard = {readonly id: string; readonly assetId: number};

/** Some cards with value past its date, the longest overdue first. */
async function dueCards(
	{prisma}: JobParts,
	{merchant, passedOver}: Sweep,
	now: Instant,
	limit: number,
): Promise<DueCard[]> {
	return prisma.$queryRaw<DueCard[]>`
		SELECT DISTINCT c.id::text, c.asset_id AS "assetId" FROM (
			SELECT card_id FROM lots
			WHERE merchant_id = ${merchant.id} AND NOT spent AND expires_at <= ${new Date(now)}
				AND card_id <> ALL (${passedOver}::bigint[])
			ORDER BY expires_at LIMIT ${limit}
		) due JOIN cards c ON c.merchant_id = ${merchant.id} AND c.id = due.card_id`;
}

/** Sweep some cards in one batch of the writer. @returns whether the writer had no room: then it is for another time */
async function sweepCards(parts: JobParts, sweep: Sweep, cards: readonly DueCard[]): Promise<boolean> {
	const {merchant} = sweep;
	const actor = await actorId(parts.prisma, merchant.id, 'job', name);
	const outcomes = await Promise.allSettled(
		cards.map(({id}) =>
			parts.writer.submit(merchant, {verb: 'expire', cardId: id, actorId: actor, key: null, note: noNote}),
		),
	);
	let isOverloaded = false;
	for (const [index, {id, assetId}] of cards.entries()) {
		const outcome = outcomes[index];
		if (outcome?.status === 'fulfilled' && outcome.value.kind === 'done' && outcome.value.moved > 0n) {
			sweep.cards++;
			sweep.moved.set(assetId, (sweep.moved.get(assetId) ?? 0n) + outcome.value.moved);
		} else if (outcome?.status === 'rejected' && outcome.reason instanceof OverloadedError) {
			isOverloaded = true;
		} else {
			// The writer has told its log of the error.
			sweep.failed += outcome?.status === 'rejected' ? 1 : 0;
			sweep.passedOver.push(id);
		}
	}

	return isOverloaded;
}

/** What went to breakage, each asset by itself: `12.50 BRL, 300 CLP`. */
async function movedText({assets}: JobParts, sweeps: readonly Sweep[]): Promise<string> {
	const parts = sweeps.flatMap(({merchant, moved}) =>
		[...moved].map(async ([id, units]) => formatMoney(units, await assets.byId(merchant.id, id))),
	);
	return parts.length === 0 ? 'nothing' : (await Promise.all(parts)).join(', ');
}
