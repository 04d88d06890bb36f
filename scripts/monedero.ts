import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {meantBy} from './lib/meant.ts';
import {overview} from './lib/overview.ts';
import {bundleIn, manifest, type Program, programsIn, root} from './lib/programs.ts';
import {startAgain} from './lib/start-again.ts';

/*
 * What the package's `monedero` runs: the service, and every command by its name, from programs that were put together before
 * (docs/decisions/0042-packaging.md).
 */

/** Of this program and the others. */
const folder = new URL('.', import.meta.resolve('./monedero.js'));

const programs = programsIn(folder);
const meant = meantBy(process.argv.slice(2), programs);
switch (meant.kind) {
	case 'program': {
		await start(meant.program, meant.args);
		break;
	}

	case 'help': {
		// Only here, because it is all of them.
		const {commands} = await import('./lib/commands.ts');
		process.stdout.write(overview(programs, commands));
		break;
	}

	case 'version': {
		process.stdout.write(`${manifest.version}\n`);
		break;
	}

	case 'unknown': {
		const advice = meant.nearest === undefined ? 'See monedero --help.' : `Did you mean ${meant.nearest}?`;
		process.stderr.write(`There is no command "${meant.typed.slice(0, 40)}". ${advice}\n`);
		process.exitCode = 2;
		break;
	}
}

/** Run a program in this process or, where its heap has limits that this process was not started with, begin again with them. */
async function start(program: Program, args: readonly string[]): Promise<void> {
	const {source, nodeFlags} = program;
	if (nodeFlags.some(flag => !process.execArgv.includes(flag))) {
		await startAgain(nodeFlags);
		return;
	}

	// The service's traces name lines of the sources. Commands print none, and would wait for the maps to be read.
	process.setSourceMapsEnabled(source === 'src/main.ts');
	process.argv = [process.execPath, fileURLToPath(new URL(source, root)), ...args];
	await import(bundleIn(folder, program).href);
}
