import {setFlagsFromString} from 'node:v8';
import {PrismaPg} from '@prisma/adapter-pg';
import pg from 'pg';
import {type CommitState, guardCommits, leaveReadOnlyServer} from './commit-guard.ts';
import {PrismaClient as BareClient} from './generated/bare/client.ts';
import {type Prisma, PrismaClient} from './generated/client.ts';
import {addressOf} from './hosts.ts';
import {isDirect, keepSessions} from './pooler.ts';
import {newClient, suspect, targetOf} from './primary-client.ts';
import {NoPrimaryError} from './primary.ts';
import {type Purpose, settle} from './session.ts';
import {watchSilence} from './silence.ts';
import {sqlStateOf} from './sql-state.ts';
import {statementNamer} from './statement-names.ts';

export type {Prisma, PrismaClient} from './generated/client.ts';
export type {Purpose} from './session.ts';

/** What runs SQL of our own, in a transaction or by itself. */
export type SqlTransaction = Pick<
	Prisma.TransactionClient,
	'$queryRaw' | '$queryRawUnsafe' | '$executeRaw' | '$executeRawUnsafe'
>;

/** As much of Prisma's client as connections of the writer have: it knows no tables. */
export type SqlClient = SqlTransaction & {
	readonly $transaction: <Result>(
		run: (tx: SqlTransaction) => Promise<Result>,
		options?: {
			readonly maxWait?: number;
			readonly timeout?: number;
			readonly isolationLevel?: Prisma.TransactionIsolationLevel;
		},
	) => Promise<Result>;
};

export type DatabaseOptions<Of extends Purpose = Purpose> = {
	readonly purpose: Of;
	/** False behind a transaction pooler: no prepared statements, and no settings that outlive a transaction (rules B15). */
	readonly statementNames?: boolean;
	/** Shown in pg_stat_activity. */
	readonly applicationName?: string;
	/** Most connections at a time; by default as many as the purpose needs. */
	readonly poolMax?: number;
	/** How long connecting, a free connection and a transaction may take. Without it the service's own limits hold, which hurry. */
	readonly patienceMs?: number;
	/** How long a COMMIT may take before its fate counts as unknown (rules B6); by default as long as `patienceMs`, or 4 s. */
	readonly commitTimeoutMs?: number;
	/** Told when an idle connection breaks. The pool replaces it by itself. */
	readonly onConnectionError?: (error: Error) => void;
};

export type Database<Client extends SqlClient = PrismaClient> = {
	readonly prisma: Client;
	readonly pool: pg.Pool;
	/** Waits for the queries under way, then closes every connection. May be called twice. */
	close(): Promise<void>;
};

/** The writer's statements are SQL of our own alone. */
export type DatabaseFor<Of extends Purpose> = Database<Of extends 'writer' ? SqlClient : PrismaClient>;

/** The database cannot be used as configured; the message says where it was looked for and what to do, and holds no password. */
export class DatabaseUnreachableError extends Error {
	constructor(url: string, cause: unknown) {
		super(`The database at ${addressOf(url)} ${reasonOf(cause)}`, {cause});
		this.name = 'DatabaseUnreachableError';
	}
}

/** The configuration takes the database for one whose connections keep their sessions. */
export class TransactionPoolerError extends Error {
	constructor(url: string) {
		super(
			`Before the database at ${addressOf(url)} stands a pooler that gives every transaction another session. ` +
				'Set STATEMENT_NAMES=false, and DIRECT_DATABASE_URL to the database itself.',
		);
		this.name = 'TransactionPoolerError';
	}
}

// What compiles model queries is WebAssembly. Optimising it would take 20 MB, for a dozen queries that are compiled once each.
setFlagsFromString('--liftoff-only');

// VTEX waits seconds, not minutes: a request that stands longer than this is better answered with 503 and repeated.
const connectTimeoutMs = 5000;
// Half of a command's deadline: time to look under its key for what became of it.
const commitTimeoutMs = 4000;
// A statement of writer and reader ends after five seconds, so a server that says nothing for longer is gone.
const suspectAfterSeconds = 3;
const dropAfterSeconds = 6;
// One batch per merchant is under way, and look-ups share queries; what a person asks for may take a while.
const poolMaxes: Readonly<Record<Purpose, number>> = {writer: 4, reader: 4, general: 10};

/**
 * Open a pool and a Prisma client over it, with one connection made to prove that the database answers.
 * @throws DatabaseUnreachableError when it does not
 * @throws TransactionPoolerError when statements keep names and connections no sessions
 */
export async function openDatabase<Of extends Purpose>(
	url: string,
	options: DatabaseOptions<Of>,
): Promise<DatabaseFor<Of>> {
	const {statementNames = true, purpose} = options;
	const database = prepareDatabase(url, options);
	try {
		const isOwnSession = await looksDirect(database.pool).catch((error: unknown) => {
			throw new DatabaseUnreachableError(url, error);
		});
		// Once for a process, not for each of its pools.
		if (statementNames && purpose === 'general' && !isOwnSession && !(await keepsSessions(url))) {
			throw new TransactionPoolerError(url);
		}
	} catch (error) {
		await database.close();
		throw error;
	}

	return database;
}

/** The same without any connection made: the first query makes one, and fails where the database does not answer. */
export function prepareDatabase<Of extends Purpose>(
	url: string,
	options: DatabaseOptions<Of>,
): DatabaseFor<Of> {
	const {statementNames = true, purpose, poolMax = poolMaxes[purpose], patienceMs} = options;
	const commits: CommitState = {isStalled: false};
	const pool = new pg.Pool({
		...targetOf(url),
		application_name: options.applicationName ?? `monedero ${purpose}`,
		max: poolMax,
		connectionTimeoutMillis: patienceMs ?? connectTimeoutMs,
		// A lone checkout must not pay for connecting again.
		idleTimeoutMillis: purpose === 'general' ? 60_000 : 0,
		keepAlive: true,
		keepAliveInitialDelayMillis: 30_000,
		pipeline: purpose === 'writer' || !statementNames,
		// eslint-disable-next-line @typescript-eslint/no-misused-promises -- pg waits for it, though its types do not say so.
		onConnect: async client => {
			const pending = await settle(client, purpose, statementNames);
			const timeoutMs = options.commitTimeoutMs ?? patienceMs ?? commitTimeoutMs;
			guardCommits(client, commits, {timeoutMs, pending});
			leaveReadOnlyServer(client);
		},
	});
	// Without a listener, the loss of an idle connection would end the process.
	pool.on('error', error => options.onConnectionError?.(error));
	const endWatch = watchSilence(pool, {
		suspectAfter: suspectAfterSeconds,
		onSuspicion: () => {
			suspect(url);
		},
		// Reports read for as long as they need, and tests are patient.
		...(purpose !== 'general' && patienceMs === undefined && {dropAfter: dropAfterSeconds}),
	});
	const adapter = new PrismaPg(pool, statementNames ? {statementNameGenerator: statementNamer()} : {});
	const clientOptions = {
		adapter,
		errorFormat: 'minimal' as const,
		...(patienceMs !== undefined && {transactionOptions: {maxWait: patienceMs, timeout: patienceMs}}),
	};
	const client = purpose === 'writer' ? new BareClient(clientOptions) : new PrismaClient(clientOptions);
	let closing: Promise<void> | undefined;
	const close = async () => {
		await client.$disconnect();
		await pool.end();
		endWatch();
	};
	const prisma = client as DatabaseFor<Of>['prisma'];
	return {prisma, pool, close: () => (closing ??= close())};
}

/**
 * One connection outside every pool, without time-outs: for locks, migrations and tests. The caller ends it.
 * @throws DatabaseUnreachableError
 */
export async function openConnection(url: string, applicationName: string): Promise<pg.Client> {
	const client = newClient(
		{application_name: applicationName, connectionTimeoutMillis: connectTimeoutMs, keepAlive: true},
		targetOf(url),
	);
	// A broken connection tells whoever uses it next; without a listener it would end the process.
	client.on('error', () => undefined);
	try {
		await client.connect();
		return client;
	} catch (error) {
		throw new DatabaseUnreachableError(url, error);
	}
}

/** Make the first connection of a pool. */
async function looksDirect(pool: pg.Pool): Promise<boolean> {
	const client = await pool.connect();
	try {
		return await isDirect(client);
	} finally {
		client.release();
	}
}

/** Whether connections keep their sessions: not behind a transaction pooler. @throws DatabaseUnreachableError */
export async function keepsSessions(url: string): Promise<boolean> {
	const opened: pg.Client[] = [];
	try {
		return await keepSessions(async () => {
			const client = await openConnection(url, 'monedero start');
			opened.push(client);
			return client;
		});
	} finally {
		await Promise.all(opened.map(client => client.end()));
	}
}

const reasons: Readonly<Record<string, string>> = {
	'28P01': 'refused our user or password. Check the credentials in DATABASE_URL.',
	'28000': 'refused our user. Check the credentials in DATABASE_URL, and pg_hba.conf.',
	'3D000': 'does not exist. Create it, or correct the name at the end of DATABASE_URL.',
	'53300': 'has no connection left for us. Raise its max_connections, or stop what uses them.',
	'57P03': 'is starting up or shutting down. Try again in a moment.',
	'08P01': 'refused our settings, as poolers do. Set STATEMENT_NAMES=false for a transaction pooler.',
};

function reasonOf(error: unknown): string {
	const {code, message} = error as NodeJS.ErrnoException;
	if (error instanceof NoPrimaryError && sqlStateOf(error) === undefined) {
		return `cannot be used: ${message}. Check DATABASE_URL, and that one of the servers is the primary.`;
	}

	return (
		reasons[sqlStateOf(error) ?? ''] ??
		`does not answer (${code ?? message}). Check DATABASE_URL, and that PostgreSQL runs and can be reached from here.`
	);
}
