/** What one wallet got for an order, in minor units of its points. Neither is ever below zero. */
export type Booking = {
	/** Given, and not taken back. */
	readonly units: bigint;
	/** Earned, and kept away by a cap: decided as the given ones are, so that a later look gives none of them. */
	readonly forgone: bigint;
};

/** An order's row: what was booked for it, up to which version of its document (A12). */
export type OrderState = {
	readonly orderId: string;
	/** The version that was applied last; a later one is greater as text. Null before the first. */
	readonly appliedVersion: string | null;
	/** The entry that first gave points for the order: all later ones answer it. */
	readonly earningId: string | null;
	/** By wallet. One that was merged into another keeps what was booked to it. */
	readonly bookings: ReadonlyMap<string, Booking>;
	/** The lots that its entries `earn` opened, which have those entries' ids. Known where something is to be given or taken back. */
	readonly lotIds: readonly string[];
	/** What was taken back out of breakage and adjustment instead of from a wallet, by asset. Known where `lotIds` is. */
	readonly reversed: ReadonlyMap<number, Reversal>;
};

/** Value that had left its lots unspent, and was taken back from where it went. Minor units. */
export type Reversal = {readonly breakage: bigint; readonly adjustment: bigint};

/** What left a lot otherwise than by being spent or moved to another lot. Minor units, cumulative. */
export type LotLosses = {
	/** To breakage. */
	readonly expired: bigint;
	/** To adjustment: by a correction, or left on a card that was closed. */
	readonly adjusted: bigint;
	/** Taken back by clawbacks. */
	readonly clawedBack: bigint;
};

export const noLosses: LotLosses = {expired: 0n, adjusted: 0n, clawedBack: 0n};
export const noReversal: Reversal = {breakage: 0n, adjustment: 0n};

/** An order of which nothing is known but that somebody named it. */
export function newOrder(orderId: string): OrderState {
	return {
		orderId,
		appliedVersion: null,
		earningId: null,
		bookings: new Map(),
		lotIds: [],
		reversed: new Map(),
	};
}

/** The order with something more, or less, booked to a wallet. */
export function book(order: OrderState, cardId: string, change: Partial<Booking>): OrderState {
	const {units = 0n, forgone = 0n} = order.bookings.get(cardId) ?? {};
	const booking = {units: units + (change.units ?? 0n), forgone: forgone + (change.forgone ?? 0n)};
	return {...order, bookings: new Map([...order.bookings, [cardId, booking]])};
}

/** How the units that a wallet earned since the beginning of its local day are found in a map. */
export function earnedKey(cardId: string, dayStart: number): string {
	return `${cardId}/${dayStart}`;
}
