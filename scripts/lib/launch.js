// Runs a TypeScript file in this same process: `node scripts/lib/launch.js src/main.ts ARGS…`, after what has to be made from the
// sources: the database client and the compiled files. `--build` instead of a file only makes them.

import path from 'node:path';
import process from 'node:process';
import {pathToFileURL} from 'node:url';
import {compile, compiledFile} from './compile.js';
import {generateClient} from './generate-client.js';

const [file, ...args] = process.argv.slice(2);
if (file === undefined) {
	process.stderr.write('Usage: node scripts/lib/launch.js FILE.ts [ARGUMENTS] | --build\n');
	process.exit(2);
}

try {
	generateClient();
	await compile();
} catch (error) {
	process.stderr.write(`${error.message}\n`);
	process.exit(1);
}

if (file !== '--build') {
	// Traces would otherwise name lines of the compiled text.
	process.setSourceMapsEnabled(true);
	process.argv = [process.execPath, path.resolve(file), ...args];
	await import(pathToFileURL(compiledFile(path.resolve(file))).href);
}
