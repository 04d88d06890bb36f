import {existsSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

/**
 * What a person types to run a program of this installation: `npm run --silent cards:show -- --help` where the sources are, and
 * `monedero cards:show --help` where the package was installed, which has none.
 * @param name - as package.json names it: `start`, `demo`, `cards:show`
 * @param args - as they are typed; '' for none
 */
export function commandLine(name: string, args = ''): string {
	return hasSources() ? lineHere(name, args) : ['monedero', name, args].filter(Boolean).join(' ');
}

/** Whether programs are put together from sources when they start; the package has them ready. */
export function hasSources(): boolean {
	return existsSync(fileURLToPath(new URL('../scripts/lib/launch.js', import.meta.url)));
}

function lineHere(name: string, args: string): string {
	// npm's own lines would stand between those of a command, which programs read, too.
	const program = {start: 'npm start', demo: 'npm run demo'}[name] ?? `npm run --silent ${name}`;
	return args === '' ? program : `${program} -- ${args}`;
}
