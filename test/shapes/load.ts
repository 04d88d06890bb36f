import {type ExecutionContext} from 'ava';
import {openGateway} from '../../scripts/demo/gateway.ts';
import {newPaymentId, openHub} from '../../scripts/demo/hub.ts';

/** The pair that a service of these tests is given by its environment. */
export const pair = {PROVIDER_APP_KEY: 'key-of-the-store', PROVIDER_APP_TOKEN: 'token-of-the-store'};
/** Who buys. */
export const shopper = {orderId: 'v1-01', email: 'shopper@example.com'};
const clients = 8;

/** What clients asked for under which key, and what they were told: nothing as long as the answer never came. */
export type Load = {
	readonly told: Map<string, string | undefined>;
	/** Instants at which something was answered, by `performance.now()`. */
	readonly answeredAt: number[];
	readonly begin: () => void;
	/** Resolves when the last request is over. */
	readonly end: () => Promise<void>;
	/** Ask again for everything under its key. @returns the keys that were told something else, or nothing */
	readonly replay: () => Promise<string[]>;
	readonly balance: () => Promise<number>;
};

/** Debits and payments of 1.00 of one card, from several sides at once. They end with the test, however it ends. */
export function openLoad(
	t: ExecutionContext,
	serviceUrl: string,
	card: {readonly id: string; readonly code: string},
): Load {
	const {id: cardId, code} = card;
	const registration = {serviceUrl, appKey: pair.PROVIDER_APP_KEY, appToken: pair.PROVIDER_APP_TOKEN};
	const [hub, gateway] = [openHub(registration), openGateway(registration)];
	const told = new Map<string, string | undefined>();
	const answeredAt: number[] = [];
	let isOver = false;
	t.teardown(() => {
		isOver = true;
	});
	let all: Promise<unknown> = Promise.resolve();
	const ask = async (key: string): Promise<string> => {
		if (key.startsWith('pay ')) {
			const {tid, status} = await gateway.create({...shopper, paymentId: key.slice(4), value: 1, code});
			// "Undefined" says that it is not decided yet, and VTEX asks again.
			return status === 'undefined' ? Promise.reject(new Error(status)) : `${tid} ${status}`;
		}

		return (await hub.debit(cardId, {...shopper, value: 1, requestId: key, code})).id;
	};
	const client = async (_: unknown, index: number) => {
		while (!isOver) {
			const key = index % 4 === 0 ? `pay ${newPaymentId()}` : newPaymentId();
			told.set(key, undefined);
			try {
				told.set(key, await ask(key));
				answeredAt.push(performance.now());
			} catch {
				// Unknown to the client: it is asked for again afterwards.
			}
		}
	};
	return {
		told,
		answeredAt,
		begin() {
			all = Promise.all(Array.from({length: clients}, client));
		},
		async end() {
			isOver = true;
			await all;
		},
		async replay() {
			const wrong: string[] = [];
			for (const [key, answer] of told) {
				const repeated = await ask(key).catch((error: unknown) => String(error));
				if (
					repeated.includes(' denied') ||
					repeated.includes('rror') ||
					(answer !== undefined && answer !== repeated)
				) {
					wrong.push(`${key}: ${answer ?? 'nothing'}, then ${repeated}`);
				}
			}

			return wrong;
		},
		balance: async () => (await hub.card(cardId)).balance,
	};
}
