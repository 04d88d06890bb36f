// Runs a TypeScript file in this same process: `node scripts/lib/launch.js src/main.ts ARGS…`, after what has to be made from the
// sources: the database client, and the programs or, for tests, compiled files too. `--build` instead of a file only makes them.

import path from 'node:path';
import process from 'node:process';
import {pathToFileURL} from 'node:url';
import {bundle, bundledFile, isProgram, isScript} from './bundle.js';
import {compile, compiledFile} from './compile.js';
import {generateClient} from './generate-client.js';

const [file, ...args] = process.argv.slice(2);
if (file === undefined) {
	process.stderr.write('Usage: node scripts/lib/launch.js FILE.ts [ARGUMENTS] | --build\n');
	process.exit(2);
}

try {
	generateClient();
	await bundle();
	if (file === '--build' || !isProgram(file)) {
		await compile();
	}
} catch (error) {
	process.stderr.write(`${error.message}\n`);
	process.exit(1);
}

if (file !== '--build') {
	// Traces would otherwise name lines of the compiled text. Scripts print none, and would wait for the maps to be read.
	process.setSourceMapsEnabled(!isScript(file));
	// Node 20 does not have it, and the database driver would then load all of `fetch` to find out where it is.
	globalThis.navigator ??= {userAgent: `Node.js/${process.versions.node.split('.')[0]}`};
	process.argv = [process.execPath, path.resolve(file), ...args];
	await import(pathToFileURL(isProgram(file) ? bundledFile(file) : compiledFile(file)).href);
}
