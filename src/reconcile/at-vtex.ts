import {wireIdOf, uuidOf} from '../cards/public-id.ts';
import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {plainArray, textArray} from '../ledger/store/arrays.ts';
import {isOfProvider, type OrderPayment, type SoldOrder} from '../loyalty/order.ts';
import {type VtexAccess} from '../merchants/vtex-keys.ts';
import {OrderSourceError, type OrderSource} from '../orders/source.ts';
import {tidOf} from '../payments/payment.ts';
import {type Polite} from './polite.ts';
import {groupOf, type OwnPayment, type Purchase} from './purchase.ts';
import {type GatewayPayment, type MoneySource, requestsOfPayments} from './source.ts';

/** What is needed to ask a store's VTEX account for a purchase. */
export type VtexSide = {
	readonly prisma: PrismaClient;
	readonly merchantId: number;
	readonly access: VtexAccess;
	readonly orders: Pick<OrderSource, 'fetch' | 'list' | 'group'>;
	readonly money: MoneySource;
	readonly polite: Polite;
	/** Under which the gift card hub knows us. */
	readonly providerId: string;
};

/** Orders that were made in a time, each once, and what is wrong with the list, if anything is. */
export type Listed = {readonly ids: readonly string[]; readonly problem: string | null};

/** @throws OrderSourceError when there is no list */
export async function ordersMade(
	{orders, access, polite}: VtexSide,
	from: Instant,
	to: Instant,
): Promise<Listed> {
	const ids = new Set<string>();
	try {
		await polite.ask(1, async () => {
			for await (const page of orders.list(access, {kind: 'created', from, to})) {
				page.forEach(id => ids.add(id));
				// For the page behind it; an empty one is the last.
				await polite.turn(page.length === 0 ? 0 : 1);
			}
		});
	} catch (error) {
		if (error instanceof OrderSourceError && error.problem === 'unreadable') {
			return {ids: [...ids], problem: error.message};
		}

		throw error;
	}

	return {ids: [...ids], problem: null};
}

/**
 * The purchase of an order that VTEX lists; undefined where nothing of it was paid with us, or it is another seller's copy of the order.
 * @throws OrderSourceError
 */
export async function purchaseOf(side: VtexSide, orderId: string): Promise<Purchase | undefined> {
	const order = await fetched(side, orderId);
	// A copy for who delivers it names the payments of another store (Orders, 3.1).
	if (order.origin !== 'sale' || (await ownOf(side, order)).length === 0) {
		return undefined;
	}

	return whole(side, [order]);
}

/**
 * The purchase behind what a hold or a person calls it: a group of orders, one of them, or a number of its own. Undefined where VTEX has none.
 * Its payments may be none.
 * @throws OrderSourceError
 */
export async function purchaseNamed(side: VtexSide, name: string): Promise<Purchase | undefined> {
	const {orders, access, polite} = side;
	const [first] = await polite.ask(1, () => orders.group(access, groupOf(name)));
	const order = first === undefined ? await fetchedIfThere(side, name) : await fetched(side, first);
	return order && whole(side, [order]);
}

/** Only here an absence is an answer: where an order is known, whatever else is not found of its purchase could not be compared. */
async function fetchedIfThere(side: VtexSide, orderId: string): Promise<SoldOrder | undefined> {
	try {
		return await fetched(side, orderId);
	} catch (error) {
		if (error instanceof OrderSourceError && error.problem === 'absent') {
			return undefined;
		}

		throw error;
	}
}

async function fetched({orders, access, polite}: VtexSide, orderId: string): Promise<SoldOrder> {
	return polite.ask(1, () => orders.fetch(access, orderId));
}

/** All orders of a purchase, of which one is there, and the money of its payments. */
async function whole(side: VtexSide, known: readonly [SoldOrder]): Promise<Purchase> {
	const {orders: source, access, polite} = side;
	const [{groupId, currency: asset}] = known;
	const orders: SoldOrder[] = [...known];
	for (const id of await polite.ask(1, () => source.group(access, groupId))) {
		if (!orders.some(order => order.id === id)) {
			orders.push(await fetched(side, id));
		}
	}

	const named = new Map<string, OrderPayment>();
	for (const order of orders) {
		for (const payment of await ownOf(side, order)) {
			named.set(payment.id ?? '', payment);
		}
	}

	return {groupId, orders, asset, payments: await withMoney(side, [...named.values()], asset)};
}

async function withMoney(
	{money, access, polite}: VtexSide,
	payments: readonly OrderPayment[],
	asset: Purchase['asset'],
): Promise<OwnPayment[]> {
	const known = new Map<string, readonly GatewayPayment[]>();
	const own: OwnPayment[] = [];
	for (const named of payments) {
		const transactionId = named.transactionId ?? '';
		const of =
			known.get(transactionId) ??
			(transactionId === ''
				? []
				: await polite.ask(requestsOfPayments, () => money.payments(access, transactionId, asset)));
		known.set(transactionId, of);
		const found = of.find(({id}) => id === named.id);
		if (found === undefined) {
			// Nothing must look as if it had not been captured because nobody told.
			throw new OrderSourceError(
				'unreadable',
				'The Payments Gateway has no such payment as the order says it was paid by.',
			);
		}

		own.push({named, money: found});
	}

	return own;
}

type Known = {readonly payments: string[] | null; readonly cards: string[] | null};

const knownSql = `SELECT
	(SELECT array_agg(payment_id) FROM payments WHERE merchant_id = $1::int AND payment_id = ANY ($2::text[])) AS payments,
	(SELECT array_agg(public_id::text) FROM cards WHERE merchant_id = $1::int AND public_id = ANY ($3::uuid[])) AS cards`;

/**
 * Which payments of an order were made with value of ours, as far as VTEX or we can tell: by gift card under our provider's name, or under none
 * and with a card of ours; by a payment that we know, or that bears the number which we would give it.
 */
async function ownOf(
	{prisma, merchantId, providerId}: Pick<VtexSide, 'prisma' | 'merchantId' | 'providerId'>,
	{payments}: SoldOrder,
): Promise<OrderPayment[]> {
	const ids = payments.flatMap(({id}) => id ?? []);
	const cardIds = payments.flatMap(({cardId}) => uuidOf(cardId ?? '') ?? []);
	if (payments.length === 0) {
		return [];
	}

	const [row] = await prisma.$queryRawUnsafe<[Known]>(
		knownSql,
		merchantId,
		textArray(ids),
		plainArray(cardIds),
	);
	const known = {payments: new Set(row.payments), cards: new Set(row.cards)};
	return payments.filter(payment => {
		const {id, tid, provider, cardId, isGiftCard} = payment;
		if (provider !== null || isGiftCard) {
			const isOurs = isOfProvider(payment, providerId);
			return isOurs || (provider === null && known.cards.has(uuidOf(cardId ?? '') ?? ''));
		}

		return id !== null && (known.payments.has(id) || tid === wireIdOf(tidOf(merchantId, id)));
	});
}
