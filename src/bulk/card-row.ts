import {codeCandidates} from '../cards/redemption-code.ts';
import {type Identifier} from '../customers/identity.ts';
import {type Instant} from '../ledger/calendar.ts';
import {type FundingAccount} from '../ledger/chart.ts';
import {type Asset} from '../money/asset.ts';
import {
	currencyOf,
	customerOf,
	dayEnd,
	type Funding,
	fundingOf,
	fundings,
	keyOf,
	type Note,
	sentenceOf,
	unitsOf,
} from './credit-row.ts';
import {type Cell, cellsOf, type Columns, type Line, type LineProblem} from './line.ts';

/** The columns of a file of cards. */
export const cardColumns = [
	...(['key', 'code', 'amount', 'currency', 'expires', 'funding'] as const),
	...(['customer-email', 'customer-document', 'customer-id', 'caption', 'relation-name'] as const),
	...(['restricted', 'single-use', 'no-recharge', 'pin'] as const),
] as const;

export type CardColumn = (typeof cardColumns)[number];

/** What one line of a file of cards asks for. */
export type CardWish = {
	readonly line: number;
	/** The line's own key; null where it happens once for the run and line. */
	readonly key: string | null;
	/** Normalised, as it is to be stored; null for a new one of ours. A secret. */
	readonly code: string | null;
	readonly asset: Asset;
	/** Minor units, above zero. */
	readonly amount: bigint;
	readonly origin: FundingAccount;
	/** Null for never. Only migrated value may be past its date. */
	readonly expiresAt: Instant | null;
	/** Its owner; none for nobody. */
	readonly identifiers: readonly Identifier[];
	readonly caption: string | null;
	readonly relationName: string | null;
	readonly restricted: boolean;
	readonly singleUse: boolean;
	readonly rechargeable: boolean;
	/** A secret of 4 to 12 digits; `new` for one of ours; null for none. */
	readonly pin: string | null;
};

/** What holds for all lines of a file, and what a line may leave out. */
export type CardTerms = {
	readonly timeZone: string;
	readonly now: Instant;
	/** ISO 4217. */
	readonly currency: string;
	readonly funding: Funding;
	/** Whether the merchant's cards may have codes of other systems. */
	readonly foreignCodes: boolean;
};

const textLengthMax = 200;
const words: Readonly<Record<string, boolean>> = {
	...{'': false, no: false, false: false, 0: false, yes: true, true: true, 1: true},
};

/** Read one line of a file of cards. @returns what it asks for, or all that is wrong with it; never a code or a PIN */
export function cardRow(
	columns: Columns<CardColumn>,
	record: Line,
	terms: CardTerms,
): CardWish | LineProblem {
	const {line} = record;
	const cell = cellsOf(columns, record);
	if (typeof cell !== 'function') {
		return cell;
	}

	const problems: string[] = [];
	const note = (problem: string) => {
		problems.push(problem);
	};
	const asset = currencyOf(cell('currency') || terms.currency, note);
	const amount = asset && unitsOf('amount', cell('amount'), asset, note);
	const funding = fundingOf(cell('funding'), terms.funding, note);
	const identifiers = customerOf(cell, note);
	const restricted = wordOf('restricted', cell, note);
	if (restricted && identifiers.length === 0) {
		note('restricted needs an owner: customer-email, customer-document or customer-id');
	}

	const wish = {
		key: keyOf(cell('key'), note),
		code: codeOf(cell('code'), terms, note),
		origin: fundings[funding],
		expiresAt: expiryOf(cell('expires'), terms, funding, note),
		...{identifiers, restricted},
		caption: textOf('caption', cell, note),
		relationName: textOf('relation-name', cell, note),
		singleUse: wordOf('single-use', cell, note),
		rechargeable: !wordOf('no-recharge', cell, note),
		pin: pinOf(cell('pin'), note),
	};
	return asset === undefined || amount === undefined || problems.length > 0
		? {line, problem: sentenceOf(problems)}
		: {line, asset, amount, ...wish};
}

/** A code of ours is stored as ours, so that look-alikes are read; any other one as it is, where the merchant takes those. */
function codeOf(text: string, {foreignCodes}: CardTerms, note: Note): string | null {
	if (text === '') {
		return null;
	}

	const [code] = codeCandidates(text, foreignCodes);
	if (code === undefined) {
		note(
			foreignCodes
				? 'code has less than 6 or more than 255 characters'
				: 'code is none of ours; merchants:update --foreign-codes on lets cards have codes of other systems',
		);
	}

	return code ?? null;
}

function expiryOf(text: string, {timeZone, now}: CardTerms, funding: Funding, note: Note): Instant | null {
	const expiresAt = text === '' ? undefined : dayEnd(text, timeZone, note);
	if (expiresAt !== undefined && expiresAt <= now && funding !== 'migrated') {
		note('expires is past, which only cards with the funding migrated may be');
	}

	return expiresAt ?? null;
}

function textOf(name: 'caption' | 'relation-name', cell: Cell<CardColumn>, note: Note): string | null {
	const text = cell(name);
	if (text.length > textLengthMax || text.includes('\0')) {
		note(`${name} is no text of at most ${textLengthMax} characters`);
	}

	return text === '' ? null : text;
}

function wordOf(
	name: 'restricted' | 'single-use' | 'no-recharge',
	cell: Cell<CardColumn>,
	note: Note,
): boolean {
	const word = words[cell(name).toLowerCase()];
	if (word === undefined) {
		note(`${name} is neither yes nor no`);
	}

	return word === true;
}

function pinOf(text: string, note: Note): string | null {
	const pin = text.toLowerCase();
	if (pin !== '' && pin !== 'new' && !/^\d{4,12}$/.test(pin)) {
		note('pin is neither 4 to 12 digits nor the word new');
	}

	return pin === '' ? null : pin;
}
