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
	/** A viewer may call what is `read` only; `open` is for callers without credentials (C1). */
	readonly access: 'read' | 'write' | 'open';
	/** Path parameters, percent-decoded once. */
	readonly params: Params;
	/** Of a POST; `z.undefined()` for a GET. */
	readonly body: Body;
	/** The body of an answer. Checked before it leaves. */
	readonly reply: Reply;
	/** The body of an error, where it is not `{"error": {"code", "message"}}`. */
	readonly errorBody?: (error: ErrorContent) => unknown;
	/** What the published document says besides. */
	readonly documented?: Documented;
};

/** What the published document says of an endpoint and its schemas cannot. Texts are Markdown. */
export type Documented = {
	/** Unique; generators of clients name their functions by it. */
	readonly operationId: string;
	/** What the summary has no room for. */
	readonly description?: string;
	/** When it answers statuses besides those that all of its kind have. */
	readonly statuses?: Readonly<Record<number, string>>;
	/** Where all is well it leads elsewhere, and never answers 200. */
	readonly isRedirect?: true;
	/** Statuses besides 200 that have the body of the reply. */
	readonly replyStatuses?: readonly number[];
	/** Parameters of the address's query. */
	readonly query?: z.ZodObject;
	/** Headers that are read besides those that all are sent, and what each says. */
	readonly requestHeaders?: Readonly<Record<string, string>>;
	/** The same of the answer. */
	readonly replyHeaders?: Readonly<Record<string, string>>;
	readonly example?: {readonly body?: unknown; readonly reply?: unknown};
	/** What we call later with the body of the reply, and the member of the request that says where. */
	readonly callback?: {readonly name: string; readonly member: string; readonly summary: string};
};

/** What an error says, whatever form its body has. */
export type ErrorContent = {readonly status: number; readonly code: string; readonly message: string};

/** As much of an AbortSignal as can be had for nothing: it must be asked. */
export type Signal = {readonly aborted: boolean};

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
	readonly signal: Signal;
};

/** A call by somebody who has no credentials, with the parameters of its address. */
export type OpenCall<Params, Body> = Omit<Call<Params, Body>, 'caller'> & {
	readonly query: Readonly<Record<string, string | string[] | undefined>>;
	/** The client's address, as the connection has it. */
	readonly address: string;
};

/** JSON, with 200 where nothing else is said. */
export type Reply<Body> = {
	readonly body: Body;
	readonly status?: number;
	readonly headers?: Readonly<Record<string, string>>;
};

/** A call as it came in, not yet checked against the contract. */
export type IncomingCall = Call<unknown, unknown>;
export type IncomingOpenCall = OpenCall<unknown, unknown>;

/** An endpoint with its types sealed inside: what remains to be known is what it needs and where it is. */
export type Endpoint<Parts> = {
	readonly contract: Contract<z.ZodType, z.ZodType, z.ZodType>;
	/** @throws ProtocolError with 400 when the call does not match the contract, and whatever the handler throws */
	readonly answer: (parts: Parts, call: IncomingCall) => Promise<Reply<unknown>>;
};

/** The same without credentials. */
export type OpenEndpoint<Parts> = {
	readonly contract: Contract<z.ZodType, z.ZodType, z.ZodType>;
	readonly answer: (parts: Parts, call: IncomingOpenCall) => Promise<Reply<unknown>>;
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
		answer: (parts, call) => checked(contract.reply, handle(parts, accepted(contract, call))),
	};
}

/** An endpoint for callers without credentials; mind what it tells. */
export function openEndpoint<
	Parts,
	Params extends z.ZodType,
	Body extends z.ZodType,
	Answer extends z.ZodType,
>(
	contract: Contract<Params, Body, Answer> & {readonly access: 'open'},
	handle: (
		parts: Parts,
		call: OpenCall<z.output<Params>, z.output<Body>>,
	) => Promise<Reply<z.input<Answer>>> | Reply<z.input<Answer>>,
): OpenEndpoint<Parts> {
	return {
		contract,
		answer: (parts, call) => checked(contract.reply, handle(parts, accepted(contract, call))),
	};
}

/** Not `async`, as little as `answer`: while the handler waits, only what it still needs shall stay in memory. */
function accepted<
	Params extends z.ZodType,
	Body extends z.ZodType,
	Incoming extends {readonly params: unknown; readonly body: unknown},
>(
	{params, body}: {readonly params: Params; readonly body: Body},
	call: Incoming,
): Omit<Incoming, 'params' | 'body'> & {readonly params: z.output<Params>; readonly body: z.output<Body>} {
	return {
		...call,
		params: accept(params, call.params, 'path'),
		body: accept(body, call.body, 'body'),
	};
}

async function checked<Answer extends z.ZodType>(
	schema: Answer,
	reply: Promise<Reply<z.input<Answer>>> | Reply<z.input<Answer>>,
): Promise<Reply<unknown>> {
	const {body, ...rest} = await reply;
	return {...rest, body: schema.parse(body)};
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
