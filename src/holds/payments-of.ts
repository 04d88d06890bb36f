import {type PrismaClient} from '../db/client.ts';
import {paymentsOf as statesOf, paymentColumns} from '../ledger/store/lock-payments.ts';
import {type PaymentOfHold} from './hold.ts';

/** A hold whose payment is looked for. `requestId` is what VTEX asked under: mostly the payment's id, null once it was erased. */
export type Unpaired = {readonly id: string; readonly requestId: string | null};

type Place = {readonly prisma: PrismaClient; readonly merchantId: number};

/**
 * The payments of some holds, by the id of the hold. A payment names its hold and not the other way round, so it is first looked up under
 * what the hold was asked for; a hold that a late settlement made, and one of an erased customer, takes one pass over the payments.
 */
export async function paymentsOf(
	{prisma, merchantId}: Place,
	holds: readonly Unpaired[],
): Promise<Map<string, PaymentOfHold>> {
	const found = new Map<string, PaymentOfHold>();
	const keep = async (condition: string, values: readonly string[]) => {
		const [{payments}] = await prisma.$queryRawUnsafe<[{payments: string | null}]>(
			`SELECT json_agg(${paymentColumns})::text AS payments FROM payments WHERE merchant_id = $1::int AND ${condition}`,
			merchantId,
			values,
		);
		const wanted = new Set(holds.map(({id}) => id));
		for (const {paymentId, tid, status, holdUntil, holdId, formerHoldId} of statesOf(payments)) {
			for (const id of [holdId, formerHoldId]) {
				if (id !== null && wanted.has(id) && status !== 'new') {
					// What timed out is released: the date is that of the hold which the payment has now.
					found.set(id, {paymentId, tid, status, holdUntil: id === holdId ? holdUntil : null});
				}
			}
		}
	};

	if (holds.length === 0) {
		return found;
	}

	await keep(
		'payment_id = ANY ($2::text[])',
		holds.flatMap(({requestId}) => requestId ?? []),
	);
	const missing = holds.filter(({id}) => !found.has(id)).map(({id}) => id);
	if (missing.length > 0) {
		await keep('(hold_id = ANY ($2::uuid[]) OR former_hold_id = ANY ($2::uuid[]))', missing);
	}

	return found;
}
