import {query, type SimulatedDatabase} from './database.ts';
import {type Shop} from './shoppers.ts';

/** A defect put in on purpose, to see that the simulator finds it. */
export type Planted = {
	/** Before the services start. */
	readonly begin?: (place: Place) => Promise<void>;
	/** Whenever everything is quiet, before the promises are looked at. */
	readonly beforeCheck?: (place: Place & {readonly shop: Shop}) => Promise<void>;
	/** Of what services answer. */
	readonly alter?: (chunk: Buffer) => Buffer;
};

type Place = {readonly database: SimulatedDatabase; readonly databaseName: string};

/** What each is, in a sentence; `plant` makes it for one run. */
type Plant = {readonly what: string; readonly plant: () => Planted};

/** SQL past every trigger, as only a superuser can. */
async function behindTheLedger(
	{database, databaseName}: Place,
	sql: string,
	values: unknown[] = [],
): Promise<void> {
	const url = new URL(database.superuserUrl(databaseName));
	url.searchParams.set('options', '-c session_replication_role=replica');
	await query(url.href, sql, values);
}

const all = {
	'forgotten-key': {
		what: 'the ledger forgets the remembered key of the last debit, so that a repetition debits again',
		plant: () => ({
			beforeCheck: place =>
				behindTheLedger(
					place,
					`DELETE FROM commands WHERE (merchant_id, scope, space, key) IN (
						SELECT merchant_id, scope, space, key FROM commands WHERE key LIKE 'F0000%' AND outcome_id IS NOT NULL
						ORDER BY decided_at DESC LIMIT 1)`,
				),
		}),
	},
	'altered-answer': {
		what: 'every seventh answer that names a transaction, a payment or a card names another one',
		plant() {
			let seen = 0;
			return {alter: chunk => (namesSomething(chunk) && ++seen % 7 === 0 ? alteredId(chunk) : chunk)};
		},
	},
	'moved-balance': {
		what: "a card's balance is one cent more, behind the ledger's back",
		plant: () => ({
			beforeCheck: async place => {
				const id = place.shop.store[0]?.id ?? '';
				const sql = `UPDATE cards SET available = available + 1 WHERE replace(public_id::text, '-', '') = $1`;
				await behindTheLedger(place, sql, [id]);
			},
		}),
	},
	'unsafe-commit': {
		what: 'the database answers before its journal is on disk, and is then killed',
		plant: () => ({
			begin: async ({database, databaseName}) => {
				const superuser = database.superuserUrl('postgres');
				await query(superuser, `ALTER DATABASE ${databaseName} SET synchronous_commit = off`);
				await query(superuser, "ALTER SYSTEM SET wal_writer_delay = '10s'");
				await query(superuser, 'SELECT pg_reload_conf()');
			},
		}),
	},
} as const satisfies Record<string, Plant>;

export type PlantName = keyof typeof all;
export const plants: Readonly<Record<PlantName, Plant>> = all;
export const plantNames = Object.keys(plants) as PlantName[];

const namedId = /"(o?id|tid)":"([0-9a-f])/;

function namesSomething(chunk: Buffer): boolean {
	return namedId.test(chunk.toString('latin1'));
}

/** The first digit of the id becomes another one; the length stays. */
function alteredId(chunk: Buffer): Buffer {
	const altered = (_: string, member: string, digit: string) => `"${member}":"${digit === '0' ? '1' : '0'}`;
	return Buffer.from(chunk.toString('latin1').replace(namedId, altered), 'latin1');
}
