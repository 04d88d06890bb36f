import {randomUUID} from 'node:crypto';
import {setTimeout as wait} from 'node:timers/promises';
import {createLatencies} from './latencies.ts';
import type {Caller, SeededCard} from './requests.ts';

/** How long the requests of some checkouts took, in milliseconds. */
export type CheckoutTimes = {
	readonly requests: number;
	readonly failed: number;
	readonly p50: number;
	readonly p99: number;
};

// Of three requests each: as many as VTEX sends one account, 5,000 a minute.
const checkoutsPerSecond = 28;
// The smallest value there is, so that no card runs dry during a bench.
const value = 0.01;

/**
 * Checkouts that begin at a steady rate, whether or not those before have ended, until `stop`: each searches by a code, debits the card
 * and settles the debit. Each of the three requests counts by itself.
 */
export function startCheckouts(
	{port, caller}: {readonly port: number; readonly caller: Caller},
	cards: readonly SeededCard[],
): {readonly stop: () => Promise<CheckoutTimes>} {
	const latencies = createLatencies();
	const open = new Set<Promise<void>>();
	let failed = 0;
	const post = async (path: string, body: object): Promise<unknown> => {
		const startedAt = performance.now();
		const response = await fetch(`http://127.0.0.1:${port}${caller.basePath}${path}`, {
			method: 'POST',
			headers: {
				'Content-Type': 'application/json',
				'X-PROVIDER-API-AppKey': caller.appKey,
				'X-PROVIDER-API-AppToken': caller.appToken,
			},
			body: JSON.stringify(body),
		});
		const answer: unknown = await response.json();
		latencies.add(Math.round((performance.now() - startedAt) * 1000));
		if (!response.ok) {
			throw new Error(`${path} was answered ${response.status}.`);
		}

		return answer;
	};
	const checkOut = async () => {
		const card = cards[Math.floor(Math.random() * cards.length)];
		if (card !== undefined) {
			await post('/giftcards/_search', {cart: {redemptionCode: card.redemptionCode}});
			const path = `/giftcards/${card.id}/transactions`;
			const debit = await post(path, {operation: 'Debit', value, requestId: randomUUID()});
			const {id} = debit as {id: string};
			await post(`${path}/${id}/settlements`, {value, requestId: randomUUID()});
		}
	};
	const timer = setInterval(() => {
		const checkout = checkOut()
			.catch(() => {
				failed++;
			})
			.finally(() => open.delete(checkout));
		open.add(checkout);
	}, 1000 / checkoutsPerSecond);
	return {
		async stop() {
			clearInterval(timer);
			await Promise.all(open);
			const [p50, p99] = [0.5, 0.99].map(share => latencies.percentile(share) / 1000);
			return {requests: latencies.count(), failed, p50: p50 ?? 0, p99: p99 ?? 0};
		},
	};
}

/** The times of checkouts with nothing beside them. */
export async function timeCheckouts(
	service: Parameters<typeof startCheckouts>[0],
	cards: readonly SeededCard[],
	seconds: number,
): Promise<CheckoutTimes> {
	const checkouts = startCheckouts(service, cards);
	await wait(seconds * 1000);
	return checkouts.stop();
}
