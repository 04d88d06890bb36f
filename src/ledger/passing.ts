import {setTimeout as delay} from 'node:timers/promises';
import {isConnectionLost, isRetryable, sqlStateOf} from '../db/sql-state.ts';
import {ThreadLostError} from './commit-thread.ts';
import {type Setback} from './watch.ts';

// A lock or a connection that somebody else needs is free again after a few of these.
const pauseMs = 20;
const pauseMsMax = 400;

// 53: the server is out of connections, memory or disk; 57014: a statement took longer than it may.
const passingStates = /^(?:53...|57014)$/;

/** Whether the same batch may succeed when it runs again: conflicts, lost connections, a database that restarts or is full. */
export function isPassing(error: unknown): boolean {
	// P2028: Prisma could not begin or end its transaction in time.
	const isLateTransaction = (error as {code?: unknown} | null)?.code === 'P2028';
	return (
		isRetryable(error) ||
		isConnectionLost(error) ||
		isLateTransaction ||
		error instanceof ThreadLostError ||
		passingStates.test(sqlStateOf(error) ?? '')
	);
}

/**
 * Whether a unique key was taken. Another process may have decided the same command at the same moment, which a card that is about to
 * be issued has no row to lock against; running again then finds it remembered.
 */
export function isKeyTaken(error: unknown): boolean {
	return sqlStateOf(error) === '23505';
}

/** What becomes of a batch that was not committed, for whoever looks on. */
export function setbackOf(error: unknown, attempt: number): Setback {
	if (sqlStateOf(error) === '55P03') {
		return 'lock';
	}

	return isPassing(error) ? 'conflict' : attempt === 1 && isKeyTaken(error) ? 'taken' : 'failure';
}

/** Growing pauses with full jitter: contenders that met once must not wake together. */
export async function pause(attempt: number): Promise<void> {
	await delay(Math.random() * Math.min(pauseMsMax, pauseMs * 2 ** Math.min(attempt, 10)));
}
