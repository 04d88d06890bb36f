import {existsSync, readFileSync} from 'node:fs';
import test from 'ava';
import {type Command} from '../../scripts/lib/command.ts';
import {commands, commandTable} from '../../scripts/lib/commands.ts';
import {exampleLine, helpOf, widthMax} from '../../scripts/lib/help.ts';
import {parseFlags, placeholderOf} from '../../scripts/lib/parse-flags.ts';
import {shellWords} from '../helpers/examples.ts';

const {scripts} = JSON.parse(readFileSync('package.json', 'utf8')) as {scripts: Record<string, string>};

for (const command of commands) {
	test(`npm run ${command.name} starts the file of that name`, t => {
		const file = `scripts/${command.name.replace(':', '-')}.ts`;

		t.is(scripts[command.name], `node ${heapOf(command)}scripts/lib/launch.js ${file}`);
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

/** How npm starts the process of a command, beside its file. */
function heapOf({name, isBulk}: Command): string {
	// Left alone, Node lets its old heap grow long before it clears it; limited, it begins with too small a one and makes the young one so, too.
	if (isBulk === true) {
		return '--max-old-space-size=128 --initial-old-space-size=112 --max-semi-space-size=16 ';
	}

	// Exports run for minutes: without a limit the heap would keep what is long dropped until it is far larger than what lives.
	return name.endsWith(':export') ? '--max-old-space-size=160 ' : '';
}

/** Flags of one name that stand for different things, or are explained differently; and why that is right. */
const differentOnPurpose: Readonly<Record<string, string>> = {
	account: 'of VTEX, and of the books',
	all: 'everything of what the command is about',
	amount: 'may be below zero where it corrects; says what it is the amount of',
	'app-key': 'of a credential of ours, and of an account at VTEX',
	'as-of': 'what is shown as of then differs',
	by: 'what a report can be divided by',
	caption: 'of a card, and of all wallets of a program',
	card: 'in a report, only what lies on it',
	csv: 'of a report, of what is handed to a printer, or a file beside what is printed',
	currency: 'of an amount, of a merchant, of a limit',
	'dry-run': 'finds problems, or what there is to take back',
	expires: 'of a card, of value that is added, or how points of a program end',
	from: 'what gives something, or the beginning of a time',
	funding: 'of everything, or of lines that do not say it',
	grace: 'of points that come back after their date, and of differences that may still go away',
	key: 'names a run of many cards, or one command',
	name: 'of whatever the command makes or changes',
	order: 'one order, or a list of them',
	payment: 'one payment, or its callback',
	pin: 'given to each card, or also to one without',
	points: 'how many, or a switch',
	program: 'required beside points where there are several',
	rate: 'what a point is worth, and how fast VTEX is asked',
	reason: 'says with what it is kept',
	'reason-code': 'of what is done, or of what is looked for',
	replace: 'what stands in the way: an entry, or a hook',
	'relation-name': 'of what is issued, or of what is looked for',
	role: 'of a credential, of a person, of a limit',
	run: 'gives the name, or asks for it',
	status: 'of callbacks, and of orders',
	to: 'what gets something, or the end of a time',
	yes: 'answers the one question that the command asks',
};

test('a flag has the same placeholder and the same words with every command, or differs on purpose', t => {
	const variants = new Map<string, Map<string, string[]>>();
	for (const {name, flags} of commands) {
		for (const [flag, declared] of Object.entries(flags)) {
			// What holds without it is the command's own business.
			const words = declared.description.replace(/[;.,]? ?without it.*$/i, '');
			const variant = `${placeholderOf(declared)}: ${words}`;
			const of = variants.get(flag) ?? new Map<string, string[]>();
			variants.set(flag, of.set(variant, [...(of.get(variant) ?? []), name]));
		}
	}

	const different = new Map([...variants].filter(([, of]) => of.size > 1));
	const told = [...different].filter(([flag]) => !Object.hasOwn(differentOnPurpose, flag));
	t.deepEqual(told, [], 'Use the words that are there, or say why they differ.');
	t.deepEqual(
		Object.keys(differentOnPurpose).filter(flag => !different.has(flag)),
		[],
		'These differ no more.',
	);
});
