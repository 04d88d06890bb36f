import type pg from 'pg';

/*
 * The service's own role: it may do what the service does, and nothing that would change history, with or without the triggers that refuse
 * it. The tables stay the property of whoever migrates (docs/decisions/0031-database-roles.md).
 */

/** Held while migrations are applied, or privileges granted. Any number will do, as long as nothing else in this database locks it. */
export const migrationLock = 7_136_303_681;

type Privilege = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE';

const read: readonly Privilege[] = ['SELECT'];
/** History: rows come, and stay as they came. */
const append: readonly Privilege[] = ['SELECT', 'INSERT'];
/** Rows stay; what stands in them changes, within what triggers and CHECKs allow. */
const change: readonly Privilege[] = ['SELECT', 'INSERT', 'UPDATE'];
/** Rows go when their time is over. */
const remove: readonly Privilege[] = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];

/** What the service may do with each table. TRUNCATE, REFERENCES and TRIGGER it may never. */
export const servicePrivileges: Readonly<Record<string, readonly Privilege[]>> = {
	_prisma_migrations: read,
	// Written by open_incarnation() alone.
	incarnations: read,
	...each(append, ['entries', 'postings', 'lot_movements', 'commands', 'program_rates']),
	...each(append, ['assets', 'actors', 'peppers', 'seals']),
	...each(change, ['merchants', 'credentials', 'programs', 'customers', 'customer_changes', 'admins']),
	...each(change, ['cards', 'lots', 'holds', 'hold_legs', 'card_changes', 'issue_runs', 'import_runs']),
	...each(change, ['actions', 'action_values', 'payments', 'payment_requests', 'callbacks']),
	...each(change, ['orders', 'order_bookings', 'vtex_keys', 'house_horizons']),
	// What an erasure or a sweep takes away.
	...each(remove, ['entry_notes', 'customer_identifiers', 'card_pins', 'sign_ups', 'role_limits']),
	...each(remove, ['order_hooks', 'order_looks', 'house_snapshots', 'guess_limits']),
};

function each(privileges: readonly Privilege[], tables: readonly string[]) {
	return Object.fromEntries(tables.map(table => [table, privileges]));
}

export type ServiceRole = {
	readonly name: string;
	/** Null leaves that of a role that exists. */
	readonly password: string | null;
};

/** What is there already. */
export type Installation = {
	readonly database: string;
	/** Who owns the tables. */
	readonly owner: string;
	readonly roleExists: boolean;
	/** Whether the role is the owner, may become the owner, or is a superuser: no privilege limits it. */
	readonly isUnlimited: boolean;
	readonly tables: readonly string[];
};

/** A name that needs no thought in any tool: letters, digits and _, not of PostgreSQL's own. */
export const roleName = /^(?!pg_)[a-z_][a-z0-9_]{0,62}$/;

/** @throws Error where Monedero's tables are not there yet */
export async function readInstallation(client: pg.ClientBase, name: string): Promise<Installation> {
	const {rows} = await client.query<{
		database: string;
		owner: string | null;
		role: boolean;
		unlimited: boolean;
		tables: string[];
	}>(
		`WITH books AS (SELECT tableowner::text AS owner FROM pg_tables WHERE schemaname = 'public' AND tablename = 'entries')
		SELECT current_database()::text AS database, (SELECT owner FROM books) AS owner,
			EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS role,
			EXISTS (SELECT FROM pg_roles, books WHERE rolname = $1 AND pg_has_role(rolname, owner, 'MEMBER')) AS unlimited,
			ARRAY(SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1) AS tables`,
		[name],
	);
	const [found] = rows;
	if (found === undefined || found.owner === null) {
		throw new Error("The database has none of Monedero's tables. Start the service once, as their owner.");
	}

	const {database, owner, role: roleExists, unlimited: isUnlimited, tables} = found;
	return {database, owner, roleExists, isUnlimited, tables};
}

/**
 * The statements that make a role the service's, or bring one up to date; to be run in one transaction, as often as one likes. A table
 * that is not known here is one that may be read and added to.
 */
export function serviceRoleSql({name, password}: ServiceRole, installation: Installation): string[] {
	const role = quoted(name);
	const {database, owner, roleExists} = installation;
	const attributes = 'LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS';
	const secret = password === null ? '' : ` PASSWORD '${password.replaceAll("'", "''")}'`;
	return [
		roleExists
			? `ALTER ROLE ${role} ${password === null ? 'LOGIN' : `LOGIN${secret}`}`
			: `CREATE ROLE ${role} ${attributes}${secret}`,
		`GRANT CONNECT, TEMPORARY ON DATABASE ${quoted(database)} TO ${role}`,
		`REVOKE CREATE ON SCHEMA public FROM ${role}`,
		`GRANT USAGE ON SCHEMA public TO ${role}`,
		...grantSql(name, installation),
		// What a later migration makes can be read and added to from its first moment.
		`ALTER DEFAULT PRIVILEGES FOR ROLE ${quoted(owner)} IN SCHEMA public GRANT SELECT, INSERT ON TABLES TO ${role}`,
		`ALTER DEFAULT PRIVILEGES FOR ROLE ${quoted(owner)} IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO ${role}`,
	];
}

function grantSql(name: string, {tables}: Pick<Installation, 'tables'>): string[] {
	const role = quoted(name);
	return [
		`REVOKE ALL ON ALL TABLES IN SCHEMA public FROM ${role}`,
		...tables.map(
			table => `GRANT ${(servicePrivileges[table] ?? append).join(', ')} ON ${quoted(table)} TO ${role}`,
		),
		`GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO ${role}`,
		`GRANT EXECUTE ON FUNCTION open_incarnation(), summarize_commands(), server_id(), expect_rows(text, int, bigint) TO ${role}`,
	];
}

/** Make the role. @throws Error whose message says who may, where we may not */
export async function makeServiceRole(client: pg.ClientBase, statements: readonly string[]): Promise<void> {
	// Migrations grant as well, and two that grant at once fail; so they wait for each other.
	await client.query(`BEGIN; SELECT pg_advisory_xact_lock(${migrationLock})`);
	try {
		for (const statement of statements) {
			await client.query(statement);
		}

		await client.query('COMMIT');
	} catch (error) {
		await client.query('ROLLBACK');
		throw (error as {code?: unknown}).code === '42501'
			? new Error(
					'This role of the database may not make another one. Run it with DIRECT_DATABASE_URL of a role that has CREATEROLE and owns the tables; or give the SQL that --dry-run prints to who may.',
					{cause: error},
				)
			: error;
	}
}

/**
 * After a migration: what is new is granted to the roles of services that are there, in the same transaction. A role that may also change
 * entries is somebody else's, and keeps what it has.
 */
export async function grantAgain(query: (sql: string) => Promise<{rows: unknown[]}>): Promise<void> {
	const {rows} = await query(
		`SELECT DISTINCT r.rolname::text AS name FROM pg_class c, aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
		WHERE c.oid = to_regclass('public.entries') AND a.privilege_type = 'INSERT' AND a.grantee <> c.relowner
			AND NOT has_table_privilege(r.oid, c.oid, 'UPDATE, DELETE, TRUNCATE')`,
	);
	const roles = rows as {readonly name: string}[];
	if (roles.length > 0) {
		const found = await query(
			"SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
		);
		const tables = (found.rows as {readonly name: string}[]).map(({name}) => name);
		for (const {name} of roles) {
			for (const statement of grantSql(name, {tables})) {
				await query(statement);
			}
		}
	}
}

function quoted(name: string): string {
	return `"${name.replaceAll('"', '""')}"`;
}
