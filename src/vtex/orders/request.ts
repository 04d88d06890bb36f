import {Buffer} from 'node:buffer';
import http, {type IncomingMessage, type OutgoingHttpHeaders, type RequestOptions} from 'node:http';
import https from 'node:https';
import {PrivateAddressError, publicLookup, type Resolve} from '../../callbacks/addresses.ts';
import {simulatedForm, type VtexAccess} from '../../merchants/vtex-keys.ts';
import {OrderSourceError} from '../../orders/source.ts';
import {beginUnrecorded, type BeginTrace, type OutgoingTrace} from '../../trace-context.ts';

/** A call of a store's VTEX account. */
export type VtexRequest = {
	readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
	/** Path and query, encoded; it begins with a slash. */
	readonly path: string;
	readonly body?: unknown;
	/** Besides those of every call. */
	readonly headers?: Readonly<Record<string, string>>;
	/** How people call what is asked for: `the order`. */
	readonly what: string;
	/** Where the account answers it; `orders` unless it is said. Payments have a host of their own (Orders, 5). */
	readonly host?: keyof typeof hosts;
};

export type RequestLimits = {
	/** For all of the exchange. */
	readonly timeoutMs: number;
	readonly bytesMax: number;
	/** How names of hosts are resolved; by default by the system. */
	readonly resolve: Resolve | undefined;
	/** Begins the trace of a call; without it one that nobody records. */
	readonly beginTrace?: BeginTrace | undefined;
};

// An invoice may be embedded in an order, as a large document of its own (Orders, 4.4).
export const requestLimits: RequestLimits = {
	timeoutMs: 15_000,
	bytesMax: 8 * 1024 * 1024,
	resolve: undefined,
};

const hosts = {orders: 'vtexcommercestable.com.br', payments: 'vtexpayments.com.br'} as const;
const waitMsMax = 3_600_000;

/**
 * Ask a store's VTEX account once (Orders, 1.1 and 5). Redirects are not followed: the keys go to the account's own host.
 * @returns the parsed body; undefined where it is empty
 * @throws OrderSourceError for every answer but a 2xx with JSON or nothing in it, and for none; it repeats nothing of the answer
 */
export async function askVtex(
	access: VtexAccess,
	request: VtexRequest,
	limits: RequestLimits,
): Promise<unknown> {
	const {beginTrace = beginUnrecorded} = limits;
	const trace = beginTrace('vtex', {method: request.method});
	try {
		const answer = await askOnce(access, request, {limits, trace});
		trace.end('answered', false);
		return answer;
	} catch (error) {
		trace.end(error instanceof OrderSourceError ? error.problem : 'failed', true);
		throw error;
	}
}

type Asking = {readonly limits: RequestLimits; readonly trace: OutgoingTrace};

async function askOnce(access: VtexAccess, request: VtexRequest, {limits, trace}: Asking): Promise<unknown> {
	const signal = AbortSignal.timeout(limits.timeoutMs);
	try {
		const response = await responseTo(access, request, {limits, signal, trace});
		const problem = problemOf(response, request);
		if (problem !== undefined) {
			response.destroy();
			throw problem;
		}

		return parsed(await textOf(response, limits.bytesMax), request);
	} catch (error) {
		throw error instanceof OrderSourceError ? error : unanswered(error, signal.aborted, limits);
	}
}

async function responseTo(
	access: VtexAccess,
	{method, path, body, headers, host}: VtexRequest,
	{limits: {resolve: resolveName}, signal, trace}: Asking & {readonly signal: AbortSignal},
): Promise<IncomingMessage> {
	const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
	const {isSecure, ...place} = placeOf(access, resolveName, host);
	return new Promise((resolve, reject) => {
		const request = (isSecure ? https : http).request({
			...place,
			method,
			path,
			headers: {...trace.headers, ...headersOf(access, bytes), ...headers},
			signal,
			// A connection of its own: one that is kept could be one that was looked up under other rules.
			agent: false,
		});
		request.once('response', resolve).on('error', reject);
		// Comes last; it only counts where neither an answer nor an error came before, as with a change of protocol.
		request.once('close', () => {
			reject(new Error('The connection was closed without an answer.'));
		});
		request.end(bytes);
	});
}

/** VTEX's own host, on the public internet only; for a sandbox merchant also what stands for it on this machine. */
function placeOf(
	{account, url, isSandbox}: VtexAccess,
	resolve: Resolve | undefined,
	host: keyof typeof hosts = 'orders',
): RequestOptions & {readonly isSecure: boolean} {
	if (url === null) {
		return {isSecure: true, host: `${account}.${hosts[host]}`, lookup: publicLookup(resolve)};
	}

	if (!isSandbox || !simulatedForm.test(url)) {
		throw new OrderSourceError(
			'failed',
			'The VTEX account of this merchant is simulated, which only a sandbox merchant may have. Enter the keys anew with credentials:vtex.',
		);
	}

	const {hostname, port} = new URL(url);
	return {isSecure: false, host: hostname, port};
}

function headersOf({appKey, appToken}: VtexAccess, bytes: Buffer | undefined): OutgoingHttpHeaders {
	return {
		accept: 'application/json',
		'user-agent': 'Monedero',
		'X-VTEX-API-AppKey': appKey,
		'X-VTEX-API-AppToken': appToken,
		...(bytes !== undefined && {'content-type': 'application/json', 'content-length': bytes.length}),
	};
}

function problemOf(
	{statusCode: status = 0, headers}: IncomingMessage,
	{what}: VtexRequest,
): OrderSourceError | undefined {
	if (status >= 200 && status < 300) {
		return undefined;
	}

	if (status === 401 || status === 403) {
		return new OrderSourceError(
			'refused',
			`VTEX refuses the keys for ${what} (${status}). See that they are right, and that their role in the store's Admin allows it.`,
		);
	}

	if (status === 429) {
		return new OrderSourceError('busy', 'VTEX was asked too often (429).', {
			waitMs: waitMsOf(headers['retry-after']),
		});
	}

	if (status === 404) {
		return new OrderSourceError('absent', `VTEX does not know ${what} (404).`);
	}

	return new OrderSourceError(
		'failed',
		status >= 300 && status < 400
			? `VTEX answered ${status} for ${what}, a redirect, which is not followed.`
			: `VTEX answered ${status} for ${what}.`,
	);
}

function waitMsOf(retryAfter: string | undefined): number {
	return /^\d{1,6}$/.test(retryAfter ?? '') ? Math.min(Number(retryAfter) * 1000, waitMsMax) : 0;
}

async function textOf(response: IncomingMessage, bytesMax: number): Promise<string> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of response) {
		size += (chunk as Buffer).length;
		if (size > bytesMax) {
			response.destroy();
			throw new OrderSourceError(
				'failed',
				`The answer of VTEX is larger than ${bytesMax / 1024 / 1024} MB, so it was not read.`,
			);
		}

		chunks.push(chunk as Buffer);
	}

	return Buffer.concat(chunks).toString();
}

function parsed(text: string, {what}: VtexRequest): unknown {
	try {
		return text.trim() === '' ? undefined : (JSON.parse(text) as unknown);
	} catch {
		// Without its cause: a syntax error quotes what it stumbled over.
		throw new OrderSourceError('failed', `VTEX answered something else than JSON for ${what}.`);
	}
}

function unanswered(error: unknown, isLate: boolean, {timeoutMs}: RequestLimits): OrderSourceError {
	if (isLate) {
		return new OrderSourceError('unreachable', `VTEX did not answer within ${timeoutMs / 1000} s.`);
	}

	if (error instanceof PrivateAddressError) {
		return new OrderSourceError('unreachable', "The name of VTEX's host leads into a private network.");
	}

	const {code = 'no answer'} = error as NodeJS.ErrnoException;
	return new OrderSourceError('unreachable', `VTEX cannot be reached (${code}).`);
}
