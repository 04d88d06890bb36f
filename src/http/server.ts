import {
	createServer,
	type IncomingMessage,
	type RequestListener,
	type Server,
	type ServerResponse,
} from 'node:http';
import {createServer as createSecureServer, type Server as SecureServer} from 'node:https';
import {type AddressInfo, type Socket} from 'node:net';
import {type Config} from '../config.ts';
import {inTurns} from '../turns.ts';
import {presentedCredential} from '../vtex/authenticate.ts';
import {readTlsPair, tlsFilesOf, type TlsFiles, type TlsPair} from './tls.ts';

type Exchange = {readonly request: IncomingMessage; readonly response: ServerResponse};
type Handle = (request: IncomingMessage, response: ServerResponse) => unknown;
type TurnAway = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A server that has its port before anything else is started. */
export type HttpServer = {
	readonly port: number;
	/**
	 * Until it is called, requests are told to come back.
	 * @param turnAway - may answer a request before it waits for its turn; true when it did
	 */
	readonly serve: (handle: Handle, turnAway?: TurnAway) => void;
	/**
	 * Read the certificate again, for connections from now on; undefined without HTTPS.
	 * @throws TlsFileError when the new one cannot be used; then the old one stays
	 */
	readonly renewCertificate: (() => TlsPair) | undefined;
	/** Accept nobody any more, answer what is in flight, and close the connections; those still open after `graceMs` are cut. */
	readonly close: (graceMs: number) => Promise<void>;
};

/** The address cannot be listened on; the message says what to do. */
export class ListenError extends Error {
	constructor(message: string, cause: unknown) {
		super(message, {cause});
		this.name = 'ListenError';
	}
}

export const serverLimits = {
	// The request line and all headers.
	maxHeaderSize: 16 * 1024,
	// How long a client may take to send its headers, and all of its request; Node answers 408 to the slow ones.
	headersTimeout: 8000,
	requestTimeout: 8000,
	connectionsCheckingInterval: 500,
	// Balancers let go of idle connections after 60 seconds. We wait longer, so that it is never we who close under a request.
	keepAliveTimeout: 75_000,
	// How long a client may take for the TLS handshake.
	handshakeTimeout: 8000,
};
// Few processes may have more file descriptors than this by default; Node turns away what comes above.
const connectionsMax = 4096;
// About half a millisecond's work: the statements of the batch that is being written do not wait for longer than that.
const requestsPerTurn = 8;

/**
 * Listen, with HTTPS where a certificate is configured: TLS 1.2 and 1.3.
 * @throws ListenError when the port is taken or the address is not ours
 * @throws TlsFileError when the certificate or its key cannot be used
 */
export async function openHttpServer(
	config: Pick<Config, 'host' | 'port'> & Partial<Pick<Config, 'tlsCertFile' | 'tlsKeyFile'>>,
	limits: typeof serverLimits = serverLimits,
): Promise<HttpServer> {
	let handle: Handle = answerStarting;
	let turnAway: TurnAway = () => false;
	const begin = inTurns<Exchange>(({request, response}) => {
		handle(request, response);
	}, requestsPerTurn);
	const files = tlsFilesOf(config);
	const server = files === undefined ? createServer(limits) : createSecure(files, limits);
	const silent = watchSilent(server);
	const listener: RequestListener = (request, response) => {
		silent.delete(request.socket);
		if (!turnAway(request, response)) {
			begin({request, response});
		}
	};
	server.maxConnections = connectionsMax;
	server.on('request', listener);
	// A body is asked for when the caller is known, and no header is a reason to refuse (Gift Card Provider Protocol, 4).
	server.on('checkContinue', listener);
	server.on('checkExpectation', listener);
	await listen(server, config.host, config.port);
	return {
		port: (server.address() as AddressInfo).port,
		serve(handler, turnsAway = turnAway) {
			handle = handler;
			turnAway = turnsAway;
		},
		renewCertificate: files === undefined ? undefined : () => renew(server as SecureServer, files),
		close(graceMs) {
			silent.forEach(socket => socket.destroy());
			return close(server, graceMs);
		},
	};
}

function createSecure(files: TlsFiles, limits: typeof serverLimits): SecureServer {
	return createSecureServer({...limits, ...readTlsPair(files).options});
}

function renew(server: SecureServer, files: TlsFiles): TlsPair {
	const pair = readTlsPair(files);
	server.setSecureContext(pair.options);
	return pair;
}

/**
 * The connections on which nothing was asked yet, as browsers open them in advance: Node would wait for them when it closes. Under
 * TLS a connection is one socket until the handshake is done, and another one after it.
 */
function watchSilent(server: Server | SecureServer): Set<Socket> {
	const silent = new Set<Socket>();
	const shaking = new Map<string, Socket>();
	const add = (socket: Socket) => {
		silent.add(socket);
		socket.once('close', () => silent.delete(socket));
	};
	server.on('connection', (socket: Socket) => {
		add(socket);
		const peer = peerOf(socket);
		shaking.set(peer, socket);
		socket.once('close', () => shaking.delete(peer));
	});
	server.on('secureConnection', (socket: Socket) => {
		const below = shaking.get(peerOf(socket));
		if (below !== undefined) {
			silent.delete(below);
		}

		add(socket);
	});
	return silent;
}

function peerOf({remoteAddress, remotePort}: Socket): string {
	return `${remoteAddress} ${remotePort}`;
}

async function close(server: Server, graceMs: number): Promise<void> {
	const timer = setTimeout(() => {
		server.closeAllConnections();
	}, graceMs);
	await new Promise<void>(resolve => {
		server.close(() => {
			resolve();
		});
	});
	clearTimeout(timer);
}

async function listen(server: Server, host: string, port: number): Promise<void> {
	await new Promise<void>((resolve, reject) => {
		server.once('error', error => {
			reject(new ListenError(reasonOf(error, host, port), error));
		});
		// Whoever is not let into the queue is heard again after seconds: TCP repeats what nobody has answered after 1, 3 and 7.
		server.listen({port, host, backlog: connectionsMax}, resolve);
	});
	server.removeAllListeners('error');
}

function reasonOf({code, message}: NodeJS.ErrnoException, host: string, port: number): string {
	const reasons: Readonly<Record<string, string>> = {
		EADDRINUSE: `Port ${port} on ${host} is taken. Stop what uses it, or set PORT to another one.`,
		EACCES: `Port ${port} needs rights that this user does not have. Set PORT to one above 1023.`,
		EADDRNOTAVAIL: `This machine has no address ${host}. Correct HOST; 0.0.0.0 means every interface.`,
		ENOTFOUND: `The name ${host} is unknown. Correct HOST; 0.0.0.0 means every interface.`,
	};
	return reasons[code ?? ''] ?? `Cannot listen on ${host}, port ${port}: ${message}.`;
}

/** While the database starts, which after a crash may take minutes, the process is alive, is not ready and knows nobody. */
function answerStarting(request: IncomingMessage, response: ServerResponse): void {
	const [path = ''] = (request.url ?? '').split('?');
	if (!path.startsWith('/health/') && presentedCredential(request.headers) === undefined) {
		response.writeHead(401, {'Content-Length': '0'}).end();
		return;
	}

	const isLive = path === '/health/live';
	const starting = {error: {code: 'starting', message: 'The service is starting; come back in a moment.'}};
	response.writeHead(isLive ? 200 : 503, {'Content-Type': 'application/json', 'Retry-After': '1'});
	response.end(JSON.stringify(isLive ? {status: 'ok'} : starting));
}
