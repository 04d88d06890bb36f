import {type Log} from './log.ts';
import {type Signal} from '../vtex/endpoint.ts';
import {logRequest} from './request-log.ts';
import {type Context, type Next} from './state.ts';
import {type RequestWatch, unwatched} from './watch.ts';

export type InFlight = {
	readonly guard: (ctx: Context, next: Next) => Promise<void>;
	/** From now on the answers close their connections, and readiness says no. */
	readonly beginDraining: () => void;
	readonly isDraining: () => boolean;
	/** Requests that are being worked on. */
	readonly count: () => number;
	/** Stop looking after deadlines. */
	readonly close: () => void;
};

// The Hub gives up after 15 s and tells its caller 401 (Gift Card Provider Protocol, 6): an honest 503 must be there before. It is later
// than the writer's own deadline and the database's statement time-out, which say more.
const defaultDeadlineMs = 12_000;
const lookEveryMs = 250;

const lateReply = JSON.stringify({
	error: {
		code: 'deadline',
		message: 'The request could not be finished in time; send it again under the same id.',
	},
});

/** Knows what is being worked on: answers 503 to what takes too long, and tells callers to leave while draining. */
export function watchInFlight(
	log: Log,
	deadlineMs = defaultDeadlineMs,
	watch: RequestWatch = unwatched,
): InFlight {
	// In order of arrival, so that the late ones stand first. One timer for all: a timer for each request would cost more than routing.
	const inFlight = new Set<Context>();
	let isDraining = false;
	const timer = setInterval(
		() => {
			const oldestAllowed = performance.now() - deadlineMs;
			for (const ctx of inFlight) {
				if (ctx.state.begunAt > oldestAllowed) {
					break;
				}

				inFlight.delete(ctx);
				answerLate(log, ctx, watch);
			}
		},
		Math.min(lookEveryMs, deadlineMs / 4),
	);
	timer.unref();

	return {
		async guard(ctx, next) {
			inFlight.add(ctx);
			try {
				await next();
			} finally {
				inFlight.delete(ctx);
				if (isDraining && !ctx.headerSent) {
					ctx.set('Connection', 'close');
				}
			}
		},
		beginDraining() {
			isDraining = true;
		},
		isDraining: () => isDraining,
		count: () => inFlight.size,
		close() {
			clearInterval(timer);
		},
	};
}

/** Answer in place of the handler, which may still be waiting for something. Koa finds the response ended and leaves it alone. */
function answerLate(log: Log, ctx: Context, watch: RequestWatch): void {
	if (!ctx.headerSent && ctx.writable) {
		ctx.res.writeHead(503, {
			'Content-Type': 'application/json; charset=utf-8',
			'Content-Length': Buffer.byteLength(lateReply),
			'Retry-After': '1',
			Connection: 'close',
		});
		ctx.res.end(lateReply);
	}

	ctx.state.isLate = true;
	ctx.state.errorCode = 'deadline';
	logRequest(log, ctx, watch);
}

/** Asked, and never told: an AbortController for each request would cost more than routing. */
export class RequestSignal implements Signal {
	readonly #ctx: Context;
	#wasAborted = false;

	constructor(ctx: Context) {
		this.#ctx = ctx;
	}

	/** The client is gone, or was told that it took too long. Once seen, it stays so. */
	get aborted(): boolean {
		const {res, state} = this.#ctx;
		this.#wasAborted ||= state.isLate || (res.destroyed && !res.writableFinished);
		return this.#wasAborted;
	}
}
