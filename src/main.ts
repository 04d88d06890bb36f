import {assembleService, openParts, type Parts, type Service} from './assemble.ts';
import {type Config, environment, loadConfig} from './config.ts';
import {type Log, openLog} from './http/log.ts';
import {type HttpServer, openHttpServer} from './http/server.ts';
import {welcome} from './http/welcome.ts';

/** Config, assemble, listen, drain. Whatever keeps the service from starting is one message on standard error. */
async function main(): Promise<void> {
	const config = loadConfig(environment());
	const {log, flush} = openLog(config.logLevel);
	process.once('exit', flush);
	const stopped = firstSignal(log);
	// Taken first: a port that is in use must not leave a database behind, nor credentials that nobody saw.
	const server = await openHttpServer(config);
	const service = await start(config, server, log);
	log.info({port: server.port, basePath: config.basePath}, 'Ready');
	const signal = await stopped;
	log.info({signal}, 'Stopping: answering what is in flight');
	await service.close();
	log.info('Stopped');
}

async function start(config: Config, server: HttpServer, log: Log): Promise<Service> {
	let parts: Parts | undefined;
	try {
		parts = await openParts(config, {purpose: 'service', log});
		const service = await assembleService(parts, config, {server, log});
		if (service.credential !== undefined) {
			process.stdout.write(welcome(config, server.port, service.credential));
		}

		return service;
	} catch (error) {
		await server.close(0);
		await parts?.close();
		throw error;
	}
}

/** Resolves at the first signal to stop, also when it comes during the start; the second one ends the process at once. */
function firstSignal(log: Log): Promise<NodeJS.Signals> {
	return new Promise(resolve => {
		let isStopping = false;
		for (const name of ['SIGTERM', 'SIGINT'] as const) {
			process.on(name, () => {
				if (isStopping) {
					log.warn('Stopped at once');
					process.exit(1);
				}

				isStopping = true;
				resolve(name);
			});
		}
	});
}

try {
	await main();
	process.exit(0);
} catch (error) {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exit(1);
}
