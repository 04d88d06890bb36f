import {existsSync, readFileSync} from 'node:fs';
import {fileURLToPath, URL} from 'node:url';
import test from 'ava';
import {commands} from '../../scripts/lib/commands.ts';
import {meantBy} from '../../scripts/lib/meant.ts';
import {parseFlags} from '../../scripts/lib/parse-flags.ts';
import {manifest, programsOf} from '../../scripts/lib/programs.ts';
import {secretNames, variables} from '../../src/config-variables.ts';
import {shellWords} from '../helpers/examples.ts';

/*
 * docs/operate.md is read when something burns: what it says to type has to be right. What the commands do is tested with each; that the
 * package takes them as they stand there, with `npm run test:package`.
 */

const file = new URL('../../docs/operate.md', import.meta.url);
const text = readFileSync(file, 'utf8');

/** Every call of ours in a block for the shell, or between backquotes, as its words. */
const calls = [...text.matchAll(/```sh\n(?<block>[^]*?)```|`(?<inline>[^`\n]+(?:\n[^`\n]+)?)`/g)]
	.flatMap(({groups: {block = '', inline = ''} = {}}) =>
		`${block}\n${inline.replaceAll('\n', ' ')}`.split('\n'),
	)
	.map(line => /(?:^| )monedero (?=[a-z]+(?::| |$)|--help|--version)(.*)$/.exec(line)?.[1])
	.filter(call => call !== undefined)
	.map(call => shellWords(call.replace(/^monedero /, '')));

test('every command that docs/operate.md names is one, and takes the flags that stand there', t => {
	const programs = programsOf(manifest.scripts, () => true);
	t.true(calls.length > 50);
	for (const words of calls) {
		const said = words.join(' ');
		const meant = meantBy(words, programs);
		t.not(meant.kind, 'unknown', said);
		const command = commands.find(({name}) => name === words[0]);
		// A command that is only named needs none of its flags.
		if (command !== undefined && words.length > 1) {
			t.notThrows(() => parseFlags(command, words.slice(1)), said);
		}
	}
});

test('what alerts link to has a heading, and so has every incident of its own', t => {
	const headings = [...text.matchAll(/^### (.*)$/gm)].map(([, heading]) => heading);
	const wanted = [
		...['It is down', 'Latency', 'Turned away', 'Callbacks lag', 'Orders lag', 'A job does not run'],
		...['Audit findings', 'Wrong credentials', 'Pool exhausted', 'Seals lag', 'Liability jumps'],
		...['Disk full', 'Wrong clock', 'Stolen database dump', 'Leaked token', 'Lost secrets of DATA_DIR'],
	];

	t.deepEqual(
		wanted.filter(heading => !headings.includes(heading)),
		[],
	);
});

test('every file, heading, script and variable that docs/operate.md names is there', t => {
	const anchors = (of: string) =>
		[...of.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading.toLowerCase().replaceAll(' ', '-'));
	const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link);
	const isThere = (link: string) => {
		const [name = '', anchor] = link.split('#');
		const target = name === '' ? file : new URL(name, file);
		return (
			existsSync(fileURLToPath(target)) &&
			(anchor === undefined || anchors(readFileSync(target, 'utf8')).includes(anchor))
		);
	};
	const known = [...variables.map(({name}) => name), ...secretNames().map(name => `${name}_FILE`)];

	t.deepEqual(
		links.filter(link => !isThere(link)),
		[],
	);
	t.deepEqual(
		[...text.matchAll(/npm run (?:--silent )?([a-z:]+)/g)]
			.map(([, name = '']) => name)
			.filter(name => !(name in manifest.scripts)),
		[],
	);
	t.deepEqual(
		[...text.matchAll(/(?<![\w-])([A-Z]+_[A-Z_]+[A-Z])\b/g)]
			.map(([, name = '']) => name)
			.filter(name => !known.includes(name)),
		[],
	);
});
