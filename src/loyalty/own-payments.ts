import {uuidOf} from '../cards/public-id.ts';
import {type PrismaClient} from '../db/client.ts';
import {plainArray, textArray} from '../ledger/store/arrays.ts';
import {isOfProvider, type OrderPayment, type SoldOrder} from './order.ts';

/** Whether a payment of an order was made to us: stored value, which earns nothing whatever its group says (Orders, 6 rule 5). */
export type IsOwnPayment = (payment: OrderPayment) => boolean;

type Known = {readonly payments: string[] | null; readonly cards: string[] | null};

const sql = `SELECT
	(SELECT array_agg(payment_id) FROM payments WHERE merchant_id = $1::int AND payment_id = ANY ($2::text[])) AS payments,
	(SELECT array_agg(public_id::text) FROM cards WHERE merchant_id = $1::int AND public_id = ANY ($3::uuid[])) AS cards`;

/**
 * Which payments of an order we know: by the payment id that we were asked to pay under, or as a gift card of our provider's id with a card
 * of the merchant's (Orders, 5).
 * @param providerId - under which the gift card hub knows us
 */
export async function ownPaymentsOf(
	prisma: Pick<PrismaClient, '$queryRawUnsafe'>,
	merchantId: number,
	{payments}: Pick<SoldOrder, 'payments'>,
	providerId: string,
): Promise<IsOwnPayment> {
	const cardOf = (payment: OrderPayment) =>
		isOfProvider(payment, providerId) && payment.cardId !== null ? uuidOf(payment.cardId) : undefined;
	const ids = payments.flatMap(({id}) => id ?? []);
	const cardIds = payments.flatMap(payment => cardOf(payment) ?? []);
	if (ids.length + cardIds.length === 0) {
		return () => false;
	}

	const [row] = await prisma.$queryRawUnsafe<[Known]>(sql, merchantId, textArray(ids), plainArray(cardIds));
	const known = {payments: new Set(row.payments), cards: new Set(row.cards)};
	return payment => known.payments.has(payment.id ?? '') || known.cards.has(cardOf(payment) ?? '');
}
