import {setTimeout as pause} from 'node:timers/promises';
import {listOf, objectOf, textMember} from '../expect.ts';
import {type Answer, type CallOptions, type Wire} from '../wire.ts';
import {type Body, newRequestId, searchBody, transactionBody} from './bodies.ts';
import {type Money} from './money.ts';

/** A settlement or a cancellation that is listed; `value` in minor units. */
export type Listed = {readonly oid: string; readonly value: number; readonly date: string};

export type OperationKind = 'settlements' | 'cancellations';

type Place = {readonly id: string};
type Owned = Place & {readonly email: string};

/** The Gift Card Hub's calls. Amounts are in minor units. Those that name a result fail on everything else. */
export type Hub = {
	/** As the next: whoever is told that a provider is busy asks again. */
	readonly post: (path: string, options: CallOptions) => Promise<Answer>;
	readonly get: (path: string, options?: CallOptions) => Promise<Answer>;
	readonly search: (wish: {client?: Body; cart?: Body}, options?: CallOptions) => Promise<Answer>;
	/** The balance that the card's own page tells. */
	readonly balance: (cardId: string) => Promise<number>;
	/** A transaction as the Hub sends it; `value` is of the members. */
	readonly transact: (card: Owned, members: Body, options?: CallOptions) => Promise<Answer>;
	/** The id of a debit that was accepted. */
	readonly debit: (card: Owned, minor: number, members?: Body) => Promise<string>;
	/** The id of a credit that was accepted. */
	readonly credit: (card: Owned, minor: number, members?: Body) => Promise<string>;
	readonly operate: (
		kind: OperationKind,
		card: Place,
		transaction: string,
		minor: number,
		requestId?: string,
	) => Promise<Answer>;
	/** Those that are listed. */
	readonly listed: (kind: OperationKind, card: Place, transaction: string) => Promise<readonly Listed[]>;
};

export function openHub(wire: Wire, money: Money): Hub {
	const get: Hub['get'] = (path, options) => patiently(() => wire.send('GET', path, options));
	const post: Hub['post'] = (path, options) => patiently(() => wire.send('POST', path, options));
	const transact: Hub['transact'] = ({id, email}, members, options) =>
		post(`${cardPath(id)}/transactions`, {body: transactionBody(email, members), ...options});
	const accepted = async (operation: string, card: Owned, minor: number, members?: Body) => {
		const answer = await transact(card, {operation, value: money.toWire(minor), ...members});
		const after = `to a ${operation.toLowerCase()} of ${money.text(minor)}`;
		return textMember(objectOf(answer, after), 'id', 'the transaction');
	};

	return {
		get,
		post,
		transact,
		search: (wish, options) => post('/giftcards/_search', {body: searchBody(wish), ...options}),
		async balance(cardId) {
			const card = objectOf(await get(`${cardPath(cardId)}?ts=${Date.now()}0000`), 'for a card');
			return money.fromWire(card['balance'], 'balance of the card');
		},
		debit: (card, minor, members) => accepted('Debit', card, minor, members),
		credit: (card, minor, members) => accepted('Credit', card, minor, members),
		operate: (kind, card, transaction, minor, requestId = newRequestId()) =>
			post(`${transactionPath(card.id, transaction)}/${kind}`, {
				body: {value: money.toWire(minor), requestId},
			}),
		async listed(kind, card, transaction) {
			const answer = await get(`${transactionPath(card.id, transaction)}/${kind}`);
			return listOf(answer, `for the ${kind}`).map(one => listedOf(one, kind, money));
		},
	};
}

/** An operation as an answer or a list has it. @throws Failure where a member is missing or of another kind */
export function listedOf(members: Body, kind: OperationKind, money: Money): Listed {
	const of = `one of the ${kind}`;
	return {
		oid: textMember(members, 'oid', of),
		value: money.fromWire(members['value'], `value of ${of}`),
		date: textMember(members, 'date', of),
	};
}

export function cardPath(cardId: string): string {
	return `/giftcards/${encodeURIComponent(cardId)}`;
}

export function transactionPath(cardId: string, transaction: string): string {
	return `${cardPath(cardId)}/transactions/${encodeURIComponent(transaction)}`;
}

export function sumOf(operations: readonly Listed[]): number {
	return operations.reduce((sum, {value}) => sum + value, 0);
}

// "Come back later" is no answer yet; who says it for good has failed.
const busyStatuses = new Set([429, 503]);
const attemptsMax = 10;
const pauseMs = 200;
const pauseMsMax = 5000;

/** What the provider asks for, as far as that is reasonable. */
function askedPauseMs({headers}: Answer): number {
	const seconds = Number(headers['retry-after']);
	return seconds > 0 ? Math.min(seconds * 1000, pauseMsMax) : 0;
}

async function patiently(call: () => Promise<Answer>): Promise<Answer> {
	for (let attempt = 1; ; attempt++) {
		const answer = await call();
		if (!busyStatuses.has(answer.status) || attempt === attemptsMax) {
			return answer;
		}

		await pause(Math.max(pauseMs * attempt, askedPauseMs(answer)));
	}
}
