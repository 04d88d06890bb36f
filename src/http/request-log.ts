import {randomBytes} from 'node:crypto';
import {readTraceContext} from '../trace-context.ts';
import {type Log} from './log.ts';
import {type Context, type Next} from './state.ts';
import {type RequestWatch, unwatched} from './watch.ts';

// Anything else is not VTEX's; a line break or a kilobyte of text shall not travel through our log and answers.
const operationIdText = /^[\w.:-]{1,128}$/;

/** Gives each request its id, carries VTEX's operation id through, and writes one line when it is answered. */
export function logRequests(
	log: Log,
	watch: RequestWatch = unwatched,
): (ctx: Context, next: Next) => Promise<void> {
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

		if (req.headers['traceparent'] !== undefined) {
			state.trace = readTraceContext(req.headers['traceparent'], req.headers['tracestate']);
		}

		await next();
		logRequest(log, ctx, watch);
	};
}

/** Write the line of a request, once, and tell who looks on. */
export function logRequest(log: Log, ctx: Context, watch: RequestWatch): void {
	const {state} = ctx;
	if (state.isLogged) {
		return;
	}

	state.isLogged = true;
	const {status, method} = ctx;
	const {route, caller, errorCode, trace, requestId} = state;
	const ms = performance.now() - state.begunAt;
	const line = {
		id: requestId,
		operationId: state.operationId,
		traceId: watch.answered({method, route, status, ms, caller, errorCode, trace, requestId}),
		method,
		route,
		merchant: caller?.merchant.name,
		status,
		// The client is gone, or was cut off for being slow: nobody got this answer.
		aborted: ctx.res.destroyed ? true : undefined,
		ms: Math.round(ms * 100) / 100,
		error: state.failure,
	};
	// A 500 that nothing has caused is a refusal in the form that the Payment Provider Protocol has for it.
	if (status > 500 || (status === 500 && state.failure !== undefined)) {
		log.error(line);
	} else {
		log.info(line);
	}
}
