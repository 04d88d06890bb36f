import {openParts, type Parts} from '../../src/assemble.ts';
import {assembleService} from '../../src/assemble-service.ts';
import {openTelemetry} from '../../src/assemble-telemetry.ts';
import {type Config, loadConfig} from '../../src/config.ts';
import {openLog} from '../../src/http/log.ts';
import {type HttpServer, openHttpServer} from '../../src/http/server.ts';
import {type ApplyOrder} from '../../src/loyalty/apply-order.ts';
import {type Merchant} from '../../src/merchants/merchant.ts';
import {type Answer, ask, type CallOptions} from './ask.ts';
import {type Clock, makeClock} from './clock.ts';
import {openTestDatabase, type TestDatabase} from './database.ts';
import {keepLines} from './log.ts';
import {takePlace} from './places.ts';
import {type TestContext} from './test-context.ts';

export {type Answer, type CallOptions} from './ask.ts';

export type TestServer = {
	/** Base path included, without a trailing slash. */
	readonly url: string;
	/** Without the base path. */
	readonly origin: string;
	readonly port: number;
	readonly appKey: string;
	readonly appToken: string;
	/** `path` is appended to `url` as the Hub does it: as text. */
	readonly call: (method: string, path: string, options?: CallOptions) => Promise<Answer>;
	readonly parts: Parts;
	readonly config: Config;
	readonly merchant: Merchant;
	readonly database: TestDatabase;
	readonly clock: Clock;
	/** From now on the recurring jobs run by themselves. */
	readonly beginJobs: () => void;
	/** Every line that was logged, parsed. */
	readonly logged: () => Record<string, unknown>[];
	readonly close: () => Promise<void>;
};

export type ServerOptions = {
	readonly env?: Readonly<Record<string, string>>;
	readonly clock?: Clock;
	readonly applyOrder?: ApplyOrder;
	/** With other limits. */
	readonly openHttp?: (config: Config) => Promise<HttpServer>;
	/** Stands beside whoever has it already, as a second process does, and leaves it there. */
	readonly database?: TestDatabase;
};

const appKey = 'store-a1b2c3';
const appToken = 'token-0123456789-abcdefghij-0123456789';
const credentials = {'X-PROVIDER-API-AppKey': appKey, 'X-PROVIDER-API-AppToken': appToken};
const secrets = {CODE_PEPPER: 'p'.repeat(48), SECRETS_KEY: 's'.repeat(48)};

/** The real service on a free port, over a database of its own, for one test. */
export async function withServer(t: TestContext, options: ServerOptions = {}): Promise<TestServer> {
	await takePlace(t);
	const server = await openTestServer(options);
	t.teardown(server.close);
	return server;
}

/** The same for the tests of a file: open it in `test.before`, close it in `test.after.always`. */
export async function openTestServer(options: ServerOptions = {}): Promise<TestServer> {
	const {env = {}, clock = makeClock(), openHttp = openHttpServer} = options;
	const database = options.database ?? (await openTestDatabase());
	const config = loadConfig({
		DATABASE_URL: database.url,
		DIRECT_DATABASE_URL: database.ownerUrl,
		STATEMENT_NAMES: process.env['STATEMENT_NAMES'],
		PORT: '0',
		PROVIDER_APP_KEY: appKey,
		PROVIDER_APP_TOKEN: appToken,
		...secrets,
		...env,
	});
	const kept = keepLines();
	const log = openLog(config.logLevel, kept);
	const server = await openHttp(config);
	const telemetry = await openTelemetry(config);
	const parts = await openParts(config, {
		purpose: 'service',
		log,
		port: server.port,
		clock: clock.now,
		watch: telemetry.watch,
		...(options.applyOrder !== undefined && {applyOrder: options.applyOrder}),
	});
	const service = await assembleService(parts, config, {server, log, telemetry});
	const origin = `http://127.0.0.1:${server.port}`;
	const url = origin + config.basePath;

	return {
		url,
		origin,
		port: server.port,
		appKey,
		appToken,
		call: (method, path, given) => ask(url + path, method, credentials, given),
		parts,
		config,
		merchant: parts.firstMerchant,
		database,
		clock,
		beginJobs: service.beginJobs,
		logged: kept.parsed,
		async close() {
			await service.close();
			if (options.database === undefined) {
				await database.close();
			}
		},
	};
}
