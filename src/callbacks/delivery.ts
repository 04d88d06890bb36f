import {Buffer} from 'node:buffer';
import http, {type IncomingMessage, type OutgoingHttpHeaders} from 'node:http';
import https from 'node:https';
import {PrivateAddressError, publicLookup, type Resolve} from './addresses.ts';
import {type Target} from './hosts.ts';

/** A key and token of our own VTEX account; the merchants' credentials stay with us. */
export type CallbackKeys = {readonly appKey: string; readonly appToken: string};

export type DeliveryOptions = {
	readonly keys: CallbackKeys | undefined;
	readonly timeoutMs: number;
	/** How names of hosts that nobody vouches for are resolved; by default by the system. */
	readonly resolve?: Resolve | undefined;
	/** Of the trace that the call belongs to. */
	readonly traceHeaders?: Readonly<Record<string, string>>;
};

// Of the answer only its status matters; a little more is read so that a well-behaved receiver is not cut off.
const answerBytesMax = 65_536;

/**
 * POST a body to a target once (Payment Provider Protocol, 6). Not by `fetch`, which rewrites paths and queries: VTEX signs
 * its address, so every byte goes out as it came. Redirects are not followed.
 * @returns what went wrong, with nothing of the address but its host; undefined when the answer was 2xx
 * @throws TypeError when a key holds what no header can
 */
export async function deliver(
	target: Target,
	body: string,
	{keys, timeoutMs, resolve: resolveName, traceHeaders = {}}: DeliveryOptions,
): Promise<string | undefined> {
	const signal = AbortSignal.timeout(timeoutMs);
	const bytes = Buffer.from(asksForRetry(target) ? '' : body);
	return new Promise(resolve => {
		const request = (target.isSecure ? https : http).request({
			method: 'POST',
			host: target.host,
			port: target.port,
			path: asciiOf(target.path),
			headers: {...traceHeaders, ...headersOf(bytes, target.takesKeys ? keys : undefined)},
			signal,
			// A connection of its own: one that is kept could be one that was looked up under other rules.
			agent: false,
			...(!target.isConfigured && {lookup: publicLookup(resolveName)}),
		});
		request.once('response', response => {
			resolve(problemOfStatus(response.statusCode ?? 0));
			drain(response);
		});
		request.on('error', error => {
			resolve(signal.aborted ? `No answer within ${timeoutMs / 1000} s.` : problemOfError(error, target));
		});
		// Comes last; it only counts where neither an answer nor an error came before, as with a change of protocol.
		request.once('close', () => {
			resolve('The connection was closed without an answer.');
		});
		request.end(bytes);
	});
}

/** On VTEX IO an address that ends so asks VTEX to create the payment once more, and takes no body. */
function asksForRetry({path}: Target): boolean {
	return /^[^?]*\/retry(?:\?|$)/.test(path);
}

/** HTTP carries ASCII only: a letter beyond it goes out as the escapes that every client makes of it, and all else as it came. */
function asciiOf(path: string): string {
	return path.replaceAll(/[^\0-\x7f]+/g, letters =>
		[...Buffer.from(letters, 'utf8')].map(byte => `%${byte.toString(16).toUpperCase()}`).join(''),
	);
}

function headersOf(bytes: Buffer, keys: CallbackKeys | undefined): OutgoingHttpHeaders {
	return {
		accept: 'application/json',
		'user-agent': 'Monedero',
		'content-length': bytes.length,
		...(bytes.length > 0 && {'content-type': 'application/json'}),
		...(keys !== undefined && {'X-VTEX-API-AppKey': keys.appKey, 'X-VTEX-API-AppToken': keys.appToken}),
	};
}

/** Read on so far, and no further. The time-out ends this too. */
function drain(response: IncomingMessage): void {
	let size = 0;
	response.on('data', (chunk: Buffer) => {
		size += chunk.length;
		if (size > answerBytesMax) {
			response.destroy();
		}
	});
	// The status was received, so whatever happens now changes nothing.
	response.on('error', () => undefined);
}

function problemOfStatus(status: number): string | undefined {
	if (status >= 200 && status < 300) {
		return undefined;
	}

	return status >= 300 && status < 400
		? `The answer was ${status}, a redirect; callbacks do not follow them.`
		: `The answer was ${status}.`;
}

function problemOfError(error: Error, {host}: Target): string {
	if (error instanceof PrivateAddressError) {
		return `The name ${host} leads into a private network. If that is right, add it to CALLBACK_HOSTS and start the service again.`;
	}

	const {code = error.name} = error as NodeJS.ErrnoException;
	return `${host} cannot be reached (${code}).`;
}
