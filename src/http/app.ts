import Router from '@koa/router';
import Koa from 'koa';
import {type CredentialCheck} from '../merchants/credential-check.ts';
import {authenticate} from '../vtex/authenticate.ts';
import {refuse, renderError, renderErrors} from './error-replies.ts';
import {health} from './health.ts';
import {type InFlight} from './in-flight.ts';
import {type Log} from './log.ts';
import {logRequests} from './request-log.ts';
import {type Context, type Next, type State} from './state.ts';

export type AppParts = {
	readonly log: Log;
	readonly inFlight: InFlight;
	readonly credentials: CredentialCheck;
	readonly ping: () => Promise<unknown>;
	/** With the endpoints mounted, below the base path. */
	readonly router: Router<State>;
};

/** The order in which a request meets what it has to pass. Nothing but health comes before authentication (rules C1). */
export function createApp({log, inFlight, credentials, ping, router}: AppParts): Koa<State> {
	const app = new Koa<State>();
	app.use(logRequests(log));
	app.use(renderErrors);
	app.use(inFlight.guard);
	app.use(collapseSlashes);
	app.use(health({ping, isDraining: inFlight.isDraining}));
	app.use(knowCaller(credentials));
	app.use(answerUnknown);
	app.use(router.allowedMethods());
	app.use(router.routes());
	return app;
}

/** The Hub inserts slashes of its own into `serviceUrl` + path (known issue KI-669575). The query is nobody's business. */
function collapseSlashes(ctx: Context, next: Next): Promise<unknown> {
	const {path} = ctx;
	if (path.includes('//')) {
		ctx.path = path.replaceAll(/\/{2,}/g, '/');
	}

	return next();
}

function knowCaller(credentials: CredentialCheck): (ctx: Context, next: Next) => Promise<unknown> {
	return async (ctx, next) => {
		const authentication = await authenticate(credentials, ctx.req.headers);
		if (authentication.kind !== 'caller') {
			refuse(ctx, authentication.kind === 'missing' ? 401 : 403);
			return;
		}

		ctx.state.caller = authentication.caller;
		await next();
	};
}

/** No route, or not by this method: an error with content, as every other. */
async function answerUnknown(ctx: Context, next: Next): Promise<void> {
	await next();
	if (ctx.status === 404 && ctx.body === undefined) {
		renderError(ctx, {status: 404, code: 'not_found', message: 'There is nothing at this path.'});
	} else if (ctx.status === 405 || ctx.status === 501) {
		renderError(ctx, {
			status: ctx.status,
			code: 'method_not_allowed',
			message: 'This path does not know this method; the header Allow lists those it knows.',
		});
	}
}
