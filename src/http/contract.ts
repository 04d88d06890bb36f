import type Router from '@koa/router';
import {type Endpoint, type Reply} from '../vtex/endpoint.ts';
import {type Caller} from '../merchants/credential-check.ts';
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
		// A viewer is refused whatever writes, before its body is looked at.
		if (caller === undefined || (access === 'write' && caller.role !== 'provider')) {
			refuse(ctx, 403);
			return;
		}

		const reply = await answer(endpoint, parts, ctx, caller);
		if (reply.headers !== undefined) {
			ctx.set(reply.headers);
		}

		ctx.status = 200;
		ctx.body = reply.body;
	});
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
