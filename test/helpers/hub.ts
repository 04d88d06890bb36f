import {setTimeout} from 'node:timers/promises';
import {type Answer, type CallOptions, type TestServer} from './server.ts';
import {newRequestId, operationBody, searchBody, transactionBody} from './vtex.ts';

type Body = Record<string, unknown>;

/** What a settlement, cancellation or authorization answers. */
export type Operation = {readonly oid: string; readonly value: number; readonly date: string};
export type ListedCard = {readonly id: string; readonly provider: string; readonly balance: number} & Body;

/** The Gift Card Hub's calls, with its bodies; what a busy service turns away is sent again. Those that name a result expect a 200 and throw on anything else. */
export type Hub = {
	readonly search: (search?: {client?: Body; cart?: Body}, options?: CallOptions) => Promise<Answer>;
	readonly found: (search: {client?: Body; cart?: Body}) => Promise<ListedCard[]>;
	readonly card: (cardId: string) => Promise<Answer>;
	readonly balance: (cardId: string) => Promise<number>;
	readonly transact: (cardId: string, members: Body) => Promise<Answer>;
	/** The id of a debit that was accepted. */
	readonly debit: (cardId: string, value: unknown, members?: Body) => Promise<string>;
	/** The id of a credit that was accepted. */
	readonly credit: (cardId: string, value: unknown, members?: Body) => Promise<string>;
	readonly settle: (cardId: string, id: string, value: unknown, requestId?: string) => Promise<Answer>;
	readonly cancel: (cardId: string, id: string, value: unknown, requestId?: string) => Promise<Answer>;
	readonly settlements: (cardId: string, id: string) => Promise<Operation[]>;
	readonly cancellations: (cardId: string, id: string) => Promise<Operation[]>;
};

export function openHub({call}: Pick<TestServer, 'call'>): Hub {
	const path = (cardId: string, id?: string) =>
		`/giftcards/${cardId}/transactions${id === undefined ? '' : `/${id}`}`;
	const get = (where: string) => call('GET', where);
	const post = (where: string, body: Body) => patiently(() => call('POST', where, {body}));
	const transact: Hub['transact'] = (cardId, members) => post(path(cardId), transactionBody(members));
	const accepted = async (cardId: string, members: Body) =>
		resultOf<{id: string}>(await transact(cardId, members)).id;
	const search: Hub['search'] = (wish, options) =>
		call('POST', '/giftcards/_search', {body: searchBody(wish), ...options});

	return {
		search,
		found: async wish => resultOf<ListedCard[]>(await search(wish)),
		card: cardId => get(`/giftcards/${cardId}`),
		balance: async cardId => resultOf<{balance: number}>(await get(`/giftcards/${cardId}`)).balance,
		transact,
		debit: (cardId, value, members) => accepted(cardId, {...members, operation: 'Debit', value}),
		credit: (cardId, value, members) => accepted(cardId, {...members, operation: 'Credit', value}),
		settle: (cardId, id, value, requestId = newRequestId()) =>
			post(`${path(cardId, id)}/settlements`, operationBody(value, requestId)),
		cancel: (cardId, id, value, requestId = newRequestId()) =>
			post(`${path(cardId, id)}/cancellations`, operationBody(value, requestId)),
		settlements: async (cardId, id) => resultOf(await get(`${path(cardId, id)}/settlements`)),
		cancellations: async (cardId, id) => resultOf(await get(`${path(cardId, id)}/cancellations`)),
	};
}

const patienceMs = 30_000;
const pauseMs = 250;

// A machine that runs a dozen test files may be too busy for a moment; the service asks for the same request again, under the same id.
async function patiently(call: () => Promise<Answer>): Promise<Answer> {
	const endAt = Date.now() + patienceMs;
	for (;;) {
		const answer = await call();
		if (answer.status !== 503 || Date.now() > endAt) {
			return answer;
		}

		await setTimeout(pauseMs);
	}
}

/** The body of a 200. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the test says which body it expects, and asserts it
export function resultOf<Result>({status, text, json}: Answer): Result {
	if (status !== 200) {
		throw new Error(`Expected a 200, got ${status}: ${text}`);
	}

	return json as Result;
}

/** The code of an error with content: what everything but 401 and 403 must have. */
export function errorCode({json}: Answer): unknown {
	const {error} = (json ?? {}) as {error?: {code?: unknown; message?: unknown}};
	return typeof error?.message === 'string' && error.message !== '' ? error.code : undefined;
}
