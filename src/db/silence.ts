import {type Socket} from 'node:net';
import type pg from 'pg';

export type SilenceLimits = {
	/** Seconds of silence of a connection in use after which somebody is told, and again each time that it has lasted twice as long. */
	readonly suspectAfter: number;
	readonly onSuspicion: () => void;
	/** Seconds after which it is given up; absent where somebody may rightly wait for longer. */
	readonly dropAfter?: number;
};

type Silent = {bytes: number; seconds: number};
type Inner = {readonly connection: {readonly stream: Socket}};

const tickMs = 1000;

/**
 * A machine that has lost its power says nothing any more, and the system would wait a quarter of an hour for it. So connections in use
 * are looked at every second. They are counted in looks and not by the clock: a process that was stopped itself has heard nothing either.
 * @returns what ends the looking
 */
export function watchSilence(
	pool: pg.Pool,
	{suspectAfter, onSuspicion, dropAfter}: SilenceLimits,
): () => void {
	const inUse = new Map<pg.PoolClient, Silent>();
	pool.on('acquire', client => {
		inUse.set(client, {bytes: -1, seconds: 0});
	});
	pool.on('release', (_error, client) => {
		inUse.delete(client);
	});
	const timer = setInterval(() => {
		let isSuspicious = false;
		for (const [client, silent] of inUse) {
			const {stream} = (client as unknown as Inner).connection;
			const seconds = stream.bytesRead === silent.bytes ? silent.seconds + 1 : 0;
			Object.assign(silent, {bytes: stream.bytesRead, seconds});
			isSuspicious ||= Number.isInteger(Math.log2(seconds / suspectAfter));
			if (dropAfter !== undefined && seconds >= dropAfter) {
				stream.destroy(new Error('Connection terminated: the server has said nothing for too long'));
			}
		}

		if (isSuspicious) {
			onSuspicion();
		}
	}, tickMs);
	timer.unref();
	return () => {
		clearInterval(timer);
	};
}
