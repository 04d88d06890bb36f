import Router from '@koa/router';
import {v7} from 'uuid';
import {openAdmins} from './admins/admins.ts';
import {openSignUps} from './admins/sign-ups.ts';
import {callbacksOf, paymentParts} from './assemble-payments.ts';
import {type Callbacks} from './callbacks/callbacks.ts';
import {type HostRules, mayReturn} from './callbacks/hosts.ts';
import {type CallbackLoop, runCallbacks} from './callbacks/loop.ts';
import {openCardCreation} from './cards/create.ts';
import {openPeppers, type Peppers} from './cards/peppers.ts';
import {openCardReader} from './cards/read.ts';
import {type CardDirectory, openCardDirectory} from './cards/resolve.ts';
import {openPins, type Pins} from './cards/pins.ts';
import {type CardSearch, openCardSearch} from './cards/search.ts';
import {openCardTransactions} from './cards/transactions.ts';
import {type Config} from './config.ts';
import {type Database, openDatabase, type Purpose} from './db/client.ts';
import {migrate} from './db/migrate.ts';
import {type DatabaseServer, openServer} from './db/server.ts';
import {createApp} from './http/app.ts';
import {mount, mountOpen} from './http/contract.ts';
import {watchInFlight} from './http/in-flight.ts';
import {type Log} from './http/log.ts';
import {type HttpServer} from './http/server.ts';
import {type State} from './http/state.ts';
import {type Instant} from './ledger/calendar.ts';
import {type Loop, startJobs} from './jobs/loop.ts';
import {commitBySize, commitHere} from './ledger/commit.ts';
import {openCommitThread} from './ledger/commit-thread.ts';
import {openWriter, type Writer} from './ledger/writer.ts';
import {type Assets, openAssets} from './merchants/assets.ts';
import {openCredentialCheck} from './merchants/credential-check.ts';
import {type Credential} from './merchants/credentials.ts';
import {ensureFirstCredential} from './merchants/first-credential.ts';
import {ensureFirstMerchant, type Merchant} from './merchants/merchant.ts';
import {payRoutes} from './pages/pay.ts';
import {openPayments, type Payments} from './payments/payments.ts';
import {authorizationEndpoints} from './vtex/authorization/endpoints.ts';
import {authorizationRoutes} from './vtex/authorization/routes.ts';
import {giftCardEndpoints} from './vtex/giftcards/endpoints.ts';
import {type GiftCardParts} from './vtex/giftcards/parts.ts';
import {manifestEndpoint, paymentEndpoints} from './vtex/payments/endpoints.ts';

/** What the service and the scripts are made of. */
export type Parts = {
	/** For everything but the ledger's writer and the look-ups of cards. */
	readonly prisma: Database['prisma'];
	/** For look-ups of cards, which checkout waits for. */
	readonly readerPrisma: Database['prisma'];
	/** The same connections without Prisma, for what has to be streamed or held. */
	readonly pool: Database['pool'];
	readonly writer: Writer;
	readonly assets: Assets;
	readonly peppers: Peppers;
	readonly directory: CardDirectory;
	readonly search: CardSearch;
	readonly pins: Pins;
	readonly payments: Payments;
	/** Delivers what the outbox holds. */
	readonly callbacks: Callbacks;
	/** Encrypts stored secrets. */
	readonly secretsKey: string;
	readonly firstMerchant: Merchant;
	readonly clock: () => Instant;
	readonly newId: () => string;
	/** Drain the writer, close the databases, and stop the embedded server last, unless somebody else is connected. */
	readonly close: () => Promise<void>;
};

export type Opening = {
	/** Of services there is one per data directory; scripts come and go beside it. */
	readonly purpose: 'service' | 'script';
	readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
	/** The service's port, where the configuration leaves it open. */
	readonly port?: number;
	readonly clock?: () => Instant;
	readonly newId?: () => string;
};

/**
 * Open the database and everything that stands on it.
 * @throws errors whose message says what to do: the database is not reachable, another service holds the data directory, the pepper
 * does not match, a migration failed
 */
export async function openParts(config: Config, opening: Opening): Promise<Parts> {
	const {purpose, log} = opening;
	const server = await openServer(config, {
		role: purpose,
		log: {
			info: message => {
				log.info(message);
			},
			warn: message => {
				log.warn(message);
			},
		},
	});
	const databases: Database[] = [];
	try {
		await migrate(server.directUrl);
		const onConnectionError = connectionLog(log);
		const {statementNames} = config;
		const open = async (of: Purpose) => {
			const database = await openDatabase(server.url, {purpose: of, statementNames, onConnectionError});
			databases.push(database);
			return database;
		};
		const [general, reader, writer] = [await open('general'), await open('reader'), await open('writer')];
		return await standOn({general, reader, writer}, server, config, opening);
	} catch (error) {
		await closeAll(databases, server);
		throw error;
	}
}

async function standOn(
	databases: Readonly<Record<Purpose, Database>>,
	server: DatabaseServer,
	config: Config,
	opening: Opening,
): Promise<Parts> {
	const {log, clock = Date.now, newId = v7} = opening;
	const {prisma, pool} = databases.general;
	const readerPrisma = databases.reader.prisma;
	const onFailure = (error: unknown, what: string) => {
		log.error({error}, what);
	};
	const thread = needsThread(opening)
		? await openCommitThread({url: server.url, statementNames: config.statementNames}, connectionLog(log))
		: undefined;
	const here = commitHere({prisma: databases.writer.prisma, clock, newId});
	const commit = thread === undefined ? here : commitBySize(here, thread.commit);
	const writer = openWriter({commit, prisma: databases.writer.prisma, onFailure});
	const peppers = await openPeppers(prisma, server.codePeppers);
	const {secretsKey} = server;
	const assets = openAssets(prisma);
	const cards = {
		assets,
		peppers,
		directory: openCardDirectory(readerPrisma),
		search: openCardSearch(readerPrisma, {peppers, assets, clock}),
		pins: openPins(prisma, peppers, clock),
	};
	const payments = openPayments(
		{prisma, readerPrisma, writer, clock, ...cards},
		{
			...config,
			secretsKey,
			publicUrl: publicUrlOf(config, opening.port),
			onChanged: (merchantId, payment) => {
				log.warn({merchantId, payment}, 'A payment was asked for again with other content');
			},
			onFailure,
		},
	);
	return {
		...{prisma, readerPrisma, pool, writer, ...cards, payments, secretsKey, clock, newId},
		callbacks: callbacksOf({prisma, clock, assets, payments}, config, opening.log),
		firstMerchant: await ensureFirstMerchant(prisma, config),
		async close() {
			await writer.drain();
			await thread?.close();
			await closeAll(Object.values(databases), server);
		},
	};
}

/** A script's few commands are not worth a thread, and a clock of one's own cannot travel to one. */
function needsThread({purpose, clock, newId}: Opening): boolean {
	return purpose === 'service' && clock === undefined && newId === undefined;
}

function connectionLog(log: Opening['log']): (error: Error) => void {
	return error => {
		log.warn({error}, 'An idle connection to the database broke');
	};
}

/** Port 0 asks for any free port, so only the open server knows it. */
function publicUrlOf({publicUrl}: Config, port = 0): string {
	return publicUrl.replace(/:0$/, `:${port}`);
}

async function closeAll(databases: readonly Database[], server: DatabaseServer): Promise<void> {
	await Promise.all(databases.map(database => database.close()));
	await server.stop();
}

export type Service = {
	/** Generated now, because the first merchant had none: to be shown this once. */
	readonly credential: Credential | undefined;
	/** From now on the recurring jobs run by themselves, until the service closes. */
	readonly beginJobs: () => void;
	/** Answer what is in flight, then close the parts too. */
	readonly close: () => Promise<void>;
};

// Longer than any request may take.
const drainMs = 13_000;

/** Let a listening server answer by these parts. */
export async function assembleService(
	parts: Parts,
	config: Config,
	{server, log}: {readonly server: HttpServer; readonly log: Log},
): Promise<Service> {
	const {prisma, pool, firstMerchant} = parts;
	if (firstMerchant.name !== config.merchant) {
		log.warn(
			{merchant: firstMerchant.name},
			'MERCHANT has another name; the first merchant stays as it was made',
		);
	}

	const credential = await ensureFirstCredential(prisma, firstMerchant, config);
	const inFlight = watchInFlight(log);
	const router = new Router<State>({prefix: config.basePath});
	const giftCards = giftCardParts(parts, config);
	for (const endpoint of giftCardEndpoints) {
		mount(router, endpoint, giftCards);
	}

	const forPayments = paymentParts(parts, config);
	for (const endpoint of paymentEndpoints) {
		mount(router, endpoint, forPayments);
	}

	const credentials = openCredentialCheck(prisma, parts.clock);
	const ping = () => pool.query('SELECT 1');
	const open = openRouters(parts, config, publicUrlOf(config, server.port));
	server.serve(createApp({log, inFlight, credentials, ping, router, open}).callback());
	const onFailure = (error: unknown, what: string) => {
		log.error({error}, what);
	};
	let loop: Loop | undefined;
	let callbackLoop: CallbackLoop | undefined;
	return {
		credential,
		beginJobs() {
			loop ??= startJobs({
				parts,
				onDone: result => {
					log.debug(result, 'A job has run');
				},
				onFailure,
			});
			callbackLoop ??= runCallbacks(parts.callbacks, {onFailure});
		},
		async close() {
			inFlight.beginDraining();
			await Promise.all([loop?.stop(), callbackLoop?.stop(), server.close(drainMs)]);
			inFlight.close();
			await parts.close();
		},
	};
}

/** What asks for no credentials (rules C1): below the base path what VTEX calls, at the root what shoppers see. */
function openRouters(parts: Parts, config: Config, publicUrl: string): Router<State>[] {
	const {prisma, clock, payments, secretsKey} = parts;
	const protocol = new Router<State>({prefix: config.basePath});
	mountOpen(protocol, manifestEndpoint, paymentParts(parts, config));
	const rules: HostRules = {extraHosts: config.returnHosts, isSandbox: config.sandbox};
	const authorization = {
		admins: openAdmins(prisma),
		signUps: openSignUps(prisma),
		clock,
		publicUrl,
		mayReturn: (url: string) => mayReturn(url, rules),
	};
	for (const endpoint of authorizationEndpoints) {
		mountOpen(protocol, endpoint, authorization);
	}

	authorizationRoutes(protocol, authorization);
	const pages = new Router<State>();
	payRoutes(pages, {payments, secretsKey, publicUrl, mayReturn: authorization.mayReturn});
	return [protocol, pages];
}

function giftCardParts({prisma, readerPrisma, ...parts}: Parts, {providerId}: Config): GiftCardParts {
	return {
		...parts,
		providerId,
		reader: openCardReader(readerPrisma),
		creation: openCardCreation(prisma, parts),
		transactions: openCardTransactions(readerPrisma),
	};
}
