import {createHmac, timingSafeEqual} from 'node:crypto';
import {type IncomingMessage} from 'node:http';
import bodyParser from 'koa-bodyparser';
import {type Context} from 'koa';

// A name, a password, a PIN and a token; nothing of ours is longer.
const parse = bodyParser({enableTypes: ['form'], formLimit: '4kb'});
const done = () => Promise.resolve();

/**
 * The text fields of an urlencoded form; none where something else was sent.
 * @throws errors with a 4xx `status`, 413 above 4 kB
 */
export async function readForm(ctx: FormContext): Promise<Readonly<Record<string, string>>> {
	if (ctx.req.headers.expect !== undefined) {
		ctx.res.writeContinue();
	}

	try {
		await parse(ctx as Context, done);
	} catch (error) {
		// Without a status it comes from unpacking: it said gzip and was none.
		throw Object.assign(error as Error, {status: (error as {status?: number}).status ?? 400});
	}

	const {body} = ctx.request as {body?: unknown};
	// What is secret in it is not to stay where errors and logs find it.
	Object.assign(ctx.request, {body: undefined, rawBody: ''});
	return Object.fromEntries(
		Object.entries(body ?? {}).filter((field): field is [string, string] => typeof field[1] === 'string'),
	);
}

type FormContext = Pick<Context, 'req' | 'res'> & {readonly request: object};

/**
 * Whether a page of ours has sent this form, as far as the browser says. `Sec-Fetch-Site` cannot be forged by a page and decides where it is there. Older browsers
 * send `Origin` at most, and `null` in it after our own pages too, because of their Referrer-Policy; the form's token stands behind both.
 */
export function isOwnForm({req: {headers}}: {readonly req: IncomingMessage}, publicUrl: string): boolean {
	const site = headers['sec-fetch-site'];
	if (site !== undefined && site !== 'same-origin' && site !== 'none') {
		return false;
	}

	const {origin} = headers;
	return (
		origin === undefined ||
		origin === 'null' ||
		origin === new URL(publicUrl).origin ||
		(URL.canParse(origin) && new URL(origin).host === headers.host)
	);
}

/** The proof that a form comes from a page that we made for `subject`: a keyed hash, 43 characters. */
export function formToken(key: string, subject: string): string {
	return createHmac('sha256', key).update(`form ${subject}`).digest('base64url');
}

export function isFormToken(key: string, subject: string, given: string | undefined): boolean {
	const wanted = Buffer.from(formToken(key, subject));
	const shown = Buffer.from(given ?? '');
	return shown.length === wanted.length && timingSafeEqual(shown, wanted);
}
