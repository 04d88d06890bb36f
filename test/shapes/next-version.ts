import {cpSync, mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import type {ExecutionContext} from 'ava';
import {temporaryFolder} from '../helpers/embedded.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * An installation of the version after this one: this one's code, with one migration more.
 * @param script - that migration
 * @returns its folder, for `startService` and for `migrate`
 */
export function installNextVersion(t: ExecutionContext, script: string): string {
	const folder = temporaryFolder(t);
	for (const part of [
		'src',
		'scripts',
		'prisma',
		'dist/src',
		'dist/scripts',
		'dist/.stamp.json',
		'package.json',
	]) {
		// With its times, so that it counts as compiled.
		cpSync(path.join(root, part), path.join(folder, part), {recursive: true, preserveTimestamps: true});
	}

	symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
	const migration = path.join(folder, 'prisma/migrations/9999_next');
	mkdirSync(migration);
	writeFileSync(path.join(migration, 'migration.sql'), script);
	return folder;
}
