import {createServer} from 'node:net';

// Below those that a system gives to connections of its own (Linux: from 32768, others: from 49152): until whoever asked listens, no
// connection of this busy machine can take it.
const [lowest, highest] = [10_000, 32_000];
const attemptsMax = 100;
const given = new Set<number>();

/**
 * A port of this machine that nobody listened on a moment ago, and that was not given to somebody else in this process.
 * @throws Error after 100 ports that were all taken
 */
export async function freePort(): Promise<number> {
	for (let attempt = 0; attempt < attemptsMax; attempt++) {
		const port = lowest + Math.floor(Math.random() * (highest - lowest));
		if (!given.has(port) && (await isFree(port))) {
			given.add(port);
			return port;
		}
	}

	throw new Error(`None of ${attemptsMax} ports between ${lowest} and ${highest} is free.`);
}

async function isFree(port: number): Promise<boolean> {
	return new Promise(resolve => {
		const server = createServer()
			.once('error', () => {
				resolve(false);
			})
			.listen(port, '127.0.0.1', () => {
				server.close(() => {
					resolve(true);
				});
			});
	});
}
