import pino, {type Logger} from 'pino';
import {type Config} from '../config.ts';
import {safeCause} from './safe-cause.ts';

export type Log = Logger;

/**
 * Blacked out when something logs them by name. Nothing of ours does; this is the second guard. No wildcards: they would look through every
 * line, at several times the price of writing it.
 */
const secretNames = [
	...['appToken', 'token', 'password', 'pin', 'redemptionCode', 'redemptionToken', 'code', 'url'],
	...['document', 'corporateDocument', 'email', 'profileId', 'client', 'clientProfile', 'orderInfo'],
	...['headers', 'body', 'rawBody', 'detail', 'req', 'request', 'ctx', 'config'],
];

const flushEveryMs = 500;
// Written in one go; a line alone would cost a system call for each request.
const gatheredBytes = 32 * 1024;

/**
 * JSON lines on standard output. An `error` is described by what cannot hold a secret. `flush` writes the lines that are still gathered; it
 * must run before the process ends.
 */
export function openLog(
	level: Config['logLevel'],
	destination?: pino.DestinationStream,
): {readonly log: Log; readonly flush: () => void} {
	const options = {
		level,
		base: null,
		timestamp: pino.stdTimeFunctions.isoTime,
		serializers: {error: safeCause},
		redact: {paths: secretNames, censor: '[redacted]'},
	};
	if (destination !== undefined) {
		return {log: pino(options, destination), flush: () => undefined};
	}

	const lines = pino.destination({
		dest: 1,
		sync: false,
		minLength: gatheredBytes,
		maxWrite: 2 * gatheredBytes,
	});
	// Whoever read our lines may be gone; that is no reason to stop serving.
	lines.on('error', () => undefined);
	const timer = setInterval(() => {
		lines.flush();
	}, flushEveryMs);
	timer.unref();
	return {
		log: pino(options, lines),
		flush() {
			clearInterval(timer);
			lines.flushSync();
		},
	};
}
