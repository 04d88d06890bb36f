import {readdirSync, readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {breachesOf, tablesMadeBy} from '../helpers/migration-rules.ts';

const folder = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));
/** Those before it made the first version, which nobody upgrades to while it runs. */
const firstBound = '0014';

const migrations = readdirSync(folder, {withFileTypes: true})
	.filter(entry => entry.isDirectory())
	.map(({name}) => name)
	.toSorted()
	.map(name => ({name, script: readFileSync(`${folder}/${name}/migration.sql`, 'utf8')}));

test('no migration breaks a service of the version before, which runs on while it is applied', t => {
	const tables = new Set<string>();
	for (const {name, script} of migrations) {
		if (name >= firstBound) {
			t.deepEqual(breachesOf(script, tables), [], name);
		}

		tablesMadeBy(script).forEach(table => tables.add(table));
	}

	t.true(tables.has('cards') && tables.has('postings'));
});

const before = new Set(['cards', 'postings']);

for (const statement of [
	'DROP TABLE cards',
	'DROP FUNCTION refuse_change()',
	'ALTER TABLE cards DROP COLUMN caption',
	'ALTER TABLE cards DROP caption',
	'ALTER TABLE cards RENAME COLUMN caption TO title',
	'ALTER TABLE cards RENAME TO vouchers',
	'ALTER INDEX cards_pkey RENAME TO vouchers_pkey',
	'ALTER TABLE cards ALTER COLUMN version TYPE bigint',
	'ALTER TABLE cards ALTER version SET DATA TYPE bigint',
	'ALTER TABLE public."cards" ALTER COLUMN caption SET NOT NULL',
	'ALTER TABLE cards ADD COLUMN colour text NOT NULL',
	"ALTER TABLE cards ADD COLUMN shade text DEFAULT 'a', ADD COLUMN colour text NOT NULL",
	"ALTER TABLE cards ADD COLUMN colour text NOT NULL, ADD COLUMN shade text DEFAULT 'a'",
	"ALTER TABLE cards ADD CONSTRAINT cards_colour_check CHECK (colour <> 'red')",
	'ALTER TABLE cards ADD COLUMN colour smallint, ADD CONSTRAINT cards_colour_check CHECK (colour IN (1, 2))',
	'ALTER TABLE cards ADD CONSTRAINT a CHECK (a > 0), ADD CONSTRAINT b CHECK (b > 0) NOT VALID',
	'ALTER TABLE cards ADD CONSTRAINT cards_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES customers (id)',
	'ALTER TABLE cards ADD CONSTRAINT cards_caption_key UNIQUE (caption)',
	'CREATE INDEX cards_caption_idx ON cards (caption)',
	'create unique index cards_caption_idx on cards (caption)',
	'CREATE INDEX ON cards (caption)',
	"UPDATE cards SET caption = 'none'",
	'DELETE FROM postings WHERE amount = 0',
	'LOCK TABLE entries',
]) {
	test(`${statement} is refused`, t => {
		t.is(breachesOf(`-- About cards; and more.\n${statement};`, before).length, 1);
	});
}

for (const statement of [
	'CREATE TABLE colours (id integer NOT NULL, CONSTRAINT colours_pkey PRIMARY KEY (id))',
	'CREATE TABLE colours (id integer NOT NULL); CREATE INDEX colours_idx ON colours (id); ALTER TABLE colours ALTER id SET NOT NULL',
	'ALTER TABLE cards ADD COLUMN colour text',
	"ALTER TABLE cards ADD COLUMN colour text NOT NULL DEFAULT 'red'",
	"ALTER TABLE cards ADD COLUMN colour text DEFAULT 'red' NOT NULL",
	'ALTER TABLE cards ADD CONSTRAINT cards_colour_check CHECK (colour IN (1, 2)) NOT VALID',
	'ALTER TABLE cards ADD COLUMN colour smallint, ADD CONSTRAINT cards_colour_check CHECK (colour IN (1, 2)) NOT VALID',
	'ALTER TABLE cards VALIDATE CONSTRAINT cards_colour_check',
	'ALTER TABLE cards DROP CONSTRAINT cards_colour_check',
	'ALTER TABLE cards ALTER COLUMN colour DROP NOT NULL',
	'ALTER TABLE cards ALTER COLUMN colour SET DEFAULT 7',
	'ALTER TABLE cards SET (fillfactor = 90)',
	'CREATE INDEX IF NOT EXISTS cards_caption_idx ON cards (caption)',
	"CREATE FUNCTION told() RETURNS text LANGUAGE plpgsql AS $$ BEGIN DROP TABLE cards; RETURN 'UPDATE cards'; END $$",
	"COMMENT ON TABLE cards IS '; DROP TABLE cards'",
	"INSERT INTO colours VALUES ('it''s; DROP TABLE cards')",
]) {
	test(`${statement} is let through`, t => {
		t.deepEqual(breachesOf(`${statement};`, before), []);
	});
}

test('a statement that is safe for a reason of its own says so, and only that statement is let through', t => {
	const script = `
		-- No card has had a caption since the release before.
		-- upgrade: the version before does not name the column any more
		ALTER TABLE cards DROP COLUMN caption;
		-- upgrade:
		ALTER TABLE cards DROP COLUMN version;`;

	t.deepEqual(
		breachesOf(script, before).map(({statement}) => statement),
		['ALTER TABLE cards DROP COLUMN version'],
	);
});
