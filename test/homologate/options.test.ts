import test from 'ava';
import {giftCards} from '../../scripts/homologate/giftcards/suite.ts';
import {suites} from '../../scripts/homologate/suites.ts';
import {helpText, type Options, readOptions} from '../../scripts/homologate/options.ts';
import {UsageError} from '../../scripts/lib/command.ts';

const usual = ['--url', 'https://cards.example.com/v1', '--app-key', 'k', '--app-token', 't'];
const read = (...more: string[]) => readOptions(suites, [...usual, ...more]) as Options;

test('what is typed is what is tried', t => {
	const {url, appKey, appToken, currency, timeoutMs, only} = read('--currency', 'clp', '--timeout', '3');

	t.deepEqual(
		{url, appKey, appToken, currency, timeoutMs, only},
		{
			...{url: 'https://cards.example.com/v1', appKey: 'k', appToken: 't'},
			...{currency: 'CLP', timeoutMs: 3000, only: undefined},
		},
	);
});

test('--only takes ids in any case, and a letter for all that begin with it', t => {
	t.deepEqual([...(read('--only', 'g07, G36').only ?? [])], ['G07', 'G36']);
	t.is(read('--only', 'G').only?.size, giftCards.rules.length);
});

for (const [what, args, said] of [
	['nothing', [], /homologate needs --url URL and --app-key KEY\./],
	['no address', [...usual, '--url=cards.example.com'].slice(2), /--url takes an address as https:/],
	['a query', ['--url', 'https://x.example/v1?a=b', '--app-key', 'k'], /without a query/],
	[
		'a name before the host',
		['--url', 'https://a:b@x.example/v1', '--app-key', 'k'],
		/a name before the host/,
	],
	['a password alone', ['--url', 'https://:b@x.example/v1', '--app-key', 'k'], /a name before the host/],
	['an unknown check', [...usual, '--only', 'G99'], /There is no check G99/],
	['an unknown protocol', [...usual, '--protocol', 'loyalty'], /--protocol takes/],
	['an unknown flag', [...usual, '--reprot', 'x'], /Did you mean --report\?/],
	['no currency', [...usual, '--currency', 'R$'], /--currency takes three letters/],
	['two tokens', [...usual, '--app-token-file', 'f'], /Give the app token once/],
	[
		'a file that is not there',
		[...usual.slice(0, 4), '--app-token-file', '/nowhere/token'],
		/cannot be read/,
	],
	['a token of two lines', [...usual.slice(0, 4), '--app-token', 'a\nb'], /--app-token has to be one line/],
	['a time-out of nothing', [...usual, '--timeout', '0'], /--timeout takes a whole number/],
] as const) {
	test(`${what} is no usage, and the message says what is`, t => {
		t.throws(() => readOptions(suites, args), {instanceOf: UsageError, message: said});
	});
}

test('--help names every flag, and fits into 100 columns', t => {
	const text = helpText(suites);

	t.is(readOptions(suites, ['--help']), 'help');
	for (const flag of [
		'url',
		'app-key',
		'app-token-file',
		'protocol',
		'code',
		'only',
		'report',
		'junit',
		'json',
	]) {
		t.true(text.includes(`--${flag}`), flag);
	}

	t.deepEqual(
		text.split('\n').filter(line => line.length > 100),
		[],
	);
});
