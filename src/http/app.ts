import type Router from '@koa/router';
import Koa from 'koa';
import {type CredentialCheck} from '../merchants/credential-check.ts';
import {knowCaller} from './caller.ts';
import {renderError, renderErrors} from './error-replies.ts';
import {health} from './health.ts';
import {type InFlight} from './in-flight.ts';
import {type Log} from './log.ts';
import {logRequests} from './request-log.ts';
import {type Context, type Next, type State} from './state.ts';
import {type RequestWatch} from './watch.ts';

export type AppParts = {
	readonly log: Log;
	readonly inFlight: InFlight;
	readonly credentials: CredentialCheck;
	/** Resolves when the database answers. */
	readonly ping: () => Promise<unknown>;
	/** The published document and its page. */
	readonly docs?: (ctx: Context, next: Next) => Promise<unknown>;
	/** With the endpoints mounted, below the base path. */
	readonly router: Router<State>;
	/** What asks for no credentials (rules C1): manifest, sign-up, the shopper's page. */
	readonly open?: readonly Router<State>[];
	/** What the operator's monitoring reads, at the root and by credentials of its own. */
	readonly metrics?: Koa.Middleware<State>;
	readonly watch?: RequestWatch;
};

/** The order in which a request meets what it has to pass. Little comes before authentication (rules C1). */
export function createApp(parts: AppParts): Koa<State> {
	const {log, inFlight, credentials, ping, docs, router, open = [], metrics, watch} = parts;
	const app = new Koa<State>();
	// Koa prints what goes wrong after the rendering below, as it is. That a client has hung up, its request's line says already.
	app.on('error', (error: unknown, ctx?: Context) => {
		if (ctx?.writable !== false) {
			log.error({error}, 'An answer could not be sent');
		}
	});
	app.use(logRequests(log, watch));
	app.use(renderErrors);
	app.use(inFlight.guard);
	app.use(collapseSlashes);
	app.use(health({ping, isDraining: inFlight.isDraining}));
	if (metrics !== undefined) {
		app.use(metrics);
	}

	if (docs !== undefined) {
		app.use(docs);
	}

	open.forEach(one => app.use(one.routes()));

	app.use(knowCaller(credentials));
	app.use(router.routes());
	// Only what no route has answered comes here.
	app.use(answerUnknown);
	app.use(router.allowedMethods());
	return app;
}

/** The Hub inserts slashes of its own between `serviceUrl` and path (known issue KI-669575). */
function collapseSlashes(ctx: Context, next: Next): Promise<unknown> {
	const {path} = ctx;
	if (path.includes('//')) {
		ctx.path = path.replaceAll(/\/{2,}/g, '/');
	}

	return next();
}

/** No such path, or not by this method: an error with content, as every other. */
async function answerUnknown(ctx: Context, next: Next): Promise<void> {
	await next();
	const {status} = ctx;
	if (status === 404) {
		renderError(ctx, {status, code: 'not_found', message: 'There is nothing at this path.'});
	} else if (status === 405 || status === 501) {
		// A method that no path takes is the caller's mistake like any other.
		const message = 'This path does not take this method; the header Allow lists those it takes.';
		renderError(ctx, {status: 405, code: 'method_not_allowed', message});
	}
}
