import {once} from 'node:events';
import http, {type IncomingMessage, type ServerResponse} from 'node:http';
import {type AddressInfo} from 'node:net';
import {type TestContext} from '../helpers/test-context.ts';
import {
	appKey,
	appToken,
	bodyOf,
	doorReply,
	type Has,
	pathOf,
	type Reply,
	type Request,
} from './giftcards-door.ts';
import {type Planted} from './giftcards-faults.ts';
import {openRoutes} from './giftcards-routes.ts';

export type TestProvider = {readonly url: string; readonly appKey: string; readonly appToken: string};

/** A gift card provider in memory that does all that VTEX needs, but for the fault that is planted into it, or in another way. */
export async function openGiftCardProvider(t: TestContext, planted?: Planted): Promise<TestProvider> {
	const has = (one: Planted) => one === planted;
	const answer = openRoutes(has);
	const server = http.createServer((request, response) => {
		void respond(request, response, has, answer);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => {
		server.closeAllConnections();
		server.close();
	});
	const {port} = server.address() as AddressInfo;
	return {url: `http://127.0.0.1:${port}/v1`, appKey, appToken};
}

async function respond(
	message: IncomingMessage,
	response: ServerResponse,
	has: Has,
	answer: (request: Request) => Promise<Reply>,
): Promise<void> {
	const chunks: Buffer[] = [];
	for await (const chunk of message) {
		chunks.push(chunk as Buffer);
	}

	const request: Request = {
		method: message.method ?? '',
		path: pathOf(message.url ?? '', has),
		headers: message.headers,
		body: bodyOf(message, Buffer.concat(chunks).toString(), has),
		isHeard: () => !message.socket.destroyed,
	};
	const refused = doorReply(message, request, has);
	if (refused !== undefined && (has('does what probes ask for') || has('keeps the request ids of probes'))) {
		await answer(request);
	}

	const {status, body, headers} = refused ?? (await answer(request));
	const payload = body === undefined ? '' : JSON.stringify(body);
	const type = has('sends JSON as HTML') ? 'text/html' : 'application/json';
	response.writeHead(status, {...(payload !== '' && {'Content-Type': type}), ...headers});
	response.end(payload);
}
