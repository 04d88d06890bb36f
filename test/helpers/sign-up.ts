import Router from '@koa/router';
import {openAdmins, type LogInLimits} from '../../src/admins/admins.ts';
import {openSignUps, type SignUpLimits} from '../../src/admins/sign-ups.ts';
import {createApp} from '../../src/http/app.ts';
import {mountOpen} from '../../src/http/contract.ts';
import {watchInFlight} from '../../src/http/in-flight.ts';
import {openLog} from '../../src/http/log.ts';
import {openHttpServer} from '../../src/http/server.ts';
import {type State} from '../../src/http/state.ts';
import {openCredentialCheck} from '../../src/merchants/credential-check.ts';
import {authorizationEndpoints} from '../../src/vtex/authorization/endpoints.ts';
import {type AuthorizationParts} from '../../src/vtex/authorization/parts.ts';
import {authorizationRoutes} from '../../src/vtex/authorization/routes.ts';
import {ask} from './ask.ts';
import {type Clock, makeClock} from './clock.ts';
import {type TestDatabase} from './database.ts';
import {keepLines} from './log.ts';
import {type TestContext} from './test-context.ts';

/** The sign-up below `/v1`, on a database, with limits of the test's own. */
export type SignUpApp = {
	readonly url: string;
	readonly clock: Clock;
	/** Every line that was logged. */
	readonly lines: readonly string[];
};

type Options = {
	readonly clock?: Clock;
	readonly logIns?: Partial<LogInLimits>;
	readonly signUps?: Partial<SignUpLimits>;
	readonly mayReturn?: AuthorizationParts['mayReturn'];
};

const storeHost = 'store.myvtex.com';

export async function withSignUpApp(
	t: TestContext,
	{general: {prisma}}: TestDatabase,
	options: Options = {},
): Promise<SignUpApp> {
	const {clock = makeClock(), logIns, signUps, mayReturn = isOfStore} = options;
	const kept = keepLines();
	const log = openLog('info', kept);
	const inFlight = watchInFlight(log);
	const server = await openHttpServer({host: '127.0.0.1', port: 0});
	const origin = `http://127.0.0.1:${server.port}`;
	const parts: AuthorizationParts = {
		admins: openAdmins(prisma, logIns),
		signUps: openSignUps(prisma, signUps),
		clock: clock.now,
		mayReturn,
		publicUrl: origin,
	};
	const open = new Router<State>({prefix: '/v1'});
	authorizationEndpoints.forEach(endpoint => {
		mountOpen(open, endpoint, parts);
	});
	authorizationRoutes(open, parts);
	const credentials = openCredentialCheck(prisma, clock.now);
	const router = new Router<State>({prefix: '/v1'});
	const ping = () => Promise.resolve();
	server.serve(createApp({log, inFlight, credentials, ping, router, open: [open]}).callback());
	t.teardown(async () => {
		inFlight.close();
		await server.close(0);
	});
	return {url: `${origin}/v1`, clock, lines: kept.lines};
}

function isOfStore(url: string): boolean {
	const {protocol, host} = new URL(url);
	return protocol === 'https:' && host === storeHost;
}

/** Where VTEX's Admin wants its browser back. */
export const returnUrl = `https://${storeHost}/provider-return?authorizationCode=`;

type Place = {readonly url: string};

/** The first step. */
export const askToken = ({url}: Place, body: unknown = {applicationId: 'vtex', returnUrl}) =>
	ask(`${url}/authorization/token`, 'POST', {}, {body, headers: {'Content-Type': 'application/json'}});

export async function newToken(place: Place, body?: unknown): Promise<string> {
	const {json} = await askToken(place, body);
	return (json as {token: string}).token;
}

/** The second step as a browser asks for it. */
export const openPage = ({url}: Place, token: string, headers: Readonly<Record<string, string>> = {}) =>
	ask(
		`${url}/authorization/redirect?${new URLSearchParams({applicationId: 'vtex', token}).toString()}`,
		'GET',
		headers,
	);

export type Page = {readonly status: number; readonly text: string; readonly location: string | null};

/** The form as a browser sends it; where it leads is not followed. */
export async function sendForm(
	{url}: Place,
	fields: Readonly<Record<string, string>>,
	headers: Readonly<Record<string, string>> = {},
): Promise<Page> {
	const response = await fetch(`${url}/authorization/redirect`, {
		method: 'POST',
		body: new URLSearchParams({applicationId: 'vtex', ...fields}),
		headers,
		redirect: 'manual',
	});
	const {status} = response;
	return {status, text: await response.text(), location: response.headers.get('location')};
}

/** What stands behind the return address after an admin has agreed. */
export const codeOf = ({location}: Page): string => location?.slice(returnUrl.length) ?? '';

/** The last step. */
export const askCredentials = ({url}: Place, authorizationCode: string, applicationId = 'vtex') =>
	ask(
		`${url}/authorization/credentials?${new URLSearchParams({applicationId, authorizationCode}).toString()}`,
		'GET',
		{},
	);
