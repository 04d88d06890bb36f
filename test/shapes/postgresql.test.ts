import {existsSync, readdirSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {journeys, passes} from './suite.ts';

// The embedded PostgreSQL is the newest version; these are installed besides, as Debian's packages put them.

const folder = '/usr/lib/postgresql';
const oldest = 15;

const installed = existsSync(folder) ? readdirSync(folder).filter(version => Number(version) >= oldest) : [];

test('PostgreSQL 15, the oldest that is supported, is installed', t => {
	t.true(installed.includes(String(oldest)), `${folder} has ${installed.join(', ') || 'none'}`);
});

for (const version of installed) {
	const env = {TEST_POSTGRES: path.join(folder, version, 'bin')};

	test.serial(`the schema is made, and its walls stand, on PostgreSQL ${version}`, async t => {
		await passes(t, env, ['test/db/migrate.test.ts', 'test/ledger/walls.test.ts']);
	});

	test.serial(`the audit, the reports, the journeys and a storm pass on PostgreSQL ${version}`, async t => {
		await passes(t, env, ['test/ledger/audit.test.ts', 'test/reports/*.test.ts', ...journeys]);
	});
}
