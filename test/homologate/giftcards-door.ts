import {type IncomingMessage} from 'node:http';
import {choosesOtherwise, type Planted} from './giftcards-faults.ts';

/* The door of an in-memory gift card provider: what a request says, and who may come in. */

export type Has = (planted: Planted) => boolean;

export type Body = Readonly<Record<string, unknown>>;
export type Reply = {
	readonly status: number;
	readonly body?: unknown;
	readonly headers?: Readonly<Record<string, string>>;
};
export type Request = {
	readonly method: string;
	readonly path: string;
	readonly headers: IncomingMessage['headers'];
	/** Undefined where it is no JSON object. */
	readonly body: Body | undefined;
	/** Whether the one who asked is still there. */
	readonly isHeard: () => boolean;
};

export const appKey = 'shop-of-the-tests';
export const appToken = 'token-of-the-tests-0123456789';

export function bodyOf({headers}: IncomingMessage, text: string, has: Has): Body | undefined {
	const type = headers['content-type'] ?? '';
	if (has('reads application/json only') && !type.startsWith('application/json')) {
		return {};
	}

	try {
		const value = JSON.parse(text) as unknown;
		return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Body) : undefined;
	} catch {
		return undefined;
	}
}

export function pathOf(url: string, has: Has): string {
	const [path = '', query] = url.slice('/v1'.length).split('?', 2);
	const known = has('does not know addresses with a query') && query !== undefined ? '/nothing' : path;
	return has('does not know a second slash') ? known : known.replaceAll(/\/{2,}/g, '/');
}

/** What somebody without the right credentials is told; undefined for everybody else. */
export function doorReply(
	message: IncomingMessage,
	{method, path, body, headers}: Request,
	has: Has,
): Reply | undefined {
	const isUnknown = !/^\/giftcards(?:\/|$)/.test(path);
	if (has('looks for the route before the credentials') && isUnknown) {
		return {status: 404, body: {error: 'no such route'}};
	}

	if (has('reads the body before the credentials') && method === 'POST' && body === undefined) {
		return {status: 400, body: {error: 'no JSON'}};
	}

	const [key, token] = presented(message, headers, has);
	if ((key === undefined) !== (token === undefined) && choosesOtherwise(has)) {
		return {status: 403};
	}

	if (key === undefined || token === undefined) {
		const says = has('says something with 401') ? {body: {error: 'unauthorized'}} : {};
		return has('lets in without credentials') ? undefined : {status: 401, ...says};
	}

	if (key === appKey && token === appToken) {
		return undefined;
	}

	const says = has('says something with 403') ? {body: {error: 'forbidden'}} : {};
	const status = has('answers 401 to wrong credentials') ? 401 : 403;
	return has('lets in with wrong credentials') ? undefined : {status, ...says};
}

function presented(
	{rawHeaders}: IncomingMessage,
	headers: Request['headers'],
	has: Has,
): readonly (string | undefined)[] {
	const names = ['X-PROVIDER-API-AppKey', 'X-PROVIDER-API-AppToken'];
	if (has('reads credentials in one spelling')) {
		return names.map(name =>
			rawHeaders.includes(name) ? rawHeaders[rawHeaders.indexOf(name) + 1] : undefined,
		);
	}

	const [key, token] = names.map(name => headers[name.toLowerCase()]).map(value => [value].flat()[0]);
	if (key === appKey && token === undefined && has('lets in with the right key alone')) {
		return [appKey, appToken];
	}

	if (key === appKey && token === '' && has('lets in with a blank token')) {
		return [appKey, appToken];
	}

	return [key, token].map(value => (value === '' ? undefined : value));
}
