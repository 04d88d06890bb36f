import {createHash} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import {createRequire} from 'node:module';
import path from 'node:path';
import {promisify} from 'node:util';
import {gzip} from 'node:zlib';
import {z} from 'zod';
import {docsPage, docsScript, docsStyle, protectDocs} from './docs-page.ts';
import {type PublishedRoute} from './openapi/published-route.ts';
import {type Context, type Next} from './state.ts';

export type DocsParts = {
	/** The published document. Asked once, when somebody wants it. */
	readonly document: () => unknown;
	/** Whether requests can be tried from the page. */
	readonly canTry: boolean;
};

const documentPath = '/openapi.json';
const pagePath = '/docs';

const common = {method: 'get', access: 'open', isSimple: true, params: z.object({})} as const;
const unchanged = {304: 'It has not changed.'};

/** As they are published. */
export const docsRoutes: readonly PublishedRoute[] = [
	{
		...common,
		path: documentPath,
		summary: 'This document.',
		reply: z.looseObject({openapi: z.string()}).meta({id: 'Document'}),
		documented: {
			operationId: 'getDocument',
			statuses: unchanged,
			replyHeaders: {ETag: 'Changes with the document.'},
		},
	},
	{
		...common,
		path: pagePath,
		summary: 'This document, to be read in a browser.',
		replyType: 'text/html',
		documented: {
			operationId: 'showDocument',
			statuses: unchanged,
			replyHeaders: {ETag: 'Changes with the page.'},
		},
	},
];

/** Something that is the same for everybody until the service is started anew. */
type Answer = {
	readonly type: string;
	readonly plain: Buffer;
	readonly gzipped: Buffer;
	readonly etag: string;
	readonly cacheControl: string;
};

type Place = {
	/** For the log: no version. */
	readonly route: string;
	readonly load: () => Promise<Answer>;
};

// Asked again each time, which costs a 304.
const checked = 'no-cache';
// Another version has another address.
const forGood = 'public, max-age=31536000, immutable';

/**
 * `/openapi.json`, and `/docs` with the files of its viewer, at the root and without credentials (rules C1). Nothing of it is made before
 * somebody asks, and what was made stays: a payment that goes by pays two comparisons of text.
 */
export function docs(parts: DocsParts): (ctx: Context, next: Next) => Promise<unknown> {
	const places = once(() => placesOf(parts));
	return (ctx, next) => {
		const {path: asked, method} = ctx;
		const isOurs = asked.startsWith(pagePath) || asked === documentPath;
		return isOurs && (method === 'GET' || method === 'HEAD') ? answer(ctx, next) : next();
	};

	async function answer(ctx: Context, next: Next): Promise<unknown> {
		if (ctx.path === `${pagePath}/`) {
			ctx.state.route = pagePath;
			ctx.status = 308;
			ctx.set('Location', `..${pagePath}`);
			return undefined;
		}

		const place = places().get(ctx.path);
		if (place === undefined) {
			return next();
		}

		ctx.state.route = place.route;
		if (place.route === pagePath) {
			protectDocs(ctx);
		}

		send(ctx, await place.load());
		return undefined;
	}
}

function send(ctx: Context, {type, plain, gzipped, etag, cacheControl}: Answer): void {
	ctx.set({'Cache-Control': cacheControl, ETag: etag, 'X-Content-Type-Options': 'nosniff'});
	ctx.vary('Accept-Encoding');
	ctx.status = 200;
	if (ctx.fresh) {
		ctx.status = 304;
		return;
	}

	const isGzip = ctx.acceptsEncodings('gzip', 'identity') === 'gzip';
	if (isGzip) {
		ctx.set('Content-Encoding', 'gzip');
	}

	ctx.type = type;
	ctx.body = isGzip ? gzipped : plain;
}

/** By the path that is asked for. */
function placesOf({document, canTry}: DocsParts): ReadonlyMap<string, Place> {
	const require = createRequire(import.meta.url);
	const {version} = require('swagger-ui-dist/package.json') as {version: string};
	const folder = path.dirname(require.resolve('swagger-ui-dist/package.json'));
	const stamp = digestOf(JSON.stringify([version, docsScript, docsStyle]));
	const html = 'text/html; charset=utf-8';
	const script = 'text/javascript; charset=utf-8';
	const style = 'text/css; charset=utf-8';
	const ofViewer = (name: string) => () => readFile(path.join(folder, name));
	const files = {
		'swagger-ui-bundle.js': file(script, ofViewer('swagger-ui-bundle.js')),
		'swagger-ui.css': file(style, ofViewer('swagger-ui.css')),
		'docs.js': file(script, () => docsScript),
		'docs.css': file(style, () => docsStyle),
	};
	return new Map<string, Place>([
		[
			documentPath,
			{
				route: documentPath,
				load: once(() =>
					answerOf('application/json; charset=utf-8', checked, () => JSON.stringify(document())),
				),
			},
		],
		[
			pagePath,
			{
				route: pagePath,
				load: once(() => answerOf(html, checked, () => docsPage(`${pagePath.slice(1)}/${stamp}`, canTry))),
			},
		],
		...Object.entries(files).map(([name, place]): [string, Place] => [`${pagePath}/${stamp}/${name}`, place]),
	]);
}

function file(type: string, read: () => Promise<Buffer> | string): Place {
	return {route: `${pagePath}/:version/:file`, load: once(() => answerOf(type, forGood, read))};
}

async function answerOf(
	type: string,
	cacheControl: string,
	read: () => Promise<Buffer> | string,
): Promise<Answer> {
	const plain = Buffer.from(await read());
	return {
		type,
		plain,
		gzipped: await promisify(gzip)(plain),
		// Weak, because it names both encodings.
		etag: `W/"${digestOf(plain)}"`,
		cacheControl,
	};
}

function digestOf(content: string | Buffer): string {
	return createHash('sha256').update(content).digest('base64url').slice(0, 16);
}

/** The work of the first who asks, for all; what failed is tried again. */
function once<Result>(work: () => Result): () => Result {
	let result: {readonly value: Result} | undefined;
	return () => {
		if (result === undefined) {
			result = {value: work()};
			if (result.value instanceof Promise) {
				result.value.catch(() => {
					result = undefined;
				});
			}
		}

		return result.value;
	};
}
