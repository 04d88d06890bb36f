import {isUnavailable} from '../db/sql-state.ts';
import {OverloadedError} from '../ledger/writer.ts';
import {ProtocolError} from '../vtex/protocol-error.ts';
import {type Context, type Next} from './state.ts';

type ErrorReply = {
	readonly status: number;
	readonly code: string;
	readonly message: string;
	readonly retryAfterSeconds?: number | undefined;
};

/** Turns whatever is thrown below into `{"error": {"code", "message"}}`: the Hub cannot cope with an error that has no content. */
export async function renderErrors(ctx: Context, next: Next): Promise<void> {
	try {
		await next();
	} catch (error) {
		const reply = errorReply(error, ctx.state.requestId);
		if (reply.status >= 500) {
			ctx.state.failure = error;
		}

		renderError(ctx, reply);
	}
}

export function renderError(ctx: Context, {status, code, message, retryAfterSeconds}: ErrorReply): void {
	ctx.state.errorCode = code;
	ctx.status = status;
	ctx.body = ctx.state.errorBody?.({status, code, message}) ?? {error: {code, message}};
	if (retryAfterSeconds !== undefined) {
		ctx.set('Retry-After', String(retryAfterSeconds));
	}
}

function errorReply(error: unknown, requestId: string): ErrorReply {
	if (error instanceof ProtocolError) {
		return error;
	}

	if (error instanceof OverloadedError) {
		const {message, retryAfterSeconds} = error;
		return {status: 503, code: 'overloaded', message, retryAfterSeconds};
	}

	if (isUnavailable(error)) {
		const message = 'The database does not answer in time; send the request again under the same id.';
		return {status: 503, code: 'unavailable', message, retryAfterSeconds: 1};
	}

	return (
		clientError(error) ?? {
			status: 500,
			code: 'internal',
			message: `This request failed on our side. The log tells more under the id ${requestId}.`,
		}
	);
}

const messages: Readonly<Record<number, readonly [code: string, message: string]>> = {
	400: ['malformed_request', 'The body is not a JSON object or array, or did not arrive whole.'],
	408: ['request_timeout', 'The request did not arrive in time.'],
	413: ['body_too_large', 'The body is too large.'],
	415: ['unsupported_media_type', 'Send the body as application/json, in UTF-8, plain or gzipped.'],
};

/** What koa and the body parser refuse. Their own sentences may repeat a part of the body. */
function clientError(error: unknown): ErrorReply | undefined {
	const {status} = (error ?? {}) as {status?: unknown};
	if (typeof status !== 'number' || status < 400 || status >= 500) {
		return undefined;
	}

	const [code, message] = messages[status] ?? ['bad_request', 'The request cannot be understood.'];
	return {status, code, message};
}
