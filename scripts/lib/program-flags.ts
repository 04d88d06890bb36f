import {readFile} from 'node:fs/promises';
import {readEarnRules} from '../../src/loyalty/earn-rules-json.ts';
import {type EarnRules} from '../../src/loyalty/earn-rules.ts';
import {type ExpiryPolicy, type ProgramSettings} from '../../src/loyalty/program.ts';
import {type NewRate} from '../../src/loyalty/program-changes.ts';
import {parseAmount} from '../../src/money/amount.ts';
import {type Asset, isCurrencyCode} from '../../src/money/asset.ts';
import {parseRate} from '../../src/money/convert.ts';
import {type Args, type Context, type Flags, UsageError} from './command.ts';
import {beginningOf} from './dates.ts';
import {fileProblem} from './file-error.ts';

const policyPlaceholder = 'never|90d|month|month+2|year|year+1';

/** What may be said of a program when it is made and when it is changed. */
export const programFlags = {
	caption: {type: 'text', placeholder: 'C', description: 'What checkout shows of a wallet.'},
	rate: {
		type: 'text',
		placeholder: 'BRL=0.01',
		repeatable: true,
		description: 'What one point is worth in a currency; once for each currency.',
	},
	'rate-from': {
		type: 'text',
		placeholder: '2027-01-01',
		description:
			"When those rates begin: a day, from its start in the merchant's time zone, or a moment with its offset; without it now.",
	},
	expires: {
		type: 'text',
		placeholder: policyPlaceholder,
		description:
			'When points end that were earned or given: so many days later, or with their month or year or one of the next; always at the ' +
			'end of the local day.',
	},
	'purchased-expires': {
		type: 'text',
		placeholder: policyPlaceholder,
		description: 'The same for all other points, such as those that were paid for.',
	},
	pending: {
		type: 'text',
		placeholder: '14d|none',
		description: 'How many local days earned points wait before they can be spent.',
	},
	'min-redemption': {
		type: 'text',
		placeholder: 'N|none',
		description: 'Fewest points that one order redeems.',
	},
	'max-redemption': {type: 'text', placeholder: 'N|none', description: 'Most points that one order redeems.'},
	'max-balance': {type: 'text', placeholder: 'N|none', description: 'Most points that a wallet carries.'},
	'max-per-day': {
		type: 'text',
		placeholder: 'N|none',
		description: 'Most points that a wallet earns in a local day.',
	},
	'max-per-order': {
		type: 'text',
		placeholder: 'N|none',
		description: 'Most points that a wallet earns with one order.',
	},
	grace: {
		type: 'text',
		placeholder: '30d|none',
		description:
			'How long points can be spent that come back after their date. Those that were not given have 30 days at least.',
	},
	'grace-cap': {
		type: 'text',
		placeholder: '365d|none',
		description: 'How long after their first date at most. For those that were not given 365 days at least.',
	},
	clawback: {
		type: 'text',
		choices: ['debt', 'owed'],
		description:
			'Where points are to be taken back that were spent: the wallet owes them and pays from what it earns next, or it is only ' +
			'noted, and paid when they come back.',
	},
	'earn-rules': {
		type: 'text',
		placeholder: 'FILE.json|none',
		description: 'How orders earn, as a file; none, and points are only given.',
		isFile: true,
	},
} as const satisfies Flags;

/** For the help of the commands that take `--earn-rules`. */
export const earnRulesHelp =
	'A file of earn rules says at least {"currency": "BRL", "rate": {"numerator": "1", "denominator": "100"}}: minor units of the points for one ' +
	'minor unit of the currency, here a point without decimals for each real. It may also say minimum, byCategory and bySeller (each with a rate ' +
	'of its own or a factor), excluded (categories, skus, sellers), freightEarns, taxEarns, affiliatesEarn, giftCardsAreStoredValue, and earnOn ' +
	'(invoice or payment). programs:show --json prints all of it.';

type Settings = Args<typeof programFlags>;

/** What was typed of a program's settings. @throws UsageError; UnusableEarnRulesError for what the file says */
export async function settingsOf(args: Settings, points: Asset): Promise<Partial<ProgramSettings>> {
	return given({
		caption: args.caption,
		expiry: policyOf('expires', args.expires),
		purchasedExpiry: policyOf('purchased-expires', args['purchased-expires']),
		pendingDays: waitOf('pending', args.pending),
		redemptionMin: limitOf('min-redemption', args['min-redemption'], points, 1n),
		redemptionMax: limitOf('max-redemption', args['max-redemption'], points, null),
		balanceMax: limitOf('max-balance', args['max-balance'], points, null),
		dayMax: limitOf('max-per-day', args['max-per-day'], points, null),
		orderMax: limitOf('max-per-order', args['max-per-order'], points, null),
		graceDays: waitOf('grace', args.grace),
		graceCapDays: waitOf('grace-cap', args['grace-cap']),
		clawback: args.clawback,
		earnRules: await earnRulesOf(args['earn-rules']),
	});
}

/** Without the settings that were not typed: those stay as they are. */
function given(settings: {
	[Name in keyof ProgramSettings]?: ProgramSettings[Name] | undefined;
}): Partial<ProgramSettings> {
	return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

/** The rates that were typed, all from the same instant on. @throws UsageError */
export async function ratesOf(
	{parts, merchant}: Context,
	{rate: texts, 'rate-from': fromText}: Settings,
	points: Asset,
): Promise<NewRate[]> {
	if (fromText !== undefined && texts.length === 0) {
		throw new UsageError('--rate-from is for rates: give --rate BRL=0.01 with it.');
	}

	const from = fromText === undefined ? undefined : beginningOf('rate-from', fromText, merchant.timeZone);
	const rates = new Map<number, NewRate>();
	for (const text of texts) {
		const [, code = '', worth = ''] = /^([A-Za-z]{3})=(.+)$/.exec(text) ?? [];
		if (!isCurrencyCode(code)) {
			throw new UsageError(
				`--rate takes a currency and what one ${points.code} is worth in it: BRL=0.01; not "${text.slice(0, 40)}".`,
			);
		}

		const currency = await parts.assets.ofCurrency(merchant.id, code);
		if (rates.has(currency.id)) {
			throw new UsageError(`--rate was given twice for ${currency.code}.`);
		}

		const rate = usable('rate', () => parseRate(worth, points, currency));
		rates.set(currency.id, {currencyId: currency.id, rate, from});
	}

	return [...rates.values()];
}

function policyOf(flag: string, text: string | undefined): ExpiryPolicy | undefined {
	if (text === undefined) {
		return undefined;
	}

	if (text === 'never') {
		return {kind: text};
	}

	const [, days, kind, later = '0'] = /^(?:(\d{1,6})d|(month|year)(?:\+(\d{1,6}))?)$/.exec(text) ?? [];
	if (days !== undefined) {
		return {kind: 'days', count: Number(days)};
	}

	if (kind === undefined) {
		throw new UsageError(
			`--${flag} takes never, a number of days (90d), month or year, or one of the next (month+2); not "${text.slice(0, 40)}".`,
		);
	}

	return {kind: kind as 'month' | 'year', count: Number(later)};
}

function waitOf(flag: string, text: string | undefined): number | undefined {
	return text === undefined ? undefined : text === 'none' ? 0 : daysOf(flag, text);
}

/** Days that were typed: `30d`, or `30`. @throws UsageError */
export function daysOf(flag: string, text: string): number {
	const [, days] = /^(\d{1,6})d?$/.exec(text) ?? [];
	if (days === undefined) {
		throw new UsageError(`--${flag} takes a number of days, such as 30d; not "${text.slice(0, 40)}".`);
	}

	return Number(days);
}

/** @param none - what `none` stands for */
function limitOf<None extends bigint | null>(
	flag: string,
	text: string | undefined,
	points: Asset,
	none: None,
): bigint | None | undefined {
	return text === undefined
		? undefined
		: text === 'none'
			? none
			: usable(flag, () => parseAmount(text, points));
}

async function earnRulesOf(file: string | undefined): Promise<EarnRules | null | undefined> {
	if (file === undefined || file === 'none') {
		return file === undefined ? undefined : null;
	}

	const text = await readFile(file, 'utf8').catch((error: unknown) => {
		throw new UsageError(`--earn-rules: ${file} cannot be read: ${fileProblem(error)}.`);
	});
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch {
		throw new Error(`"${file}" is not JSON. Mind the quotes and commas.`);
	}

	return readEarnRules(json);
}

/** What throws a RangeError with a sentence for whoever typed it. */
export function usable<Result>(flag: string, read: () => Result): Result {
	try {
		return read();
	} catch (error) {
		throw error instanceof RangeError ? new UsageError(`--${flag}: ${error.message}`) : error;
	}
}
