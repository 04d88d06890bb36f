import {randomBytes} from 'node:crypto';
import {readFileSync} from 'node:fs';
import type {RenderRequest} from './load.ts';

export type SeededCard = {readonly id: string; readonly redemptionCode: string};

/** Who calls, and below which path the protocol is served ('/v1'; '' at the root). */
export type Caller = {readonly appKey: string; readonly appToken: string; readonly basePath: string};

const samples = new URL('../../test/fixtures/vtex/', import.meta.url);
const giftCardsType = 'application/vnd.vtex.giftcards.v1+json';
// The smallest value there is, so that no card runs dry during a bench.
const debitValue = 0.01;

/** Debits of random cards: the body that VTEX publishes, each with a fresh request id. */
export function debitRequests(caller: Caller, cards: readonly SeededCard[]): RenderRequest {
	const post = transactionRequest(caller, {operation: 'Debit', value: debitValue});
	return () => post(anyOf(cards));
}

/** One credit for each card in order: the second lot of the n-th card. `value` in currency units. */
export function creditRequests(caller: Caller, cards: readonly SeededCard[], value: number): RenderRequest {
	const post = transactionRequest(caller, {operation: 'Credit', value});
	return n => post(cards[n] ?? noCard());
}

function transactionRequest(
	caller: Caller,
	content: {readonly operation: 'Debit' | 'Credit'; readonly value: number},
): (card: SeededCard) => string {
	const [start = '', end = ''] = cutBody('giftcards/oas-create-transaction.request.json', body => {
		Object.assign(body, content, {requestId: cut});
	});
	const head = `${postHead(caller, giftCardsType)}${start.length + requestIdBytes + end.length}\r\n\r\n${start}`;
	const nextRequestId = requestIds();
	return ({id}) => `POST ${caller.basePath}/giftcards/${id}/transactions${head}${nextRequestId()}${end}`;
}

/**
 * Payments with the codes of random cards, each with a fresh payment id: card, buyer, addresses and a cart of two items, the body of
 * seven of the twelve creates that VTEX publishes. It is half as long again as a debit's.
 */
export function paymentRequests(caller: Caller, cards: readonly SeededCard[]): RenderRequest {
	const file = 'payments/oas-create-payment-success-denied.request.json';
	const [start = '', middle = '', end = ''] = cutBody(file, body => {
		Object.assign(body, {paymentId: cut, paymentMethod: 'Privatelabels', value: debitValue});
		(body['card'] as Record<string, unknown>)['number'] = cut;
	});
	const fixedBytes = start.length + requestIdBytes + middle.length + end.length;
	const head = `POST ${caller.basePath}/payments${postHead(caller, 'application/json')}`;
	const nextPaymentId = requestIds();

	return () => {
		const code = JSON.stringify(anyOf(cards).redemptionCode);
		return `${head}${fixedBytes + code.length}\r\n\r\n${start}${nextPaymentId()}${middle}${code}${end}`;
	};
}

/** Reads of random cards, with a cache buster as VTEX adds it. */
export function readRequests(caller: Caller, cards: readonly SeededCard[]): RenderRequest {
	const head = commonHead(caller, giftCardsType);
	return n => `GET ${caller.basePath}/giftcards/${anyOf(cards).id}?ts=${n}${head}\r\n`;
}

/** Searches by the redemption codes of random cards, with the cart that VTEX publishes. */
export function searchRequests(caller: Caller, cards: readonly SeededCard[]): RenderRequest {
	const [start = '', end = ''] = cutBody('giftcards/oas-search.request.json', body => {
		(body['cart'] as Record<string, unknown>)['redemptionCode'] = cut;
	});
	const head = `POST ${caller.basePath}/giftcards/_search${postHead(caller, giftCardsType)}`;

	return () => {
		const code = JSON.stringify(anyOf(cards).redemptionCode);
		return `${head}${start.length + code.length + end.length}\r\n\r\n${start}${code}${end}`;
	};
}

function commonHead(caller: Caller, mediaType: string): string {
	return [
		' HTTP/1.1',
		'host: 127.0.0.1',
		`accept: ${mediaType}`,
		`x-provider-api-appkey: ${caller.appKey}`,
		`x-provider-api-apptoken: ${caller.appToken}`,
		'x-vtex-operation-id: 6d1f0b9e-7a51-4f6f-9a3b-0f4c2f0d9d11',
		'',
	].join('\r\n');
}

/** Ends where the number of the body's bytes belongs. */
function postHead(caller: Caller, mediaType: string): string {
	return `${commonHead(caller, mediaType)}content-type: ${mediaType}\r\ncontent-length: `;
}

const cut = '\u0000';

/** The published body as VTEX sends it (compact), cut where a value changes from request to request. */
function cutBody(file: string, mark: (body: Record<string, unknown>) => void): string[] {
	const body = JSON.parse(readFileSync(new URL(file, samples), 'utf8')) as Record<string, unknown>;
	mark(body);
	return asciiOf(JSON.stringify(body)).split(JSON.stringify(cut));
}

/** The same JSON in plain ASCII: the load client counts characters as bytes. */
function asciiOf(json: string): string {
	return json.replaceAll(
		/[\u0080-\uFFFF]/g,
		unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
}

// As VTEX makes them: 32 hex digits, in JSON quotes here.
const requestIdBytes = 34;

/** Random like VTEX's own: ids that share a prefix would keep the index of commands unrealistically warm. */
function requestIds(): () => string {
	let pool = '';
	let at = 0;
	return () => {
		if (at === pool.length) {
			pool = randomBytes(16_384).toString('hex').toUpperCase();
			at = 0;
		}

		at += 32;
		return `"${pool.slice(at - 32, at)}"`;
	};
}

function anyOf(cards: readonly SeededCard[]): SeededCard {
	return cards[Math.floor(Math.random() * cards.length)] ?? noCard();
}

function noCard(): never {
	throw new Error('There is no such card: tell the load process its cards before a run.');
}
