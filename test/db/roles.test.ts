import {randomBytes} from 'node:crypto';
import anyTest, {type TestFn} from 'ava';
import type pg from 'pg';
import {openConnection, openDatabase} from '../../src/db/client.ts';
import {
	grantAgain,
	makeServiceRole,
	readInstallation,
	roleName,
	servicePrivileges,
	serviceRoleSql,
} from '../../src/db/roles.ts';
import {sqlStateOf} from '../../src/db/sql-state.ts';
import {openIncarnation, readIncarnation} from '../../src/ledger/incarnation.ts';
import {bookHealthyTraffic} from '../helpers/audit.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {openTestLedger} from '../helpers/ledger.ts';

/* The role with which a service runs. What it may not do is refused by privilege: here all triggers are off. */

type Rooms = {
	readonly database: TestDatabase;
	readonly admin: pg.Client;
	readonly service: pg.Client;
	readonly url: string;
	readonly name: string;
};
const test = anyTest as TestFn<Rooms>;

test.before(async t => {
	const database = await openTestDatabase();
	const admin = await openConnection(database.superuserUrl, 'roles');
	// Roles are the cluster's, which other tests share.
	const name = `service_${randomBytes(4).toString('hex')}`;
	const password = "it's a secret";
	await makeServiceRole(admin, serviceRoleSql({name, password}, await readInstallation(admin, name)));
	const own = new URL(database.url);
	own.username = name;
	own.password = encodeURIComponent(password);
	const service = await openConnection(own.href, 'roles');
	t.context = {database, admin, service, url: own.href, name};
});

test.after.always(async t => {
	const {database, admin, service, name} = t.context;
	await service.end();
	await admin.query(`DROP OWNED BY ${name}; DROP ROLE ${name}`);
	await admin.end();
	await database.close();
});

const stateOf = (client: pg.Client, sql: string) =>
	client.query(sql).then(
		() => 'done',
		(error: unknown) => sqlStateOf(error),
	);

test.serial('the service works as this role: every verb, and the audit is clean', async t => {
	const {database, url} = t.context;
	const general = await openDatabase(url, {purpose: 'general'});
	const writer = await openDatabase(url, {purpose: 'writer'});
	t.teardown(async () => {
		await general.close();
		await writer.close();
	});

	await bookHealthyTraffic(await openTestLedger({...database, general, writer}));

	const {rows} = await t.context.service.query<{count: number}>('SELECT count(*)::int FROM entries');
	t.true((rows[0]?.count ?? 0) > 10);
});

test.serial(
	'with all triggers off, whatever changes history or empties a table is refused for lack of privilege',
	async t => {
		const {admin, service} = t.context;
		const {rows} = await admin.query<{name: string; column: string}>(
			`SELECT c.relname::text AS name, min(a.attname)::text AS column FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND a.attidentity = ''
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' GROUP BY 1`,
		);
		for (const {name} of rows) {
			await admin.query(`ALTER TABLE ${name} DISABLE TRIGGER ALL`);
		}

		for (const {name, column} of rows) {
			const allowed = servicePrivileges[name] ?? [];
			const refusals = {
				UPDATE: await stateOf(service, `UPDATE ${name} SET ${column} = ${column} WHERE false`),
				DELETE: await stateOf(service, `DELETE FROM ${name} WHERE false`),
				TRUNCATE: await stateOf(service, `TRUNCATE ${name}`),
				'ALTER TABLE': await stateOf(service, `ALTER TABLE ${name} ENABLE TRIGGER ALL`),
				DROP: await stateOf(service, `DROP TABLE ${name}`),
			};
			const said = Object.entries(refusals).map(
				([what, state]) => `${what} ${state === '42501' ? 'refused' : 'let through'}`,
			);
			const may = (what: 'UPDATE' | 'DELETE') =>
				`${what} ${allowed.includes(what) ? 'let through' : 'refused'}`;
			t.deepEqual(
				said,
				[may('UPDATE'), may('DELETE'), 'TRUNCATE refused', 'ALTER TABLE refused', 'DROP refused'],
				name,
			);
		}

		for (const {name} of rows) {
			await admin.query(`ALTER TABLE ${name} ENABLE TRIGGER ALL`);
		}
	},
);

test('history is read and added to, and nothing else', t => {
	for (const table of ['entries', 'postings', 'lot_movements', 'commands', 'program_rates']) {
		t.deepEqual(servicePrivileges[table], ['SELECT', 'INSERT'], table);
	}

	t.deepEqual(servicePrivileges['incarnations'], ['SELECT']);
	for (const table of [
		'actions',
		'action_values',
		'cards',
		'lots',
		'holds',
		'hold_legs',
		'payments',
		'customers',
	]) {
		t.false(servicePrivileges[table]?.includes('DELETE'), table);
	}
});

test('what the service may do is said of every table that is there, and of no other', async t => {
	const {tables} = await readInstallation(t.context.admin, 'nobody');

	t.deepEqual(Object.keys(servicePrivileges).toSorted(), [...tables].toSorted());
});

test('it makes nothing, becomes nobody and turns nothing off', async t => {
	const {service} = t.context;
	for (const sql of [
		'CREATE TABLE mine (id int)',
		'CREATE SCHEMA mine',
		'CREATE ROLE other',
		'SET session_replication_role = replica',
		`SET ROLE ${new URL(t.context.database.ownerUrl).username}`,
		"SELECT pg_read_file('/etc/passwd')",
		"COPY entries TO PROGRAM 'cat'",
		'INSERT INTO incarnations (id, system_id) VALUES (99, 1)',
		"SELECT setval(pg_get_serial_sequence('cards', 'id'), 1)",
	]) {
		t.is(await stateOf(service, sql), '42501', sql);
	}
});

test.serial('it opens an incarnation where there is none, as nobody but owner and service may', async t => {
	const {admin, database, url} = t.context;
	await admin.query(
		'ALTER TABLE incarnations DISABLE TRIGGER ALL; UPDATE incarnations SET system_id = 1; ALTER TABLE incarnations ENABLE TRIGGER ALL',
	);
	const general = await openDatabase(url, {purpose: 'general'});
	t.teardown(() => general.close());

	const opened = await openIncarnation(general.prisma);

	t.is(opened, 2);
	t.is(await readIncarnation(general.prisma), 2);
	t.is(await openIncarnation(database.general.prisma), 2);
	const {rows} = await admin.query<{granted: boolean}>(
		"SELECT has_function_privilege('public', 'open_incarnation()', 'EXECUTE') AS granted",
	);
	t.deepEqual(rows, [{granted: false}]);
});

test.serial('a temporary table or function in its way does not lead the owner’s function astray', async t => {
	const {service} = t.context;
	await service.query('CREATE TEMP TABLE incarnations (id smallint, system_id bigint)');
	await service.query('SET search_path = pg_temp, public');

	const {rows} = await service.query<{id: number}>('SELECT public.open_incarnation() AS id');

	t.is(rows[0]?.id, 2);
	await service.query('RESET search_path');
	await service.query('DROP TABLE pg_temp.incarnations');
});

test.serial(
	'made again it has the same privileges and its password, and what a migration adds is granted by itself',
	async t => {
		const {admin, name, url} = t.context;
		const again = serviceRoleSql({name, password: null}, await readInstallation(admin, name));
		await makeServiceRole(admin, again);
		t.false(again.some(sql => sql.includes('PASSWORD')));
		await (await openConnection(url, 'roles')).end();

		await admin.query('REVOKE INSERT ON cards FROM ' + name);
		await grantAgain(sql => admin.query(sql));

		const {rows} = await admin.query<{may: boolean}>(
			"SELECT has_table_privilege($1, 'cards', 'INSERT') AS may",
			[name],
		);
		t.deepEqual(rows, [{may: true}]);
	},
);

test.serial('a migration takes nothing from a role that may more than a service', async t => {
	const {admin} = t.context;
	const name = `steward_${randomBytes(4).toString('hex')}`;
	t.teardown(() => admin.query(`DROP OWNED BY ${name}; DROP ROLE ${name}`));
	await admin.query(`CREATE ROLE ${name}; GRANT ALL ON ALL TABLES IN SCHEMA public TO ${name}`);

	await grantAgain(sql => admin.query(sql));

	const {rows} = await admin.query<{may: boolean}>(
		"SELECT has_table_privilege($1, 'entries', 'DELETE') AND has_table_privilege($1, 'cards', 'TRUNCATE') AS may",
		[name],
	);
	t.deepEqual(rows, [{may: true}]);
});

test('a name that would need quotes, or is PostgreSQL’s own, is none', t => {
	for (const name of ['', 'Service', 'a b', 'a"b', "a'; DROP", 'pg_monedero', '1a', 'x'.repeat(64)]) {
		t.notRegex(name, roleName);
	}

	t.regex('monedero_service', roleName);
});
