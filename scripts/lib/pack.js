// What `npm pack` makes before it packs: the programs with their packages in `dist/package`, as `dist/programs` has them for a checkout, but
// nothing else, and the notices of those packages. Plain JavaScript, because it comes before anything that has to be compiled.

import {mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {isBuiltin} from 'node:module';
import path from 'node:path';
import process from 'node:process';
import {bundlePrograms, programs} from './bundle.js';
import {generateClient} from './generate-client.js';
import {noticesOf} from './notices.js';
import {root} from './sources.js';

const folder = path.join(root, 'dist/package');

// They read the sources or their tests.
const forSources = new Set(['scripts/bench.ts', 'scripts/readme.ts']);

// Asked for by packages that do without.
const absent = new Set(['pg-native', 'supports-color']);

try {
	generateClient();
	const {outputFiles, metafile} = await bundlePrograms(
		programs().filter(file => !forSources.has(file)),
		folder,
	);
	refuseUndeclared(metafile);
	const notices = noticesOf(metafile);
	rmSync(folder, {recursive: true, force: true});
	mkdirSync(folder, {recursive: true});
	for (const {path: file, contents} of outputFiles) {
		writeFileSync(file, contents);
	}

	writeFileSync(path.join(folder, 'THIRD-PARTY-NOTICES.txt'), notices);
} catch (error) {
	process.stderr.write(`${error.message}\n`);
	process.exitCode = 1;
}

/** What stays outside of the programs has to be installed with them. */
function refuseUndeclared({outputs}) {
	const {dependencies, optionalDependencies} = JSON.parse(
		readFileSync(path.join(root, 'package.json'), 'utf8'),
	);
	const declared = new Set([...Object.keys(dependencies), ...Object.keys(optionalDependencies), ...absent]);
	const outside = Object.values(outputs)
		.flatMap(({imports}) => imports)
		.filter(({external, path: name}) => external && !isBuiltin(name))
		.map(({path: name}) => packageOf(name));
	const undeclared = [...new Set(outside)].filter(name => !declared.has(name));
	if (undeclared.length > 0) {
		throw new Error(
			`The programs need ${undeclared.join(', ')}, and package.json does not have it among its dependencies. Declare it there, or let it be bundled.`,
		);
	}
}

/** `@prisma/schema-engine-wasm` of `@prisma/schema-engine-wasm/schema_engine_bg`. */
function packageOf(name) {
	return name
		.split('/')
		.slice(0, name.startsWith('@') ? 2 : 1)
		.join('/');
}
