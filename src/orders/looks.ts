import {look, type LookLimits, type LookParts, type LookResult} from './look.ts';
import {type Claim, claimNext} from './queue.ts';

export type LooksLimits = LookLimits & {
	/** Looks under way at once in this process, and of them at the orders of one merchant. */
	readonly parallelMax: number;
	readonly perMerchantMax: number;
};

// An account that hangs takes half of the places at most. Four at once stay far below the 100 requests a second that an account has for
// everything that a store runs (Orders, 5).
const defaults: LooksLimits = {random: Math.random, parallelMax: 8, perMerchantMax: 4};

/** How many orders were applied, failed for now, will not be looked at any more, and wait for VTEX. */
export type LookCounts = Readonly<Record<LookResult, number>>;

export type Looks = {
	/**
	 * Look at whatever is due, until nothing is. May be called while an earlier call is under way: they share the places. On abort nothing
	 * more is begun, and what is under way is finished.
	 */
	readonly lookDue: (signal?: AbortSignal) => Promise<LookCounts>;
};

/** Look at the orders that somebody rang for. Any number of processes may do so on one database. */
export function openLooks(parts: LookParts, limits: Partial<LooksLimits> = {}): Looks {
	const options = {...defaults, ...limits};
	const {parallelMax, perMerchantMax} = options;
	const looksByMerchant = new Map<number, number>();
	let places = parallelMax;

	const take = (merchantId: number, change: 1 | -1) => {
		const count = (looksByMerchant.get(merchantId) ?? 0) + change;
		if (count === 0) {
			looksByMerchant.delete(merchantId);
		} else {
			looksByMerchant.set(merchantId, count);
		}
	};

	/** Claims an order, and returns the look at it, begun. */
	const begin = async (): Promise<{readonly run: Promise<LookResult>} | undefined> => {
		places--;
		let claim: Claim | undefined;
		try {
			const busy = [...looksByMerchant].filter(([, count]) => count >= perMerchantMax);
			claim = await claimNext(
				parts.prisma,
				parts.clock(),
				busy.map(([merchantId]) => merchantId),
			);
		} finally {
			places += claim === undefined ? 1 : 0;
		}

		if (claim === undefined) {
			return undefined;
		}

		const {id} = claim.merchant;
		take(id, 1);
		const run = look(parts, options, claim).finally(() => {
			places++;
			take(id, -1);
		});
		return {run};
	};

	return {
		async lookDue(signal) {
			const counts: Record<LookResult, number> = {done: 0, failed: 0, givenUp: 0, held: 0};
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
