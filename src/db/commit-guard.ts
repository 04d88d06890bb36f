import {type Socket} from 'node:net';
import type pg from 'pg';
import {type Pending} from './round-trips.ts';

/*
 * COMMIT knows no statement_timeout: where a synchronous standby is gone it waits until the standby is back, with its rows locked and
 * visible to nobody. So it has a deadline here (rules B6). The connection is given up then, and the same commands run again under their
 * keys; the server goes on waiting, which is what keeps anybody from being told of something that only one server has.
 */

/** The transaction may have been committed, or will be; or it is there on one server alone (rules B4, B6). */
export class FateUnknownError extends Error {
	/** Tells `isConnectionLost` that the same commands are to run again under their keys. */
	readonly code = 'EFATE';

	constructor(message: string) {
		super(message);
		this.name = 'FateUnknownError';
	}
}

/** COMMIT found a transaction that had failed, and nothing of it was committed. */
export class UndoneError extends Error {
	constructor() {
		super('A statement of the transaction had failed, so that COMMIT has undone all of it.');
		this.name = 'UndoneError';
	}
}

/** What the connections of one pool know together. */
export type CommitState = {
	/** A COMMIT was given up, and nothing has been committed since. */
	isStalled: boolean;
};

type Query = (...args: unknown[]) => Promise<unknown>;
type Inner = {readonly connection: {readonly stream: Socket; on(name: 'errorMessage', told: Told): void}};
type Told = (error: {readonly code?: string}) => void;

// The server's own sessions tell what they wait for to their own role. Each that was given up holds a connection of the server, which has
// only so many: as long as one of them waits, no other COMMIT is begun.
const waitingForStandby = `
	SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND usename = current_user AND pid <> pg_backend_pid()
	LIMIT 1`;

const readOnlyState = '25006';

export type GuardOptions = {
	/** How long a COMMIT may take. */
	readonly timeoutMs: number;
	/** What a COMMIT may have been sent behind: the statement has limits of its own, and its time does not count. */
	readonly pending?: Pending | undefined;
};

/**
 * Give every COMMIT of a connection a deadline, and take a warning on it for what it is: the standby may not have it. Costs a timer
 * for each transaction.
 */
export function guardCommits(
	client: pg.ClientBase,
	state: CommitState,
	{timeoutMs, pending}: GuardOptions,
): void {
	const query = client.query.bind(client) as Query;
	let isWarned = false;
	const wasWarned = () => isWarned;
	client.on('notice', ({code}) => {
		// Notices are of class 00. What counts is what stands on a COMMIT, or on the statement that it was sent behind; before that is forgotten.
		isWarned ||= code?.startsWith('00') !== true;
	});

	const commit = async (args: readonly unknown[]): Promise<unknown> => {
		isWarned = false;
		const answer = Promise.resolve(query(...args)) as Promise<{readonly command?: string} | undefined>;
		answer.catch(() => undefined);
		await pending?.answered();
		const timer = setTimeout(() => {
			state.isStalled = true;
			destroy(client, new FateUnknownError(`COMMIT was not answered within ${timeoutMs} ms.`));
		}, timeoutMs);
		try {
			const result = await answer;
			if (wasWarned()) {
				throw new FateUnknownError('COMMIT was answered with a warning: the standby may not have it.');
			}

			state.isStalled = false;
			if (result?.command === 'ROLLBACK') {
				// Some statement had failed, and whoever sent it did not say so.
				throw new UndoneError();
			}

			return result;
		} finally {
			clearTimeout(timer);
		}
	};

	const begin = async (args: readonly unknown[]): Promise<unknown> => {
		const found = (await query(waitingForStandby)) as pg.QueryResult;
		if (found.rowCount !== 0) {
			throw new FateUnknownError(
				'The synchronous standby confirms nothing; earlier transactions still wait for it.',
			);
		}

		state.isStalled = false;
		return query(...args);
	};

	const guarded = (...args: unknown[]): Promise<unknown> => {
		const text = textOf(args[0]);
		if (text === 'COMMIT') {
			return commit(args);
		}

		return state.isStalled && text === 'BEGIN' ? begin(args) : query(...args);
	};
	Object.assign(client, {query: guarded});
}

/** A server that refuses writes was the primary, or has been made read-only: another connection may lead to one that takes them. */
export function leaveReadOnlyServer(client: pg.ClientBase): void {
	(client as unknown as Inner).connection.on('errorMessage', ({code}) => {
		if (code === readOnlyState) {
			// After whoever asked has been told.
			setImmediate(() => {
				destroy(client, new Error('Connection terminated: the server takes no writes'));
			});
		}
	});
}

function destroy(client: pg.ClientBase, reason: Error): void {
	(client as unknown as Inner).connection.stream.destroy(reason);
}

function textOf(query: unknown): unknown {
	return typeof query === 'object' && query !== null && 'text' in query ? query.text : query;
}
