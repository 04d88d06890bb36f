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
	const attemptsByReceiver = new Map<string, number>();
	let places = parallelMax;

	const take = (receiver: string, change: 1 | -1) => {
		const count = (attemptsByReceiver.get(receiver) ?? 0) + change;
		if (count === 0) {
			attemptsByReceiver.delete(receiver);
		} else {
			attemptsByReceiver.set(receiver, count);
		}
	};

	/** Claims a callback, and returns the attempt at it, begun. */
	const begin = async (): Promise<{readonly run: Promise<AttemptResult>} | undefined> => {
		places--;
		let claim: Claim | undefined;
		try {
			const busy = [...attemptsByReceiver].filter(([, count]) => count >= perReceiverMax);
			claim = await claimNext(
				parts.prisma,
				parts.clock(),
				busy.map(([receiver]) => receiver),
			);
		} finally {
			places += claim === undefined ? 1 : 0;
		}

		if (claim === undefined) {
			return undefined;
		}

		const {receiver} = claim;
		take(receiver, 1);
		const run = attempt(parts, options, claim).finally(() => {
			places++;
			take(receiver, -1);
		});
		return {run};
	};

	return {
		async deliverDue(signal) {
			const counts: Record<AttemptResult, number> = {delivered: 0, failed: 0, givenUp: 0};
			const running = new Set<Promise<void>>();
			while (signal?.aborted !== true) {
				const begun = places > 0 ? await begin() : undefined;
				if (begun !== undefined) {
					const run: Promise<void> = begun.run.then(result => {
						counts[result]++;
						running.delete(run);
					});
					running.add(run);
				} else if (running.size > 0) {
					await Promise.race(running);
				} else {
					break;
				}
			}

			await Promise.all(running);
			return counts;
		},
	};
}
