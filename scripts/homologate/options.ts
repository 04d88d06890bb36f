import {readFileSync} from 'node:fs';
import {type Flags, UsageError, type Value, type Values} from '../lib/command.ts';
import {commandLine, flagLines, wrapped} from '../lib/help.ts';
import {readFlags} from '../lib/parse-flags.ts';
import {type Protocol} from './check.ts';
import {type Suite} from './suite.ts';

const name = 'homologate';

/** What was typed, understood. */
export type Options = {
	readonly url: string;
	readonly appKey: string;
	/** Undefined where it has to be asked for. */
	readonly appToken: string | undefined;
	readonly currency: string;
	readonly timeoutMs: number | undefined;
	readonly suites: readonly Suite[];
	/** Ids of the checks that shall run; all without it. */
	readonly only: ReadonlySet<string> | undefined;
	/** Where the HTML report goes. */
	readonly report: string | undefined;
	/** Where the JUnit report goes. */
	readonly junit: string | undefined;
	readonly isJson: boolean;
	readonly isVerbose: boolean;
	readonly values: Values;
};

function flagsOf(suites: readonly Suite[]): Flags {
	return {
		url: {
			type: 'text',
			placeholder: 'URL',
			description: "The provider's service URL, as it is registered at VTEX.",
			required: true,
		},
		'app-key': {
			type: 'text',
			placeholder: 'KEY',
			description: 'The app key that the provider has given out.',
			required: true,
		},
		'app-token': {
			type: 'text',
			placeholder: 'TOKEN',
			description:
				'Its app token. Lists of processes and the history of a shell show it; without this flag it is asked for, or read from the first line of standard input.',
			isSecret: true,
		},
		'app-token-file': {
			type: 'text',
			placeholder: 'FILE',
			description: 'The same, from the first line of a file.',
			isFile: true,
		},
		protocol: {
			type: 'text',
			choices: suites.map(({protocol}) => protocol),
			description: 'What is tried; all of it without this flag.',
		},
		currency: {
			type: 'text',
			placeholder: 'BRL',
			description: 'Of the cards and payments that are made (default BRL).',
		},
		...Object.fromEntries(suites.flatMap(({flags}) => Object.entries(flags))),
		only: {
			type: 'text',
			placeholder: 'G07,P03',
			description: 'These checks only; a letter stands for all that begin with it.',
		},
		timeout: {
			type: 'whole',
			placeholder: 'SECONDS',
			description: 'How long an answer may take, in place of what VTEX allows.',
		},
		report: {
			type: 'text',
			placeholder: 'FILE.html',
			description: 'Write a report for people: one file, to be opened in a browser and printed.',
			isFile: true,
		},
		junit: {type: 'text', placeholder: 'FILE.xml', description: 'Write a report for CI.', isFile: true},
		verbose: {type: 'switch', description: 'Print the exchanges behind each failure, too.'},
		json: {
			type: 'switch',
			description: 'Print one JSON value per line, one for each check, and one at the end.',
		},
		help: {type: 'switch', description: 'Print this.'},
	};
}

/** What `--help` prints. */
export function helpText(suites: readonly Suite[]): string {
	const paragraphs = [
		'Plays VTEX to a gift card or payment provider and tells what it does otherwise than VTEX needs it: the Gift Card Hub, as it lists before it sends, repeats, doubles slashes and probes with wrong credentials, and the Payment Gateway. It works with any provider; nothing of Monedero has to be installed there.',
		'It makes cards, gives them value and spends it: use a sandbox, or an account of its own. Credentials, codes and card numbers stand in no report.',
		'Each check is explained in docs/homologation.md, which the results name.',
	];
	return [
		`Usage: ${commandLine('homologate', '--url URL --app-key KEY [FLAGS]')}`,
		...paragraphs.map(paragraph => wrapped(paragraph, 0)),
		flagLines(flagsOf(suites)),
		`Examples:\n${examples.map(example => `  ${commandLine('homologate', example)}`).join('\n')}`,
		'Exit codes: 0 none failed, 1 one failed or none passed, 2 wrong usage, 130 stopped.\n',
	].join('\n\n');
}

const examples = [
	'--url https://cards.example.com/v1 --app-key acme \\\n      --app-token-file token.txt',
	'--url https://cards.example.com/v1 --app-key acme \\\n      --protocol giftcards --report homologation.html --junit homologation.xml < token.txt',
	'--url http://127.0.0.1:3000/v1 --app-key acme --only G07,G36',
];

/**
 * @throws UsageError that says what would have been right
 */
export function readOptions(suites: readonly Suite[], argv: readonly string[]): Options | 'help' {
	const values = readFlags({name}, flagsOf(suites), argv);
	if (values['help'] === true) {
		return 'help';
	}

	const only = onlyOf(textOf(values['only']), suites);
	const protocol = textOf(values['protocol']) as Protocol | undefined;
	const timeout = values['timeout'];
	return {
		url: serviceUrl(textOf(values['url']) ?? ''),
		appKey: headerText('app-key', textOf(values['app-key']) ?? ''),
		appToken: appTokenOf(values),
		currency: currencyOf(textOf(values['currency']) ?? 'BRL'),
		timeoutMs: typeof timeout === 'number' ? timeout * 1000 : undefined,
		suites: chosen(suites, protocol, only),
		only,
		report: textOf(values['report']),
		junit: textOf(values['junit']),
		isJson: values['json'] === true,
		isVerbose: values['verbose'] === true,
		values,
	};
}

function textOf(value: Value): string | undefined {
	return typeof value === 'string' ? value : undefined;
}

function appTokenOf(values: Values): string | undefined {
	const token = textOf(values['app-token']);
	const file = textOf(values['app-token-file']);
	if (token !== undefined && file !== undefined) {
		throw new UsageError('Give the app token once: --app-token or --app-token-file.');
	}

	const text = file === undefined ? token : firstLineOf(file);
	return text === undefined ? undefined : headerText('app-token', text);
}

function firstLineOf(file: string): string {
	try {
		return readFileSync(file, 'utf8').split(/\r?\n/, 1)[0] ?? '';
	} catch (error) {
		throw new UsageError(
			`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
		);
	}
}

/** What a header can hold. @throws UsageError */
export function headerText(flag: string, text: string): string {
	const trimmed = text.trim();
	if (!/^[\x21-\x7E](?:[\x20-\x7E]*[\x21-\x7E])?$/.test(trimmed)) {
		throw new UsageError(
			`--${flag} has to be one line of letters, digits and signs of ASCII, and not empty.`,
		);
	}

	return trimmed;
}

function currencyOf(text: string): string {
	const code = text.trim().toUpperCase();
	if (!/^[A-Z]{3}$/.test(code)) {
		throw new UsageError(`--currency takes three letters, as BRL; not "${text}".`);
	}

	return code;
}

function serviceUrl(text: string): string {
	const trimmed = text.trim();
	const url = URL.canParse(trimmed) ? new URL(trimmed) : undefined;
	if (
		url === undefined ||
		!/^https?:$/.test(url.protocol) ||
		/[?#\s]/.test(trimmed) ||
		url.username + url.password !== ''
	) {
		throw new UsageError(
			'--url takes an address as https://cards.example.com/v1, without a query, a fragment or a name before the host.',
		);
	}

	return trimmed;
}

function onlyOf(text: string | undefined, suites: readonly Suite[]): ReadonlySet<string> | undefined {
	if (text === undefined) {
		return undefined;
	}

	const ids = suites.flatMap(({rules}) => rules.map(({id}) => id));
	const named = text.split(',').map(one => one.trim().toUpperCase());
	const unknown = named.find(one => !ids.includes(one) && !/^[A-Z]$/.test(one));
	const known = ids.filter(id =>
		named.some(one => one !== '' && (id === one || (one.length === 1 && id.startsWith(one)))),
	);
	if (unknown !== undefined || known.length === 0) {
		throw new UsageError(
			`There is no check ${unknown ?? text}; there are ${ids[0] ?? ''} to ${ids.at(-1) ?? ''}.`,
		);
	}

	return new Set(known);
}

function chosen(
	suites: readonly Suite[],
	protocol: Protocol | undefined,
	only: ReadonlySet<string> | undefined,
): readonly Suite[] {
	const some = suites
		.filter(suite => protocol === undefined || suite.protocol === protocol)
		.filter(({rules}) => only === undefined || rules.some(({id}) => only.has(id)));
	if (some.length === 0) {
		throw new UsageError('--only names no check of the protocol.');
	}

	return some;
}
