import pino, {type Logger} from 'pino';
import {type Config} from '../config.ts';
import {type LogLines} from './log-lines.ts';
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

/** A logger of JSON lines. An `error` is described by what cannot hold a secret. */
export function openLog(level: Config['logLevel'], lines: Pick<LogLines, 'write'>): Log {
	return pino(
		{
			level,
			base: null,
			timestamp: pino.stdTimeFunctions.isoTime,
			serializers: {error: safeCause},
			redact: {paths: secretNames, censor: '[redacted]'},
		},
		lines,
	);
}
