import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {listCredentials} from '../../src/merchants/credentials.ts';
import {saveVtexKeys} from '../../src/merchants/vtex-keys.ts';
import {openDoctor} from '../../src/vtex/doctor/doctor.ts';
import {openHub} from '../../src/vtex/hub/client.ts';
import {makeCertificate} from './certificate.ts';
import {type Clock, makeClock} from './clock.ts';
import {runHere} from './script.ts';
import {openTestServer, type TestServer} from './server.ts';
import {
	accountKey,
	accountToken,
	openRegistry,
	type Registry,
	type RegistryEntry,
	type RegistryOptions,
} from './simulated-registry.ts';
import {type TestContext} from './test-context.ts';

/** A VTEX account, and commands that work with it. */
export type Account = {
	readonly registry: Registry;
	/** Run a command in this process; nobody sits at the terminal unless an answer is given. */
	readonly run: (name: string, args: readonly string[], answer?: string) => ReturnType<typeof runHere>;
	/** A file that is not there. */
	readonly file: string;
};

export type AccountOptions = RegistryOptions & {readonly providerId?: string};

/**
 * The real service behind TLS, and accounts at VTEX that call it with the keys that they were given: what the commands that make
 * Monedero known to VTEX are tried on.
 */
export type SetupDesk = {
	readonly server: TestServer;
	/** Its certificate, in PEM, in a file. */
	readonly certificateFile: string;
	/** A new account; its keys take the place of those of the one before. */
	readonly withAccount: (t: TestContext, options?: AccountOptions) => Promise<Account>;
	/** Our entry as the Hub would have it. */
	readonly ours: (over?: Partial<RegistryEntry>) => RegistryEntry;
	/** The app keys that work. */
	readonly working: () => Promise<string[]>;
	readonly close: () => Promise<void>;
};

const dayMs = 86_400_000;

export async function openSetupDesk(): Promise<SetupDesk> {
	const folder = await mkdtemp(path.join(os.tmpdir(), 'monedero-setup-'));
	const certificate = makeCertificate({validTo: new Date(Date.now() + 60 * dayMs)});
	const [TLS_CERT_FILE, TLS_KEY_FILE] = [path.join(folder, 'cert.pem'), path.join(folder, 'key.pem')];
	await writeFile(TLS_CERT_FILE, certificate.cert);
	await writeFile(TLS_KEY_FILE, certificate.key);
	const server = await openTestServer({
		clock: hurrying(),
		env: {MERCHANT: 'acme', SANDBOX: 'true', TLS_CERT_FILE, TLS_KEY_FILE},
	});
	const {parts, merchant, clock} = server;
	let files = 0;
	return {
		server,
		certificateFile: TLS_CERT_FILE,
		async withAccount(t, {providerId = 'Monedero', ...options} = {}) {
			const registry = await openRegistry(t, {ca: certificate.cert, ...options});
			const keys = {purpose: 'orders', account: 'acme', appKey: accountKey, appToken: accountToken} as const;
			await saveVtexKeys(parts, merchant, {...keys, url: registry.url}, clock.now());
			const setup = {
				...parts.setup,
				providerId,
				hub: openHub(),
				doctor: openDoctor({ca: certificate.cert, laps: 2}),
				proof: {attempts: 1, waitMs: 0},
			};
			return {
				registry,
				run: (name, args, answer) =>
					runHere(
						{...parts, setup},
						name,
						args,
						answer === undefined ? undefined : () => Promise.resolve(answer),
					),
				file: path.join(folder, `list-${files++}.json`),
			};
		},
		ours: over => ({
			...{id: 'Monedero', serviceUrl: parts.setup.serviceUrl, oauthProvider: 'vtex'},
			...{preAuthEnabled: true, cancelEnabled: true, caption: 'Gift card'},
			...{appKey: server.appKey, appToken: server.appToken},
			...over,
		}),
		async working() {
			const all = await listCredentials(parts.prisma, merchant.id);
			return all.filter(({revokedAt}) => revokedAt === null).map(({appKey}) => appKey);
		},
		async close() {
			await server.close();
			await rm(folder, {recursive: true});
		},
	};
}

/** Two seconds go by whenever somebody looks: so new credentials work at once. */
function hurrying(): Clock {
	const clock = makeClock();
	return {
		...clock,
		now() {
			clock.advance(2000);
			return clock.now();
		},
	};
}
