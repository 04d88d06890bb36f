import {type Database} from './client.ts';

/** One moment of the database, for as long as it is read. */
export type Snapshot = {
	/** What a query finds whose only column is one JSON value, all of it. */
	readonly all: <Row>(sql: string, args: readonly unknown[]) => Promise<Row[]>;
	/** The same, a page at a time, however much it is. One such reading at a time. */
	readonly pages: <Row>(sql: string, args: readonly unknown[]) => AsyncGenerator<Row[]>;
};

// Few, so that all of a page is dropped while it is young: of pages of a thousand rows much is kept until the heap is swept as a whole, 100 MB
// later. Asking the server more often costs next to nothing beside finding the rows.
const pageSize = 50;

// It reads for longer than a request may, and whoever takes the rows may pause, as a pager does. Rows come in the order of an index, by
// look-ups: the first are there at once, nothing is sorted or hashed on disk, and the plan is the same at every size of the tables.
const settings = [
	'SET LOCAL statement_timeout = 0',
	"SET LOCAL idle_in_transaction_session_timeout = '1h'",
	'SET LOCAL plan_cache_mode = force_custom_plan',
	'SET LOCAL cursor_tuple_fraction = 0.0001',
	...['sort', 'hashjoin', 'mergejoin', 'seqscan', 'bitmapscan', 'material'].map(
		plan => `SET LOCAL enable_${plan} = off`,
	),
];

/** Read what belongs together: nothing that is written meanwhile is seen. Memory is that of a page. */
export async function inSnapshot<Result>(
	pool: Database['pool'],
	read: (snapshot: Snapshot) => Promise<Result>,
): Promise<Result> {
	const client = await pool.connect();
	const texts = async (sql: string, args: readonly unknown[] = []): Promise<string[]> => {
		const {rows} = await client.query<[string]>({text: sql, values: [...args], rowMode: 'array'});
		return rows.map(([text]) => text);
	};
	const parsed = <Row>(rows: readonly string[]) => rows.map(row => JSON.parse(row) as Row);
	let isBroken = false;
	try {
		await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
		await client.query(settings.join('; '));
		return await read({
			all: async <Row>(sql: string, args: readonly unknown[]) => parsed<Row>(await texts(sql, args)),
			async *pages<Row>(sql: string, args: readonly unknown[]) {
				await texts(`DECLARE page NO SCROLL CURSOR FOR ${sql}`, args);
				for (;;) {
					const page = await texts(`FETCH ${pageSize} FROM page`);
					if (page.length > 0) {
						yield parsed<Row>(page);
					}

					if (page.length < pageSize) {
						break;
					}
				}

				await texts('CLOSE page');
			},
		});
	} finally {
		// Nothing was written; this only ends it.
		await client.query('ROLLBACK').catch(() => {
			isBroken = true;
		});
		client.release(isBroken);
	}
}
