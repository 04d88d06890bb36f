import {type TestDatabase} from '../helpers/database.ts';
import {type Seen} from './answers.ts';
import {type Route} from './routes.ts';

/** How the books stand: entries, and what is available and held on all cards, in minor units. */
export type Books = {
	readonly entries: number;
	readonly available: number;
	readonly held: number;
	/** Of every card. */
	readonly image: string;
};

export async function booksOf({general: {pool}}: Pick<TestDatabase, 'general'>): Promise<Books> {
	const {rows} = await pool.query<Books>(`
		SELECT (SELECT count(*)::int FROM entries) AS entries, coalesce(sum(available), 0)::int AS available,
			coalesce(sum(held), 0)::int AS held,
			coalesce(md5(string_agg(format('%s %s %s %s', id, available, held, version), ',' ORDER BY id)), '') AS image
		FROM cards WHERE version > 0`);
	const [books] = rows;
	if (books === undefined) {
		throw new Error('The books are gone.');
	}

	return books;
}

/**
 * What is wrong with how a request has changed the books; undefined for nothing. They change by success only, by one operation, and by as
 * much as the answer says.
 * @param debitOf - looks up what a transaction was made as
 */
export async function changeProblem(
	route: Route,
	seen: Seen,
	[before, after]: readonly [Books, Books],
	debitOf: (id: string) => Promise<{readonly value: number; readonly operation: string}>,
): Promise<string | undefined> {
	const entries = after.entries - before.entries;
	if (entries === 0) {
		return before.image === after.image ? undefined : 'changed a card and wrote no entry';
	}

	if (seen.status !== 200 || route.contract?.access !== 'write') {
		return `wrote ${entries} entries and answered ${seen.status}`;
	}

	// A cancellation of what was settled in part is two.
	if (entries > 2) {
		return `wrote ${entries} entries at once`;
	}

	const moved = {available: after.available - before.available, held: after.held - before.held};
	const answer = JSON.parse(seen.text) as Record<string, unknown>;
	const expected = await expectedOf(route.path, answer, moved, debitOf);
	return expected.available === moved.available && expected.held === moved.held
		? undefined
		: `moved ${JSON.stringify(moved)} where the answer means ${JSON.stringify(expected)}`;
}

type Moved = {readonly available: number; readonly held: number};

async function expectedOf(
	path: string,
	answer: Record<string, unknown>,
	moved: Moved,
	debitOf: (id: string) => Promise<{readonly value: number; readonly operation: string}>,
): Promise<Moved> {
	const value = Math.round(Number(answer['value']) * 100);
	if (path.endsWith('/transactions')) {
		const made = await debitOf(String(answer['id']));
		const units = Math.round(made.value * 100);
		return made.operation === 'Credit' ? {available: units, held: 0} : {available: -units, held: units};
	}

	if (path.endsWith('/settlements')) {
		return {available: 0, held: -value};
	}

	if (path.endsWith('/refunds')) {
		return {available: value, held: 0};
	}

	if (path.endsWith('/payments')) {
		const units = Math.round(Number(answer['maxValue']) * 100);
		return {available: -units, held: units};
	}

	if (path.includes('/payments/')) {
		// The answer to a cancellation has no value: it releases what is held.
		return {available: -moved.held, held: moved.held};
	}

	// Of a debit what was not settled comes out of what is held; of a credit nothing is.
	const operation = Math.abs(moved.available);
	return operation === value && moved.held <= 0 && -moved.held <= value ? moved : {available: value, held: 0};
}
