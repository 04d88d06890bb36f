import http, {type IncomingHttpHeaders, type IncomingMessage} from 'node:http';
import https from 'node:https';
import {gunzipSync} from 'node:zlib';
import {Failure} from './check.ts';

/* One request and its answer, byte for byte; and what is said when there is no answer. */

export type Answer = {
	readonly status: number;
	/** Names in lower case. */
	readonly headers: IncomingHttpHeaders;
	/** As it came, unpacked; what is no UTF-8 stands as `\uFFFD`. */
	readonly text: string;
	/** The parsed body; undefined when it is empty, no JSON or no UTF-8. */
	readonly json: unknown;
	/** From the first byte that was sent to the last that came. */
	readonly ms: number;
};

/** When a connection is broken by the one who asks: as soon as everything is sent, or when the answer begins to arrive. */
export type CutAt = 'sent' | 'answered';

/** Where a provider is. */
export type Place = {
	readonly client: typeof http | typeof https;
	readonly host: string;
	readonly port: string;
	/** Before every path of the protocol. */
	readonly path: string;
};

/** A request as it goes over the wire. */
export type Planned = {
	readonly method: string;
	readonly path: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly payload: Buffer | undefined;
	readonly timeoutMs: number;
};

/** @throws TypeError for what is no address of a web service */
export function placeOf(url: string): Place {
	const {protocol, hostname, port} = new URL(url);
	// As text: what is between the host and the path of the protocol goes over the wire as it was registered.
	const [, path = ''] = /^https?:\/\/[^/?#]*([^?#]*)$/i.exec(url.trim()) ?? [];
	const host = hostname.replace(/^\[|\]$/g, '');
	return {client: protocol === 'https:' ? https : http, host, port, path};
}

/** How a request gets there: without an agent, on a connection of its own. */
export type Line = Place & {readonly agent?: http.Agent; readonly signal: AbortSignal | undefined};

const bytesMax = 1_048_576;

/** A request on its way; nothing of it is sent yet. */
function begin(
	{client, host, port, agent, signal}: Line,
	{method, path, headers}: Planned,
): http.ClientRequest {
	return client.request({
		...{host, port, method, path, headers},
		agent: agent ?? false,
		...(signal !== undefined && {signal}),
	});
}

/** @throws NoAnswer when no whole answer of at most a megabyte comes in time */
export async function exchange(line: Line, planned: Planned): Promise<Answer> {
	const startedAt = performance.now();
	const end = AbortSignal.timeout(planned.timeoutMs);
	try {
		const response = await answered(line, planned, end);
		return answerOf(response, await readAll(response), startedAt);
	} catch (error) {
		throw noAnswer(end.aborted ? new TooLate() : error, planned);
	}
}

/** The beginning of an answer; all of it ends with `end`. */
async function answered(line: Line, planned: Planned, end: AbortSignal): Promise<IncomingMessage> {
	for (;;) {
		const request = begin(line, planned);
		const giveUp = () => {
			request.destroy();
		};
		end.addEventListener('abort', giveUp);
		request.once('close', () => {
			end.removeEventListener('abort', giveUp);
		});
		try {
			return await responseTo(request, planned.payload);
		} catch (error) {
			// A connection that was kept and has been closed meanwhile says nothing about the provider.
			if (!request.reusedSocket || !isReset(error) || end.aborted) {
				throw error;
			}
		}
	}
}

function responseTo(request: http.ClientRequest, payload: Buffer | undefined): Promise<IncomingMessage> {
	return new Promise((resolve, reject) => {
		request.once('response', resolve);
		request.on('error', reject);
		// A provider that switches protocols is none of VTEX's.
		request.once('upgrade', (response, socket) => {
			socket.destroy();
			reject(new Error(`an offer of another protocol, with ${response.statusCode ?? 0}`));
		});
		request.end(payload);
	});
}

async function readAll(response: IncomingMessage): Promise<Buffer> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of response as AsyncIterable<Buffer>) {
		chunks.push(chunk);
		size += chunk.length;
		if (size > bytesMax) {
			throw new TooLarge();
		}
	}

	const body = Buffer.concat(chunks);
	return response.headers['content-encoding'] === 'gzip' && size > 0 ? unpacked(body) : body;
}

function unpacked(body: Buffer): Buffer {
	try {
		return gunzipSync(body, {maxOutputLength: bytesMax});
	} catch (error) {
		throw error instanceof RangeError ? new TooLarge() : new Error('a body that says it is gzip and is not');
	}
}

function answerOf({statusCode = 0, headers}: IncomingMessage, body: Buffer, startedAt: number): Answer {
	return {
		status: statusCode,
		headers,
		text: body.toString('utf8'),
		json: parsed(body),
		ms: performance.now() - startedAt,
	};
}

const utf8 = new TextDecoder('utf-8', {fatal: true});

function parsed(body: Buffer): unknown {
	try {
		return body.length === 0 ? undefined : (JSON.parse(utf8.decode(body)) as unknown);
	} catch {
		return undefined;
	}
}

/** Ends when the connection is gone, or could not be had. */
export function sendAndCut(line: Line, planned: Planned, at: CutAt): Promise<void> {
	return new Promise(resolve => {
		// A connection of its own, which can be broken.
		const request = begin(line, planned);
		const hangUp = () => {
			request.destroy();
		};
		const timer = setTimeout(hangUp, planned.timeoutMs);
		request.on('error', hangUp);
		request.once('response', hangUp);
		request.once('close', () => {
			clearTimeout(timer);
			resolve();
		});
		request.end(planned.payload, () => {
			if (at === 'sent') {
				hangUp();
			}
		});
	});
}

/** Nothing came that could be looked at. */
export class NoAnswer extends Failure {}

class TooLate extends Error {}
class TooLarge extends Error {}

function isReset(error: unknown): boolean {
	const {code} = error as NodeJS.ErrnoException;
	return code === 'ECONNRESET' || code === 'EPIPE';
}

/** What a check says of an answer that did not come. */
function noAnswer(error: unknown, {method, path, timeoutMs}: Planned): NoAnswer {
	const call = `${method} ${path}`;
	if (error instanceof TooLate) {
		return new NoAnswer(`an answer to ${call} within ${timeoutMs / 1000} s`, 'none in that time');
	}

	if (error instanceof TooLarge) {
		return new NoAnswer(`an answer to ${call} of at most a megabyte`, 'more than that');
	}

	return new NoAnswer(`a whole answer to ${call}`, problemOf(error as NodeJS.ErrnoException));
}

const problems: Readonly<Record<string, string>> = {
	ECONNREFUSED: 'a refused connection: nobody listens there',
	ECONNRESET: 'a connection that the provider broke',
	EPIPE: 'a connection that the provider broke',
	ENOTFOUND: 'a host that no name server knows',
	EAI_AGAIN: 'no word from a name server',
	ETIMEDOUT: 'no connection',
	EHOSTUNREACH: 'no way to the host',
	ABORT_ERR: 'no time: the kit was stopped',
	CERT_HAS_EXPIRED: 'a certificate that has expired',
	DEPTH_ZERO_SELF_SIGNED_CERT: 'a certificate that only its owner has signed',
	ERR_TLS_CERT_ALTNAME_INVALID: 'a certificate for another host',
};

function problemOf({code = '', message}: NodeJS.ErrnoException): string {
	return problems[code] ?? (code.startsWith('HPE_') ? `something that is no HTTP (${message})` : message);
}
