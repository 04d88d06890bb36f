import {type IncomingHttpHeaders} from 'node:http';
import {type z} from 'zod';
import {type Caller} from '../merchants/credential-check.ts';
import {ProtocolError} from './protocol-error.ts';

/** What an endpoint takes and answers, as data: it routes, validates and documents. */
export type Contract<Params extends z.ZodType, Body extends z.ZodType, Reply extends z.ZodType> = {
	readonly method: 'get' | 'post';
	/** Below the base path, in the router's form: `/giftcards/:giftCardId`. */
	readonly path: `/${string}`;
	readonly summary: string;
	/** A viewer may call what is `read` only. */
	readonly access: 'read' | 'write';
	/** Path parameters, percent-decoded once. */
	readonly params: Params;
	/** Of a POST; `z.undefined()` for a GET. */
	readonly body: Body;
	/** The body of a 200. Checked before it leaves. */
	readonly reply: Reply;
};

/** What a handler gets. */
export type Call<Params, Body> = {
	readonly params: Params;
	readonly body: Body;
	readonly caller: Caller;
	/** Names in lower case. */
	readonly headers: IncomingHttpHeaders;
	/** Ours, unique; in the log and in the answer's `x-request-id`. */
	readonly requestId: string;
	/** Aborted when nobody waits for the answer any more: the client is gone, or the deadline has passed. */
	readonly signal: AbortSignal;
};

/** A 200 with JSON. */
export type Reply<Body> = {readonly body: Body; readonly headers?: Readonly<Record<string, string>>};

/** A call as it came in, not yet checked against the contract. */
export type IncomingCall = Call<unknown, unknown>;

/** An endpoint with its types sealed inside: what remains to be known is what it needs and where it is. */
export type Endpoint<Parts> = {
	readonly contract: Contract<z.ZodType, z.ZodType, z.ZodType>;
	/** @throws ProtocolError with 400 when the call does not match the contract, and whatever the handler throws */
	readonly answer: (parts: Parts, call: IncomingCall) => Promise<Reply<unknown>>;
};

/** An endpoint from its contract and its handler, which gets what the contract has parsed. */
export function endpoint<Parts, Params extends z.ZodType, Body extends z.ZodType, Answer extends z.ZodType>(
	contract: Contract<Params, Body, Answer>,
	handle: (
		parts: Parts,
		call: Call<z.output<Params>, z.output<Body>>,
	) => Promise<Reply<z.input<Answer>>> | Reply<z.input<Answer>>,
): Endpoint<Parts> {
	return {
		contract,
		async answer(parts, call) {
			const params = accept(contract.params, call.params, 'path');
			const body = accept(contract.body, call.body, 'body');
			const reply = await handle(parts, new AcceptedCall(call, params, body));
			return {...reply, body: contract.reply.parse(reply.body)};
		},
	};
}

/** A class for the sake of its getter: most handlers never ask for the signal, and making one costs more than routing the call. */
class AcceptedCall<Params, Body> implements Call<Params, Body> {
	readonly params: Params;
	readonly body: Body;
	readonly caller: Caller;
	readonly headers: IncomingHttpHeaders;
	readonly requestId: string;
	readonly #incoming: IncomingCall;

	constructor(incoming: IncomingCall, params: Params, body: Body) {
		this.params = params;
		this.body = body;
		this.caller = incoming.caller;
		this.headers = incoming.headers;
		this.requestId = incoming.requestId;
		this.#incoming = incoming;
	}

	get signal(): AbortSignal {
		return this.#incoming.signal;
	}
}

function accept<Schema extends z.ZodType>(schema: Schema, value: unknown, place: string): z.output<Schema> {
	const result = schema.safeParse(value);
	if (result.success) {
		return result.data;
	}

	const {path = [], message = 'is not usable'} = result.error.issues[0] ?? {};
	// Zod's sentences name types and options, never the value that came.
	throw new ProtocolError(400, 'invalid_request', `${[place, ...path].map(String).join('.')}: ${message}`);
}
