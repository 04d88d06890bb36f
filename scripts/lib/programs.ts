import {existsSync, readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {hasSources} from '../../src/config-command-line.ts';

/** What can be started by its name. */
export type Program = {
	/** As package.json names it: `start`, `demo`, `cards:show`. */
	readonly name: string;
	/** Of the source, from the root: `src/main.ts`, `scripts/cards-show.ts`. */
	readonly source: string;
	/** Limits of the heap and of Node's helper threads, which it has from its beginning only. */
	readonly nodeFlags: readonly string[];
};

/** The folder with package.json. */
export const root = new URL('../../', import.meta.url);

/** What package.json says, and it alone: of the package, too, in which its scripts cannot be run. */
export const manifest = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
	readonly version: string;
	readonly scripts: Readonly<Record<string, string>>;
};

// How npm starts a program. What else there is are tools of the sources.
const launched =
	/^node(?<flags>(?: --[a-z\d-]+-size=\d+)*) scripts\/lib\/launch\.js (?<source>(?:src\/main|scripts\/[a-z-]+)\.ts)$/;

/**
 * The programs among the scripts of package.json.
 * @param isThere - whether a program was put together: some need the sources, and are not in the package
 */
export function programsOf(
	scripts: Readonly<Record<string, string>>,
	isThere: (program: Program) => boolean,
): Program[] {
	return Object.entries(scripts).flatMap(([name, script]) => {
		const {source, flags = ''} = launched.exec(script)?.groups ?? {};
		const program = {name, source: source ?? '', nodeFlags: flags.split(' ').filter(flag => flag !== '')};
		return source !== undefined && isThere(program) ? [program] : [];
	});
}

/** Where the bundle of a program is: `cards-show.js` of `scripts/cards-show.ts`, in the folder of the others. */
export function bundleIn(folder: URL, {source}: Program): URL {
	return new URL(`${source.slice(source.lastIndexOf('/') + 1, -'.ts'.length)}.js`, folder);
}

/** The programs of which the bundles are in a folder. */
export function programsIn(folder: URL): Program[] {
	return programsOf(manifest.scripts, program => existsSync(bundleIn(folder, program)));
}

/**
 * What follows `node` to start one of our programs as a process of its own, as npm does it, or the package.
 * @throws RangeError where nothing is called so
 */
export function processOf(name: string): string[] {
	const program = programsOf(manifest.scripts, one => one.name === name)[0];
	if (program === undefined) {
		throw new RangeError(`There is no program "${name}".`);
	}

	const file = (path: string) => fileURLToPath(new URL(path, root));
	const started = hasSources()
		? [file('scripts/lib/launch.js'), file(program.source)]
		: [file('bin/monedero.js'), name];
	return [...program.nodeFlags, ...started];
}
