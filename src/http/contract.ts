import type Router from '@koa/router';
import {type Endpoint, type IncomingCall} from '../vtex/endpoint.ts';
import {type Caller} from '../merchants/credential-check.ts';
import {readBody} from './body.ts';
import {refuse} from './caller.ts';
import {signalOf} from './in-flight.ts';
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

		const body = method === 'post' ? await readBody(ctx) : undefined;
		const reply = await endpoint.answer(parts, new KoaCall(ctx, caller, body));
		if (reply.headers !== undefined) {
			ctx.set(reply.headers);
		}

		ctx.status = 200;
		ctx.body = reply.body;
	});
}

class KoaCall implements IncomingCall {
	readonly params: unknown;
	readonly body: unknown;
	readonly caller: Caller;
	readonly headers: IncomingCall['headers'];
	readonly requestId: string;
	readonly #ctx: RoutedContext;

	constructor(ctx: RoutedContext, caller: Caller, body: unknown) {
		this.params = ctx.params;
		this.body = body;
		this.caller = caller;
		this.headers = ctx.req.headers;
		this.requestId = ctx.state.requestId;
		this.#ctx = ctx;
	}

	get signal(): AbortSignal {
		return signalOf(this.#ctx);
	}
}
