import {
	appendFileSync,
	cpSync,
	existsSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import path from 'node:path';
import anyTest, {type ExecutionContext, type TestFn} from 'ava';
import {backupCluster, type BackupOptions} from '../../src/db/backup.ts';
import {type Manifest} from '../../src/db/backup-manifest.ts';
import {openConnection} from '../../src/db/client.ts';
import {openEmbedded} from '../../src/db/embedded.ts';
import {restoreCluster, type RestoreOptions} from '../../src/db/restore.ts';
import {makeDataDir, open, query, temporaryFolder, throwAway} from '../helpers/embedded.ts';

/* Copies of a whole cluster; backup.test.ts makes one of a store that sells. */

type Made = {
	readonly dataDir: string;
	readonly folder: string;
	readonly manifest: Manifest;
	/** How many rows there were at last. */
	readonly answered: number;
};
const test = anyTest as TestFn<Made>;

const within = (folder: string, ...names: readonly string[]) => path.join(folder, ...names);

async function backup(t: ExecutionContext<Made>, dataDir: string, options: BackupOptions): Promise<Manifest> {
	const database = await open(t, {dataDir});
	const source = {
		url: database.superuserUrl,
		cluster: within(database.folder, 'postgres'),
		secretsFolder: within(dataDir, 'secrets'),
	};
	const manifest = await backupCluster(source, options);
	await database.stop();
	return manifest;
}

/** Insert one row after the other for as long as `work` takes. */
async function whileInserting<Result>(url: string, work: () => Promise<Result>): Promise<Result> {
	const connection = await openConnection(url, 'busy');
	await connection.query('CREATE TABLE answered (n int)');
	const over = new AbortController();
	const inserting = (async () => {
		for (let n = 1; !over.signal.aborted; n++) {
			await connection.query('INSERT INTO answered VALUES ($1)', [n]);
		}
	})();
	const result = await work();
	over.abort();
	await inserting;
	await connection.end();
	return result;
}

test.before(async t => {
	const dataDir = await makeDataDir();
	const folder = path.dirname(dataDir);
	const log = {info: () => undefined, warn: () => undefined};
	const database = await openEmbedded({dataDir, role: 'script', log, settings: throwAway});
	const source = {
		url: database.superuserUrl,
		cluster: within(database.folder, 'postgres'),
		secretsFolder: within(dataDir, 'secrets'),
	};
	const manifest = await whileInserting(database.url, async () =>
		backupCluster(source, {to: within(folder, 'backup'), secretsTo: within(folder, 'secrets')}),
	);
	const [row] = await query<{n: number}>(database.url, 'SELECT max(n) AS n FROM answered');
	await database.stop();
	t.context = {dataDir, folder, manifest, answered: row?.n ?? 0};
});

test.after.always(t => {
	rmSync(t.context.folder, {recursive: true, force: true});
});

const restore = async (t: ExecutionContext<Made>, options: Partial<RestoreOptions> & {dataDir: string}) =>
	restoreCluster({
		from: within(t.context.folder, 'backup'),
		secretsFrom: within(t.context.folder, 'secrets'),
		...options,
	});

test('what was answered before the end of a backup is there when it is restored elsewhere, and the server goes on', async t => {
	const dataDir = within(temporaryFolder(t), 'restored');

	const manifest = await restore(t, {dataDir});

	t.deepEqual(manifest, t.context.manifest);
	const {url} = await open(t, {dataDir});
	const [row] = await query<{rows: number; last: number}>(
		url,
		'SELECT count(*)::int AS rows, max(n) AS last FROM answered',
	);
	t.true((row?.last ?? 0) > 0);
	t.is(row?.rows, row?.last);
	t.true((row?.last ?? 0) <= t.context.answered);
	await query(url, 'INSERT INTO answered VALUES (0)');
});

test('a backup is for its owner alone, and has neither secrets nor what belongs to a running server', t => {
	const {folder, dataDir, manifest} = t.context;
	t.is(statSync(within(folder, 'backup')).mode & 0o777, 0o700);
	t.is(statSync(within(folder, 'secrets', 'database-password')).mode & 0o777, 0o600);
	const names = manifest.files.map(file => file.path);
	t.true(
		names.includes('backup_label') && names.includes('global/pg_control') && names.includes('PG_VERSION'),
	);
	t.deepEqual(
		names.filter(name => /postmaster|^log\/|pg_replslot\/|pgsql_tmp|pg_internal\.init|\.signal$/.test(name)),
		[],
	);
	t.true(manifest.folders.includes('pg_replslot') && manifest.folders.includes('pg_wal/archive_status'));
	const secret = readFileSync(within(dataDir, 'secrets', 'database-password'), 'utf8').trim();
	t.deepEqual(
		names.filter(name => readFileSync(within(folder, 'backup', 'data', name)).includes(secret)),
		[],
	);
	t.deepEqual(
		readdirSync(folder).filter(name => name.includes('.new-')),
		[],
	);
});

test('a backup that is damaged, or is none, is refused by the name of the file, and nothing is put in the place', async t => {
	const victim = t.context.manifest.files.find(({path: name}) => name.startsWith('base/'))?.path ?? '';
	const folder = temporaryFolder(t);
	const damages: readonly (readonly [RegExp, (copy: string) => void])[] = [
		[
			new RegExp(`damaged: data/${victim} is not as it was written`),
			copy => {
				const bytes = readFileSync(within(copy, 'data', victim));
				bytes[100] = 255 - (bytes[100] ?? 0);
				writeFileSync(within(copy, 'data', victim), bytes);
			},
		],
		[
			new RegExp(`damaged: data/${victim} has \\d+ bytes instead of \\d+`),
			copy => {
				appendFileSync(within(copy, 'data', victim), 'x');
			},
		],
		[
			new RegExp(`damaged: data/${victim} is missing`),
			copy => {
				rmSync(within(copy, 'data', victim));
			},
		],
		[
			/damaged: manifest.json is not as it was written/,
			copy => {
				writeFileSync(within(copy, 'manifest.json'), JSON.stringify({...t.context.manifest, format: 2}));
			},
		],
		[
			/damaged: manifest.json is not as it was written/,
			copy => {
				const files = [{path: '../../etc/passwd', size: 0, sha256: '0'.repeat(64)}];
				writeFileSync(within(copy, 'manifest.json'), JSON.stringify({...t.context.manifest, files}));
			},
		],
		[
			/made by PostgreSQL 9, and this version of Monedero brings \d+/,
			copy => {
				writeFileSync(within(copy, 'manifest.json'), JSON.stringify({...t.context.manifest, postgres: '9'}));
			},
		],
		[
			/There is no backup in/,
			copy => {
				rmSync(within(copy, 'manifest.json'));
			},
		],
	];
	const copy = within(folder, 'copy');
	cpSync(within(t.context.folder, 'backup'), copy, {recursive: true});
	for (const [index, [message, damage]] of damages.entries()) {
		damage(copy);
		const dataDir = within(folder, `place${index}`);

		await t.throwsAsync(restore(t, {from: copy, dataDir}), {message});

		t.false(existsSync(within(dataDir, 'postgres')), String(message));
		for (const name of ['manifest.json', `data/${victim}`]) {
			cpSync(within(t.context.folder, 'backup', name), within(copy, name));
		}
	}
});

test('nothing that is there is replaced, and without secrets nothing is restored', async t => {
	const folder = temporaryFolder(t);
	await t.throwsAsync(restore(t, {dataDir: t.context.dataDir}), {
		message: /data is not empty \(.*Stop the service/,
	});
	await t.throwsAsync(restore(t, {dataDir: within(folder, 'bare'), secretsFrom: undefined}), {
		message: /A backup has no secrets/,
	});
	await t.throwsAsync(
		backup(t, within(folder, 'other'), {
			to: within(t.context.folder, 'backup'),
		}),
		{message: /backup exists\. A backup is written to a new folder/},
	);

	// The secrets may wait in the place.
	const place = within(folder, 'place');
	cpSync(within(t.context.folder, 'secrets'), within(place, 'secrets'), {recursive: true});
	await t.throwsAsync(restore(t, {dataDir: place}), {message: /has secrets already/});
	await t.notThrowsAsync(restore(t, {dataDir: place, secretsFrom: undefined}));
});
