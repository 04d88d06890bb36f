// Compiles our TypeScript into `dist`, file by file, for the tests, which import any of them. Plain JavaScript, because it comes before
// anything that has to be compiled.

import {existsSync, rmSync} from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {placedSource, putIntoPlace, readStamps, recipeOf, root, stampsOf, tsconfigRaw} from './sources.js';

const stampFile = path.join(root, 'dist/.stamp.json');
const recipe = recipeOf(fileURLToPath(import.meta.url), fileURLToPath(import.meta.resolve('./sources.js')));

/** Bring `dist` up to date with the sources, told apart by their contents. Two processes may do so at once. */
export async function compile() {
	const made = readStamps(stampFile);
	const wanted = stampsOf(['src', 'scripts', 'test'], made, recipe);
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
		putIntoPlace(file, contents);
	}

	for (const file of gone.map(compiledFile)) {
		rmSync(file, {force: true});
		rmSync(`${file}.map`, {force: true});
	}

	putIntoPlace(stampFile, JSON.stringify(wanted));
}

/** Where a source's compiled form is: `src/main.ts` in `dist/src/main.js`. Both absolute, or from the repository's root. */
export function compiledFile(source) {
	return path.join(root, 'dist', path.relative(root, path.resolve(root, source)).replace(/\.ts$/, '.js'));
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
		tsconfigRaw,
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
		build.onLoad({filter: /\.ts$/}, ({path: file}) => ({
			contents: placedSource(file, path.dirname(compiledFile(file))),
			loader: 'ts',
		}));
	},
};
