import type pg from 'pg';
import {v7} from 'uuid';
import {type OrderRoom, ordersOf, reconcilerOf} from './assemble-orders.ts';
import {callbacksOf} from './assemble-payments.ts';
import {setupOf, type VtexSetup} from './assemble-setup.ts';
import {type AttemptParts} from './callbacks/attempt.ts';
import {type Callbacks} from './callbacks/callbacks.ts';
import {type Guesses, type GuessWatch, openGuesses} from './cards/guesses.ts';
import {openPeppers, type Peppers} from './cards/peppers.ts';
import {type CardDirectory, openCardDirectory} from './cards/resolve.ts';
import {openPins, type Pins} from './cards/pins.ts';
import {type CardPricing, openCardPricing} from './cards/pricing.ts';
import {type CardSearch, openCardSearch} from './cards/search.ts';
import {type Config} from './config.ts';
import {type Database, openConnection, openDatabase, type Purpose, type SqlClient} from './db/client.ts';
import {migrate} from './db/migrate.ts';
import {type DatabaseServer, openServer} from './db/server.ts';
import {type Log} from './http/log.ts';
import {type Instant} from './ledger/calendar.ts';
import {commitBySize, commitHere} from './ledger/commit.ts';
import {openIncarnation} from './ledger/incarnation.ts';
import {type CommitThread, openCommitThread} from './ledger/commit-thread.ts';
import {type WriterWatch} from './ledger/watch.ts';
import {openWriter, type Writer} from './ledger/writer.ts';
import {openPrograms, type Programs} from './loyalty/programs.ts';
import {type Assets, openAssets} from './merchants/assets.ts';
import {ensureFirstMerchant, type Merchant} from './merchants/merchant.ts';
import {type OrderIntake} from './orders/intake.ts';
import {type Reconciler} from './reconcile/reconciler.ts';
import {type LookParts} from './orders/look.ts';
import {openPayments, type Payments} from './payments/payments.ts';
import {type BeginTrace} from './trace-context.ts';

/** What the service and the scripts are made of. */
export type Parts = {
	/** For everything but the ledger's writer and the look-ups of cards. */
	readonly prisma: Database['prisma'];
	/** For look-ups of cards, which checkout waits for. */
	readonly readerPrisma: Database['prisma'];
	/** The same connections without Prisma, for what has to be streamed or held. */
	readonly pool: Database['pool'];
	/** Those connections and the others, to see how many are in use. */
	readonly pools: Readonly<Record<Purpose, Database['pool']>>;
	readonly writer: Writer;
	readonly assets: Assets;
	readonly peppers: Peppers;
	/** Counts wrong codes and PINs by who tries them. */
	readonly guesses: Guesses;
	readonly directory: CardDirectory;
	readonly search: CardSearch;
	readonly pricing: CardPricing;
	readonly programs: Programs;
	readonly pins: Pins;
	readonly payments: Payments;
	/** Delivers what the outbox holds. */
	readonly callbacks: Callbacks;
	/** Looks at orders that were rung for, and applies them. */
	readonly orders: OrderIntake;
	/** Makes us known to a store's VTEX account. */
	readonly setup: VtexSetup;
	/** Compares our holds with what VTEX says of them. */
	readonly reconcile: Reconciler;
	/** Copies the embedded database while it runs; undefined for one that others run. */
	readonly backup: DatabaseServer['backup'];
	/** Encrypts stored secrets. */
	readonly secretsKey: string;
	readonly firstMerchant: Merchant;
	/** A connection past poolers, as whoever may make roles. The caller ends it. */
	readonly openAdminConnection: () => Promise<pg.Client>;
	readonly clock: () => Instant;
	readonly newId: () => string;
	/** Drain the writer, close the databases, and stop the embedded server last, unless somebody else is connected. */
	readonly close: () => Promise<void>;
};

// Once in the life of a restored database.
const incarnationPatienceMs = 2000;

/** Who looks on while the parts work; nobody, where nothing is said. */
export type PartsWatch = {
	readonly writer?: WriterWatch;
	readonly guesses?: GuessWatch;
	readonly onAttempt?: NonNullable<AttemptParts['onAttempt']>;
	readonly onLook?: NonNullable<LookParts['onLook']>;
	readonly beginTrace?: BeginTrace;
};

export type Opening = {
	/** Of services there is one per data directory; scripts come and go beside it. */
	readonly purpose: 'service' | 'script';
	/** Thousands of commands of the ledger: worth a thread that commits them, which a service always has. */
	readonly isBulk?: boolean;
	readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
	/** The service's port, where the configuration leaves it open. */
	readonly port?: number;
	readonly clock?: () => Instant;
	readonly newId?: () => string;
	/** Books what an order has earned, in place of the program's own way. */
	readonly applyOrder?: OrderRoom['applyOrder'];
	readonly watch?: PartsWatch;
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
	const databases: Database<SqlClient>[] = [];
	let thread: CommitThread | undefined;
	try {
		await migrate(server.directUrl);
		const onConnectionError = connectionLog(log);
		const {statementNames} = config;
		const open = async <Of extends Purpose>(of: Of) => {
			const database = await openDatabase(server.url, {purpose: of, statementNames, onConnectionError});
			databases.push(database);
			return database;
		};
		const general = await open('general');
		// What a script does once is not worth connections of its own kind, each with a client that has to be loaded.
		const hasLanes = purpose === 'service' || opening.isBulk === true;
		const reader = hasLanes ? await open('reader') : general;
		const writer: Database<SqlClient> = hasLanes ? await open('writer') : general;
		thread = needsThread(opening)
			? await openCommitThread(
					{url: server.url, statementNames, isBulk: opening.isBulk === true},
					onConnectionError,
				)
			: undefined;
		return await standOn({general, reader, writer, thread}, server, config, opening);
	} catch (error) {
		// A database that somebody is connected to would be left running.
		await thread?.close();
		await closeAll(databases, server);
		throw error;
	}
}

type Databases = {
	readonly general: Database;
	readonly reader: Database;
	readonly writer: Database<SqlClient>;
};

async function standOn(
	{thread, ...databases}: Databases & {readonly thread: CommitThread | undefined},
	server: DatabaseServer,
	config: Config,
	opening: Opening,
): Promise<Parts> {
	const {log, clock = Date.now, newId = v7, applyOrder, watch = {}} = opening;
	const {prisma, pool} = databases.general;
	const readerPrisma = databases.reader.prisma;
	const onFailure = (error: unknown, what: string) => {
		log.error({error}, what);
	};
	// Entries that are written before would have numbers among those of the server that this database came from (rules B5).
	await openIncarnation(prisma, incarnationPatienceMs).catch((error: unknown) => {
		onFailure(error, 'No new incarnation could be opened; the job take-snapshots tries again');
	});
	const here = commitHere({prisma: databases.writer.prisma, clock, newId});
	const commit = thread === undefined ? here : commitBySize(here, thread.commit, () => writer.pending());
	const limits = opening.isBulk === true ? {batchesAtOnce: 2} : {};
	const writer = openWriter({
		commit,
		prisma: databases.writer.prisma,
		onFailure,
		watch: watch.writer,
		limits,
	});
	const peppers = await openPeppers(prisma, server.codePeppers);
	const {secretsKey} = server;
	const assets = openAssets(prisma);
	const programs = openPrograms(readerPrisma, clock);
	const pricing = openCardPricing({assets, programs, clock});
	const guesses = openGuesses(
		{
			pool,
			secretsKey,
			onFailure,
			watch: watch.guesses,
			onMany: (merchantId, misses) => {
				log.warn({merchantId, misses}, 'Many wrong redemption codes or PINs were tried within an hour');
			},
		},
		{missesMax: config.guessLimit},
	);
	const cards = {
		assets,
		programs,
		pricing,
		peppers,
		guesses,
		directory: openCardDirectory(readerPrisma),
		search: openCardSearch(readerPrisma, {peppers, pricing, guesses, clock}),
		pins: openPins(prisma, peppers, clock),
	};
	const publicUrl = publicUrlOf(config, opening.port);
	const payments = openPayments(
		{prisma, readerPrisma, writer, clock, ...cards},
		{
			...config,
			secretsKey,
			publicUrl,
			onChanged: (merchantId, payment) => {
				log.warn({merchantId, payment}, 'A payment was asked for again with other content');
			},
			onFailure,
		},
	);
	const orders = ordersOf(
		{prisma, clock, secretsKey, writer, programs, applyOrder},
		{...config, publicUrl},
		opening.log,
		watch,
	);
	return {
		pools: {
			general: pool,
			reader: databases.reader.pool,
			writer: databases.writer.pool,
		},
		...{prisma, readerPrisma, pool, writer, ...cards, payments, secretsKey, clock, newId},
		backup: server.backup,
		callbacks: callbacksOf({prisma, clock, assets, payments}, config, opening.log, watch),
		orders,
		reconcile: reconcilerOf({prisma, assets, clock, orders: orders.source}, config),
		setup: setupOf({...config, publicUrl}),
		openAdminConnection: () => openConnection(server.adminUrl, 'monedero roles'),
		firstMerchant: await ensureFirstMerchant(prisma, config),
		async close() {
			await writer.drain();
			await thread?.close();
			await closeAll(Object.values(databases), server);
		},
	};
}

/** A script's few commands are not worth a thread, and a clock of one's own cannot travel to one. */
function needsThread({purpose, isBulk = purpose === 'service', clock, newId}: Opening): boolean {
	return isBulk && clock === undefined && newId === undefined;
}

function connectionLog(log: Opening['log']): (error: Error) => void {
	return error => {
		log.warn({error}, 'An idle connection to the database broke');
	};
}

/** Port 0 asks for any free port, so only the open server knows it. */
export function publicUrlOf({publicUrl}: Config, port = 0): string {
	return publicUrl.replace(/:0$/, `:${port}`);
}

async function closeAll(databases: readonly Database<SqlClient>[], server: DatabaseServer): Promise<void> {
	await Promise.all(databases.map(database => database.close()));
	await server.stop();
}
