import http from 'node:http';
import {setTimeout as delay} from 'node:timers/promises';
import {type Book} from './payments-book.ts';
import {type Has, type Members, type Payment} from './payments-moves.ts';

/** From an answer to the payment's end, and from one callback to the next. */
const stepMs = 30;
const timeoutMs = 10_000;

/** Faults that show only while a payment waits. */
const patient = ['an approval after the cancellation', 'an address that changes'] as const;

const keys = {'X-VTEX-API-AppKey': 'own-key', 'X-VTEX-API-AppToken': 'own-token'};

/** Ends payments after a while, and calls back about them until that is taken. Never fails. */
export type Teller = (payment: Payment) => Promise<void>;

export function openTeller({answer}: Pick<Book, 'answer'>, has: Has, signal: AbortSignal): Teller {
	const tell = async (payment: Payment): Promise<boolean> => {
		const whole = answer(payment);
		const {paymentId, status} = whole;
		const body = has('a callback that says little') ? {paymentId, status} : whole;
		const headers = has('a callback without keys') ? {} : keys;
		return post(addressOf(payment.callbackUrl, has), headers, body, signal);
	};

	const conclude = async (payment: Payment): Promise<void> => {
		await delay(patient.some(has) ? 10 * stepMs : stepMs, undefined, {signal});
		if (payment.status !== 'undefined' && !has('a callback about a payment that was approved at once')) {
			return;
		}

		payment.tid += has('another tid at the end') ? '-end' : '';
		const end = has('an approval for a denial that comes later')
			? 'approved'
			: (payment.end ?? payment.status);
		const told = {...payment, status: end};
		const waits = has('no end without a callback');
		payment.status = waits || has('an end that only the callback tells') ? payment.status : end;
		if (has('no callbacks')) {
			return;
		}

		while (!(await tell(told)) && !has('callbacks that are never repeated')) {
			await delay(stepMs, undefined, {signal});
		}

		payment.status = waits ? end : payment.status;
		if (has('two callbacks')) {
			await tell(told);
		}
	};

	// It ends in the middle of things when the provider is closed.
	return async payment => conclude(payment).catch(() => undefined);
}

/** The address as it came, or as somebody meant well with it. */
function addressOf(callbackUrl: string, has: Has): string {
	const [place = '', query = ''] = callbackUrl.split('?');
	if (has('a callback with a tidied query')) {
		return `${place}?${new URLSearchParams(query).toString()}`;
	}

	const path = has('a callback to another path') ? `${place}/done` : place;
	return has('a callback without its query') ? path : `${path}?${query}`;
}

/** Whether it was taken. Byte for byte, as `fetch` would not do it. */
async function post(
	url: string,
	headers: Readonly<Record<string, string>>,
	body: Members,
	signal: AbortSignal,
): Promise<boolean> {
	const [, host = '', port = '', path = ''] = /^http:\/\/([^:/]+):(\d+)(.*)$/.exec(url) ?? [];
	return new Promise(resolve => {
		const request = http.request({
			...{method: 'POST', host, port, path, agent: false, signal, timeout: timeoutMs},
			headers: {'Content-Type': 'application/json', ...headers},
		});
		request.once('response', response => {
			response.resume();
			resolve(response.statusCode === 200);
		});
		request.once('timeout', () => request.destroy());
		request.on('error', () => {
			resolve(false);
		});
		request.end(JSON.stringify(body));
	});
}
