import {randomUUID} from 'node:crypto';
import {type Answer, callProvider, type Mishap, type Registration, type Request} from './provider-call.ts';

export type {Mishap, Registration} from './provider-call.ts';

/** A call that is over. */
export type HubCall = Request & {
	/** Null when the answer got lost. */
	readonly status: number | null;
	/** The body as it came. */
	readonly text: string;
};

export type HubOptions = Registration & {
	/** Told of every call when it is over. */
	readonly onCall?: (call: HubCall) => void;
	/** Asked before every call: what shall befall it. */
	readonly mishap?: (request: Request) => Mishap | undefined;
};

export type Query = {
	/** As the shopper typed it; absent when none was. */
	readonly code?: string;
	readonly client?: {readonly id?: string; readonly email?: string; readonly document?: string};
};

export type FoundCard = {readonly id: string; readonly provider: string; readonly balance: number};

export type Card = {
	readonly id: string;
	readonly balance: number;
	readonly currencyCode: string;
	readonly redemptionCode?: string;
};

export type Purchase = {
	readonly value: number;
	/** 32 hexadecimal digits: the payment's id, which a retry repeats. */
	readonly requestId: string;
	readonly orderId: string;
	readonly email: string;
	/** As typed; it travels masked. */
	readonly code: string;
};

export type Transaction = {readonly id: string; readonly cardId: string};

/** A settlement or a cancellation, as the provider answered it. */
export type Operation = {readonly oid: string; readonly value: number; readonly date: string};

/** What the Hub did when the Gateway asked for a settlement or a cancellation: what was listed, and what it sent after that, if anything. */
export type Outcome = {readonly listed: readonly Operation[]; readonly sent: Operation | undefined};

/** A call whose answer never came. The caller does what VTEX does: the same again, with the same request id. */
export class AnswerLostError extends Error {
	override readonly name = 'AnswerLostError';
}

/** The provider answered something else than 200. */
export class ProviderRefusal extends Error {
	override readonly name = 'ProviderRefusal';
	readonly status: number;
	readonly text: string;

	constructor({method, path}: Request, status: number, text: string) {
		super(`${method} ${path} was answered ${status} ${text.slice(0, 200)}`);
		this.status = status;
		this.text = text;
	}
}

/** VTEX's Gift Card Hub as a provider meets it (Gift Card Provider Protocol, 8), with its habits and its known defects. */
export type Hub = {
	/** Checkout asks for ten cards. */
	readonly search: (query: Query) => Promise<readonly FoundCard[]>;
	/** What the shopper has picked; a number in the address keeps caches from answering. */
	readonly card: (cardId: string) => Promise<Card>;
	readonly debit: (cardId: string, purchase: Purchase) => Promise<Transaction>;
	readonly transactions: (cardId: string) => Promise<readonly Transaction[]>;
	/** The Gateway settles so much of a transaction: the Hub lists what was settled, and sends it only if that is less. */
	readonly settle: (transaction: Transaction, value: number, requestId: string) => Promise<Outcome>;
	/** The same for cancellations, which also refund. A second one of the same value is never sent (KI-1118560). */
	readonly cancel: (transaction: Transaction, value: number, requestId: string) => Promise<Outcome>;
	/** A call with wrong credentials, as VTEX makes them to see whether a provider looks at them. */
	readonly verify: () => Promise<{readonly status: number | null; readonly text: string}>;
};

export function openHub({onCall, mishap, ...registration}: HubOptions): Hub {
	const call = async (request: Request, as: Registration = registration): Promise<Answer> => {
		const answer = await callProvider(as, request, mishap?.(request));
		onCall?.({...request, ...answer});
		return answer;
	};

	const ask = async <Body>(request: Request): Promise<Body> => {
		const {status, text} = await call(request);
		if (status === null) {
			throw new AnswerLostError(`The answer to ${request.method} ${request.path} got lost.`);
		}

		if (status !== 200) {
			throw new ProviderRefusal(request, status, text);
		}

		return JSON.parse(text) as Body;
	};

	const operate = async (
		kind: 'settlements' | 'cancellations',
		{cardId, id}: Transaction,
		content: Content,
	) => {
		const path = `${pathOf(cardId)}/transactions/${encodeURIComponent(id)}/${kind}`;
		const listed = listOf(await ask<readonly Operation[]>({method: 'GET', path}), path);
		const isEnough = totalOf(listed) >= tenThousandths(content.value);
		return {listed, sent: isEnough ? undefined : await ask<Operation>({method: 'POST', path, body: content})};
	};

	return {
		async search(query) {
			return listOf(await ask<readonly FoundCard[]>(searchRequest(query)), '/giftcards/_search').slice(0, 10);
		},
		async card(cardId) {
			const card = await ask<Card>({method: 'GET', path: `${pathOf(cardId)}?ts=${Date.now()}0000`});
			if (card.id !== cardId) {
				throw new Error(`Checkout asked for card ${cardId} and was given ${card.id}.`);
			}

			return card;
		},
		debit: (cardId, purchase) =>
			ask({method: 'POST', path: `${pathOf(cardId)}/transactions`, body: debitBody(purchase)}),
		async transactions(cardId) {
			const path = `${pathOf(cardId)}/transactions`;
			return listOf(await ask<readonly Transaction[]>({method: 'GET', path}), path);
		},
		settle: (transaction, value, requestId) => operate('settlements', transaction, {value, requestId}),
		cancel: (transaction, value, requestId) => operate('cancellations', transaction, {value, requestId}),
		verify: () =>
			call(searchRequest({code: 'AAAA-BBBB-CCCC-DDDD'}), {
				...registration,
				appKey: `not-${registration.appKey}`,
				appToken: randomUUID(),
			}),
	};
}

/** An id as VTEX makes them for payments: 32 hexadecimal digits in capitals. */
export function newPaymentId(): string {
	return randomUUID().replaceAll('-', '').toUpperCase();
}

type Content = {readonly value: number; readonly requestId: string};

function pathOf(cardId: string): string {
	return `/giftcards/${encodeURIComponent(cardId)}`;
}

/** The Hub adds up what a list holds; anything but a list breaks it (Gift Card Provider Protocol, 8.4). */
function listOf<Item>(items: readonly Item[], path: string): readonly Item[] {
	const isList: boolean = Array.isArray(items);
	if (!isList) {
		throw new TypeError(`GET ${path} was not answered with a list.`);
	}

	return items;
}

/** Decimals added up as whole numbers: 0.1 + 0.2 is not to be more than 0.3. */
function totalOf(operations: readonly Operation[]): number {
	return operations.reduce((sum, {value}) => sum + tenThousandths(value), 0);
}

function tenThousandths(value: number): number {
	return Math.round(value * 10_000);
}

function searchRequest({code = '', client = {}}: Query): Request {
	const item = {productId: '2000000', id: '2000002', refId: null, name: 'Shoes', price: 60, quantity: 1};
	return {
		method: 'POST',
		path: '/giftcards/_search',
		headers: {'REST-Range': 'resources=0-9'},
		body: {
			client: {id: '', email: '', document: '', ...client},
			cart: {
				grandTotal: 60,
				relationName: null,
				redemptionCode: code,
				discounts: 0,
				shipping: 0,
				taxes: 0,
				itemsTotal: 60,
				items: [item],
			},
		},
	};
}

function debitBody({value, requestId, orderId, email, code}: Purchase): unknown {
	return {
		operation: 'Debit',
		value,
		description: 'GiftCardHub',
		redemptionToken: null,
		redemptionCode: code.slice(-4).padStart(15, '*'),
		requestId,
		orderInfo: {
			orderId,
			sequence: 500_123,
			cart: {
				items: [
					{
						id: '2000002',
						productId: '2000000',
						refId: null,
						name: 'Shoes',
						value,
						price: value,
						quantity: 1,
						shippingDiscount: 0,
						discount: 0,
						priceTags: [],
					},
				],
				grandTotal: value,
				discounts: 0,
				shipping: 0,
				taxes: 0,
				itemsTotal: value,
			},
			clientProfile: {email, birthDate: '0001-01-01T00:00:00', isCorporate: false},
			shipping: {country: 'BRA', postalCode: '22250-040', complement: null, reference: null},
		},
	};
}
