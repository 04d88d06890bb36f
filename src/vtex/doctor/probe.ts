import {Buffer} from 'node:buffer';
import http, {type IncomingHttpHeaders, type IncomingMessage} from 'node:http';
import https from 'node:https';
import {isIP} from 'node:net';
import tls from 'node:tls';
import {PrivateAddressError} from '../../callbacks/addresses.ts';
import {type Instruments} from './check.ts';

/** A call as VTEX's Hub makes it: the path is put behind the `serviceUrl` as text. */
export type Call = {
	readonly method: 'GET' | 'POST';
	/** Begins with a slash, or two. */
	readonly path: string;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: unknown;
};

export type Answer = {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	/** As much of it as is read. */
	readonly body: Buffer;
	/** From the beginning of the connection to the last byte. */
	readonly durationMs: number;
};

/** Nobody answered, or not as HTTP has it. The message is a sentence. */
export class NoAnswerError extends Error {
	override readonly name = 'NoAnswerError';
	/** As Node calls it: `ECONNREFUSED`. */
	readonly code: string;

	constructor(code: string, message: string) {
		super(message);
		this.code = code;
	}
}

// Nothing that is asked for here is larger.
const bytesMax = 256 * 1024;
// What VTEX sends with both (Gift Card Provider Protocol, 4).
const mediaType = 'application/vnd.vtex.giftcards.v1+json';

/**
 * Ask once, on a connection of its own. Redirects are not followed, as VTEX follows none.
 * @throws NoAnswerError
 */
export async function probe(serviceUrl: string, call: Call, instruments: Instruments): Promise<Answer> {
	const {timeoutMs, tick} = instruments;
	const signal = AbortSignal.timeout(timeoutMs);
	const startedAt = tick();
	try {
		const response = await responseTo(new URL(serviceUrl), call, instruments, signal);
		const body = await bodyOf(response);
		const {statusCode: status = 0, headers} = response;
		return {status, headers, body, durationMs: tick() - startedAt};
	} catch (error) {
		throw unanswered(error, signal.aborted, timeoutMs);
	}
}

async function responseTo(
	url: URL,
	{method, path, headers, body}: Call,
	{lookup, ca}: Instruments,
	signal: AbortSignal,
): Promise<IncomingMessage> {
	const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
	return new Promise((resolve, reject) => {
		const request = (url.protocol === 'https:' ? https : http).request({
			...{method, signal, lookup, agent: false, ca},
			host: hostOf(url),
			port: url.port,
			// Not by the URL, which would make a path of two slashes its own way.
			path: `${url.pathname}${path}`,
			headers: {
				accept: mediaType,
				'user-agent': 'Monedero doctor',
				...(bytes !== undefined && {'content-type': mediaType, 'content-length': bytes.length}),
				...headers,
			},
		});
		request.once('response', resolve).on('error', reject);
		// Comes last; it only counts where neither an answer nor an error came before.
		request.once('close', () => {
			reject(new NoAnswerError('CLOSED', 'The connection was closed without an answer.'));
		});
		request.end(bytes);
	});
}

async function bodyOf(response: IncomingMessage): Promise<Buffer> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of response) {
		chunks.push(chunk as Buffer);
		size += (chunk as Buffer).length;
		if (size > bytesMax) {
			response.destroy();
			break;
		}
	}

	return Buffer.concat(chunks);
}

/** What TLS says before HTTP begins. */
export type Handshake = {
	/** `TLSv1.3`. */
	readonly protocol: string;
	/** Why the certificate is not trusted, as Node calls it; null where it is. */
	readonly distrust: string | null;
	/** Until when the certificate is valid, in milliseconds. */
	readonly validTo: number;
};

/**
 * Agree on TLS and nothing more: no byte is sent to whoever is there.
 * @param versionMax - the highest version that is offered
 * @throws NoAnswerError
 */
export async function shakeHands(
	serviceUrl: string,
	{lookup, ca, timeoutMs}: Instruments,
	versionMax: tls.SecureVersion = 'TLSv1.3',
): Promise<Handshake> {
	const url = new URL(serviceUrl);
	const host = hostOf(url);
	return new Promise((resolve, reject) => {
		const socket = tls.connect({
			...{host, lookup, ca},
			port: Number(url.port || 443),
			// A name is told, an address is not (RFC 6066, 3).
			servername: isIP(host) === 0 ? host : '',
			minVersion: 'TLSv1.2',
			maxVersion: versionMax,
			// Who it is, is read below. Nothing is sent.
			rejectUnauthorized: false,
		});
		const late = setTimeout(() => {
			socket.destroy();
			reject(unanswered(undefined, true, timeoutMs));
		}, timeoutMs);
		const end = () => {
			clearTimeout(late);
			socket.destroy();
		};
		socket.once('secureConnect', () => {
			resolve({
				protocol: socket.getProtocol() ?? 'unknown',
				distrust: socket.authorized ? null : codeOf(socket.authorizationError),
				validTo: Date.parse(socket.getPeerCertificate().valid_to),
			});
			end();
		});
		socket.once('error', error => {
			end();
			reject(unanswered(error, false, timeoutMs));
		});
		socket.once('close', () => {
			end();
			reject(new NoAnswerError('CLOSED', 'The connection was closed before TLS was agreed on.'));
		});
	});
}

/** Node gives the code of the error, whatever its types say, and its message where it has none. */
function codeOf(reason: unknown): string {
	return typeof reason === 'string' ? reason : reason instanceof Error ? reason.message : 'unknown error';
}

/** As Node takes it: an IPv6 address without its brackets. */
const hostOf = ({hostname}: URL) => hostname.replace(/^\[|\]$/g, '');

function unanswered(error: unknown, isLate: boolean, timeoutMs: number): NoAnswerError {
	if (error instanceof NoAnswerError) {
		return error;
	}

	if (isLate) {
		return new NoAnswerError('LATE', `There was no answer within ${timeoutMs / 1000} s.`);
	}

	if (error instanceof PrivateAddressError) {
		return new NoAnswerError(error.code, 'The name leads into a private network.');
	}

	const {code = 'unknown error'} = error as NodeJS.ErrnoException;
	return new NoAnswerError(code, sentences[code] ?? `It cannot be reached (${code}).`);
}

const sentences: Readonly<Record<string, string>> = {
	ECONNREFUSED: 'Nobody listens there (ECONNREFUSED).',
	ECONNRESET: 'The connection was cut off (ECONNRESET).',
	ENOTFOUND: 'The name is not known (ENOTFOUND).',
	EAI_AGAIN: 'The name could not be resolved now (EAI_AGAIN).',
	ETIMEDOUT: 'The connection could not be made in time (ETIMEDOUT).',
	EHOSTUNREACH: 'There is no way to that host (EHOSTUNREACH).',
};
