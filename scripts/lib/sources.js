// What is compiled, and how a compiled file still finds what lies beside its source. Plain JavaScript, because it comes before anything
// that has to be compiled.

import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath, URL} from 'node:url';

/** The repository's root. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** What the compiler is told besides: an import of types only loads nothing, whether it is written `import type` or `import {type …}`. */
export const tsconfigRaw = {compilerOptions: {target: 'es2023', verbatimModuleSyntax: false}};

/**
 * What distinguishes each TypeScript file below some folders of the repository, by its path from there: its hash, and the size and time
 * that it had when it was hashed, so that most need not be read again. The same object as before where nothing points to a change.
 */
export function stampsOf(folders, before, recipe) {
	// Another process may put its database client into place at this moment: then what was listed is gone, and is looked for again.
	for (let attempt = 1; ; attempt++) {
		try {
			const sources = folders.filter(folder => existsSync(path.join(root, folder))).flatMap(sourcesIn);
			return Object.fromEntries(sources.map(source => [source, stampOf(source, before[source], recipe)]));
		} catch (error) {
			if (error.code !== 'ENOENT' || attempt === lookingMax) {
				throw error;
			}

			Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
		}
	}
}

const lookingMax = 50;

function sourcesIn(folder) {
	return readdirSync(path.join(root, folder), {withFileTypes: true}).flatMap(entry => {
		const name = path.join(folder, entry.name);
		if (entry.isDirectory()) {
			// What another process is generating beside the database client.
			return entry.name.startsWith('generated.new-') ? [] : sourcesIn(name);
		}

		return name.endsWith('.ts') ? [name] : [];
	});
}

function stampOf(source, before, recipe) {
	const file = path.join(root, source);
	const {size, mtimeNs} = statSync(file, {bigint: true});
	const seen = `${recipe} ${size} ${mtimeNs}`;
	if (before?.seen === seen) {
		return before;
	}

	const hash = createHash('sha256').update(recipe).update(readFileSync(file)).digest('base64');
	return {hash, seen};
}

/** A short hash of how things are compiled: a change of that compiles everything anew. */
export function recipeOf(...files) {
	const hash = createHash('sha256');
	for (const file of files) {
		hash.update(existsSync(file) ? readFileSync(file) : '');
	}

	return hash.digest('base64').slice(0, 12);
}

/** What an earlier run noted; nothing where there was none. */
export function readStamps(file) {
	return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}

/** Whole or not at all, for whoever reads it meanwhile. Two processes may compile at once: both write the same. */
export function putIntoPlace(file, contents) {
	mkdirSync(path.dirname(file), {recursive: true});
	const beside = `${file}.${process.pid}`;
	writeFileSync(beside, contents);
	renameSync(beside, file);
}

/**
 * A source as it is compiled into a folder: it finds what lies beside it, fixtures, the README, other programs, where that is among the
 * sources. Compile it with `import.meta.url` defined as `sourceUrl`.
 */
export function placedSource(file, compiledFolder) {
	const source = readFileSync(file, 'utf8');
	const fromCompiled = path.relative(compiledFolder, file).replaceAll('\\', '/');
	return source.includes('import.meta.url')
		? `const sourceUrl = import.meta.resolve(${JSON.stringify(fromCompiled)}); ${source}`
		: source;
}
