import {setTimeout as delay} from 'node:timers/promises';
import pg from 'pg';
import {type Host} from './hosts.ts';
import {isConnectionLost, sqlStateOf} from './sql-state.ts';

/** What a server says of itself. A timeline is the number of promotions before it; 0 where the server does not tell. */
export type Standing = {readonly takesWrites: boolean; readonly timeline: number};

/** None of the servers that the URL names takes writes: a failover is under way, or all are down. */
export class NoPrimaryError extends Error {
	/** Tells `isConnectionLost` that the same may succeed in a moment. */
	readonly code = 'ENOPRIMARY';

	constructor(findings: readonly string[], options?: ErrorOptions) {
		super(`no server of the list takes writes: ${findings.join('; ')}`, options);
		this.name = 'NoPrimaryError';
	}
}

/** A connection that has to go when another server becomes the primary. */
export type Member = {readonly host: Host | undefined; readonly drop: (reason: Error) => void};

/** Knows which of several servers takes writes, and looks for it when it is not known. One per URL and thread. */
export type PrimaryFinder = {
	/** @throws NoPrimaryError */
	readonly find: () => Promise<Host>;
	/** To be told of every new connection's standing. False: this server is not to be used. */
	readonly accept: (host: Host, standing: Standing) => boolean;
	/** The server is gone, or has become read-only: the next connection looks for the primary again. */
	readonly doubt: (host: Host | undefined) => void;
	/** Something is wrong, nobody knows with which server: look for the primary now. Connections to another one are dropped. */
	readonly lookAgain: () => void;
	readonly members: Set<Member>;
};

/** How a server is asked; it throws when the server does not answer. */
export type Probe = (host: Host) => Promise<Standing>;

// Within what a pool waits for a connection.
const probeTimeoutMs = 4000;
// Where one takes writes, the others have this long to say that they were promoted later. A server that hangs costs no more.
const graceMs = 1000;

// A server where writes are off, whichever way, is as good as a standby. The name of the journal's file begins with the timeline.
const standingSql = `
	SELECT current_setting('transaction_read_only') AS "readOnly",
		CASE WHEN NOT pg_is_in_recovery() THEN pg_walfile_name(pg_current_wal_lsn()) END AS file`;

/**
 * @param probe - how to ask a server; the test's own, or a short connection
 */
export function openPrimaryFinder(hosts: readonly Host[], probe: Probe = askServer): PrimaryFinder {
	const members = new Set<Member>();
	let known: Host | undefined;
	// Whoever was promoted later has what was answered since. A former primary that comes back must not be written to by this process,
	// even while the newer one is away.
	let timeline = 0;
	let looking: Promise<Host> | undefined;

	const use = (host: Host) => {
		known = host;
		for (const member of members) {
			if (member.host !== undefined && member.host !== host) {
				member.drop(new Error('Connection terminated: another server is the primary now'));
			}
		}
	};

	const look = async (): Promise<Host> => {
		const host = await findLatest(hosts, probe, timeline);
		use(host);
		return host;
	};

	const lookOnce = () =>
		(looking ??= look().finally(() => {
			looking = undefined;
		}));

	return {
		members,
		find: async () => known ?? lookOnce(),
		lookAgain() {
			// Found or not: whoever needs it next is told.
			lookOnce().catch(() => undefined);
		},
		accept(host, standing) {
			if (!standing.takesWrites || standing.timeline < timeline) {
				known = known === host ? undefined : known;
				return false;
			}

			timeline = standing.timeline;
			use(host);
			return true;
		},
		doubt(host) {
			known = known === host ? undefined : known;
		},
	};
}

type Found = {readonly host: Host; readonly timeline: number};

/** Ask all at once. A primary of the timeline that was seen last is taken at once; otherwise the latest of those that answer in time. */
async function findLatest(hosts: readonly Host[], probe: Probe, seen: number): Promise<Host> {
	const primaries: Found[] = [];
	const findings: string[] = [];
	const failures: unknown[] = [];
	const ask = async (host: Host): Promise<Found> => {
		const name = `${host.host}:${host.port}`;
		try {
			const {takesWrites, timeline} = await probe(host);
			if (takesWrites && timeline >= seen) {
				primaries.push({host, timeline});
				return {host, timeline};
			}

			findings.push(
				`${name} ${takesWrites ? 'was the primary before another one' : 'is a standby, or read-only'}`,
			);
		} catch (error) {
			failures.push(error);
			const {code, message} = error as NodeJS.ErrnoException;
			findings.push(`${name} does not answer (${code ?? message})`);
		}

		throw new Error('This one is none.');
	};
	const asked = hosts.map(ask);
	const first = await Promise.any(asked).catch(() => undefined);
	if (first === undefined) {
		// Credentials that every server refuses are no failover.
		const isRefused = failures.length === hosts.length && !failures.some(isPassing);
		throw new NoPrimaryError(findings, isRefused ? {cause: failures[0]} : {});
	}

	if (seen === 0 || first.timeline !== seen) {
		await Promise.race([Promise.allSettled(asked), delay(graceMs, undefined, {ref: false})]);
	}

	return primaries.reduce((best, one) => (one.timeline > best.timeline ? one : best), first).host;
}

function isPassing(error: unknown): boolean {
	return sqlStateOf(error) === undefined || isConnectionLost(error);
}

async function askServer({url}: Host): Promise<Standing> {
	const client = new pg.Client({
		connectionString: url,
		application_name: 'monedero primary',
		connectionTimeoutMillis: probeTimeoutMs,
		query_timeout: probeTimeoutMs,
	});
	client.on('error', () => undefined);
	try {
		await client.connect();
		return await standingOf(client);
	} finally {
		// Not awaited: a server that hangs does not say goodbye either.
		void client.end().catch(() => undefined);
	}
}

type Row = {readonly readOnly: string; readonly file: string | null};

/** One round trip. A service that keeps its journal's position to itself has no timelines. */
export async function standingOf(client: Pick<pg.Client, 'query'>): Promise<Standing> {
	try {
		const {rows} = await client.query<Row>(standingSql);
		const [{readOnly, file} = {readOnly: 'on', file: null}] = rows;
		return {takesWrites: readOnly === 'off', timeline: Number.parseInt(file?.slice(0, 8) ?? '0', 16)};
	} catch (error) {
		if (isConnectionLost(error) || sqlStateOf(error) === undefined) {
			throw error;
		}

		const {rows} = await client.query<Row>(`SELECT current_setting('transaction_read_only') AS "readOnly"`);
		return {takesWrites: rows[0]?.readOnly === 'off', timeline: 0};
	}
}
