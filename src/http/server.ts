import {createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse} from 'node:http';
import {type AddressInfo} from 'node:net';
import {type Config} from '../config.ts';

/** A server that has its port before anything else is started. */
export type HttpServer = {
	readonly port: number;
	/** Until it is called, requests are told to come back. */
	readonly serve: (handle: RequestListener) => void;
	/** Accept nobody any more, answer what is in flight, and close the connections; those that are still open after `graceMs` are cut. */
	readonly close: (graceMs: number) => Promise<void>;
};

/** The address cannot be listened on; the message says what to do. */
export class ListenError extends Error {
	constructor(message: string, cause: unknown) {
		super(message, {cause});
		this.name = 'ListenError';
	}
}

const limits = {
	maxHeaderSize: 16 * 1024,
	// A client gets this long to send its headers, then its body; Node answers 408 to the slow ones.
	headersTimeout: 8000,
	requestTimeout: 8000,
	connectionsCheckingInterval: 1000,
	// Longer than the 60 seconds after which balancers let go of idle connections, so that it is never we who close under a request.
	keepAliveTimeout: 75_000,
};
// A process has 1024 or more file descriptors; Node turns away what comes above.
const connectionsMax = 4096;

/** @throws ListenError when the port is taken or the address is not ours */
export async function openHttpServer({host, port}: Pick<Config, 'host' | 'port'>): Promise<HttpServer> {
	let handle: RequestListener = answerStarting;
	const listener = (request: IncomingMessage, response: ServerResponse) => {
		handle(request, response);
	};
	const server = createServer(limits, listener);
	server.maxConnections = connectionsMax;
	// The body is asked for when the caller is known; no header is a reason to refuse (Gift Card Provider Protocol, 4).
	server.on('checkContinue', listener);
	server.on('checkExpectation', listener);
	await listen(server, host, port);
	return {
		port: (server.address() as AddressInfo).port,
		serve(handler) {
			handle = handler;
		},
		close: graceMs => close(server, graceMs),
	};
}

async function listen(server: Server, host: string, port: number): Promise<void> {
	await new Promise<void>((resolve, reject) => {
		server.once('error', error => {
			reject(new ListenError(reasonOf(error, host, port), error));
		});
		server.listen(port, host, resolve);
	});
}

function reasonOf({code, message}: NodeJS.ErrnoException, host: string, port: number): string {
	const reasons: Record<string, string> = {
		EADDRINUSE: `Port ${port} on ${host} is taken. Stop what uses it, or set PORT to another one.`,
		EACCES: `Port ${port} needs rights that this user has not. Set PORT to one above 1023.`,
		EADDRNOTAVAIL: `This machine has no address ${host}. Correct HOST; 0.0.0.0 means every interface.`,
		ENOTFOUND: `The name ${host} is unknown. Correct HOST; 0.0.0.0 means every interface.`,
	};
	return reasons[code ?? ''] ?? `Cannot listen on ${host}, port ${port}: ${message}.`;
}

async function close(server: Server, graceMs: number): Promise<void> {
	const timer = setTimeout(() => {
		server.closeAllConnections();
	}, graceMs);
	await new Promise<void>(resolve => server.close(() => { resolve(); }));
	clearTimeout(timer);
}

function answerStarting(request: IncomingMessage, response: ServerResponse): void {
	const isLive = request.url === '/health/live';
	const body = isLive ? {status: 'ok'} : {error: {code: 'starting', message: 'The service is starting; come back in a moment.'}};
	response.writeHead(isLive ? 200 : 503, {'Content-Type': 'application/json; charset=utf-8', 'Retry-After': '1'});
	response.end(JSON.stringify(body));
}
