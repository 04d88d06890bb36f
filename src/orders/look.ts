import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {type AppliedOrder, type ApplyOrder} from '../loyalty/apply-order.ts';
import {isOlder, type SoldOrder} from '../loyalty/order.ts';
import {type Merchant} from '../merchants/merchant.ts';
import {
	findVtexAccess,
	recordPaused,
	recordRefused,
	type VtexAccess,
	VtexKeysError,
} from '../merchants/vtex-keys.ts';
import {lagPatienceMs, nextLook, patienceMs} from './backoff.ts';
import {type Claim, recordDone, recordGivenUp, recordPostponed} from './queue.ts';
import {type OrderSource, OrderSourceError} from './source.ts';

/** Where it is told what became of an order: the service's log. Which order it is, `orders:list` says and the log does not (B9). */
export type OrderLog = Readonly<Record<'info' | 'warn', (facts: object, message: string) => void>>;

/** What looks work with. `prisma` is of the general database. */
export type LookParts = {
	readonly prisma: PrismaClient;
	readonly secretsKey: string;
	readonly clock: () => Instant;
	readonly log: OrderLog;
	readonly source: OrderSource;
	readonly applyOrder: ApplyOrder;
	/** Told of what nobody expects: an order that cannot be booked, a database that does not take the result. */
	readonly onFailure: (error: unknown, what: string) => void;
	/** Looks on: what became of a look, and how long it took. Must not throw. */
	readonly onLook?: ((result: LookResult, ms: number) => void) | undefined;
};

export type LookLimits = {
	/** From 0 to below 1. */
	readonly random: () => number;
};

/** It was applied; is looked at again later; will not be any more; or waits until VTEX wants to be asked again. */
export type LookResult = 'done' | 'failed' | 'givenUp' | 'held';

/** What an order came to, or why there is nothing to say yet. */
type Seen =
	| {readonly kind: 'applied'; readonly applied: AppliedOrder}
	| {readonly kind: 'failed'; readonly problem: string; readonly applied?: AppliedOrder}
	| {readonly kind: 'refused'; readonly problem: string}
	| {readonly kind: 'paused'; readonly problem: string; readonly waitMs: number};

// After an answer of 429 (Orders, 5).
const pauseMs = 60_000;

/** Look at a claimed order once, and record what became of it. Never throws: what cannot be recorded is due again after its lease. */
export async function look(parts: LookParts, limits: LookLimits, claim: Claim): Promise<LookResult> {
	const begunAt = performance.now();
	const result = await lookOnce(parts, limits, claim);
	parts.onLook?.(result, performance.now() - begunAt);
	return result;
}

async function lookOnce(parts: LookParts, limits: LookLimits, claim: Claim): Promise<LookResult> {
	try {
		return await record(parts, limits, {claim, seen: await see(parts, claim)});
	} catch (error) {
		parts.onFailure(error, 'A look at an order could not be recorded; it will be looked at again');
		return 'failed';
	}
}

async function see(parts: LookParts, {merchant, orderId, atLeast}: Claim): Promise<Seen> {
	let order: SoldOrder;
	try {
		const access = await accessOf(parts, merchant);
		order = await parts.source.fetch(access, orderId);
	} catch (error) {
		return unseen(parts, error);
	}

	if (order.id !== orderId) {
		return {kind: 'failed', problem: 'VTEX answered another order than the one that was asked for.'};
	}

	try {
		// A document that lags is worth applying too: what it says was true then, and a newer one mends it (rules A12).
		const applied = await parts.applyOrder(merchant, order);
		return atLeast !== null && isOlder(order.version, atLeast)
			? {kind: 'failed', problem: 'The document is older than the change that was announced.', applied}
			: {kind: 'applied', applied};
	} catch (error) {
		parts.onFailure(error, 'An order could not be booked; it will be tried again');
		return {kind: 'failed', problem: 'It could not be booked; the log of the service says why.'};
	}
}

/** @throws VtexKeysError */
async function accessOf(parts: LookParts, merchant: Merchant): Promise<VtexAccess> {
	const access = await findVtexAccess(parts, merchant, 'orders');
	if (access === undefined) {
		throw new VtexKeysError('The keys of this merchant are gone. Enter them with credentials:vtex.');
	}

	return access;
}

function unseen({onFailure}: LookParts, error: unknown): Seen {
	if (error instanceof VtexKeysError) {
		return {kind: 'paused', problem: error.message, waitMs: pauseMs};
	}

	if (!(error instanceof OrderSourceError)) {
		onFailure(error, 'An order could not be fetched; it will be tried again');
		return {kind: 'failed', problem: 'It could not be fetched; the log of the service says why.'};
	}

	const {problem, message} = error;
	if (problem === 'refused') {
		return {kind: 'refused', problem: message};
	}

	return problem === 'busy'
		? {kind: 'paused', problem: message, waitMs: Math.max(pauseMs, error.waitMs)}
		: {kind: 'failed', problem: message};
}

type Look<S extends Seen = Seen> = {readonly claim: Claim; readonly seen: S};

async function record(parts: LookParts, limits: LookLimits, {claim, seen}: Look): Promise<LookResult> {
	const {prisma, log} = parts;
	const now = parts.clock();
	if (seen.kind === 'applied') {
		const outcome = outcomeOf(seen.applied);
		await recordDone(prisma, claim, {outcome, now});
		log.info({merchant: claim.merchant.id, outcome}, 'An order was looked at');
		return 'done';
	}

	return seen.kind === 'failed'
		? recordFailure(parts, limits, {claim, seen, now})
		: recordHeld(parts, {claim, seen, now});
}

/** Nobody can ask with these keys, or nobody just now: no fault of the order. */
async function recordHeld(
	{prisma, log}: LookParts,
	{claim, seen, now}: Look<Extract<Seen, {kind: 'refused' | 'paused'}>> & {readonly now: Instant},
): Promise<LookResult> {
	const {merchant, keysChangedAt: changedAt} = claim;
	const {problem} = seen;
	const whose = {merchantId: merchant.id, purpose: 'orders', changedAt} as const;
	const facts = {merchant: merchant.id, problem};
	if (seen.kind === 'refused') {
		await recordRefused(prisma, whose, now);
		log.warn(
			facts,
			'VTEX refuses the keys of a merchant: its orders wait until credentials:vtex or orders:retry',
		);
	} else {
		await recordPaused(prisma, whose, now + seen.waitMs);
		log.warn(facts, 'The orders of a merchant wait a little');
	}

	await recordPostponed(prisma, claim, {problem, nextAt: now, now, hasFailed: false, outcome: undefined});
	return 'held';
}

async function recordFailure(
	{prisma, log}: LookParts,
	{random}: LookLimits,
	{claim, seen: {problem, applied}, now}: Look<Extract<Seen, {kind: 'failed'}>> & {readonly now: Instant},
): Promise<LookResult> {
	const failures = claim.failures + 1;
	const nextAt = nextLook({
		...{failures, now, since: claim.since, random: random()},
		patienceMs: applied === undefined ? patienceMs : lagPatienceMs,
	});
	const facts = {merchant: claim.merchant.id, failures, problem};
	if (nextAt === undefined) {
		await recordGivenUp(prisma, claim, {problem, now});
		log.warn(facts, 'An order was given up');
		return 'givenUp';
	}

	const outcome = applied === undefined ? undefined : outcomeOf(applied);
	await recordPostponed(prisma, claim, {problem, nextAt, now, hasFailed: true, outcome});
	log.warn({...facts, nextAt: new Date(nextAt)}, 'A look at an order failed and will be tried again');
	return 'failed';
}

/** `booked`, or `nothing: notInvoiced`; each once where several programs say different things. */
export function outcomeOf({programs}: AppliedOrder): string {
	const outcomes = programs.map(({kind, reason}) => (reason === undefined ? kind : `${kind}: ${reason}`));
	return outcomes.length === 0 ? 'nothing: noProgram' : [...new Set(outcomes)].join(', ');
}
