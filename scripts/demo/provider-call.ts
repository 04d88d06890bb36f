import {randomBytes, randomUUID} from 'node:crypto';
import {type IncomingMessage, request as httpRequest} from 'node:http';
import {gunzipSync} from 'node:zlib';

/** Where a provider is, and what the Hub presents there: what a store has registered. */
export type Registration = {
	/** Without a trailing slash. */
	readonly serviceUrl: string;
	readonly appKey: string;
	readonly appToken: string;
};

export type Request = {
	readonly method: 'GET' | 'POST';
	/** Of the protocol: `/giftcards/_search`. The Hub's begins with a slash, the Gateway's, `payments`, does not. */
	readonly path: string;
	/** Sent as JSON. */
	readonly body?: unknown;
	readonly headers?: Readonly<Record<string, string>>;
};

/** `status` is null when the answer got lost. `text` is the body as it came. */
export type Answer = {readonly status: number | null; readonly text: string};

/**
 * What can befall a call. Of a lost request VTEX does not know whether it arrived: the connection breaks as soon as everything is
 * sent. A lost answer breaks off when it begins to arrive, so the provider has done its part.
 */
export type Mishap = 'request lost' | 'answer lost';

const mediaType = 'application/vnd.vtex.giftcards.v1+json';

/** The Hub gives up after this long (Gift Card Provider Protocol, 6). */
const timeoutMs = 15_000;

/** The address as VTEX makes it: joined as text, at the Hub with one slash too many that VTEX will not take away (KI-669575). */
function addressOf({serviceUrl}: Registration, path: string): URL {
	return new URL(`${serviceUrl}/${path}`);
}

/** One call with the headers that VTEX documents for the Hub (Gift Card Provider Protocol, 3 and 4), others over these. Never throws for what the provider answers. */
export async function callProvider(
	registration: Registration,
	{method, path, body, headers}: Request,
	mishap?: Mishap,
): Promise<Answer> {
	const payload = body === undefined ? undefined : JSON.stringify(body);
	return new Promise((resolve, reject) => {
		const request = httpRequest(addressOf(registration, path), {
			method,
			headers: {...headersOf(registration, payload), ...headers},
		});
		const lose = () => {
			resolve({status: null, text: ''});
			request.destroy();
		};
		request.setTimeout(timeoutMs, () => {
			request.destroy(new Error(`no answer within ${timeoutMs / 1000} s`));
		});
		request.on('error', error => {
			reject(new Error(`${method} ${path} failed: ${error.message}`, {cause: error}));
		});
		request.on('response', response => {
			if (mishap !== undefined) {
				lose();
				return;
			}

			readAll(response).then(text => {
				resolve({status: response.statusCode ?? 0, text});
			}, reject);
		});
		request.end(payload, () => {
			if (mishap === 'request lost') {
				lose();
			}
		});
	});
}

function headersOf({appKey, appToken}: Registration, payload: string | undefined): Record<string, string> {
	const operation = randomUUID();
	return {
		'X-PROVIDER-API-AppKey': appKey,
		'X-PROVIDER-API-AppToken': appToken,
		Accept: mediaType,
		'Accept-Encoding': 'gzip',
		'x-vtex-operation-id': operation,
		'x-vtex-debug-id': '',
		traceparent: `00-${operation.replaceAll('-', '')}-${randomBytes(8).toString('hex')}-01`,
		baggage: 'vtex.an=store',
		...(payload === undefined
			? {}
			: {'Content-Type': mediaType, 'Content-Length': String(Buffer.byteLength(payload))}),
	};
}

async function readAll(response: IncomingMessage): Promise<string> {
	const chunks: Buffer[] = [];
	for await (const chunk of response) {
		chunks.push(chunk as Buffer);
	}

	const body = Buffer.concat(chunks);
	return (response.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString();
}
