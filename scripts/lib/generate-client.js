// Makes the Prisma client when there is none for this schema, so that nothing depends on install scripts or on hooks of npm, which may be
// switched off. Plain JavaScript, because it comes before anything that has to be compiled.

import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath, URL} from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const schemaFile = path.join(root, 'prisma/schema.prisma');
const generated = path.join(root, 'src/db/generated');
const thisFile = fileURLToPath(import.meta.url);
const require = createRequire(import.meta.url);

/**
 * Generate the Prisma client into `src/db/generated`, unless it is there already and of this schema and version. Two processes may do so at
 * once: each generates beside it and puts the whole folder into place.
 */
export function generateClient() {
	const wanted = stampOfSchema();
	if (stampOfClient() === wanted) {
		return;
	}

	const folder = mkdtempSync(`${generated}.new-`);
	try {
		const schema = readFileSync(schemaFile, 'utf8');
		const client = generateInto(folder, schema);
		renameSync(
			generateInto(mkdtempSync(path.join(folder, 'bare-')), withoutModels(schema)),
			path.join(client, 'bare'),
		);
		writeFileSync(path.join(client, '.stamp'), wanted);
		putIntoPlace(client, wanted);
	} finally {
		rmSync(folder, {recursive: true, force: true});
	}
}

function stampOfSchema() {
	const {version} = require('@prisma/client/package.json');
	return createHash('sha256')
		.update(readFileSync(schemaFile))
		.update(readFileSync(thisFile))
		.update(version)
		.digest('hex');
}

function stampOfClient() {
	const stamp = path.join(generated, '.stamp');
	return existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined;
}

/**
 * The same client without any table, for connections that run SQL of ours alone: what a client knows of the tables takes 12 MB in each
 * thread, and 15 ms to make.
 */
function withoutModels(schema) {
	return schema.slice(0, schema.search(/^(?:model|enum) /m));
}

/** Returns the folder of the client. */
function generateInto(folder, schema) {
	const schemaCopy = path.join(folder, 'schema.prisma');
	writeFileSync(schemaCopy, schema.replace(/^(\s*output\s*=).*$/m, '$1 "client"'));
	const cli = path.join(path.dirname(require.resolve('prisma/package.json')), 'build/index.js');
	const {status, stdout, stderr, error} = spawnSync(
		process.execPath,
		[cli, 'generate', '--no-hints', '--schema', schemaCopy],
		{
			cwd: root,
			encoding: 'utf8',
			// The engine is not used to generate; naming any executable keeps Prisma from downloading it.
			env: {...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1'},
		},
	);
	if (status !== 0) {
		throw new Error(`The Prisma client could not be generated.\n${stdout}${stderr}`, {cause: error});
	}

	return path.join(folder, 'client');
}

/** Another process may put its own there at any moment; it is as good as ours when its stamp is the same. */
function putIntoPlace(client, wanted) {
	const old = `${client}-old`;
	for (let attempt = 1; stampOfClient() !== wanted; attempt++) {
		try {
			if (existsSync(generated)) {
				renameSync(generated, old);
			}

			renameSync(client, generated);
		} catch (error) {
			if (attempt === 10) {
				throw error;
			}
		} finally {
			rmSync(old, {recursive: true, force: true});
		}
	}
}
