import {request as httpRequest} from 'node:http';
import {type Operation, resultOf} from './hub.ts';
import {type TestServer} from './server.ts';
import {newRequestId, operationBody, transactionBody} from './vtex.ts';

/** What goes wrong with one attempt of the Hub: nothing, or where it breaks off. */
export const mishaps = ['none', 'beforeList', 'afterList', 'answerLost', 'connectionCut'] as const;
export type Mishap = (typeof mishaps)[number];

class Broken extends Error {}

// A cut request is still on its way when the next attempt begins, so the worst plan ends long before this.
const attemptsMax = 100;

export type SimulatedHub = {
	/** Ask for a debit until an answer arrives, and return its id. */
	readonly debit: (cardId: string, value: number) => Promise<string>;
	/**
	 * Settle or cancel as the Hub does it: list, add up, send only what is missing, and begin again with the list after every
	 * mishap (Gift Card Provider Protocol, 8.4). `total` is what the list must add up to in the end.
	 */
	readonly operate: (
		kind: 'settlements' | 'cancellations',
		place: {readonly cardId: string; readonly id: string},
		wish: {readonly value: number; readonly total: number},
	) => Promise<void>;
};

/**
 * A Hub to which things happen, over several instances of the service in turn.
 * @param plan - the mishap of each attempt in order; when it is used up, nothing goes wrong any more
 */
export function openSimulatedHub(servers: readonly TestServer[], plan: readonly Mishap[]): SimulatedHub {
	const mishapsLeft = [...plan];
	let turn = 0;
	const attempt = async (path: string, body: unknown, list?: {readonly total: number}): Promise<unknown> => {
		const server = servers[turn++ % servers.length];
		if (server === undefined) {
			throw new RangeError('The simulated Hub needs a service to call.');
		}

		const mishap = mishapsLeft.shift() ?? 'none';
		breakIf(mishap === 'beforeList');
		if (list !== undefined) {
			const done = resultOf<Operation[]>(await server.call('GET', path));
			if (cents(done) >= Math.round(list.total * 100)) {
				return done;
			}
		}

		breakIf(mishap === 'afterList');
		if (mishap === 'connectionCut') {
			await sendAndCut(server, path, body);
			throw new Broken();
		}

		const answer = await server.call('POST', path, {body});
		breakIf(mishap === 'answerLost');
		return resultOf(answer);
	};

	return {
		async debit(cardId, value) {
			const body = transactionBody({operation: 'Debit', value, requestId: newRequestId()});
			const {id} = (await untilDone(() => attempt(`/giftcards/${cardId}/transactions`, body))) as {
				id: string;
			};
			return id;
		},
		async operate(kind, {cardId, id}, {value, total}) {
			const body = operationBody(value);
			await untilDone(() => attempt(`/giftcards/${cardId}/transactions/${id}/${kind}`, body, {total}));
		},
	};
}

async function untilDone<Result>(attempt: () => Promise<Result>): Promise<Result> {
	for (let count = 1; ; count++) {
		try {
			return await attempt();
		} catch (error) {
			if (!(error instanceof Broken) || count === attemptsMax) {
				throw error;
			}
		}
	}
}

function breakIf(isBroken: boolean): void {
	if (isBroken) {
		throw new Broken();
	}
}

function cents(operations: readonly Operation[]): number {
	return operations.reduce((total, {value}) => total + Math.round(value * 100), 0);
}

/** Send a request whole, then drop the connection without waiting for the answer. */
async function sendAndCut({url, appKey, appToken}: TestServer, path: string, body: unknown): Promise<void> {
	await new Promise<void>(resolve => {
		const headers = {
			'Content-Type': 'application/vnd.vtex.giftcards.v1+json',
			'X-PROVIDER-API-AppKey': appKey,
			'X-PROVIDER-API-AppToken': appToken,
		};
		const request = httpRequest(url + path, {method: 'POST', headers, agent: false});
		request.on('error', () => {
			resolve();
		});
		request.on('close', resolve);
		request.end(JSON.stringify(body), () => {
			request.destroy();
		});
	});
}
