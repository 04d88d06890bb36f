import {readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import test, {type ExecutionContext} from 'ava';
import {commands} from '../../scripts/lib/commands.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {type Clock, makeClock} from '../helpers/clock.ts';
import {inFolder, openShop, shellWords} from '../helpers/examples.ts';
import {openHub} from '../helpers/hub.ts';
import {jsonLines, runHere} from '../helpers/script.ts';

/*
 * docs/admin.md is a day at the counter. Its commands are run as they stand there, in their order, in one shop whose clock stands still;
 * what it shows of their output is looked for in what they print. Only ids and codes may differ.
 */

const document = fileURLToPath(new URL('../../docs/admin.md', import.meta.url));

const anasCard = '4f1d2c3b4a5968778695a4b3c2d1e0f0';
const soldCard = '5a2e3d4c5b6a79889706b5c4d3e2f101';

/** What ends with exit code 1, as the document says. */
const refused = new Set([
	'npm run --silent credits:import -- apology.csv --reason apology --dry-run',
	'npm run --silent credits:import -- apology.csv --reason apology --skip-invalid',
	'npm run --silent credits:undo -- --run march --dry-run',
	'npm run --silent credits:undo -- --run march --reason "wrong file" --partial',
]);

type Shop = Awaited<ReturnType<typeof openShop>>;

/** Something of the document that the test acts on, in its order. */
type Step =
	| {readonly kind: 'chapter'; readonly title: string}
	| {readonly kind: 'file'; readonly name: string; readonly text: string}
	| {readonly kind: 'typed'; readonly line: string}
	| {readonly kind: 'excerpt'; readonly lines: readonly string[]};

let shop: Shop;
let clock: Clock;
/** What stands in the document for what is only known now. */
let words: Readonly<Record<string, string>>;

test.before(async () => {
	clock = makeClock('2026-02-01T15:00:00Z');
	shop = await openShop({clock});
	words = await live(shop);
	clock.set('2026-03-11T15:00:00Z');
});
test.after.always(() => shop.close());

const beginnings: Readonly<Record<string, () => Promise<unknown>>> = {
	// The service has swept what expired, and a new month has begun.
	async 'Month end'() {
		clock.set('2026-03-16T15:00:00Z');
		await shop.run('jobs:run', 'expire-lots');
		clock.set('2026-04-01T13:00:00Z');
	},
};

/** What happens outside of the document after a command, by the beginning of what was typed. */
const meanwhile: Readonly<Record<string, () => Promise<unknown>>> = {
	async 'credits:import -- march.csv'() {
		const {stdout} = await shop.run('customers:show', '--customer-email', 'bia@example.com', '--json');
		const [{cards}] = jsonLines(stdout) as [{cards: [{id: string}]}];
		await openHub(shop.server).debit(cards[0].id, 30);
	},
};

test('a day of docs/admin.md goes as it is told', async t => {
	const text = await readFile(document, 'utf8');
	const untrue: string[] = [];
	let printed = '';
	let last = '';
	for (const step of stepsOf(text)) {
		switch (step.kind) {
			case 'chapter': {
				await beginnings[step.title]?.();
				break;
			}

			case 'file': {
				await writeFile(path.join(shop.folder, step.name), step.text);
				break;
			}

			case 'typed': {
				last = step.line;
				printed = await type(t, step.line);
				for (const [beginning, happens] of Object.entries(meanwhile)) {
					if (step.line.startsWith(`npm run --silent ${beginning}`)) {
						await happens();
					}
				}

				break;
			}

			case 'excerpt': {
				untrue.push(...missing(step.lines, printed).map(line => `${last} does not print: ${line}`));
				break;
			}
		}
	}

	t.deepEqual(untrue, []);
	await assertAuditClean(t, shop.server.database);
});

/** What the document names: holds of the shop, which have other ids each time. */
async function live({run, server}: Shop): Promise<Record<string, string>> {
	const hub = openHub(server);
	const who = ['--actor', 'paula'];
	await run(
		'cards:extend',
		'--card',
		anasCard,
		'--expires',
		'2026-03-31',
		'--reason',
		'a month more',
		...who,
	);
	await run('cards:extend', '--card', soldCard, '--expires', '2027-03-31', '--reason', 'a year more', ...who);
	await run('programs:create', '--name', 'Gold', '--asset', 'PTS', '--rate', 'BRL=0.01');
	await run('cards:issue', '--amount', '10.00', '--expires', '2026-03-15', '--funding', 'promotional');
	const forgotten = await hub.debit(anasCard, 150, {orderInfo: {orderId: 'v967813hub-01'}});
	const cancelled = await hub.debit(anasCard, 80, {orderInfo: {orderId: 'v967820hub-01'}});
	return {'019e2f6b7c3a7d51a4e08c5f2b9d6e13': forgotten, '019e2f6b9d107b42a7c4de06b1f85a20': cancelled};
}

/** Headings, files, command lines and excerpts, as they follow each other. */
function* stepsOf(markdown: string): Generator<Step> {
	const blocks = markdown.matchAll(
		/^## (?:\d+\. )?(?<title>.*)$|^```(?<info>\S+(?: \S+)?)\n(?<body>[^]*?)^```$/gm,
	);
	for (const {groups = {}} of blocks) {
		const {title, info = '', body = ''} = groups;
		const [language, name] = info.split(' ');
		if (title !== undefined) {
			yield {kind: 'chapter', title};
		} else if (name !== undefined) {
			yield {kind: 'file', name, text: body};
		} else if (language === 'sh') {
			const lines = body
				.replaceAll(/ \\\n\s*/g, ' ')
				.trimEnd()
				.split('\n');
			yield* lines.map(line => ({kind: 'typed' as const, line}));
		} else {
			yield {kind: 'excerpt', lines: body.trimEnd().split('\n')};
		}
	}
}

/** Run a line of the document as its user, maria, and give all that it printed; a redirected output becomes that file too. */
async function type(t: ExecutionContext, line: string): Promise<string> {
	const [, name = '', typed = ''] = /^npm run --silent (\S+)(?: -- (.*))?$/.exec(line) ?? [];
	const command = commands.find(one => one.name === name);
	const args = shellWords(typed).map(word => words[word] ?? inFolder(shop.folder, word));
	const isNamed = args.includes('--actor') || Object.hasOwn(command?.flags ?? {}, 'actor');
	const who = isNamed ? [] : ['--actor', 'maria'];
	const {code, stdout, stderr} = await runHere(shop.server.parts, name, [...args, ...who], () =>
		Promise.resolve('y'),
	);
	const said = `${line}\n${stdout}${stderr}`;
	t.is(code, refused.has(line) ? 1 : 0, said);
	const [, file] = / > (\S+)$/.exec(line) ?? [];
	if (file !== undefined) {
		await writeFile(inFolder(shop.folder, file), stdout);
	}

	return `${stdout}${stderr}`.replaceAll(`${shop.folder}/`, '');
}

/** Lines of an excerpt that were not printed, or not in this order. */
function missing(excerpt: readonly string[], printed: string): string[] {
	const lines = printed.split('\n').map(plain);
	let from = 0;
	return excerpt.filter(line => {
		const at = line === '…' ? from - 1 : lines.indexOf(plain(line), from);
		from = at === -1 ? from : at + 1;
		return line !== '…' && at === -1;
	});
}

/** A line without what differs each time: ids, codes, PINs. Columns are as wide as what stands in them, so blanks count as one. */
function plain(line: string): string {
	return line
		.replaceAll(/\b[0-9a-f]{32}\b/g, 'ID')
		.replaceAll(/\b[0-9a-f]{8} wallet\b/g, 'ID wallet')
		.replaceAll(/\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b/g, 'CODE')
		.replaceAll(/^ *\d+ {2}(?=\d{4}-\d{2}-\d{2} )/g, 'NUMBER ')
		.replaceAll(/^PIN +\d{6}$/g, 'PIN 000000')
		.replaceAll(/ +/g, ' ')
		.trim();
}
