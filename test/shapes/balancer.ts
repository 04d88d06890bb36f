import {once} from 'node:events';
import http from 'node:http';
import {type AddressInfo} from 'node:net';
import {type TestContext} from '../helpers/test-context.ts';

export type Balancer = {
	readonly origin: string;
	/** Requests that each service was given, in the order of the services. */
	readonly given: readonly number[];
	/** Whether the service at that place said that it was ready when it was asked last. */
	readonly isReady: (place: number) => boolean;
};

const checkMs = 100;

/**
 * As simple as balancers are: each request goes to the next service that was ready a moment ago. Where the connection breaks the client
 * gets 502, whatever the service has done; nothing is sent twice.
 * @param origins - of the services
 */
export async function openBalancer(t: TestContext, origins: readonly string[]): Promise<Balancer> {
	const ready = origins.map(() => true);
	const given = origins.map(() => 0);
	let turn = 0;
	const nextPlace = (): number | undefined => {
		const places = origins.map((_, index) => (turn + index) % origins.length);
		turn++;
		return places.find(place => ready[place]);
	};
	const server = http.createServer((request, response) => {
		const place = nextPlace();
		if (place === undefined) {
			response.writeHead(503).end();
			return;
		}

		given[place] = (given[place] ?? 0) + 1;
		const {method, headers, url = '/'} = request;
		const passed = http.request(`${origins[place] ?? ''}${url}`, {method, headers}, answer => {
			response.writeHead(answer.statusCode ?? 502, answer.headers);
			answer.on('error', () => response.destroy());
			answer.pipe(response);
		});
		passed.on('error', () => {
			if (response.headersSent) {
				response.destroy();
			} else {
				response.writeHead(502).end();
			}
		});
		request.pipe(passed);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const checks = setInterval(() => {
		origins.forEach((origin, place) => {
			fetch(`${origin}/health/ready`, {signal: AbortSignal.timeout(2000)}).then(
				({ok}) => (ready[place] = ok),
				() => (ready[place] = false),
			);
		});
	}, checkMs);
	t.teardown(() => {
		clearInterval(checks);
		server.closeAllConnections();
		server.close();
	});
	const {port} = server.address() as AddressInfo;
	return {origin: `http://127.0.0.1:${port}`, given, isReady: place => ready[place] === true};
}
