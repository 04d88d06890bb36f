import test from 'ava';
import {defineCommand, UsageError, type Values} from '../../scripts/lib/command.ts';
import {helpOf} from '../../scripts/lib/help.ts';
import {parseFlags} from '../../scripts/lib/parse-flags.ts';

const command = defineCommand({
	name: 'things:make',
	summary: 'Make things.',
	operand: 'NAME',
	flags: {
		amount: {type: 'text', placeholder: '50.00', description: 'How much.', required: true},
		count: {type: 'whole', description: 'How many.'},
		colour: {type: 'text', choices: ['red', 'green'], description: 'Which.'},
		'no-recharge': {type: 'switch', description: 'Never again.'},
		rate: {type: 'text', repeatable: true, description: 'As many as there are.'},
	},
	changes: true,
	examples: [],
	run: () => Promise.resolve(),
});

const takes = test.macro({
	exec(t, argv: string[], values: Values) {
		t.like(parseFlags(command, argv), values);
	},
	title: (_given: string | undefined, argv: string[]) => `"${argv.join(' ')}" is understood`,
});
const refuses = test.macro({
	exec(t, argv: string[], message: RegExp) {
		t.throws(() => parseFlags(command, argv), {instanceOf: UsageError, message});
	},
	title: (_given: string | undefined, argv: string[]) =>
		`"${argv.join(' ').slice(0, 60)}" is refused, with what to do`,
});

test(takes, ['--amount', '1'], {amount: '1', count: undefined, 'no-recharge': false, json: false});
test(takes, ['--amount=1', '--count=2', '--no-recharge', '--json'], {
	amount: '1',
	count: 2,
	'no-recharge': true,
	json: true,
});
test(takes, ['expire', '--amount', '-5', '--colour', 'red'], {
	operand: 'expire',
	amount: '-5',
	colour: 'red',
});
test(takes, ['--amount=--1'], {amount: '--1'});
test(takes, ['--help', '--count', '3'], {help: true});
test(takes, ['--amount', '2'], {rate: []});
test(takes, ['--amount', '1', '--rate', 'a', '--rate=b', '--rate', 'a'], {rate: ['a', 'b', 'a']});

test(refuses, [], /needs --amount 50\.00\.$/);
test(refuses, ['--ammount', '1'], /no flag --ammount\. Did you mean --amount\?/);
test(refuses, ['--amount', '1', '--jsn'], /Did you mean --json\?/);
test(refuses, ['--amount', '1', '--weather'], /no flag --weather\. See --help\./);
test(refuses, ['--amount', '1', '-v'], /no flag -v/);
test(refuses, ['--amount', '1', '--constructor', 'x'], /no flag --constructor/);
test(refuses, ['--amount', '1', '--rate', 'a', '--rate', '--json'], /--rate needs a value/);
test(refuses, ['--amount'], /--amount needs a value: --amount 50\.00/);
test(refuses, ['--amount', '--json'], /--amount needs a value/);
test(refuses, ['--amount', ' '], /--amount needs a value/);
test(refuses, ['--amount', '1', '--amount', '2'], /--amount was given twice/);
test(refuses, ['--amount', '1', '--json=yes'], /--json takes no value/);
test(refuses, ['--amount', '1', '--count', '0'], /--count takes a whole number from 1; not "0"/);
test(refuses, ['--amount', '1', '--count', '1e3'], /not "1e3"/);
test(refuses, ['--amount', '1', '--count', '1000000000'], /whole number/);
test(refuses, ['--amount', '1', '--colour', 'blue'], /takes red, green; not "blue"\.$/);
test(refuses, ['--amount', '1', '--colour', 'gren'], /not "gren"\. Did you mean green\?$/);
test(refuses, ['a', 'b', '--amount', '1'], /takes one NAME at a time/);
test(refuses, ['--amount', 'x'.repeat(2001)], /at most 2000 characters/);

const wishing = defineCommand({
	name: 'things:wish',
	summary: 'Wish for things.',
	flags: {
		what: {type: 'text', placeholder: 'W', description: 'What.', required: true},
		who: {type: 'text', choices: ['me', 'you'], description: 'Who.', required: true},
		why: {type: 'text', placeholder: 'WHY', description: 'Why.', required: true},
		actor: {type: 'text', placeholder: 'A', description: 'Who plays it.'},
	},
	changes: false,
	examples: [],
	run: () => Promise.resolve(),
});

test('all that is missing is said at once', t => {
	t.throws(() => parseFlags(wishing, ['--who', 'me']), {
		message: 'things:wish needs --what W and --why WHY.',
	});
	t.throws(() => parseFlags(wishing, []), {
		message: 'things:wish needs --what W, --who me|you and --why WHY.',
	});
});

test('a flag of its own goes before a common one of that name', t => {
	const help = helpOf(wishing);

	t.is(help.match(/--actor /g)?.length, 1);
	t.true(help.includes('--actor A'));
	t.is(parseFlags(wishing, ['--what', 'w', '--who', 'me', '--why', 'y', '--actor', 'x'])['actor'], 'x');
});
