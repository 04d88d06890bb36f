import {openParts, type Parts} from './assemble.ts';
import {assembleService, type Service} from './assemble-service.ts';
import {openTelemetry} from './assemble-telemetry.ts';
import {type Config, environment, loadConfig} from './config.ts';
import {commandLine} from './config-command-line.ts';
import {environmentHelp} from './config-reference.ts';
import {openLogLines} from './http/log-lines.ts';
import {type Log, openLog} from './http/log.ts';
import {type HttpServer, openHttpServer} from './http/server.ts';
import {renewCertificate} from './http/tls.ts';
import {serviceUrl, welcome} from './http/welcome.ts';

// Less than the 30 seconds after which process managers lose patience; more than the requests in flight may take.
const stopMs = 28_000;
// One Ctrl-C reaches us twice where npm's shell is bash: from the terminal, and passed on by npm a few milliseconds later.
const sameSignalMs = 150;

/** Config, assemble, listen, drain. */
async function main(): Promise<void> {
	const config = loadConfig(environment());
	const lines = openLogLines(process.stdout.fd);
	process.once('exit', lines.flush);
	const log = openLog(config.logLevel, lines);
	logCrashes(log);
	const stopped = firstSignal(log);
	// Taken first: a port in use must leave behind neither a database nor credentials that nobody has seen.
	const server = await openHttpServer(config);
	process.on('SIGHUP', () => {
		renewCertificate(server.renewCertificate, log);
	});
	const service = await start(config, server, log);
	log.info({serviceUrl: serviceUrl(config, server.port)}, 'Ready');
	service.beginJobs();
	const signal = await stopped;
	log.info({signal}, 'Stopping: answering what is in flight');
	setTimeout(() => {
		log.error('Stopped before everything was answered: it took too long');
		process.exit(1);
	}, stopMs).unref();
	await service.close();
	log.info('Stopped');
	// Behind a reader that has stopped reading, the process ends all the same, by the timer above.
	await lines.close();
}

async function start(config: Config, server: HttpServer, log: Log): Promise<Service> {
	let parts: Parts | undefined;
	try {
		const telemetry = await openTelemetry(config);
		parts = await openParts(config, {purpose: 'service', log, port: server.port, watch: telemetry.watch});
		const service = await assembleService(parts, config, {server, log, telemetry});
		if (service.credential !== undefined) {
			process.stdout.write(welcome(serviceUrl(config, server.port), service.credential));
		}

		return service;
	} catch (error) {
		await server.close(0);
		await parts?.close();
		throw error;
	}
}

/** Resolves at the first signal to stop, also when it comes during the start. The second one ends the process at once. */
function firstSignal(log: Log): Promise<NodeJS.Signals> {
	return new Promise(resolve => {
		let firstAt: number | undefined;
		for (const name of ['SIGTERM', 'SIGINT'] as const) {
			process.on(name, () => {
				firstAt ??= performance.now();
				if (performance.now() - firstAt > sameSignalMs) {
					log.warn({signal: name}, 'Stopped at once');
					process.exit(1);
				}

				resolve(name);
			});
		}
	});
}

/** Node would print the error as it is, with whatever row or parameter the database has put into it. */
function logCrashes(log: Log): void {
	const end = (error: unknown) => {
		log.fatal({error}, 'Monedero ends: this error was expected nowhere');
		process.exit(1);
	};
	process.on('uncaughtException', end);
	process.on('unhandledRejection', end);
}

try {
	const [argument] = process.argv.slice(2);
	if (argument === '--help') {
		process.stdout.write(environmentHelp());
	} else if (argument === undefined) {
		await main();
	} else {
		process.stderr.write(
			`The service takes no arguments, and ${argument} is one. Try: ${commandLine('start', '--help')}\n`,
		);
		process.exit(2);
	}

	process.exit(0);
} catch (error) {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exit(1);
}
