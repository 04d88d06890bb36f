import {type Merchant} from '../merchants/merchant.ts';
import {type Asset} from '../money/asset.ts';
import {type BookedOrder, type BookingParts, openBookOrder} from './book-order.ts';
import {type SoldOrder} from './order.ts';

/** What became of an order in one program. */
export type ProgramOutcome = {
	/** By name. */
	readonly program: string;
	/**
	 * `booked`: an entry was made, for more points or for fewer. `unchanged`: it had been booked as it stands. `older`: a newer document of
	 * it was applied before. `nothing`: it earns nothing, and has nothing booked. `nobody`: it earns, and nobody can be told whom for.
	 * `unknown`: nothing can be said yet, and nothing was booked.
	 */
	readonly kind: 'booked' | 'unchanged' | 'older' | 'nothing' | 'nobody' | 'unknown';
	/** What the order has earned by now, in minor units of the points. */
	readonly units: bigint;
	readonly points: Asset;
	/** Why nothing, nobody or unknown: a word such as `notInvoiced`. Never anything that the order said. */
	readonly reason?: string;
};

/** What became of an order in the books; no programs where none of the merchant's earns with orders. */
export type AppliedOrder = {readonly orderId: string; readonly programs: readonly ProgramOutcome[]};

/**
 * Books what an order should have earned by now, less what was booked for it (rules A12). To apply the same document again, an older
 * one, or two at once changes nothing: whoever finds an order may apply it.
 * @throws errors that pass, as the writer's, and those that need somebody to look: the order is tried again after both
 */
export type ApplyOrder = (merchant: Merchant, order: SoldOrder) => Promise<AppliedOrder>;

export function openApplyOrder(parts: BookingParts): ApplyOrder {
	const bookOrder = openBookOrder(parts);
	return async (merchant, order) => ({
		orderId: order.id,
		programs: (await bookOrder(merchant, order)).map(outcomeOf),
	});
}

function outcomeOf({program, points, kind, units, moved, reason}: BookedOrder): ProgramOutcome {
	return {program, points, units, kind: kindOf(kind, moved), ...(reason !== undefined && {reason})};
}

function kindOf(kind: BookedOrder['kind'], moved: bigint): ProgramOutcome['kind'] {
	if (kind === 'superseded') {
		return 'older';
	}

	if (moved !== 0n) {
		return 'booked';
	}

	return kind === 'earned' ? 'unchanged' : kind;
}
