import {openErrands} from '../errands.ts';
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
	const lookDue = openErrands(
		{
			claimNext: busy => claimNext(parts.prisma, parts.clock(), busy),
			partyOf: ({merchant}: Claim) => merchant.id,
			run: claim => look(parts, options, claim),
			counts: {done: 0, failed: 0, givenUp: 0, held: 0} satisfies LookCounts,
		},
		{parallelMax, perPartyMax: perMerchantMax},
	);
	return {lookDue};
}
