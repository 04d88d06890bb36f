import {randomUUID} from 'node:crypto';
import {performance} from 'node:perf_hooks';
import pg from 'pg';
import {answerParent} from './child.ts';
import {clients, houseAccount, pairs, type ReferenceKind, type ReferenceResult} from './reference.ts';

/** Stands in for pgbench where that is not installed. Slower: one Node process drives all clients. */
export type DriverQuestion = {
	readonly url: string;
	readonly kind: ReferenceKind;
	readonly seconds: number;
};

const statement = {name: 'transfer', text: 'SELECT transfer($1, $2, $3, 1)'} as const;

answerParent(async (message): Promise<ReferenceResult> => {
	const {url, kind, seconds} = message as DriverQuestion;
	const connections = Array.from({length: clients}, () => new pg.Client({connectionString: url}));
	await Promise.all(connections.map(async connection => connection.connect()));
	try {
		const begun = performance.now();
		const counts = await Promise.all(
			connections.map(async connection => transferUntil(connection, kind, begun + seconds * 1000)),
		);
		const sent = counts.reduce((sum, count) => sum + count, 0);
		return {sent, perSecond: (sent / (performance.now() - begun)) * 1000};
	} finally {
		await Promise.all(connections.map(async connection => connection.end()));
	}
});

async function transferUntil(connection: pg.Client, kind: ReferenceKind, end: number): Promise<number> {
	let count = 0;
	while (performance.now() < end) {
		const evenAccount = 2 * Math.ceil(Math.random() * pairs);
		const accounts = kind === 'spread' ? [evenAccount - 1, evenAccount] : [evenAccount, houseAccount];
		await connection.query({...statement, values: [randomUUID(), ...accounts]});
		count++;
	}

	return count;
}
