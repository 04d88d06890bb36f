import test from 'ava';
import {breachesOf} from '../helpers/migration-rules.ts';
import {withDatabase} from '../helpers/database.ts';
import {scriptSecrets} from '../helpers/script.ts';
import {startService} from '../helpers/service.ts';
import {assertAllThere, beginDebits, hubAt, issueCard, pair} from './debits.ts';
import {installNextVersion} from './next-version.ts';

// A rolling upgrade: the version before runs on while the next one starts and migrates (docs/decisions/0033-upgrades.md).

/** What a migration may do, in the tables that every debit writes: columns, a default, a constraint, an index, a table, a trigger. */
const nextMigration = `
	CREATE TABLE next_colours (id integer NOT NULL, CONSTRAINT next_colours_pkey PRIMARY KEY (id));
	ALTER TABLE cards ADD COLUMN next_colour integer;
	ALTER TABLE cards ADD CONSTRAINT cards_next_colour_check CHECK (next_colour > 0) NOT VALID;
	ALTER TABLE entries ADD COLUMN next_origin smallint NOT NULL DEFAULT 1;
	ALTER TABLE commands ADD COLUMN next_note text;
	ALTER TABLE hold_legs ADD COLUMN next_note text;
	ALTER TABLE lots ADD COLUMN next_note text;
	CREATE INDEX IF NOT EXISTS postings_next_idx ON postings (merchant_id, account);
	CREATE FUNCTION next_told() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
	CREATE TRIGGER next_told AFTER INSERT ON entries FOR EACH ROW EXECUTE FUNCTION next_told();
`;

test('the next version migrates under load beside the old one: no call fails, nothing is lost, the books balance', async t => {
	t.deepEqual(
		breachesOf(nextMigration, new Set(['cards', 'entries', 'commands', 'hold_legs', 'lots', 'postings'])),
		[],
	);
	const next = installNextVersion(t, nextMigration);
	const {ownerUrl, general} = await withDatabase(t);
	const env = {DATABASE_URL: ownerUrl, ...scriptSecrets, ...pair};
	const old = startService(t, env);
	const oldHub = hubAt(await old.ready());
	const card = await issueCard(env);
	let hubs = [oldHub];

	const debits = beginDebits(t, () => hubs, card);
	await debits.more(100);
	const upgraded = startService(t, env, [], next);
	const nextHub = hubAt(await upgraded.ready());
	const {rowCount} = await general.pool.query(
		"SELECT FROM _prisma_migrations WHERE migration_name = '9999_next' AND finished_at IS NOT NULL",
	);
	t.is(rowCount, 1);
	// Both at once, on the new tables.
	hubs = [oldHub, nextHub];
	await debits.more(200);
	// The balancer stops giving to the old one, which answers what it has.
	hubs = [nextHub];
	old.kill('SIGTERM');
	t.is(await old.ended(), 0);
	await debits.more(100);
	const answers = await debits.stop();

	t.deepEqual(debits.failures, []);
	await assertAllThere(t, answers, {hub: nextHub, card, env, installation: next});
	for (const service of [old, upgraded]) {
		t.notRegex(service.stdout(), /"level":(?:50|60)/);
	}

	// Whoever is older than its database and starts again would not know what it is missing.
	const restarted = startService(t, env);
	t.is(await restarted.ended(), 1);
	t.regex(restarted.stderr(), /has the migration 9999_next, which this version does not know/);
});
