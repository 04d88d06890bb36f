import {type Merchant} from '../merchants/merchant.ts';
import {type Asset} from '../money/asset.ts';
import {type SoldOrder} from './order.ts';

/** What became of an order in the books. */
export type AppliedOrder = {
	readonly orderId: string;
	/**
	 * `booked`: an entry was made, for more points or for fewer. `unchanged`: it had been booked as it stands. `older`: a newer document of
	 * it was applied before. `nothing`: it earns nothing, and has nothing booked. `unknown`: nothing can be said yet, and nothing was booked.
	 */
	readonly kind: 'booked' | 'unchanged' | 'older' | 'nothing' | 'unknown';
	/** What the order has earned by now, in minor units of the points. */
	readonly units: bigint;
	/** The points, where it could earn some. */
	readonly points?: Asset;
	/** Why nothing, or unknown: a word such as `notInvoiced`. Never anything that the order said. */
	readonly reason?: string;
};

/**
 * Books what an order should have earned by now, less what was booked for it (rules A12). To apply the same document again, an older
 * one, or two at once changes nothing: whoever finds an order may apply it.
 * @throws errors that pass, as the writer's, and those that need somebody to look: the order is tried again after both
 */
export type ApplyOrder = (merchant: Merchant, order: SoldOrder) => Promise<AppliedOrder>;

/** The real one. */
export function openApplyOrder(): ApplyOrder {
	return () => Promise.reject(new Error('Nothing books points for orders yet.'));
}
