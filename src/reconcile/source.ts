import {type Instant} from '../ledger/calendar.ts';
import {type VtexAccess} from '../merchants/vtex-keys.ts';
import {type Asset} from '../money/asset.ts';

/** Value that moved at VTEX, in minor units. The moment is null where VTEX tells none that can be read. */
export type Movement = {readonly amount: bigint; readonly at: Instant | null};

/** What became of a payment, as VTEX's Payments Gateway has it. Amounts are minor units of the order's currency. */
export type GatewayPayment = {
	/** The same id as in the order and in the Payment Provider Protocol. */
	readonly id: string;
	readonly value: bigint;
	/** Whether nothing more will be asked of it: finished, canceled or denied. */
	readonly isClosed: boolean;
	/** The state's own name. */
	readonly status: string;
	readonly captures: readonly Movement[];
	readonly refunds: readonly Movement[];
};

/** The money side of a store at VTEX: captures and refunds exist there only (Orders, 5). */
export type MoneySource = {
	/**
	 * Every payment of a transaction.
	 * @param asset - the order's currency; the Gateway counts in hundredths of it
	 * @throws OrderSourceError
	 */
	readonly payments: (
		access: VtexAccess,
		transactionId: string,
		asset: Asset,
	) => Promise<readonly GatewayPayment[]>;
};

/** How many requests `payments` makes: they count against the store's limit. */
export const requestsOfPayments = 3;
