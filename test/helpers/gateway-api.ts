import {type Body, orderSample} from './orders.ts';
import {openOrdersApi, type OrdersApi} from './orders-api.ts';
import {type TestContext} from './test-context.ts';
import {newRequestId} from './vtex.ts';

/** A payment as the Payments Gateway has it; amounts in cents. */
export type GatewayMoney = {
	readonly id: string;
	value: number;
	status: string;
	readonly currency: string;
	readonly settlements: {readonly value: number; readonly date: string}[];
	readonly refunds: {readonly value: number; readonly date: string}[];
};

/** A purchase at VTEX: its order, and its one payment. */
export type SoldAtVtex = {
	/** Without the number of its seller, as the protocols name it. */
	readonly groupId: string;
	readonly orderId: string;
	readonly transactionId: string;
	readonly money: GatewayMoney;
	/** The order goes on. */
	readonly order: (members: Body) => void;
	/** What the Gateway does, now. */
	readonly settle: (cents: number) => void;
	readonly refund: (cents: number) => void;
	/** It ends, and asks nothing more. */
	readonly end: (status?: string) => void;
};

export type Sale = {
	readonly groupId: string;
	readonly paymentId?: string;
	readonly cents: number;
	/** Of the card that paid, for a gift card. */
	readonly cardId?: string;
	readonly tid?: string;
	/** BRL */
	readonly currency?: string;
	readonly members?: Body;
};

/** A store's orders and its Payments Gateway, simulated as one account. */
export type StoreApi = OrdersApi & {
	readonly sell: (sale: Sale) => SoldAtVtex;
	/** In place of what the Gateway would answer to paths that end so. */
	readonly spoil: (ending: string, status: number, body: unknown) => void;
	readonly mend: () => void;
};

/** @param now - VTEX's clock */
export async function openStoreApi(t: TestContext, now: () => number): Promise<StoreApi> {
	const transactions = new Map<string, GatewayMoney>();
	const spoilt = new Map<string, {readonly status: number; readonly body: unknown}>();
	const api = await openOrdersApi(t, {
		others(path) {
			const [, transactionId = '', part = ''] = /^\/api\/pvt\/transactions\/(\w+)\/(\w+)$/.exec(path) ?? [];
			const money = transactions.get(transactionId);
			const spoiled = [...spoilt].find(([ending]) => path.endsWith(ending))?.[1];
			return money === undefined ? undefined : (spoiled ?? {status: 200, body: partOf(money, part)});
		},
	});
	const date = () => new Date(now()).toISOString();
	return {
		...api,
		sell({groupId, paymentId = newRequestId(), cents, cardId, tid, currency = 'BRL', members}) {
			const [orderId, transactionId] = [`${groupId}-01`, newRequestId()];
			const money = {id: paymentId, value: cents, status: 'Approved', currency, settlements: [], refunds: []};
			transactions.set(transactionId, money);
			// In lower case, as VTEX answers ids here and there (Gift Card Provider Protocol, 12).
			const giftCardProvider = 'monedero';
			const payment = {
				...{id: paymentId, value: cents, tid, redemptionCode: '7K3M-PQ9W-XR4T-VN8C'},
				...(cardId === undefined
					? {group: 'creditCard', paymentSystem: '501', giftCardId: null, giftCardProvider: null}
					: {group: 'giftCard', paymentSystem: '16', giftCardId: cardId, giftCardProvider}),
			};
			api.put({
				...orderSample('order-paid-partly-with-points'),
				...{orderId, orderGroup: groupId, sequence: groupId.replaceAll(/\D/g, '').slice(-6)},
				...{status: 'handling', creationDate: date(), lastChange: date(), invoicedDate: null},
				storePreferencesData: {currencyCode: currency, timeZone: 'E. South America Standard Time'},
				paymentData: {transactions: [{isActive: true, transactionId, payments: [payment]}]},
				...members,
			});
			return soldAt(api, {groupId, orderId, transactionId, money, date});
		},
		spoil: (ending, status, body) => spoilt.set(ending, {status, body}),
		mend: () => {
			spoilt.clear();
		},
	};
}

type Place = Pick<SoldAtVtex, 'groupId' | 'orderId' | 'transactionId' | 'money'>;

function soldAt(api: OrdersApi, {date, ...place}: Place & {readonly date: () => string}): SoldAtVtex {
	const {orderId, money} = place;
	const order = (members: Body) => {
		api.evolve(orderId, {lastChange: date(), ...members});
	};
	return {
		...{...place, order},
		settle(value) {
			money.settlements.push({value, date: date()});
			order({status: 'invoiced'});
		},
		refund(value) {
			money.refunds.push({value, date: date()});
		},
		end(status = 'Finished') {
			money.status = status;
			order(status === 'Canceled' ? {status: 'canceled'} : {});
		},
	};
}

/** As the published sample of settlements has them, refunds alike. */
function partOf({id, value, status, currency, settlements, refunds}: GatewayMoney, part: string): unknown {
	const actions = (list: GatewayMoney['refunds'], type: string) => ({
		requests: list.map(one => ({id: newRequestId(), ...one})),
		actions: list.map(one => ({
			...{paymentId: id, payment: {href: `/payments/${id}`}, type},
			...{...one, connectorResponse: null},
		})),
	});
	return {
		payments: [
			{
				...{id, value, status, currencyCode: currency, group: 'giftCard'},
				fields: [{name: 'cardHolder', value: 'Ana Prado'}],
			},
		],
		settlements: actions(settlements, 'auto-settlement'),
		refunds: actions(refunds, 'refund'),
	}[part];
}
