import {Writable} from 'node:stream';
import type {ExecutionContext} from 'ava';
import {assembleService, openParts, type Parts} from '../../src/assemble.ts';
import {type Config, loadConfig} from '../../src/config.ts';
import {openLog} from '../../src/http/log.ts';
import {openHttpServer} from '../../src/http/server.ts';
import {type Merchant} from '../../src/merchants/merchant.ts';
import {type Clock, makeClock} from './clock.ts';
import {openTestDatabase, type TestDatabase} from './database.ts';

export type Answer = {
	readonly status: number;
	readonly headers: Headers;
	readonly text: string;
	/** The parsed body; `undefined` when it is empty or not JSON. */
	readonly json: unknown;
};

export type CallOptions = {
	/** Sent as JSON. A text is sent as it is. */
	readonly body?: unknown;
	/** Over the credentials and the content type; `null` leaves a header out. */
	readonly headers?: Readonly<Record<string, string | null>>;
};

export type TestServer = {
	/** Base path included, without a trailing slash. */
	readonly url: string;
	/** Without the base path. */
	readonly origin: string;
	readonly appKey: string;
	readonly appToken: string;
	/** `path` is appended to `url` as the Hub does it: as text. */
	readonly call: (method: string, path: string, options?: CallOptions) => Promise<Answer>;
	readonly parts: Parts;
	readonly config: Config;
	readonly merchant: Merchant;
	readonly database: TestDatabase;
	readonly clock: Clock;
	/** Every line that was logged, parsed. */
	readonly logged: () => Record<string, unknown>[];
	readonly close: () => Promise<void>;
};

export type ServerOptions = {
	readonly env?: Readonly<Record<string, string>>;
	readonly clock?: Clock;
	/** Stands beside whoever has it already, as a second process does, and leaves it there. */
	readonly database?: TestDatabase;
};

const appKey = 'store-a1b2c3';
const appToken = 'token-0123456789-abcdefghij-0123456789';
const secrets = {CODE_PEPPER: 'p'.repeat(48), SECRETS_KEY: 's'.repeat(48)};

/** The real service on a free port, over a database of its own, for one test. */
export async function withServer(t: ExecutionContext<never> | ExecutionContext, options: ServerOptions = {}): Promise<TestServer> {
	const server = await openTestServer(options);
	t.teardown(server.close);
	return server;
}

/** The same for the tests of a file: open it in `test.before`, close it in `test.after.always`. */
export async function openTestServer(options: ServerOptions = {}): Promise<TestServer> {
	const {env = {}, clock = makeClock()} = options;
	const database = options.database ?? (await openTestDatabase());
	const config = loadConfig({
		DATABASE_URL: database.url,
		PORT: '0',
		PROVIDER_APP_KEY: appKey,
		PROVIDER_APP_TOKEN: appToken,
		...secrets,
		...env,
	});
	const lines: string[] = [];
	const destination = new Writable({
		write(line: Buffer, _encoding, done) {
			lines.push(line.toString());
			done();
		},
	});
	const {log, flush} = openLog(config.logLevel, destination);
	const server = await openHttpServer(config);
	const parts = await openParts(config, {purpose: 'service', log, clock: clock.now});
	const service = await assembleService(parts, config, {server, log});
	const origin = `http://127.0.0.1:${server.port}`;
	const url = origin + config.basePath;

	return {
		url,
		origin,
		appKey,
		appToken,
		call: (method, path, given) => call(url + path, method, given),
		parts,
		config,
		merchant: parts.firstMerchant,
		database,
		clock,
		logged: () => lines.map(line => JSON.parse(line) as Record<string, unknown>),
		async close() {
			await service.close();
			flush();
			if (options.database === undefined) {
				await database.close();
			}
		},
	};
}

async function call(url: string, method: string, {body, headers = {}}: CallOptions = {}): Promise<Answer> {
	const sent = new Headers({'X-PROVIDER-API-AppKey': appKey, 'X-PROVIDER-API-AppToken': appToken});
	if (body !== undefined) {
		sent.set('Content-Type', 'application/vnd.vtex.giftcards.v1+json');
	}

	for (const [name, value] of Object.entries(headers)) {
		if (value === null) {
			sent.delete(name);
		} else {
			sent.set(name, value);
		}
	}

	const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
	const response = await fetch(url, {method, headers: sent, ...(payload !== undefined && {body: payload})});
	const text = await response.text();
	return {status: response.status, headers: response.headers, text, json: parsed(text)};
}

function parsed(text: string): unknown {
	try {
		return text === '' ? undefined : (JSON.parse(text) as unknown);
	} catch {
		return undefined;
	}
}
