import {openErrands} from '../errands.ts';
import {attempt, type AttemptLimits, type AttemptParts, type AttemptResult} from './attempt.ts';
import {type Claim, claimNext} from './outbox.ts';

export type CallbackLimits = AttemptLimits & {
	/** Attempts under way at once in this process, and of them to one receiver. */
	readonly parallelMax: number;
	readonly perReceiverMax: number;
};

// A receiver that hangs takes half of the places at most.
const defaults: CallbackLimits = {
	timeoutMs: 10_000,
	random: Math.random,
	resolve: undefined,
	parallelMax: 8,
	perReceiverMax: 4,
};

/** How many callbacks arrived, failed for now, and will not be tried again. */
export type DeliveryCounts = Readonly<Record<AttemptResult, number>>;

export type Callbacks = {
	/**
	 * Try whatever is due, until nothing is. May be called while an earlier call is under way: they share the places. Failed attempts are
	 * repeated by later calls. On abort nothing more is begun, and what is under way is finished.
	 */
	readonly deliverDue: (signal?: AbortSignal) => Promise<DeliveryCounts>;
};

/**
 * Deliver callbacks from the outbox (Payment Provider Protocol, 6). Any number of processes may do so on one database. A callback
 * arrives at least once, and counts as delivered with its first 2xx; that it fails changes nothing about its payment.
 */
export function openCallbacks(parts: AttemptParts, limits: Partial<CallbackLimits> = {}): Callbacks {
	const options = {...defaults, ...limits};
	const {parallelMax, perReceiverMax} = options;
	const deliverDue = openErrands(
		{
			claimNext: busy => claimNext(parts.prisma, parts.clock(), busy),
			partyOf: ({receiver}: Claim) => receiver,
			run: claim => attempt(parts, options, claim),
			counts: {delivered: 0, failed: 0, givenUp: 0} satisfies DeliveryCounts,
		},
		{parallelMax, perPartyMax: perReceiverMax},
	);
	return {deliverDue};
}
