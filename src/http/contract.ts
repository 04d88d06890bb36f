import type Router from '@koa/router';
import {type Endpoint, type OpenEndpoint, type Reply} from '../vtex/endpoint.ts';
import {type Caller} from '../merchants/credential-check.ts';
import {ProtocolError} from '../vtex/protocol-error.ts';
import {readBody} from './body.ts';
import {refuse} from './caller.ts';
import {RequestSignal} from './in-flight.ts';
import {type Context, type State} from './state.ts';

type RoutedContext = Context & {readonly params: unknown};

/** Route an endpoint: who may call it, its body, its contract, its answer. */
export function mount<Parts>(router: Router<State>, endpoint: Endpoint<Parts>, parts: Parts): void {
	const {method, path, access} = endpoint.contract;
	router[method](path, async (ctx: RoutedContext) => {
		const {caller} = ctx.state;
		ctx.state.route = path;
		ctx.state.errorBody = endpoint.contract.errorBody;
		// A viewer is refused whatever writes, before its body is looked at.
		if (caller === undefined || (access === 'write' && caller.role !== 'provider')) {
			refuse(ctx, 403);
			return;
		}

		send(ctx, await answer(endpoint, parts, ctx, caller));
	});
}

/** Route an endpoint that asks for no credentials. The router stands before authentication. */
export function mountOpen<Parts>(router: Router<State>, endpoint: OpenEndpoint<Parts>, parts: Parts): void {
	const {method, path, errorBody} = endpoint.contract;
	router[method](path, async (ctx: RoutedContext) => {
		ctx.state.route = path;
		ctx.state.errorBody = errorBody;
		// The router sends HEAD to a GET as well, which would use up what works once.
		if (ctx.method === 'HEAD') {
			ctx.set('Allow', method.toUpperCase());
			throw new ProtocolError(405, 'method_not_allowed', 'This path does not take this method.');
		}

		const reply = await endpoint.answer(parts, {
			params: ctx.params,
			query: ctx.query,
			body: method === 'post' ? await readBody(ctx) : undefined,
			address: ctx.req.socket.remoteAddress ?? '',
			headers: ctx.req.headers,
			requestId: ctx.state.requestId,
			signal: new RequestSignal(ctx),
		});
		send(ctx, reply);
	});
}

function send(ctx: Context, {status = 200, headers, body}: Reply<unknown>): void {
	if (headers !== undefined) {
		ctx.set(headers);
	}

	ctx.status = status;
	ctx.body = body;
}

/** Whoever waits for this holds the request, and not its body: hundreds of requests wait for the same batch. */
async function answer<Parts>(
	endpoint: Endpoint<Parts>,
	parts: Parts,
	ctx: RoutedContext,
	caller: Caller,
): Promise<Reply<unknown>> {
	const body = endpoint.contract.method === 'post' ? await readBody(ctx) : undefined;
	// Not awaited: this frame would keep the body.
	return endpoint.answer(parts, {
		params: ctx.params,
		body,
		caller,
		headers: ctx.req.headers,
		requestId: ctx.state.requestId,
		signal: new RequestSignal(ctx),
	});
}
