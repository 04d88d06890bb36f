import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {beginUnrecorded, type BeginTrace, type OutgoingTrace, readTraceContext} from '../trace-context.ts';
import {type Resolve} from './addresses.ts';
import {nextAttempt} from './backoff.ts';
import {type CallbackKeys, deliver} from './delivery.ts';
import {type Target, targetOf} from './hosts.ts';
import {type Claim, recordDelivered, recordFailed, recordGivenUp} from './outbox.ts';

/** Where it is told what became of a callback: the service's log. */
export type CallbackLog = Readonly<Record<'info' | 'warn', (facts: object, message: string) => void>>;

/** What attempts work with. `prisma` is of the general database. */
export type AttemptParts = {
	readonly prisma: PrismaClient;
	readonly clock: () => Instant;
	readonly log: CallbackLog;
	/** The body to send: the payment as it stands now, as JSON text. */
	readonly render: (merchantId: number, paymentId: string) => Promise<string>;
	/** Our own VTEX keys, where they are configured. */
	readonly keys: CallbackKeys | undefined;
	/** Hosts that may be called besides VTEX's, as configured. */
	readonly hosts: readonly string[];
	/** Told of what nobody expects: a body that cannot be rendered, a database that does not take the result. */
	readonly onFailure: (error: unknown, what: string) => void;
	/** Begins the trace of an attempt; without it one that nobody records. */
	readonly beginTrace?: BeginTrace | undefined;
	/** Looks on: what became of an attempt, and how long it took. Must not throw. */
	readonly onAttempt?: ((result: AttemptResult, ms: number) => void) | undefined;
};

export type AttemptLimits = {
	readonly timeoutMs: number;
	/** From 0 to below 1. */
	readonly random: () => number;
	/** How names are resolved; by default by the system. */
	readonly resolve: Resolve | undefined;
};

/** It arrived, failed for now, or will not be tried again. */
export type AttemptResult = 'delivered' | 'failed' | 'givenUp';

/** Try a claimed callback once, and record what became of it. Never throws: what cannot be recorded is due again after its lease. */
export async function attempt(
	parts: AttemptParts,
	limits: AttemptLimits,
	claim: Claim,
): Promise<AttemptResult> {
	const begunAt = performance.now();
	const {beginTrace = beginUnrecorded} = parts;
	const parent = readTraceContext(claim.traceparent ?? undefined, claim.tracestate ?? undefined);
	const trace = beginTrace('callback', {attempt: claim.attempts}, parent);
	const result = await tryOnce(parts, limits, {...claim, trace});
	trace.end(result, result !== 'delivered');
	parts.onAttempt?.(result, performance.now() - begunAt);
	return result;
}

/** A claim, and the trace of its attempt: the log names it, and whoever is called is told. */
type Traced = Claim & {readonly trace: OutgoingTrace};

async function tryOnce(parts: AttemptParts, limits: AttemptLimits, claim: Traced): Promise<AttemptResult> {
	try {
		const target = usableTarget(parts, claim);
		return 'problem' in target
			? await giveUp(parts, claim, target.problem, false)
			: await record(parts, limits, claim, await send(parts, limits, claim, target));
	} catch (error) {
		parts.onFailure(error, 'The result of a callback could not be recorded; it will be tried again');
		return 'failed';
	}
}

function usableTarget({clock, hosts}: AttemptParts, claim: Claim): Target | {readonly problem: string} {
	const {url, isSandbox, until, problem} = claim;
	if (until <= clock()) {
		return {problem: `VTEX waits no longer.${problem === null ? '' : ` The attempt before: ${problem}`}`};
	}

	return url === null ? {problem: 'Its address was erased.'} : targetOf(url, {extraHosts: hosts, isSandbox});
}

/** Returns what went wrong. */
async function send(
	{render, keys, clock, onFailure}: AttemptParts,
	{timeoutMs, resolve}: AttemptLimits,
	{merchantId, paymentId, leasedUntil, trace}: Traced,
	target: Target,
): Promise<string | undefined> {
	try {
		const body = await render(merchantId, paymentId);
		// Beyond its lease an attempt could meet another one.
		return clock() + timeoutMs > leasedUntil
			? 'The database took too long to say what to send.'
			: await deliver(target, body, {keys, timeoutMs, resolve, traceHeaders: trace.headers});
	} catch (error) {
		onFailure(error, 'A callback could not be prepared; it will be tried again');
		return 'It could not be prepared; the log of the service says why.';
	}
}

async function record(
	parts: AttemptParts,
	{random}: AttemptLimits,
	claim: Traced,
	problem: string | undefined,
): Promise<AttemptResult> {
	const {prisma, log} = parts;
	const now = parts.clock();
	if (problem === undefined) {
		await recordDelivered(prisma, claim, now);
		log.info(factsOf(claim), 'A callback was delivered');
		return 'delivered';
	}

	const nextAt = nextAttempt({...claim, now, random: random()});
	if (nextAt === undefined) {
		return giveUp(parts, claim, problem, true);
	}

	await recordFailed(prisma, claim, {nextAt, problem});
	log.warn(
		{...factsOf(claim), problem, nextAt: new Date(nextAt)},
		'A callback failed and will be tried again',
	);
	return 'failed';
}

async function giveUp(
	{prisma, log}: AttemptParts,
	claim: Traced,
	problem: string,
	wasTried: boolean,
): Promise<'givenUp'> {
	await recordGivenUp(prisma, claim, {problem, wasTried});
	log.warn({...factsOf(claim), problem}, 'A callback was given up');
	return 'givenUp';
}

function factsOf({merchantId, paymentId, attempts, trace}: Traced) {
	return {merchant: merchantId, payment: paymentId, attempts, traceId: trace.traceId};
}
