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

/** What arrives with a call besides its parameters and body. */
export type CallContext = {
	readonly caller: Caller;
	/** Names in lower case. */
	readonly headers: IncomingHttpHeaders;
	/** Ours, unique; in the log and in the answer's `x-request-id`. */
	readonly requestId: string;
	/** Aborted when nobody waits for the answer any more: the client is gone, or the deadline has passed. */
	readonly signal: AbortSignal;
};

export type Call<Params, Body> = CallContext & {readonly params: Params; readonly body: Body};

/** A 200 with JSON. */
export type Reply<Body> = {readonly body: Body; readonly headers?: Readonly<Record<string, string>>};

/** A call as it came in, not yet checked. */
export type RawCall = {readonly params: unknown; readonly body: unknown; readonly context: CallContext};

/** An endpoint with its types sealed inside: what remains to be known is what it needs and where it is. */
export type Endpoint<Parts> = {
	readonly contract: Contract<z.ZodType, z.ZodType, z.ZodType>;
	/** @throws ProtocolError with 400 when the call does not match the contract, and whatever the handler throws */
	readonly answer: (parts: Parts, call: RawCall) => Promise<Reply<unknown>>;
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
		async answer(parts, {params, body, context}) {
			const {caller, headers, requestId} = context;
			const reply = await handle(parts, {
				caller,
				headers,
				requestId,
				// Made on demand, because most calls never ask for it.
				get signal() {
					return context.signal;
				},
				params: accept(contract.params, params, 'path'),
				body: accept(contract.body, body, 'body'),
			});
			return {...reply, body: contract.reply.parse(reply.body)};
		},
	};
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
