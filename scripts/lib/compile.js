// Compiles our TypeScript into `dist`, file by file, before it is run: a process then starts in half the time of one that compiles as it
// loads, and keeps no compiler in its memory. Plain JavaScript, because it comes before anything that has to be compiled.

import {createHash} from 'node:crypto';
import {
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath, URL} from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folders = ['src', 'scripts', 'test'];
// What was compiled last: of each source its hash, and the size and time it had then, so that most need not be read again. This file is
// part of each hash: a change of it compiles everything anew.
const stampFile = path.join(root, 'dist/.stamp.json');
const recipe = readFileSync(fileURLToPath(import.meta.url));
const recipeHash = createHash('sha256').update(recipe).digest('base64').slice(0, 12);

/**
 * Bring `dist` up to date with the sources, told apart by their contents, and by size and time where those are what they were. Two processes may do so at once: each writes whole files, and
 * both write the same.
 */
export async function compile() {
	const made = readStamp();
	const wanted = stampsOfSources(made);
	const changed = Object.keys(wanted).filter(
		source => wanted[source].hash !== made[source]?.hash || !existsSync(compiledFile(source)),
	);
	const gone = Object.keys(made).filter(source => !(source in wanted));
	if (
		Object.keys(wanted).every(source => wanted[source] === made[source]) &&
		changed.length + gone.length === 0
	) {
		return;
	}

	for (const {path: file, contents} of await compileSources(changed)) {
		mkdirSync(path.dirname(file), {recursive: true});
		putIntoPlace(file, contents);
	}

	for (const file of gone.map(compiledFile)) {
		rmSync(file, {force: true});
		rmSync(`${file}.map`, {force: true});
	}

	mkdirSync(path.dirname(stampFile), {recursive: true});
	putIntoPlace(stampFile, JSON.stringify(wanted));
}

/** Where a source's compiled form is: `src/main.ts` in `dist/src/main.js`. Both absolute, or from the repository's root. */
export function compiledFile(source) {
	return path.join(root, 'dist', path.relative(root, path.resolve(root, source)).replace(/\.ts$/, '.js'));
}

/** Another process may put its database client into place at this moment: then what was listed is gone, and is looked for again. */
function stampsOfSources(made) {
	for (let attempt = 1; ; attempt++) {
		try {
			const sources = folders.filter(folder => existsSync(path.join(root, folder))).flatMap(sourcesIn);
			return Object.fromEntries(sources.map(source => [source, stampOf(source, made[source])]));
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

/** The same object as before where nothing points to a change. */
function stampOf(source, before) {
	const file = path.join(root, source);
	const {size, mtimeNs} = statSync(file, {bigint: true});
	const seen = `${recipeHash} ${size} ${mtimeNs}`;
	if (before?.seen === seen) {
		return before;
	}

	const hash = createHash('sha256').update(recipe).update(readFileSync(file)).digest('base64');
	return {hash, seen};
}

function readStamp() {
	return existsSync(stampFile) ? JSON.parse(readFileSync(stampFile, 'utf8')) : {};
}

/** Whole or not at all, for whoever reads it meanwhile. */
function putIntoPlace(file, contents) {
	const beside = `${file}.${process.pid}`;
	writeFileSync(beside, contents);
	renameSync(beside, file);
}

/** Throws with the compiler's own words and places. */
async function compileSources(sources) {
	if (sources.length === 0) {
		return [];
	}

	const {build} = await import('esbuild');
	const {outputFiles} = await build({
		absWorkingDir: root,
		entryPoints: sources,
		outdir: 'dist',
		outbase: '.',
		write: false,
		format: 'esm',
		platform: 'node',
		target: 'node20',
		sourcemap: true,
		sourcesContent: false,
		charset: 'utf8',
		// Only to see the imports: each file stays a file of its own.
		bundle: true,
		packages: 'external',
		define: {'import.meta.url': 'sourceUrl'},
		plugins: [keepFilesApart],
		logLevel: 'silent',
	});
	return outputFiles;
}

const keepFilesApart = {
	name: 'keep-files-apart',
	setup(build) {
		build.onResolve({filter: /^\./}, ({path: imported, kind}) =>
			kind === 'entry-point' ? undefined : {path: imported.replace(/\.ts$/, '.js'), external: true},
		);
		// A file finds what lies beside it in the sources: fixtures, the README, other programs.
		build.onLoad({filter: /\.ts$/}, ({path: file}) => {
			const fromCompiled = path.relative(path.dirname(compiledFile(file)), file).replaceAll('\\', '/');
			const source = readFileSync(file, 'utf8');
			const contents = source.includes('import.meta.url')
				? `const sourceUrl = import.meta.resolve(${JSON.stringify(fromCompiled)}); ${source}`
				: source;
			return {contents, loader: 'ts'};
		});
	},
};
