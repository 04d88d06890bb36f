import {existsSync, readFileSync} from 'node:fs';
import test from 'ava';
import {commands, commandTable} from '../../scripts/lib/commands.ts';
import {exampleLine, helpOf, widthMax} from '../../scripts/lib/help.ts';
import {parseFlags} from '../../scripts/lib/parse-flags.ts';

const {scripts} = JSON.parse(readFileSync('package.json', 'utf8')) as {scripts: Record<string, string>};

for (const command of commands) {
	test(`npm run ${command.name} starts the file of that name`, t => {
		const file = `scripts/${command.name.replace(':', '-')}.ts`;

		t.is(scripts[command.name], `node scripts/lib/launch.js ${file}`);
		t.true(existsSync(file));
	});

	test(`the help of ${command.name} names every flag, is narrow, and has examples that the command understands`, t => {
		const help = helpOf(command);

		for (const name of [...Object.keys(command.flags), 'merchant', 'actor', 'json', 'help']) {
			t.regex(help, new RegExp(`^  --${name}\\b`, 'm'));
		}

		t.deepEqual(
			help.split('\n').filter(line => line.length > widthMax),
			[],
		);
		t.true(command.examples.length > 0);
		for (const example of command.examples) {
			t.true(help.includes(exampleLine(command, example)));
			t.notThrows(() => parseFlags(command, shellWords(example)), example);
		}
	});
}

test('every admin command of package.json is in the list, and the table of the README has a row for each', t => {
	const named = Object.keys(scripts).filter(name => name.includes(':') && !name.startsWith('test:'));

	t.deepEqual(named.toSorted(), commands.map(({name}) => name).toSorted());
	for (const {name} of commands) {
		t.true(commandTable().includes(`| \`${name}\` |`));
	}
});

/** What a shell makes of an example, up to where it redirects the output. */
function shellWords(line: string): string[] {
	const [typed = ''] = line.split(' > ');
	return [...typed.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
}
