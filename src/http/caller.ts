import {type CredentialCheck} from '../merchants/credential-check.ts';
import {presentedCredential} from '../vtex/authenticate.ts';
import {type Context, type Next} from './state.ts';

/** Lets nobody pass whose credentials are missing (401) or wrong (403), whatever the path, the method and the body are. */
export function knowCaller(credentials: CredentialCheck): (ctx: Context, next: Next) => Promise<void> {
	return async (ctx, next) => {
		const presented = presentedCredential(ctx.req.headers);
		if (presented === undefined) {
			refuse(ctx, 401);
			return;
		}

		const caller = await credentials.check(presented.appKey, presented.appToken);
		if (caller === undefined) {
			refuse(ctx, 403);
			return;
		}

		ctx.state.caller = caller;
		await next();
	};
}

/** No body, no type: there is nothing to learn from it. */
export function refuse(ctx: Context, status: 401 | 403): void {
	ctx.body = null;
	ctx.status = status;
	ctx.length = 0;
}
