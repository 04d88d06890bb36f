import Router from '@koa/router';
import {createApp} from '../../src/http/app.ts';
import {mount} from '../../src/http/contract.ts';
import {docs, type DocsParts} from '../../src/http/docs.ts';
import {watchInFlight, type InFlight} from '../../src/http/in-flight.ts';
import {openLog} from '../../src/http/log.ts';
import {metricsRoute, type MetricsParts} from '../../src/http/metrics.ts';
import {type HttpServer, openHttpServer, serverLimits} from '../../src/http/server.ts';
import {type State} from '../../src/http/state.ts';
import {type RequestWatch} from '../../src/http/watch.ts';
import {type Caller} from '../../src/merchants/credential-check.ts';
import {type Endpoint} from '../../src/vtex/endpoint.ts';
import {type Answer, ask, type CallOptions} from './ask.ts';
import {keepLines} from './log.ts';
import {type TestContext} from './test-context.ts';

export type TestApp = {
	readonly port: number;
	readonly origin: string;
	/** As the provider; `headers` may say otherwise. */
	readonly call: (method: string, path: string, options?: CallOptions) => Promise<Answer>;
	readonly logged: () => Record<string, unknown>[];
	readonly server: HttpServer;
	readonly inFlight: InFlight;
};

export type AppOptions = {
	readonly endpoints?: readonly Endpoint<undefined>[];
	readonly ping?: () => Promise<unknown>;
	readonly deadlineMs?: number;
	/** Without it there are no metrics. */
	readonly metrics?: MetricsParts;
	readonly watch?: RequestWatch;
	readonly limits?: Partial<typeof serverLimits>;
	/** Nothing is published without it. */
	readonly docs?: DocsParts;
	/** In place of the one that knows `provider` and `viewer` with the token `right`. */
	readonly check?: (appKey: string, appToken: string) => Promise<Caller | undefined>;
};

const merchant = {
	id: 1,
	name: 'store',
	timeZone: 'America/Sao_Paulo',
	currency: 'BRL',
	sandbox: false,
	foreignCodes: false,
};

export const providerHeaders = {'X-PROVIDER-API-AppKey': 'provider', 'X-PROVIDER-API-AppToken': 'right'};
export const viewerHeaders = {'X-PROVIDER-API-AppKey': 'viewer', 'X-PROVIDER-API-AppToken': 'right'};

/** The middleware of the service around endpoints of the test's own, without a database. */
export async function withApp(t: TestContext, options: AppOptions = {}): Promise<TestApp> {
	const {endpoints = [], ping = () => Promise.resolve(), deadlineMs, limits, check = checkByName} = options;
	const kept = keepLines();
	const log = openLog('info', kept);
	const {metrics, watch} = options;
	const inFlight = watchInFlight(log, deadlineMs, watch);
	const router = new Router<State>({prefix: '/v1'});
	for (const endpoint of endpoints) {
		mount(router, endpoint, undefined);
	}

	const server = await openHttpServer({host: '127.0.0.1', port: 0}, {...serverLimits, ...limits});
	const app = createApp({
		...{log, inFlight, credentials: {check}, ping, router},
		...(watch !== undefined && {watch}),
		...(metrics !== undefined && {metrics: metricsRoute(metrics)}),
		...(options.docs !== undefined && {docs: docs(options.docs)}),
	});
	server.serve(app.callback());
	t.teardown(async () => {
		inFlight.close();
		await server.close(0);
	});
	const origin = `http://127.0.0.1:${server.port}`;
	return {
		port: server.port,
		origin,
		call: (method, path, given) => ask(origin + path, method, providerHeaders, given),
		logged: kept.parsed,
		server,
		inFlight,
	};
}

function checkByName(appKey: string, appToken: string): Promise<Caller | undefined> {
	const isKnown = (appKey === 'provider' || appKey === 'viewer') && appToken === 'right';
	return Promise.resolve(isKnown ? {merchant, role: appKey, actorId: 1, appKey} : undefined);
}
