import {spawnSync} from 'node:child_process';
import {
	chmodSync,
	chownSync,
	existsSync,
	mkdirSync,
	readFileSync,
	realpathSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import path from 'node:path';
import {createHash} from 'node:crypto';
import {keptSecret} from './secrets.ts';

/** The user that the server runs as, where it is not ourselves: PostgreSQL refuses to run as root. */
export type Account = {readonly uid: number; readonly gid: number};

/** Where the embedded database lives, and as whom. */
export type Home = {
	/** The data directory, with no link left in its path. */
	readonly dataDir: string;
	/** Holds the cluster, the socket and the server's log: the data directory, or a folder that the account can reach. */
	readonly folder: string;
	/** Where programs are copied that the account cannot run where npm has put them. */
	readonly programsFolder: string;
	readonly account: Account | undefined;
};

const accountName = 'postgres';
/** Where root puts what the database's user must reach, and cannot below a private home. */
const sharedRoot = '/var/lib/monedero';

/** The cluster's folder below that of a home. */
export function clusterIn(folder: string): string {
	return path.join(folder, 'postgres');
}

/**
 * Find, or make, the place for the database of a data directory: in the directory itself or, where root's database user cannot
 * reach that, below a shared folder; a file in the data directory then says where.
 * @throws Error when root has no user to run the database as, or that user can no longer reach a database made before.
 */
export function prepareHome(givenDataDir: string, sharedFolder = sharedRoot): Home {
	const isRoot = process.getuid?.() === 0;
	makeDataDir(givenDataDir, isRoot);
	const dataDir = realpathSync(givenDataDir);
	if (!isRoot) {
		return {dataDir, folder: dataDir, programsFolder: dataDir, account: undefined};
	}

	const pointer = path.join(dataDir, 'database-folder');
	const elsewhere = existsSync(pointer) ? readFileSync(pointer, 'utf8').trim() : undefined;
	const known = elsewhere ?? (existsSync(clusterIn(dataDir)) ? dataDir : undefined);
	const account = (known === undefined ? undefined : ownerOf(clusterIn(known))) ?? databaseAccount();
	const folder = known ?? chooseFolder(dataDir, pointer, account, sharedFolder);
	if (!canReach(folder, account)) {
		throw new Error(
			`The embedded database is in ${folder}, which its user (uid ${account.uid}) can no longer reach. ` +
				'Let others pass through the folders above it (chmod o+x), or move DATA_DIR.',
		);
	}

	return {dataDir, folder, programsFolder: sharedFolder, account};
}

/** Make a folder that others may pass through and, below the shared root, read. */
export function makeSharedFolder(folder: string): void {
	if (!existsSync(folder)) {
		mkdirSync(folder, {recursive: true});
		chmodSync(folder, 0o755);
	}
}

/** Make a folder that belongs to the server's user alone. */
export function makePrivateFolder(folder: string, account: Account | undefined): void {
	mkdirSync(folder, {recursive: true, mode: 0o700});
	if (account !== undefined) {
		chownSync(folder, account.uid, account.gid);
	}
}

/** Whether an account may run a program or pass through a folder. Asked of the system, which knows about lists of access and mounts. */
export function canReach(target: string, account: Account | undefined): boolean {
	if (account === undefined) {
		return true;
	}

	return spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', target], {cwd: '/', ...account}).status === 0;
}

/** A data directory that we make is nobody else's to list; the user of root's database may pass through it. */
export function makeDataDir(dataDir: string, isRoot = process.getuid?.() === 0): void {
	if (!existsSync(dataDir)) {
		mkdirSync(dataDir, {recursive: true, mode: 0o700});
		chmodSync(dataDir, isRoot ? 0o711 : 0o700);
	}
}

function chooseFolder(dataDir: string, pointer: string, account: Account, sharedFolder: string): string {
	if (canReach(dataDir, account)) {
		return dataDir;
	}

	// Named after a secret, so that a data directory that was deleted and made again does not meet the database of the old one.
	const name = createHash('sha256')
		.update(keptSecret(dataDir, 'database-password'))
		.digest('hex')
		.slice(0, 16);
	const folder = path.join(sharedFolder, name);
	makeSharedFolder(sharedFolder);
	makeSharedFolder(folder);
	writeFileSync(pointer, `${folder}\n`);
	return folder;
}

/** Whoever owns an existing cluster goes on to own it. */
function ownerOf(cluster: string): Account | undefined {
	const stats = statSync(cluster, {throwIfNoEntry: false});
	return stats === undefined || stats.uid === 0 ? undefined : {uid: stats.uid, gid: stats.gid};
}

function databaseAccount(): Account {
	const account = findAccount() ?? makeAccount();
	if (account === undefined) {
		throw new Error(
			`PostgreSQL does not run as root, and there is no user "${accountName}" to run it as, nor could one be made. ` +
				'Start Monedero as an ordinary user, make that user, or set DATABASE_URL.',
		);
	}

	return account;
}

function makeAccount(): Account | undefined {
	const flags = ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin'];
	spawnSync('useradd', [...flags, accountName]);
	return findAccount();
}

function findAccount(): Account | undefined {
	const [uid, gid] = ['-u', '-g'].map(flag => {
		const {status, stdout} = spawnSync('id', [flag, accountName], {encoding: 'utf8'});
		return status === 0 ? Number(stdout) : undefined;
	});
	return uid === undefined || gid === undefined ? undefined : {uid, gid};
}
