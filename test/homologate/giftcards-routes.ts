import {setImmediate as turn, setTimeout as pause} from 'node:timers/promises';
import {type Books, type Card, openBooks, type OperationKind, type Transaction} from './giftcards-books.ts';
import {appToken, type Body, type Has, type Reply, type Request} from './giftcards-door.ts';
import {choosesOtherwise} from './giftcards-faults.ts';
import {foundBy, ranged} from './giftcards-search.ts';

/* The eleven endpoints of an in-memory gift card provider, and the faults that can be planted into what they read and say. */

type Shop = {readonly has: Has; readonly books: Books};

/** Answers whoever was let in. */
export function openRoutes(has: Has): (request: Request) => Promise<Reply> {
	const shop = {has, books: openBooks(has)};
	let count = 0;
	return async request => {
		const {method, path} = request;
		if (++count % 97 === 0 && choosesOtherwise(has)) {
			return {status: 503, headers: {'Retry-After': '0'}};
		}

		if (`${method} ${path}` === 'POST /giftcards/_search') {
			return search(shop, request);
		}

		if (`${method} ${path}` === 'POST /giftcards') {
			return create(shop, request);
		}

		const [, , cardId = '', transactions, transactionId, part] = path.split('/');
		const card = shop.books.cards.get(has('does not decode ids') ? cardId : decodeURIComponent(cardId));
		if (card === undefined) {
			return unknownCard(has);
		}

		if (transactions === undefined) {
			return method === 'GET' ? cardPage(shop, card) : refusal(has, 405);
		}

		if (transactionId === undefined) {
			return method === 'POST' ? transact(shop, card, request) : listTransactions(card);
		}

		const transaction = findTransaction(shop, card, decodeURIComponent(transactionId));
		return transaction === undefined
			? refusal(has, 404)
			: transactionRoute(shop, card, transaction, part, request);
	};
}

async function transactionRoute(
	shop: Shop,
	card: Card,
	transaction: Transaction,
	part: string | undefined,
	request: Request,
): Promise<Reply> {
	const {has} = shop;
	switch (part) {
		case undefined:
			return transactionPage(has, card, transaction);
		case 'authorization':
			return authorization(has, transaction);
		case 'settlements':
		case 'cancellations':
			return request.method === 'POST'
				? operate(shop, part, {card, transaction}, request)
				: listOperations(has, part, transaction);
		default:
			return refusal(has, 404);
	}
}

function refusal(has: Has, status: number): Reply {
	if (choosesOtherwise(has)) {
		return {status: 400, body: {Message: 'No.'}};
	}

	const said = has('refuses without a body') ? {} : {body: {error: {code: 'refused', message: 'Refused.'}}};
	return {status: has('answers 500 to refusals') ? 500 : status, ...said};
}

function unknownCard(has: Has): Reply {
	if (has('answers unknown cards with {}')) {
		return {status: 200, body: {}};
	}

	return has('answers unknown cards without a body') ? {status: 404} : refusal(has, 404);
}

// Cards.

function search({has, books}: Shop, {body, headers}: Request): Reply {
	const needsMore = has('needs a client in a search') && (body?.['client'] ?? null) === null;
	const isStrange = has('refuses unknown headers') && 'x-nobody-knows' in headers;
	if (body === undefined || needsMore || isStrange) {
		return refusal(has, 400);
	}

	const found = foundBy(books, body, has);
	if (found === undefined) {
		return refusal(has, 404);
	}

	const all = found.map(card => ({
		id: card.id,
		...(!has('forgets the provider in a search') && {provider: 'TestProvider'}),
		balance: has('searches in old balances') ? card.credited / 100 : balanceOf(has, card),
		_self: {href: `/shop/giftcards/${card.id}`},
	}));
	return ranged(all, headers['rest-range'], has);
}

function create({has, books}: Shop, {body}: Request): Reply {
	const isExpired = Date.parse(String(body?.['expiringDate'])) < Date.now();
	if (body === undefined || (isExpired && choosesOtherwise(has))) {
		return refusal(has, 400);
	}

	const card = books.issue(body);
	const told = has('forgets what a card was asked to be') ? {caption: 'Card'} : body;
	const code = has('has loyalty only') ? {} : {redemptionCode: card.code};
	return {status: 200, body: {...told, ...shown(has, card), ...code}};
}

function cardPage({has}: Shop, card: Card): Reply {
	const other = has('has another id than the path') ? {id: card.code} : {};
	return {status: 200, body: {...shown(has, card), ...other}};
}

function shown(has: Has, card: Card): Body {
	const link = {href: `cards/${card.id}/transactions`};
	return {
		id: card.id,
		redemptionCode: `****${card.code.slice(-4)}`,
		balance: balanceOf(has, card),
		currencyCode: card.asked['currencyCode'],
		...(!has('has no transaction link') && {transaction: link}),
		transactions: link,
	};
}

function balanceOf(has: Has, {balance, transactions}: Card): unknown {
	if (has('counts in binary fractions')) {
		const units = transactions.map(({operation, value}) => (operation === 'Credit' ? value : -value) / 100);
		return units.reduce((sum, value) => sum + value, 0);
	}

	return has('sends balances as text') ? (balance / 100).toFixed(2) : balance / 100;
}

// Transactions.

async function transact({has, books}: Shop, card: Card, request: Request): Promise<Reply> {
	const {body, isHeard, headers} = request;
	if (has('breaks down on broken bodies') && body === undefined) {
		return {status: 500, body: {error: 'TypeError'}};
	}

	const operation = operationOf(body, has);
	const requestId = body?.['requestId'];
	const value = cents(body?.['value']);
	const isAmount = value > 0 || (has('takes negative amounts') && value < 0);
	const isWhole = !has('needs the whole order') || isWholeOrder(body);
	if (typeof requestId !== 'string' || operation === undefined || !isAmount || !isWhole) {
		return refusal(has, 400);
	}

	// A probe comes here only where that is the fault.
	if (has('keeps the request ids of probes') && headers['x-provider-api-apptoken'] !== appToken) {
		books.remember(card, requestId);
		return refusal(has, 403);
	}

	const email = emailOf(body?.['orderInfo']);
	const wish = {operation, value, requestId, description: body?.['description'], email};
	const outcome = await books.transact(card, wish);
	await forgetUnheard({has, books}, card, requestId, isHeard);
	if ('status' in outcome) {
		return refusal(has, outcome.status);
	}

	const nameless = has('answers a debit without an id') ? {id: ''} : {};
	return {status: 200, body: {...listedTransaction(card, outcome.done), ...nameless}};
}

function findTransaction({has, books}: Shop, card: Card, id: string): Transaction | undefined {
	const all = has('knows transactions under any card') ? [...books.cards.values()] : [card];
	return all.flatMap(({transactions}) => transactions).find(one => one.id === id);
}

const href = (card: Card, id: string) => `shop/giftcards/${card.id}/transactions/${id}`;

function listedTransaction(card: Card, {id}: Transaction): Body {
	return {cardId: card.id, id, _self: {href: href(card, id)}};
}

function listTransactions(card: Card): Reply {
	return {status: 200, body: card.transactions.map(one => listedTransaction(card, one))};
}

function transactionPage(has: Has, card: Card, transaction: Transaction): Reply {
	const {id, value, description, date, requestId, operation} = transaction;
	const link = (part: string) => ({href: `${href(card, id)}/${part}`});
	return {
		status: 200,
		body: {
			...{value: value / 100, description, date, operation},
			...(!has('forgets the requestId of a transaction') && {requestId}),
			...{settlement: link('settlements'), cancellation: link('cancellations')},
			authorization: link('authorization'),
		},
	};
}

function authorization(has: Has, {id, value, date}: Transaction): Reply {
	const amount = has('has an authorization without a value') ? {} : {value: value / 100};
	return {status: 200, body: {oid: id, date, ...amount}};
}

function operationOf(body: Body | undefined, has: Has): 'Debit' | 'Credit' | undefined {
	const text = String(body?.['operation']);
	return (['Debit', 'Credit'] as const).find(
		one => text === one || (text.toLowerCase() === one.toLowerCase() && !has('knows operations in one case')),
	);
}

function isWholeOrder(body: Body | undefined): boolean {
	const order = body?.['orderInfo'] as Body | undefined;
	return typeof body?.['redemptionCode'] === 'string' && typeof order?.['sequence'] === 'number';
}

function emailOf(orderInfo: unknown): unknown {
	return ((orderInfo as Body | null | undefined)?.['clientProfile'] as Body | null | undefined)?.['email'];
}

// Settlements and cancellations.

async function operate(
	{has, books}: Shop,
	kind: OperationKind,
	place: {readonly card: Card; readonly transaction: Transaction},
	{body, isHeard}: Request,
): Promise<Reply> {
	const value = cents(body?.['value']);
	const requestId = body?.['requestId'];
	if (typeof requestId !== 'string' || !(value > 0)) {
		return refusal(has, 400);
	}

	const outcome = await books.operate(kind, place, {value, requestId});
	await forgetUnheard({has, books}, place.card, requestId, isHeard);
	return 'status' in outcome ? refusal(has, outcome.status) : {status: 200, body: inUnits(outcome.done)};
}

function listOperations(has: Has, kind: OperationKind, transaction: Transaction): Reply {
	const listed = has('lists no settlements') && kind === 'settlements' ? [] : transaction[kind];
	if (listed.length === 0 && has('answers 404 for empty lists')) {
		return refusal(has, 404);
	}

	const isObject = listed.length === 0 && has('answers {} for empty lists');
	return {status: 200, body: isObject ? {} : listed.map(inUnits)};
}

const cents = (value: unknown) => (typeof value === 'number' ? Math.round(value * 100) : Number.NaN);

function inUnits({oid, value, date}: {oid: string; value: number; date: string}): Body {
	return {oid, value: value / 100, date};
}

/** What nobody heard of has happened, and is not known. */
async function forgetUnheard(
	{has, books}: Shop,
	card: Card,
	requestId: string,
	isHeard: () => boolean,
): Promise<void> {
	if (has('remembers only what was received')) {
		const restore = books.forget(card, requestId);
		await pause(50);
		// What has come meanwhile is read before the next turn.
		await turn();
		await turn();
		if (isHeard()) {
			restore();
		}
	}
}
