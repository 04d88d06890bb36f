import {type PrismaClient} from '../../src/db/client.ts';
import {type ApplyOrder, type ProgramOutcome} from '../../src/loyalty/apply-order.ts';
import {type SoldOrder} from '../../src/loyalty/order.ts';
import {type Merchant, merchantColumns} from '../../src/merchants/merchant.ts';
import {type KeyPurpose, saveVtexKeys} from '../../src/merchants/vtex-keys.ts';
import {makeClock} from '../helpers/clock.ts';
import {type OrdersApi, ordersKey, returnsKey, storeKeys} from '../helpers/orders-api.ts';

export const start = makeClock().now();
export const second = 1000;
export const hour = 3_600_000;
export const day = 24 * hour;
export const secretsKey = 's'.repeat(48);

/** A sandbox, so that its VTEX account may be simulated on this machine. */
export async function newStore(prisma: PrismaClient, name: string): Promise<Merchant> {
	const data = {name, timeZone: 'America/Sao_Paulo', currency: 'BRL', sandbox: true};
	return prisma.merchant.create({data, select: merchantColumns});
}

/**
 * Enter the keys of a simulated account. Each store has an account of its own name, because a pair of keys is for one purpose only.
 * @param appToken - another one than the account's is refused by it
 */
export async function enterKeys(
	prisma: PrismaClient,
	merchant: Merchant,
	api: Pick<OrdersApi, 'url'>,
	{
		purpose = 'orders',
		appToken,
		account = merchant.name,
		now = start,
	}: {
		readonly purpose?: KeyPurpose;
		readonly appToken?: string;
		readonly account?: string;
		readonly now?: number;
	} = {},
) {
	const appKey = purpose === 'orders' ? ordersKey : returnsKey;
	const token = appToken ?? (storeKeys as Readonly<Record<string, string>>)[appKey] ?? '';
	const keys = {purpose, account, appKey, url: api.url, appToken: token};
	return saveVtexKeys({prisma, secretsKey}, merchant, keys, now);
}

/** How an order of the queue stands. */
export async function lookOf(prisma: PrismaClient, merchantId: number, orderId: string) {
	const row = await prisma.orderLook.findUniqueOrThrow({
		where: {merchantId_orderId: {merchantId, orderId}},
	});
	const {status, rings, looks, failures, atLeast, nextAt, leasedUntil, outcome, problem} = row;
	return {
		...{status, rings, looks, failures, atLeast, outcome, problem},
		nextAt: nextAt.getTime(),
		leasedUntil: leasedUntil?.getTime() ?? null,
	};
}

/** Books that are kept in memory: what was applied, in its order, and the newest version of each order. */
export function memoryBooks() {
	const applied: {readonly merchantId: number; readonly order: SoldOrder}[] = [];
	const newest = new Map<string, SoldOrder>();
	const applyOrder: ApplyOrder = (merchant, order) => {
		applied.push({merchantId: merchant.id, order});
		const key = `${merchant.id} ${order.id}`;
		const before = newest.get(key);
		const kind = kindOf(order, before);
		if (kind === 'booked') {
			newest.set(key, order);
		}

		const {currency: points} = order;
		return Promise.resolve({
			orderId: order.id,
			programs: [{program: 'Memory', points, kind, units: order.value}],
		});
	};
	return {applied, newest, applyOrder};
}

function kindOf(order: SoldOrder, before: SoldOrder | undefined): ProgramOutcome['kind'] {
	if (before === undefined || order.version > before.version) {
		return 'booked';
	}

	return order.version === before.version ? 'unchanged' : 'older';
}
