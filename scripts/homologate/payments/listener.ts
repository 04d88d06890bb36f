import {randomBytes} from 'node:crypto';
import {once} from 'node:events';
import http, {type IncomingHttpHeaders, type IncomingMessage, type ServerResponse} from 'node:http';
import {type AddressInfo} from 'node:net';
import {text} from 'node:stream/consumers';

/** A callback as it came. */
export type Callback = {
	readonly method: string;
	/** Path and query as they stand in the request line. */
	readonly address: string;
	/** Names in lower case. */
	readonly headers: IncomingHttpHeaders;
	readonly body: string;
	/** When its first line was there, on the clock of `performance.now()`. */
	readonly atMs: number;
};

/** What VTEX would answer to one callback after the other, the last for ever: a status, or nothing at all. */
export type CallbackAnswers = readonly [number | 'silence', ...(number | 'silence')[]];

/** Where one payment is called back. */
export type Mailbox = {
	/** For `callbackUrl`. */
	readonly url: string;
	/** What has to stand in the request line; a tunnel may take the path of its own address away. */
	readonly addresses: readonly string[];
	/** What came for this payment, at its address or near it. */
	readonly received: readonly Callback[];
};

export type Listener = {
	readonly port: number;
	readonly openMailbox: (answers: CallbackAnswers) => Mailbox;
	/** What came to an address that is nobody's. */
	readonly strays: readonly Callback[];
	/** Break the connections of callbacks that are not answered. */
	readonly hangUp: () => void;
	readonly close: () => Promise<void>;
};

/** The store's signature comes with escapes that a tidy client would rewrite; VTEX takes the address byte for byte or not at all. */
const query = 'accountName=homologation&X-VTEX-signature=a%2fB%7e..%20==';

/**
 * Stand where VTEX's Gateway would, and note what comes.
 * @param publicUrl - what stands before the path of a callback for the provider; without it this listener's own address
 */
export async function openListener(port = 0, publicUrl?: string): Promise<Listener> {
	const boxes = new Map<string, {readonly received: Callback[]; readonly answers: CallbackAnswers}>();
	const strays: Callback[] = [];
	const server = http.createServer((request, response) => {
		void take(request).then(callback => {
			const token = /\/payments\/([0-9A-F]{32})\//i.exec(callback.address)?.[1]?.toUpperCase() ?? '';
			const box = boxes.get(token);
			(box?.received ?? strays).push(callback);
			answer(response, box === undefined ? 404 : answerTo(box.received.length, box.answers));
		});
	});
	server.listen(port, '127.0.0.1');
	await once(server, 'listening');
	const {port: own} = server.address() as AddressInfo;
	const base = (publicUrl ?? `http://127.0.0.1:${own}`).replace(/\/+$/, '');
	return {
		port: own,
		strays,
		openMailbox(answers) {
			const token = randomBytes(16).toString('hex').toUpperCase();
			const received: Callback[] = [];
			boxes.set(token, {received, answers});
			const path = `/api/pvt/payment-provider/transactions/${token}/payments/${token}/callback?${query}`;
			return {
				url: base + path,
				addresses: [path, new URL(base).pathname.replace(/\/$/, '') + path],
				received,
			};
		},
		hangUp() {
			server.closeAllConnections();
		},
		async close() {
			server.closeAllConnections();
			server.close();
			await once(server, 'close');
		},
	};
}

async function take(request: IncomingMessage): Promise<Callback> {
	const {method = '', url = '', headers} = request;
	const atMs = performance.now();
	// Who breaks off has sent so much; the answer goes nowhere then.
	const body = await text(request).catch(() => '');
	return {method, address: url, headers, body, atMs};
}

function answerTo(count: number, answers: CallbackAnswers): number | 'silence' {
	return answers[Math.min(count, answers.length) - 1] ?? answers[0];
}

function answer(response: ServerResponse, how: number | 'silence'): void {
	if (how !== 'silence') {
		response.writeHead(how, {'Content-Type': 'application/json'}).end('{}');
	}
}
