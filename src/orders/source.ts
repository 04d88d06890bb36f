import {type KeyPurpose, type VtexAccess} from '../merchants/vtex-keys.ts';
import {type Instant} from '../ledger/calendar.ts';
import {type SoldOrder} from '../loyalty/order.ts';

/**
 * Why a store's VTEX account did not give what it was asked for.
 *
 * `refused`: the keys are wrong or lack a role (401, 403). `busy`: asked too often (429). `absent`: there is no such thing, or not yet (404).
 * `unreachable`: no answer, or a late one. `failed`: an answer of another kind. `unreadable`: an order that cannot be read.
 */
export type SourceProblem = 'refused' | 'busy' | 'absent' | 'unreachable' | 'failed' | 'unreadable';

/** VTEX did not give what it was asked for. The message is for operators, and repeats nothing of what VTEX answered. */
export class OrderSourceError extends Error {
	override readonly name = 'OrderSourceError';
	readonly problem: SourceProblem;
	/** When it is `busy`: how long VTEX wants to be left alone. */
	readonly waitMs: number;

	constructor(
		problem: SourceProblem,
		message: string,
		{waitMs = 0, ...options}: ErrorOptions & {readonly waitMs?: number} = {},
	) {
		super(message, options);
		this.problem = problem;
		this.waitMs = waitMs;
	}
}

/** Which orders a sweep asks for, and of which time. */
export type OrderFilter = {
	/** `created`, `invoiced` and `authorized` then; `canceled` ones that were created then; invoiced then and returned since, in part or whole. */
	readonly kind: 'created' | 'invoiced' | 'authorized' | 'canceled' | 'returned';
	readonly from: Instant;
	readonly to: Instant;
};

/** A hook as we want it. */
export type WantedHook = {
	/** `orders` announces states, `returns` what comes back. */
	readonly purpose: KeyPurpose;
	readonly url: string;
	/** What its notifications carry in the header of `hookTokenHeader`. */
	readonly token: string;
};

/** How the hook of an app key stands at VTEX. `changed`: it calls us, with another filter or token. `foreign`: it calls somebody else. */
export type HookState = 'asWanted' | 'none' | 'changed' | 'foreign';

/** A store's orders at VTEX. Everything throws OrderSourceError. */
export type OrderSource = {
	/** An order from its document, as JSON has it. */
	readonly read: (document: unknown) => SoldOrder;
	readonly fetch: (access: VtexAccess, orderId: string) => Promise<SoldOrder>;
	/** The ids, a page at a time. The list is minutes behind, and may be wrong for longer (Orders, 5): good for finding orders, for nothing else. */
	readonly list: (access: VtexAccess, filter: OrderFilter) => AsyncIterable<readonly string[]>;
	/** The ids of all orders of a purchase (Orders, 3.6); none where VTEX knows no such purchase. */
	readonly group: (access: VtexAccess, groupId: string) => Promise<readonly string[]>;
	readonly hookState: (access: VtexAccess, wanted: WantedHook) => Promise<HookState>;
	/** Make the hook, or replace the one that the app key has. VTEX calls it while it answers. */
	readonly configureHook: (access: VtexAccess, wanted: WantedHook) => Promise<void>;
	/** Where there is none, it is removed too. */
	readonly removeHook: (access: VtexAccess) => Promise<void>;
};

/**
 * The header by which a notification names its merchant: VTEX sends whatever the hook was configured with, and has no signature of its own
 * (Orders, 1.1). A name of ours, so that no proxy that handles `Authorization` takes it away.
 */
export const hookTokenHeader = 'X-Monedero-Hook-Token';

/** Where a hook rings, below the public address. */
export const orderHookPath = '/hooks/orders';
