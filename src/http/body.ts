import bodyParser from 'koa-bodyparser';
import {ProtocolError} from '../vtex/protocol-error.ts';
import {type Context} from './state.ts';

// A cart with hundreds of items is some 100 kB.
const bodyMax = '512kb';

// Every +json type, and whatever else a client says or forgets to say: what is read is JSON, or it is refused (quirks.md says why).
const parse = bodyParser({enableTypes: ['json'], detectJSON: () => true, jsonLimit: bodyMax});
const done = () => Promise.resolve();
const jsonType = /^(?:application|text)\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

/**
 * The parsed body of a request, `{}` when there is none. It is not read before the caller is known.
 * @throws {ProtocolError} 400 or 415 when it is not JSON, and errors with a 4xx `status` of the parser
 */
export async function readBody(ctx: Context): Promise<unknown> {
	const {headers} = ctx.req;
	if (headers.expect !== undefined) {
		ctx.res.writeContinue();
	}

	try {
		await parse(ctx, done);
		const {body} = ctx.request;
		// What waits for an answer is not to be kept in memory twice more, as text and as it was parsed.
		ctx.request.body = undefined;
		ctx.request.rawBody = '';
		return body;
	} catch (error) {
		const type = headers['content-type'];
		if (error instanceof SyntaxError && type !== undefined && !jsonType.test(type)) {
			throw new ProtocolError(
				415,
				'unsupported_media_type',
				'The body is not JSON. Send it as application/json.',
			);
		}

		throw hasStatus(error) ? error : unreadable(error);
	}
}

function hasStatus(error: unknown): boolean {
	return error instanceof SyntaxError || typeof (error as {status?: unknown}).status === 'number';
}

/** What the parser throws without a status comes from unpacking: it said gzip and was none. */
function unreadable(cause: unknown): ProtocolError {
	return new ProtocolError(
		400,
		'malformed_request',
		'The body could not be unpacked. Send it as its Content-Encoding says.',
		{cause},
	);
}
