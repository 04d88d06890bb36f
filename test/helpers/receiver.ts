import {once} from 'node:events';
import http, {type IncomingHttpHeaders, type IncomingMessage, type ServerResponse} from 'node:http';
import https from 'node:https';
import {type AddressInfo} from 'node:net';
import {text} from 'node:stream/consumers';
import {type TestCertificate} from './certificate.ts';
import {type TestContext} from './test-context.ts';

export type Received = {
	readonly method: string | undefined;
	/** Path and query as they stand in the request line. */
	readonly path: string;
	readonly headers: IncomingHttpHeaders;
	readonly body: string;
};

export type Receiver = {
	readonly port: number;
	/** The address of a path that begins with a slash. */
	readonly at: (path: string) => string;
	readonly received: readonly Received[];
	/** Ends every connection, answered or not. */
	readonly hangUp: () => void;
};

/** A status, silence, or whatever the function answers. */
export type ReceiverAnswer = number | 'hang' | ((response: ServerResponse) => void);

/** What stands where VTEX would: it answers one request after the other as told, and the last answer for ever. By TLS with a certificate. */
export async function openReceiver(
	t: TestContext,
	answers: readonly ReceiverAnswer[] = [200],
	onReceived: (received: Received) => void = () => undefined,
	certificate?: TestCertificate,
): Promise<Receiver> {
	const received: Received[] = [];
	const answerOne = (request: IncomingMessage, response: ServerResponse) => {
		const answer = answers[Math.min(received.length, answers.length - 1)] ?? 200;
		const {method, url = '', headers} = request;
		const one = {method, path: url, headers, body: ''};
		const place = received.push(one) - 1;
		const answerWhole = (body: string) => {
			const whole = {...one, body};
			received[place] = whole;
			onReceived(whole);
			if (typeof answer === 'number') {
				response.writeHead(answer).end('{}');
			} else if (answer !== 'hang') {
				answer(response);
			}
		};
		// A request that is cut off before its end, by its caller or by the end of the test, has nobody to answer.
		text(request).then(answerWhole, () => undefined);
	};
	const server =
		certificate === undefined ? http.createServer(answerOne) : https.createServer(certificate, answerOne);
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => {
		server.closeAllConnections();
		server.close();
	});
	const {port} = server.address() as AddressInfo;
	return {
		port,
		at: path => `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${port}${path}`,
		received,
		hangUp: () => {
			server.closeAllConnections();
		},
	};
}
