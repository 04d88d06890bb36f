import type Router from '@koa/router';
import {type CallContext, type Endpoint} from '../vtex/endpoint.ts';
import {type Caller} from '../merchants/credential-check.ts';
import {readBody} from './body.ts';
import {refuse} from './error-replies.ts';
import {signalOf} from './in-flight.ts';
import {type Context, type State} from './state.ts';

/** Route an endpoint: who may call it, its body, its contract, its answer. */
export function mount<Parts>(router: Router<State>, endpoint: Endpoint<Parts>, parts: Parts): void {
	const {method, path, access} = endpoint.contract;
	router[method](path, async (ctx: Context & {params: Record<string, string>}) => {
		const {caller} = ctx.state;
		ctx.state.route = path;
		// A viewer is refused whatever writes, before its body is looked at.
		if (caller === undefined || (access === 'write' && caller.role !== 'provider')) {
			refuse(ctx, 403);
			return;
		}

		const body = method === 'post' ? await readBody(ctx) : undefined;
		const reply = await endpoint.answer(parts, {params: ctx.params, body, context: contextOf(ctx, caller)});
		if (reply.headers !== undefined) {
			ctx.set(reply.headers);
		}

		ctx.status = 200;
		ctx.body = reply.body;
	});
}

function contextOf(ctx: Context, caller: Caller): CallContext {
	return {
		caller,
		headers: ctx.req.headers,
		requestId: ctx.state.requestId,
		get signal() {
			return signalOf(ctx);
		},
	};
}
