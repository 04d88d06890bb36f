import {existsSync, readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {commands} from '../scripts/lib/commands.ts';
import {readmeFile, withGeneratedParts} from '../scripts/readme.ts';
import {variables} from '../src/config-variables.ts';
import {welcome} from '../src/http/welcome.ts';
import {jsonLines, runHere} from './helpers/script.ts';
import {withServer} from './helpers/server.ts';

const readme = readFileSync(readmeFile, 'utf8');
const root = new URL('..', import.meta.url);
const {scripts} = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
	scripts: Record<string, string>;
};

/** All that a pattern's group finds in a text, each once. */
function found(text: string, pattern: RegExp): string[] {
	return [...new Set([...text.matchAll(pattern)].map(([, group = '']) => group))];
}

/** A `curl` with nothing but -H and -d, as the shell would take it apart, sent by us: curl need not be installed. */
async function curl(command: string): Promise<Response> {
	const words = [...command.replaceAll('\\\n', ' ').matchAll(/'([^']*)'|(\S+)/g)].map(
		([, quoted, bare]) => quoted ?? bare ?? '',
	);
	const after = (flag: string) => words.filter((_word, index) => words[index - 1] === flag);
	const [body] = after('-d');
	const headers = after('-H').map(header => header.split(/: */, 2) as [string, string]);
	const url = words.find(word => word.startsWith('http')) ?? '';
	return fetch(url, {headers, ...(body !== undefined && {method: 'POST', body})});
}

test('the tables of the README say what the code says; `npm run readme` writes them anew', t => {
	t.is(readme, withGeneratedParts(readme));
});

test('what stood in a table is replaced; a table without a place, and a place without a table, are errors', t => {
	const place = (name: string) => `<!-- generated: ${name} -->\nstale\n<!-- end -->\n`;
	const all = place('endpoints') + place('commands') + place('configuration');

	t.regex(withGeneratedParts(all), /`POST \/giftcards\/_search`[^]*`cards:issue`[^]*`PORT`/);
	t.notRegex(withGeneratedParts(all), /stale/);
	t.throws(() => withGeneratedParts(all.replace('commands', 'comands')), {
		message: /Nothing is called "comands"/,
	});
	t.throws(() => withGeneratedParts(place('endpoints')), {message: /no place for configuration, commands/});
});

test('every npm script that the README names is there', t => {
	const named = found(
		readme,
		/\bnpm (?:run (?:--silent )?)?(start|test|(?<=run (?:--silent )?)[a-z][\w:-]*)/g,
	);

	t.true(named.includes('cards:issue') && named.includes('demo') && named.includes('start'));
	t.deepEqual(
		named.filter(name => !(name in scripts)),
		[],
	);
	t.deepEqual(
		commands.map(({name}) => name).filter(name => !(name in scripts)),
		[],
	);
});

test('every command that the README names is in its table', t => {
	const named = found(readme, /`([a-z]+:[a-z-]+)\b[^`]*`/g);

	t.true(named.includes('ledger:audit'));
	t.deepEqual(
		named.filter(name => !commands.some(command => command.name === name)),
		[],
	);
});

test('every variable that the README names is one', t => {
	const named = found(readme, /\b([A-Z]+_[A-Z_]+)\b/g);

	t.true(named.includes('BASE_PATH'));
	t.deepEqual(
		named.filter(name => !variables.some(variable => variable.name === name)),
		// Of the tests alone.
		['TEST_APART', 'VTEX_OPENAPI_DIR', 'MODEL_RUNS', 'MODEL_SEED'],
	);
});

test('every file and heading that the README links to is there', t => {
	const headings = found(readme, /^#+ (.*)$/gm).map(
		heading => `#${heading.toLowerCase().replaceAll(' ', '-')}`,
	);
	const links = found(readme, /\]\(([^)]+)\)/g);

	t.true(links.some(link => link.startsWith('test/')));
	t.deepEqual(
		links.filter(link =>
			link.startsWith('#') ? !headings.includes(link) : !existsSync(fileURLToPath(new URL(link, root))),
		),
		[],
	);
});

test('the curl of the README answers what the README says', async t => {
	const server = await withServer(t);
	const [command = '', ...others] = found(readme, /```sh\n(curl [^]*?)\n```/g);
	const [promised = ''] = found(readme, /It answers `([^`]+)`/g);

	const answer = await curl(command.replace('http://127.0.0.1:3000', server.origin));
	t.deepEqual(others, []);
	t.is(answer.status, 200);
	t.is(await answer.text(), promised);
});

test('the curl that the first start prints finds no card, and with the code of an issued card finds that', async t => {
	const server = await withServer(t);
	const [command = ''] = found(welcome(server.url, server), /^ *(curl [^]*?)\n\n/gm);
	const issued = await runHere(server.parts, 'cards:issue', ['--amount', '50.00', '--json']);
	const [card] = jsonLines(issued.stdout);

	const nothing = await curl(command);
	t.is(nothing.status, 200);
	t.is(await nothing.text(), '[]');
	const one = await curl(command.replace('AAAA-BBBB-CCCC-DDDD', String(card?.['redemptionCode'])));
	t.like(await one.json(), [{id: card?.['id'], balance: 50}]);
});
