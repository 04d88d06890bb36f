import type pg from 'pg';

type Query = (...args: unknown[]) => Promise<pg.QueryResult>;
type Callback = (error: unknown, result?: pg.QueryResult) => void;

/**
 * Have settings hold in every transaction of a connection and after none: behind a transaction pooler a session belongs to nobody, and
 * what one client sets there another one finds (rules B15). They travel with BEGIN, in the same round trip. A statement by itself gets a
 * transaction of its own around it, for settings are more than limits: the adapter takes every moment for one of UTC, whichever
 * offset the server has written behind it.
 * @param client - one with `pipeline`, so that a statement by itself still takes one round trip
 */
export function settleEachTransaction(
	client: pg.ClientBase,
	settings: Readonly<Record<string, string>>,
): void {
	const sets = Object.entries(settings).map(([name, value]) => `SET LOCAL ${name} = '${value}'`);
	const withSettings = (begin: string) => [begin, ...sets].join('; ');
	const query = client.query.bind(client) as Query;
	const settled = (first: unknown, ...rest: unknown[]): unknown => {
		const begin = beginIn(first);
		if (begin !== undefined) {
			return query(withSettings(begin), ...rest.slice(-1));
		}

		if (client.getTransactionStatus() !== 'I') {
			return query(first, ...rest);
		}

		// A pool asks with a callback, everybody else without one.
		const callback = typeof rest.at(-1) === 'function' ? (rest.pop() as Callback) : undefined;
		const answer = alone(query, withSettings('BEGIN'), [first, ...rest]);
		if (callback === undefined) {
			return answer;
		}

		answer.then(result => {
			callback(undefined, result);
		}, callback);
		return undefined;
	};
	Object.assign(client, {query: settled});
}

/** What begins a transaction, with its isolation level. */
function beginIn(query: unknown): string | undefined {
	const text = typeof query === 'string' ? query : (query as {readonly text?: unknown} | null)?.text;
	return typeof text === 'string' && text.startsWith('BEGIN') ? text : undefined;
}

/** A statement in a transaction of its own. When it is answered that has ended: what was written is durable. */
async function alone(query: Query, begin: string, statement: readonly unknown[]): Promise<pg.QueryResult> {
	const [begun, answer, ended] = await Promise.allSettled([
		query(begin),
		query(...statement),
		query('COMMIT'),
	]);
	// Of several failures the first one is the cause.
	for (const one of [begun, answer, ended]) {
		if (one.status === 'rejected') {
			throw one.reason;
		}
	}

	return (answer as PromiseFulfilledResult<pg.QueryResult>).value;
}
