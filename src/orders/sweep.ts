import {type Merchant, merchantColumns} from '../merchants/merchant.ts';
import {findVtexAccess, keyPurposes, recordPaused, type VtexAccess} from '../merchants/vtex-keys.ts';
import {ringSoftly} from './doorbell.ts';
import {type LookParts} from './look.ts';
import {forgetDone} from './operate.ts';
import {type OrderFilter, OrderSourceError} from './source.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

// Nightly, and a little sooner, so that a run which comes late does not push the next one into another night.
const everyMs = 23 * hourMs;
// A night that failed is made good by the next one. An order is seldom canceled later than a week after it was made, because it is invoiced by
// then; most laws and shops give a month to return things, and holidays add to it.
const windows = [
	['invoiced', 2],
	['authorized', 2],
	['canceled', 7],
	['returned', 90],
] as const satisfies readonly (readonly [OrderFilter['kind'], days: number])[];
// Of an order that nobody has rung for in so long, the queue remembers nothing; should somebody ring again, it is looked at again.
const rememberedMs = 180 * dayMs;
// Forwards too: VTEX's clock may be ahead of ours.
const aheadMs = hourMs;

export type SweepResult = {
	/** Accounts that were asked. */
	readonly accounts: number;
	/** Orders that were listed, and those of them that are looked at because of it. */
	readonly found: number;
	readonly rung: number;
	/** Accounts that could not be asked; the next run tries again. */
	readonly failed: number;
	/** Orders done long ago that the queue has forgotten. */
	readonly forgotten: number;
};

/**
 * Ring for what notifications may have missed: orders of the last days, and for three months those with returns, which no hook of states
 * announces (Orders, 3.4 and 6). Of each merchant once a day, whoever asks.
 */
export async function sweepOrders(parts: LookParts, signal?: AbortSignal): Promise<SweepResult> {
	const {prisma, clock} = parts;
	const now = clock();
	const before = new Date(now - everyMs);
	const due = await prisma.vtexKey.findMany({
		where: {
			...{purpose: keyPurposes.orders, refusedAt: null},
			AND: [
				{OR: [{sweptAt: null}, {sweptAt: {lt: before}}]},
				{OR: [{pausedUntil: null}, {pausedUntil: {lte: new Date(now)}}]},
			],
		},
		select: {merchant: {select: merchantColumns}},
		orderBy: {merchantId: 'asc'},
	});
	const counts = {accounts: 0, found: 0, rung: 0, failed: 0};
	for (const {merchant} of due) {
		if (signal?.aborted === true) {
			break;
		}

		const swept = await sweepAccount(parts, merchant, signal);
		counts.accounts++;
		counts.found += swept.found;
		counts.rung += swept.rung;
		counts.failed += swept.hasFailed ? 1 : 0;
	}

	return {...counts, forgotten: await forgetDone(prisma, clock() - rememberedMs)};
}

async function sweepAccount(parts: LookParts, merchant: Merchant, signal: AbortSignal | undefined) {
	const {prisma, clock, log} = parts;
	const counts = {found: 0, rung: 0};
	const access = await findVtexAccess(parts, merchant, 'orders');
	if (access === undefined) {
		return {...counts, hasFailed: true};
	}

	const begunAt = clock();
	try {
		for (const [kind, days] of windows) {
			const filter = {kind, from: begunAt - days * dayMs, to: begunAt + aheadMs};
			for await (const ids of parts.source.list(access, filter)) {
				counts.found += ids.length;
				counts.rung += await ringSoftly(prisma, merchant.id, ids, clock());
				if (signal?.aborted === true) {
					return {...counts, hasFailed: false};
				}
			}
		}
	} catch (error) {
		if (!(error instanceof OrderSourceError)) {
			throw error;
		}

		await leaveAlone(parts, merchant, access, error);
		log.warn({merchant: merchant.id, problem: error.message}, 'The orders of a merchant could not be listed');
		return {...counts, hasFailed: true};
	}

	await prisma.vtexKey.updateMany({
		where: {merchantId: merchant.id, purpose: keyPurposes.orders},
		data: {sweptAt: new Date(begunAt)},
	});
	return {...counts, hasFailed: false};
}

/** Whoever asks too often makes the store's whole account slow, looks included. */
async function leaveAlone(
	{prisma, clock}: LookParts,
	merchant: Merchant,
	{changedAt}: VtexAccess,
	{problem, waitMs}: OrderSourceError,
): Promise<void> {
	if (problem === 'busy') {
		const whose = {merchantId: merchant.id, purpose: 'orders', changedAt} as const;
		await recordPaused(prisma, whose, clock() + Math.max(pauseMs, waitMs));
	}
}

const pauseMs = 60_000;
