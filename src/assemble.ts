import Router from '@koa/router';
import {v7} from 'uuid';
import {openCardCreation} from './cards/create.ts';
import {openPeppers, type Peppers} from './cards/peppers.ts';
import {openCardReader} from './cards/read.ts';
import {type CardDirectory, openCardDirectory} from './cards/resolve.ts';
import {openCardSearch} from './cards/search.ts';
import {openCardTransactions} from './cards/transactions.ts';
import {type Config} from './config.ts';
import {type Database, openDatabase, type Purpose} from './db/client.ts';
import {migrate} from './db/migrate.ts';
import {type DatabaseServer, openServer} from './db/server.ts';
import {createApp} from './http/app.ts';
import {mount} from './http/contract.ts';
import {watchInFlight} from './http/in-flight.ts';
import {type Log} from './http/log.ts';
import {type HttpServer} from './http/server.ts';
import {type State} from './http/state.ts';
import {type Instant} from './ledger/calendar.ts';
import {type Loop, startJobs} from './jobs/loop.ts';
import {openWriter, type Writer} from './ledger/writer.ts';
import {type Assets, openAssets} from './merchants/assets.ts';
import {openCredentialCheck} from './merchants/credential-check.ts';
import {type Credential} from './merchants/credentials.ts';
import {ensureFirstCredential} from './merchants/first-credential.ts';
import {ensureFirstMerchant, type Merchant} from './merchants/merchant.ts';
import {giftCardEndpoints} from './vtex/giftcards/endpoints.ts';
import {type GiftCardParts} from './vtex/giftcards/parts.ts';

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
		const onConnectionError = (error: Error) => {
			log.warn({error}, 'An idle connection to the database broke');
		};
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
	{log, clock = Date.now, newId = v7}: Opening,
): Promise<Parts> {
	const {prisma, pool} = databases.general;
	const readerPrisma = databases.reader.prisma;
	const writer = openWriter({
		prisma: databases.writer.prisma,
		clock,
		newId,
		onFailure: (error, what) => {
			log.error({error}, what);
		},
	});
	return {
		prisma,
		readerPrisma,
		pool,
		writer,
		assets: openAssets(prisma),
		peppers: await openPeppers(prisma, server.codePeppers),
		directory: openCardDirectory(readerPrisma),
		secretsKey: server.secretsKey,
		firstMerchant: await ensureFirstMerchant(prisma, config),
		clock,
		newId,
		async close() {
			await writer.drain();
			await closeAll(Object.values(databases), server);
		},
	};
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

	const credentials = openCredentialCheck(prisma, parts.clock);
	const ping = () => pool.query('SELECT 1');
	server.serve(createApp({log, inFlight, credentials, ping, router}).callback());
	let loop: Loop | undefined;
	return {
		credential,
		beginJobs() {
			loop ??= startJobs({
				parts,
				onDone: result => {
					log.debug(result, 'A job has run');
				},
				onFailure: (error, what) => {
					log.error({error}, what);
				},
			});
		},
		async close() {
			inFlight.beginDraining();
			await Promise.all([loop?.stop(), server.close(drainMs)]);
			inFlight.close();
			await parts.close();
		},
	};
}

function giftCardParts({prisma, readerPrisma, ...parts}: Parts, {providerId}: Config): GiftCardParts {
	return {
		...parts,
		providerId,
		reader: openCardReader(readerPrisma),
		search: openCardSearch(readerPrisma, parts),
		creation: openCardCreation(prisma, parts),
		transactions: openCardTransactions(readerPrisma),
	};
}
