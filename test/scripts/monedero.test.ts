import path from 'node:path';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {commands} from '../../scripts/lib/commands.ts';
import {widthMax} from '../../scripts/lib/help.ts';
import {meantBy} from '../../scripts/lib/meant.ts';
import {overview} from '../../scripts/lib/overview.ts';
import {manifest, type Program, processOf, programsOf, root} from '../../scripts/lib/programs.ts';
import {commandLine} from '../../src/config-command-line.ts';

/*
 * What `monedero` makes of what somebody types. That it does so from an installed package is for `npm run test:package`.
 */

/** Those that the package leaves out: they read the sources. */
const forSources = ['readme', 'bench'];

const programs = programsOf(manifest.scripts, ({name}) => !forSources.includes(name));
const program = (name: string): Program => {
	const found = programs.find(one => one.name === name);
	if (found === undefined) {
		throw new Error(`There is no program ${name}.`);
	}

	return found;
};

test('every command, the service and the demo are programs; what needs the sources is none', t => {
	const names = programs.map(({name}) => name);

	t.deepEqual(
		['start', 'demo', ...commands.map(({name}) => name)].filter(name => !names.includes(name)),
		[],
	);
	t.deepEqual(
		['dev', 'build', 'prepack', 'lint', 'test', 'test:package', 'simulate'].filter(name =>
			names.includes(name),
		),
		[],
	);
});

test('a program is started with the limits of its heap that npm gives it', t => {
	const relative = (word: string) =>
		path.isAbsolute(word) ? path.relative(fileURLToPath(root), word).replaceAll('\\', '/') : word;

	for (const {name} of programs) {
		const started = ['node', ...processOf(name)].map(relative).join(' ');
		t.is(started, manifest.scripts[name] ?? '');
	}

	t.is(program('start').nodeFlags.length, 4);
	t.deepEqual(program('cards:export').nodeFlags, ['--max-old-space-size=160']);
	t.throws(() => processOf('lint'), {instanceOf: RangeError});
});

test('what follows the name of a program is its own; without a name it is the service', t => {
	t.deepEqual(meantBy([], programs), {kind: 'program', program: program('start'), args: []});
	t.deepEqual(meantBy(['start', '--help'], programs), {
		...{kind: 'program', program: program('start'), args: ['--help']},
	});
	t.deepEqual(meantBy(['cards:show', '--card', 'x', '--version'], programs), {
		...{kind: 'program', program: program('cards:show'), args: ['--card', 'x', '--version']},
	});
});

test('help and version are told, and the help of a command by either word', t => {
	t.deepEqual(meantBy(['--help'], programs), {kind: 'help'});
	t.deepEqual(meantBy(['help'], programs), {kind: 'help'});
	t.deepEqual(meantBy(['--version'], programs), {kind: 'version'});
	t.deepEqual(meantBy(['help', 'cards:show'], programs), {
		...{kind: 'program', program: program('cards:show'), args: ['--help']},
	});
});

for (const [words, nearest] of [
	[['cards:shwo'], 'cards:show'],
	[['cards', 'show', '--card', 'x'], 'cards:show'],
	[['cards-show'], 'cards:show'],
	[['ledger', 'trial-balance'], 'ledger:trial-balance'],
	[['strat'], 'start'],
	[['--verion'], '--version'],
	[['frobnicate'], undefined],
	[['toString'], undefined],
] as const) {
	test(`"${words.join(' ')}" is no command; ${nearest ?? 'nothing'} is near`, t => {
		t.deepEqual(meantBy(words, programs), {kind: 'unknown', typed: words[0], nearest});
	});
}

test('the overview has a line for every program, and is narrow', t => {
	const text = overview(programs, commands);

	for (const {name} of programs) {
		t.regex(text, new RegExp(`^  ${name} +[A-Z]`, 'm'), `Say in scripts/lib/overview.ts what ${name} does.`);
	}

	t.deepEqual(
		text.split('\n').filter(line => line.length > widthMax),
		[],
	);
});

test('a command is named as it is typed where the sources are', t => {
	t.is(commandLine('start'), 'npm start');
	t.is(commandLine('start', '--help'), 'npm start -- --help');
	t.is(commandLine('demo'), 'npm run demo');
	t.is(commandLine('homologate'), 'npm run --silent homologate');
	t.is(commandLine('cards:show', '--card ID'), 'npm run --silent cards:show -- --card ID');
});
