import {setTimeout as wait} from 'node:timers/promises';
import {cardMember, createBody} from '../helpers/payments.ts';
import {fromWallet, withCode} from '../helpers/gateway.ts';
import {operationBody, searchBody, transactionBody} from '../helpers/vtex.ts';
import {type Promises} from './promises.ts';
import {type GatewayStep, type HubStep, type LookStep} from './steps.ts';
import {type StoreCard} from './store.ts';
import {type Heard} from './verdicts.ts';
import {credentials, type World} from './world.ts';

/** What it takes to ask for a step: the world, the store in it, and what was promised so far. */
export type Shop = {readonly world: World; readonly store: readonly StoreCard[]; readonly promises: Promises};

type Request = {readonly method: 'GET' | 'POST'; readonly path: string; readonly body?: unknown};

// VTEX waits longer; a service that stands still is given up here sooner, so that a run does not stand still with it.
const patienceMs = 15_000;
const giftCards = 'application/vnd.vtex.giftcards.v1+json';

const laterSelectors = {approved: '4222222222222224', denied: '4222222222222225'};

/** The key of a step's request: 32 digits, which nobody else uses and every attempt repeats. */
export function keyOf(n: number): string {
	return `F${n.toString(16).toUpperCase().padStart(31, '0')}`;
}

/**
 * What is sent for a step; the same every time.
 * @returns undefined while the transaction that it is about was never answered: nobody can name it
 */
export function requestOf(step: HubStep | GatewayStep | LookStep, shop: Shop): Request | undefined {
	// eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- the rest is the Gateway's, and has its own.
	switch (step.do) {
		case 'debit':
		case 'credit': {
			const members = {
				operation: step.do === 'debit' ? 'Debit' : 'Credit',
				value: step.cents / 100,
				requestId: keyOf(step.n),
			};
			return post(`/giftcards/${cardAt(shop, step.card).id}/transactions`, transactionBody(members));
		}

		case 'settle':
		case 'cancel': {
			const place = transactionOf(shop, step.of);
			const kind = step.do === 'settle' ? 'settlements' : 'cancellations';
			return place === undefined
				? undefined
				: post(`${place}/${kind}`, operationBody(step.cents / 100, keyOf(step.n)));
		}

		case 'read':
			return {method: 'GET', path: `/giftcards/${cardAt(shop, step.card).id}`};
		case 'search': {
			const {code, document} = cardAt(shop, step.card);
			const wish = code === undefined ? {client: {document}} : {cart: {redemptionCode: code}};
			return post('/giftcards/_search', searchBody(wish));
		}

		default:
			return gatewayRequest(step, shop);
	}
}

function gatewayRequest(step: GatewayStep, shop: Shop): Request {
	switch (step.do) {
		case 'pay': {
			const {code, document} = cardAt(shop, step.card);
			const payer = code === undefined ? fromWallet({document}) : {...withCode(code), miniCart: nobody};
			return post('/payments', payment(step, payer));
		}

		case 'later': {
			const card = cardMember(step.approves ? laterSelectors.approved : laterSelectors.denied);
			return post('/payments', payment(step, {card, callbackUrl: shop.world.callbackUrl, miniCart: nobody}));
		}

		case 'payCancel':
			return operation('cancellations', step, {});
		case 'paySettle':
		case 'payRefund':
			return operation(step.do === 'paySettle' ? 'settlements' : 'refunds', step, {value: step.cents / 100});
	}
}

const nobody = {buyer: {}, items: [], shippingValue: 0, taxValue: 0};

function payment({n, cents}: {readonly n: number; readonly cents: number}, members: object): object {
	return createBody({paymentId: keyOf(n), value: cents / 100, currency: 'BRL', ...members});
}

function operation(
	kind: string,
	{n, of}: {readonly n: number; readonly of: number},
	members: object,
): Request {
	const paymentId = keyOf(of);
	return post(`/payments/${paymentId}/${kind}`, {paymentId, requestId: keyOf(n), ...members});
}

function post(path: string, body: unknown): Request {
	return {method: 'POST', path, body};
}

function cardAt({store}: Shop, place: number): StoreCard {
	const card = store[place];
	if (card === undefined) {
		throw new RangeError(`The history names card ${place}, and the store has ${store.length}.`);
	}

	return card;
}

/** The path of a transaction, by the id that was answered. */
function transactionOf({promises, store}: Shop, of: number): string | undefined {
	const {step, final} = promises.of(of) ?? {};
	return (step?.do === 'debit' || step?.do === 'credit') && final?.isDone === true
		? `/giftcards/${store[step.card]?.id ?? ''}/transactions/${final.id}`
		: undefined;
}

/** Ask a service by way of its proxy. @returns undefined where no whole answer came back */
export async function send(world: World, via: number, request: Request): Promise<Heard | undefined> {
	const {port} = world.places[via % world.places.length]?.front ?? {port: 0};
	try {
		const response = await fetch(`http://127.0.0.1:${port}/v1${request.path}`, {
			method: request.method,
			headers: {
				'X-PROVIDER-API-AppKey': credentials.appKey,
				'X-PROVIDER-API-AppToken': credentials.appToken,
				'Content-Type': request.path.startsWith('/payments') ? 'application/json' : giftCards,
			},
			...(request.body !== undefined && {body: JSON.stringify(request.body)}),
			signal: AbortSignal.timeout(patienceMs),
		});
		return {status: response.status, text: await response.text()};
	} catch {
		return undefined;
	}
}

const attemptsMax = 2;

/** Send all copies of a request, each to the next service, and once more what was not answered, as VTEX does. */
export async function askShop(step: HubStep | GatewayStep, shop: Shop): Promise<string | undefined> {
	const copies = await Promise.all(
		Array.from({length: step.copies}, (_, copy) => askOnce(step, shop, {via: step.via + copy, attemptsMax})),
	);
	return copies.find(problem => problem !== undefined);
}

/** @returns what is wrong with the answer */
export async function askOnce(
	step: HubStep | GatewayStep,
	shop: Shop,
	{via, attemptsMax: attempts}: {readonly via: number; readonly attemptsMax: number},
): Promise<string | undefined> {
	const {world, promises} = shop;
	for (let attempt = 0; attempt < attempts; attempt++) {
		const request = requestOf(step, shop);
		if (request === undefined) {
			return undefined;
		}

		const sent = promises.sending(step);
		const heard = await send(world, via + attempt, request);
		const problem = promises.hear(step, heard ?? lost, sent);
		const {final, open} = promises.of(step.n) ?? {};
		if (problem !== undefined || final !== undefined || open === undefined) {
			return problem;
		}

		await wait(50 * (attempt + 1));
	}

	return undefined;
}

/** No answer is heard as "not now": neither tells what became of it. */
const lost: Heard = {status: 503, text: ''};

/** A look binds nobody; it may fail when something is broken, and must not when it is answered. */
export async function look(step: LookStep, shop: Shop): Promise<string | undefined> {
	const request = requestOf(step, shop);
	const heard = request && (await send(shop.world, step.via, request));
	return heard === undefined || [200, 206, 503].includes(heard.status)
		? undefined
		: `Step ${step.n} (${step.do}) was answered ${heard.status} ${heard.text.slice(0, 300)}`;
}
