import {randomBytes, randomUUID} from 'node:crypto';
import {setMaxListeners} from 'node:events';
import {openBlackout} from './blackout.ts';
import {type Exchange} from './check.ts';
import {credentialHeaders, type Credentials} from './credentials.ts';
import {answerText, requestText, shortened} from './exchange-text.ts';
import {type Answer, type CutAt, exchange, NoAnswer, placeOf, type Planned, sendAndCut} from './transport.ts';

export type {Credentials} from './credentials.ts';
export {type Answer, type CutAt, NoAnswer} from './transport.ts';

export type CallOptions = {
	/** Sent as JSON. */
	readonly body?: unknown;
	/** Sent as it is, in place of `body`. */
	readonly rawBody?: string | Uint8Array;
	/** Over the others, whatever their case; a name is written as it stands here, and null leaves one out. */
	readonly headers?: Readonly<Record<string, string | null>>;
	/** Without it, the right ones. */
	readonly credentials?: Credentials;
	/** Without them, those of the wire. */
	readonly credentialNames?: CredentialNames;
	readonly timeoutMs?: number;
	/** Sent also when the kit was stopped: it gives back what the provider has taken. */
	readonly isTidying?: true;
};

/** Names of the two headers with credentials, as one protocol or the other writes them. */
export type CredentialNames = readonly [key: string, token: string];

export type WireOptions = {
	/** As it is registered at VTEX; paths are added to it as text. */
	readonly url: string;
	readonly appKey: string;
	readonly appToken: string;
	/** How long an answer may take: what VTEX allows. */
	readonly timeoutMs: number;
	/** What must stand in no report besides the credentials: codes, PINs, card numbers. */
	readonly secrets?: readonly string[];
	/** Sent with a body. */
	readonly mediaType?: string;
	readonly credentialNames?: CredentialNames;
	/** Breaks off what is on its way. */
	readonly signal?: AbortSignal;
};

/** Requests to a provider, byte for byte as VTEX makes them, and a record of all of them. */
export type Wire = {
	/**
	 * Redirects are not followed; what comes with a status is an answer, whatever it is.
	 * @param path - added to the service's URL as text: nothing is normalised
	 * @throws Failure when no whole answer of at most a megabyte comes in time
	 */
	readonly send: (method: string, path: string, options?: CallOptions) => Promise<Answer>;
	/** Make a request whose answer is lost. Ends when the connection is broken, and never fails. */
	readonly cut: (method: string, path: string, at: CutAt, options?: CallOptions) => Promise<void>;
	/** For `exchangesSince`. */
	readonly mark: () => number;
	/** What was asked and answered since a mark, in the order in which it ended; the last dozens of it. Nothing secret is in it. */
	readonly exchangesSince: (mark: number) => readonly Exchange[];
	/** From now on also this stands in no record. */
	readonly keepSecret: (secret: string) => void;
	/** A text without anything secret. */
	readonly hide: (text: string) => string;
	/** Hang up what is left open. */
	readonly close: () => void;
};

const exchangesMax = 60;
const vtexMediaType = 'application/vnd.vtex.giftcards.v1+json';
const vtexNames: CredentialNames = ['X-PROVIDER-API-AppKey', 'X-PROVIDER-API-AppToken'];

export function openWire(options: WireOptions): Wire {
	const {url, appKey, appToken, timeoutMs, secrets = [], signal} = options;
	const place = placeOf(url);
	if (signal !== undefined) {
		// Each request that is on its way listens to it, and races are many at once.
		setMaxListeners(0, signal);
	}

	const agent = new place.client.Agent({keepAlive: true, maxSockets: 64});
	const blackout = openBlackout([appKey, appToken, ...secrets]);
	const done: Exchange[] = [];

	const plan = (method: string, path: string, call: CallOptions): Planned => {
		const payload = payloadOf(call);
		const headers = headersOf(options, call, payload);
		return {method, path: place.path + path, headers, payload, timeoutMs: call.timeoutMs ?? timeoutMs};
	};

	const record = (planned: Planned, answer: string, startedAt: number): void => {
		done.push({
			request: shortened(blackout.hide(requestText(planned, [appKey, appToken]))),
			answer: shortened(blackout.hide(answer)),
			ms: performance.now() - startedAt,
		});
	};

	return {
		async send(method, path, call = {}) {
			const planned = plan(method, path, call);
			const startedAt = performance.now();
			try {
				const line = {...place, agent, signal: call.isTidying === true ? undefined : signal};
				const answer = await exchange(line, planned);
				record(planned, answerText(answer), startedAt);
				return answer;
			} catch (error) {
				record(planned, `(${error instanceof NoAnswer ? error.got : String(error)})`, startedAt);
				throw error;
			}
		},
		async cut(method, path, at, call = {}) {
			const planned = plan(method, path, call);
			const startedAt = performance.now();
			await sendAndCut({...place, signal}, planned, at);
			record(planned, '(lost: the kit broke the connection)', startedAt);
		},
		mark: () => done.length,
		exchangesSince: mark => done.slice(mark).slice(-exchangesMax),
		keepSecret: blackout.keepSecret,
		hide: blackout.hide,
		close() {
			agent.destroy();
		},
	};
}

function payloadOf({body, rawBody}: CallOptions): Buffer | undefined {
	if (rawBody !== undefined) {
		return typeof rawBody === 'string' ? Buffer.from(rawBody) : Buffer.from(rawBody);
	}

	return body === undefined ? undefined : Buffer.from(JSON.stringify(body));
}

/** What VTEX sends with every request (Gift Card Provider Protocol, 3 and 4), and what this one has over that. */
function headersOf(
	{appKey, appToken, mediaType = vtexMediaType, credentialNames: names = vtexNames}: WireOptions,
	{credentials = 'right', credentialNames = names, headers = {}}: CallOptions,
	payload: Buffer | undefined,
): Record<string, string> {
	const operation = randomUUID();
	const usual: Record<string, string> = {
		...credentialHeaders(credentials, credentialNames, {appKey, appToken}),
		Accept: mediaType,
		'Accept-Encoding': 'gzip',
		'x-vtex-operation-id': operation,
		'x-vtex-debug-id': '',
		traceparent: `00-${operation.replaceAll('-', '')}-${randomBytes(8).toString('hex')}-01`,
		baggage: 'vtex.an=store',
		...(payload !== undefined && {'Content-Type': mediaType, 'Content-Length': String(payload.length)}),
	};
	const over = new Set(Object.keys(headers).map(name => name.toLowerCase()));
	const kept = Object.entries(usual).filter(([name]) => !over.has(name.toLowerCase()));
	const own = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== null);
	return Object.fromEntries([...kept, ...own]);
}
