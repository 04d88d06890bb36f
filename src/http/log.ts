import pino, {type Logger} from 'pino';
import {type Config} from '../config.ts';

export type Log = Logger;

/** Wherever one of these stands in what is logged, it is blacked out. Nothing of ours logs them; this is the second guard. */
const secretNames = [
	...['appToken', 'appKey', 'token', 'password', 'pin', 'authorization', 'cookie'],
	...['redemptionCode', 'redemptionToken', 'document', 'corporateDocument', 'email', 'profileId'],
	...['body', 'rawBody', 'headers', 'detail', 'parameters', 'query'],
];

/** Where the lines go; by default to standard output, gathered into few large writes. */
export type LogOptions = {readonly destination?: pino.DestinationStream};

const flushEveryMs = 500;

/** JSON lines on standard output. `flush` writes what is still gathered; it must run before the process ends. */
export function openLog(level: Config['logLevel'], {destination}: LogOptions = {}): {log: Log; flush: () => void} {
	const lines = pino.destination({dest: 1, sync: false, minLength: 4096});
	const redact = {paths: secretNames.flatMap(name => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]'};
	const log = pino({level, base: null, redact, timestamp: pino.stdTimeFunctions.isoTime}, destination ?? lines);
	const timer = setInterval(() => {
		lines.flush();
	}, flushEveryMs);
	timer.unref();
	return {
		log,
		flush() {
			clearInterval(timer);
			lines.flushSync();
		},
	};
}
