import {type Transaction} from './ask.ts';

/**
 * Let the transaction's COMMIT wait for the synchronous standby, where there is one, although it writes nothing: a lock stands in the journal,
 * behind everything that the transaction has seen. What one server alone has must not be told to anybody (rules B6), and somebody may
 * have cancelled the waiting of the transaction that wrote it.
 */
export async function awaitStandby(tx: Transaction, merchantId: number): Promise<void> {
	await tx.$queryRawUnsafe(
		`SELECT 1 AS one FROM merchants
		 WHERE id = $1::int AND current_setting('synchronous_standby_names') <> '' FOR KEY SHARE`,
		merchantId,
	);
}
