import {startChild} from './child.ts';
import {createDatabase, query} from './database.ts';
import {findPgbench, runPgbench, versionOf} from './pgbench.ts';
import type {DriverQuestion} from './reference-driver.ts';

/**
 * What the same server does for a bare ledger: no HTTP, no lots, no holds, no remembered answers; one function call and one
 * commit per transfer. Nothing is indexed or checked that a transfer does not need, so that it is as fast as it can be. The
 * locks are taken in id order, because two transfers between the same accounts in opposite directions must not deadlock.
 */
const ledgerSql = `
CREATE TABLE accounts (
	id bigint PRIMARY KEY,
	balance bigint NOT NULL DEFAULT 0,
	version bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 80);

CREATE TABLE transfers (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	key uuid NOT NULL UNIQUE,
	created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE entries (
	transfer_id bigint NOT NULL,
	account_id bigint NOT NULL,
	amount bigint NOT NULL,
	balance_after bigint NOT NULL,
	version bigint NOT NULL,
	PRIMARY KEY (transfer_id, account_id)
);

CREATE FUNCTION transfer(unique_key uuid, payer bigint, payee bigint, value bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	new_id bigint;
	payer_after accounts;
	payee_after accounts;
BEGIN
	PERFORM FROM accounts WHERE id IN (payer, payee) ORDER BY id FOR UPDATE;
	INSERT INTO transfers (key) VALUES (unique_key) RETURNING id INTO new_id;
	UPDATE accounts SET balance = balance - value, version = version + 1 WHERE id = payer RETURNING * INTO payer_after;
	UPDATE accounts SET balance = balance + value, version = version + 1 WHERE id = payee RETURNING * INTO payee_after;
	INSERT INTO entries VALUES
		(new_id, payer, -value, payer_after.balance, payer_after.version),
		(new_id, payee, value, payee_after.balance, payee_after.version);
	RETURN new_id;
END $$;
`;

/** The pairs are the accounts 1 and 2, 3 and 4 …; the house account comes after them. */
export const pairs = 10_000;
export const houseAccount = 2 * pairs + 1;
export const clients = 16;

/** `spread`: between the two accounts of a random pair. `house`: from a random account to the one house account. */
export type ReferenceKind = 'spread' | 'house';

/** `sent`: transfers of the whole run, what processor time is divided by. */
export type ReferenceResult = {readonly perSecond: number; readonly sent: number};

export type Reference = {
	/** What calls the function, for the table. */
	readonly calledBy: string;
	readonly run: (kind: ReferenceKind, seconds: number) => Promise<ReferenceResult>;
	readonly stop: () => Promise<void>;
};

const pgbenchScripts: Readonly<Record<ReferenceKind, string>> = {
	spread: `\\set pair random(1, ${pairs})
SELECT transfer(gen_random_uuid(), :pair * 2 - 1, :pair * 2, 1);
`,
	house: `\\set account random(1, ${2 * pairs})
SELECT transfer(gen_random_uuid(), :account, ${houseAccount}, 1);
`,
};

/**
 * Makes the reference ledger in a database of its own on the given server. It is called by 16 clients: by pgbench where
 * that is installed, because it costs the machine least, else by a driver of ours.
 */
export async function prepareReference(
	serverUrl: string,
	options: {readonly withoutPgbench: boolean},
): Promise<Reference> {
	const url = await createDatabase(serverUrl, 'bench_reference');
	await query(url, ledgerSql);
	await query(url, `INSERT INTO accounts (id) SELECT generate_series(1, ${houseAccount})`);
	await query(url, 'VACUUM ANALYZE accounts');

	const pgbench = options.withoutPgbench ? undefined : await findPgbench();
	if (pgbench === undefined) {
		return calledByDriver(url);
	}

	return {
		calledBy: await versionOf(pgbench),
		run: async (kind, seconds) => runPgbench(pgbench, {url, script: pgbenchScripts[kind], clients, seconds}),
		stop: () => Promise.resolve(),
	};
}

function calledByDriver(url: string): Reference {
	const driver = startChild('reference-driver.ts');
	return {
		calledBy: 'a driver in Node, without pgbench',
		run: async (kind, seconds) => driver.ask<ReferenceResult>({url, kind, seconds} satisfies DriverQuestion),
		stop: driver.stop,
	};
}
