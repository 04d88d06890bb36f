import {createInterface} from 'node:readline';
import {openEmbedded, type EmbeddedOptions} from '../../src/db/embedded.ts';

// A process that uses an embedded database until it is told to stop, or is killed. Options come as JSON in the first argument, a
// user id to become in the second; answers go out as one JSON value per line.

export type Answer =
	| {readonly log: string}
	| {readonly ready: {readonly url: string; readonly superuserUrl: string; readonly folder: string}}
	| {readonly stopped: 'stopped' | 'left running'}
	| {readonly failed: string};

const say = (answer: Answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
const log = (message: string) => say({log: message});

const [options = '{}', uid] = process.argv.slice(2);
if (uid !== undefined) {
	// Everything is loaded by now, so it does not matter whether that user could read this checkout.
	process.setgroups?.([]);
	process.setgid?.(Number(uid));
	process.setuid?.(Number(uid));
}

try {
	const database = await openEmbedded({
		...(JSON.parse(options) as Pick<EmbeddedOptions, 'dataDir' | 'role'>),
		log: {info: log, warn: log},
	});
	const {url, superuserUrl, folder} = database;
	say({ready: {url, superuserUrl, folder}});
	const input = createInterface(process.stdin);
	input.once('line', () => {
		input.close();
		process.stdin.destroy();
		void database.stop().then(stopped => say({stopped}));
	});
} catch (error) {
	say({failed: (error as Error).message});
}
