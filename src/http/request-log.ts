import {randomBytes} from 'node:crypto';
import {type Log} from './log.ts';
import {type Context, type Next} from './state.ts';

// Anything else is not VTEX's; a line break or a kilobyte of text shall not travel through our log and answers.
const operationIdText = /^[\w.:-]{1,128}$/;

/** Gives each request its id, carries VTEX's operation id through, and writes one line when it is answered. */
export function logRequests(log: Log): (ctx: Context, next: Next) => Promise<void> {
	const prefix = randomBytes(6).toString('hex');
	let count = 0;
	return async (ctx, next) => {
		const {state, req, res} = ctx;
		const operationId = req.headers['x-vtex-operation-id'];
		state.begunAt = performance.now();
		state.requestId = `${prefix}-${(++count).toString(36)}`;
		res.setHeader('x-request-id', state.requestId);
		if (typeof operationId === 'string' && operationIdText.test(operationId)) {
			state.operationId = operationId;
			res.setHeader('x-vtex-operation-id', operationId);
		}

		await next();
		logRequest(log, ctx);
	};
}

/** Write the line of a request, once. */
export function logRequest(log: Log, ctx: Context): void {
	const {state} = ctx;
	if (state.isLogged) {
		return;
	}

	state.isLogged = true;
	const {status} = ctx;
	const line = {
		id: state.requestId,
		operationId: state.operationId,
		method: ctx.method,
		route: state.route,
		merchant: state.caller?.merchant.name,
		status,
		// The client is gone, or was cut off for being slow: nobody got this answer.
		aborted: ctx.res.destroyed ? true : undefined,
		ms: Math.round((performance.now() - state.begunAt) * 100) / 100,
		error: state.failure,
	};
	// A 500 that nothing has caused is a refusal in the form that the Payment Provider Protocol has for it.
	if (status > 500 || (status === 500 && state.failure !== undefined)) {
		log.error(line);
	} else {
		log.info(line);
	}
}
