import {type Identifier, identifierKey, identifiersOf} from '../customers/identity.ts';
import {endOfLocalDay, type Instant} from '../ledger/calendar.ts';
import {type FundingAccount} from '../ledger/chart.ts';
import {type ReasonCode, reasonCodes, type Why} from '../ledger/reasons.ts';
import {expiryOf, type Program} from '../loyalty/program.ts';
import {parseWireAmount} from '../money/amount.ts';
import {type Asset, currency} from '../money/asset.ts';
import {type Cell, cellsOf, type Columns, type Line, type LineProblem} from './line.ts';

/** The columns of a file of credits. */
export const creditColumns = [
	...(['key', 'customer-email', 'customer-document', 'customer-id', 'card', 'amount', 'currency'] as const),
	...(['points', 'reason', 'reason-code', 'expires', 'funding', 'program'] as const),
] as const;

export type CreditColumn = (typeof creditColumns)[number];

/** What value is given for, in the words of people → the account that it comes from. */
export const fundings = {
	courtesy: 'fundingCourtesy',
	promotional: 'fundingPromotional',
	sold: 'fundingSold',
	migrated: 'fundingMigrated',
} as const satisfies Record<string, FundingAccount>;

export type Funding = keyof typeof fundings;

/** A card by its public id (a UUID), or a customer by at least one identifier, as `identifiersOf` gives them. */
export type CreditTarget =
	| {readonly kind: 'card'; readonly publicId: string}
	| {readonly kind: 'customer'; readonly identifiers: readonly Identifier[]};

/** What one line of a file asks for. */
export type CreditWish = Why & {
	readonly line: number;
	/** The line's own key; null where it happens once for the run and line. */
	readonly key: string | null;
	readonly target: CreditTarget;
	readonly asset: Asset;
	/** Whose points they are; null for money. */
	readonly program: Program | null;
	/** Minor units, above zero. */
	readonly amount: bigint;
	readonly origin: FundingAccount;
	/** When it ends; null for never, undefined for the card's own date. */
	readonly expiresAt: Instant | null | undefined;
};

/** What holds for all lines of a file, and what a line may leave out. */
export type CreditTerms = Why & {
	readonly timeZone: string;
	readonly now: Instant;
	/** ISO 4217. */
	readonly currency: string;
	readonly funding: Funding;
	/** The program that a name means, and without one the only one; or what is wrong with that. */
	readonly programOf: (name: string | undefined) => Program | {readonly problem: string};
};

const keyLengthMax = 512;
const reasonLengthMax = 1000;

/** Read one line of a file of credits. @returns what it asks for, or all that is wrong with it */
export function creditRow(
	columns: Columns<CreditColumn>,
	record: Line,
	terms: CreditTerms,
): CreditWish | LineProblem {
	const {line} = record;
	const cell = cellsOf(columns, record);
	if (typeof cell !== 'function') {
		return cell;
	}

	const problems: string[] = [];
	const note = (problem: string) => {
		problems.push(problem);
	};
	const target = targetOf(cell, note);
	const sum = sumOf(cell, terms, note);
	const origin = fundings[fundingOf(cell('funding'), terms.funding, note)];
	const reason = cell('reason') || terms.reason;
	if (reason === '' || reason.length > reasonLengthMax || reason.includes('\0')) {
		note(
			reason === ''
				? 'reason is empty; give it here or by --reason'
				: `reason is no text of at most ${reasonLengthMax} characters`,
		);
	}

	const reasonCode = reasonCodeGiven(cell('reason-code'), terms.reasonCode, note);
	const key = keyOf(cell('key'), note);
	const expiresAt = sum && expiryGiven(cell('expires'), terms, {program: sum.program, origin}, note);
	if (target === undefined || sum === undefined || problems.length > 0) {
		return {line, problem: sentenceOf(problems)};
	}

	// Field by field: an object that others are spread into is several times as large, and thousands of lines are on their way together.
	const {asset, program, amount} = sum;
	return {line, key, target, asset, program, amount, origin, reason, reasonCode, expiresAt};
}

/** All that is wrong with a line, as one sentence. */
export function sentenceOf(problems: readonly string[]): string {
	const text = problems.join('; ');
	return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** Takes down what is wrong with a line. */
export type Note = (problem: string) => void;

/** The key of a line, or null where it has none. */
export function keyOf(text: string, note: Note): string | null {
	if (text.length > keyLengthMax || /\p{Cc}/u.test(text)) {
		note(`key is no plain text of at most ${keyLengthMax} characters`);
	}

	return text === '' ? null : text;
}

/** What it is given for. */
export function fundingOf(text: string, preset: Funding, note: Note): Funding {
	const funding = text === '' ? preset : text.toLowerCase();
	if (!Object.hasOwn(fundings, funding)) {
		note(`funding is none of ${Object.keys(fundings).join(', ')}`);
		return preset;
	}

	return funding as Funding;
}

function reasonCodeGiven(text: string, preset: ReasonCode | undefined, note: Note): ReasonCode | undefined {
	const code = text === '' ? preset : reasonCodes.find(one => one === text.toLowerCase());
	if (text !== '' && code === undefined) {
		note(`reason-code is none of ${reasonCodes.join(', ')}`);
	}

	return code;
}

type CustomerColumn = 'customer-email' | 'customer-document' | 'customer-id';

/** The columns that name a customer, and what each of them is to `identifiersOf`. */
const customerColumns = [
	['customer-id', 'id'],
	['customer-email', 'email'],
	['customer-document', 'document'],
] as const satisfies readonly (readonly [CustomerColumn, string])[];

/** Whom a line names; none where its cells are empty. */
export function customerOf(cell: Cell<CustomerColumn>, note: Note): Identifier[] {
	const identifiers: Identifier[] = [];
	for (const [name, field] of customerColumns) {
		const text = cell(name);
		const [identifier] = text === '' ? [] : identifiersOf({[field]: text});
		if (identifier !== undefined) {
			identifiers.push(identifier);
		} else if (text !== '') {
			note(`${name} names nobody`);
		}
	}

	return identifiers.length < 2
		? identifiers
		: [...new Map(identifiers.map(one => [identifierKey(one), one])).values()];
}

function targetOf(cell: Cell<CreditColumn>, note: Note): CreditTarget | undefined {
	const identifiers = customerOf(cell, note);
	const card = cell('card').toLowerCase().replaceAll('-', '');
	const isCustomer = customerColumns.some(([name]) => cell(name) !== '');
	if ((card !== '') === isCustomer) {
		note(
			card === ''
				? 'it names neither a card nor a customer'
				: 'it names a card and a customer, and only one of them can be meant',
		);
		return;
	}

	if (isCustomer) {
		return {kind: 'customer', identifiers};
	}

	if (!/^[\da-f]{32}$/.test(card)) {
		note('card is no id of 32 digits from 0 to f');
		return undefined;
	}

	return {kind: 'card', publicId: card.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')};
}

type Sum = Pick<CreditWish, 'asset' | 'program' | 'amount'>;

function sumOf(cell: Cell<CreditColumn>, terms: CreditTerms, note: Note): Sum | undefined {
	const [amount, points] = [cell('amount'), cell('points')];
	if ((amount === '') === (points === '')) {
		note(amount === '' ? 'it has neither an amount nor points' : 'it has an amount and points');
		return;
	}

	if (points === '') {
		if (cell('program') !== '') {
			note('program is for points');
			return;
		}

		const asset = currencyOf(cell('currency') || terms.currency, note);
		const units = asset && unitsOf('amount', amount, asset, note);
		return asset === undefined || units === undefined ? undefined : {asset, program: null, amount: units};
	}

	if (cell('currency') !== '') {
		note('currency is for money; points have none');
		return;
	}

	const program = terms.programOf(cell('program') || undefined);
	if ('problem' in program) {
		note(program.problem);
		return;
	}

	const units = unitsOf('points', points, program.asset, note);
	if (units !== undefined && program.balanceMax !== null && units > program.balanceMax) {
		note(`points are more than a wallet of ${program.name} may carry`);
		return;
	}

	return units === undefined ? undefined : {asset: program.asset, program, amount: units};
}

/** A currency by its code. */
export function currencyOf(code: string, note: Note): Asset | undefined {
	try {
		return currency(code);
	} catch {
		note('currency is no code in use, such as BRL');
		return;
	}
}

/** An amount above zero, with a dot or a comma before the decimals, in minor units. */
export function unitsOf(name: string, text: string, asset: Asset, note: Note): bigint | undefined {
	const read = parseWireAmount(text, asset);
	if (!read.ok) {
		note(`${name} ${read.problem.replace(/\.$/, '')}`);
		return;
	}

	if (read.units <= 0n) {
		note(`${name} is not above zero`);
		return undefined;
	}

	return read.units;
}

function expiryGiven(
	text: string,
	{timeZone, now}: CreditTerms,
	{program, origin}: Pick<CreditWish, 'program' | 'origin'>,
	note: Note,
): Instant | null | undefined {
	if (text === '') {
		return program === null ? undefined : expiryOf(program, origin, now, timeZone);
	}

	const expiresAt = dayEnd(text, timeZone, note);
	if (expiresAt !== undefined && expiresAt <= now) {
		note('expires is past; what is given would end before it began');
	}

	return expiresAt;
}

/** The end of a day in the merchant's time zone. */
export function dayEnd(text: string, timeZone: string, note: Note): Instant | undefined {
	try {
		return endOfLocalDay(text, timeZone);
	} catch {
		note('expires is no day such as 2027-12-31');
		return;
	}
}

/** One text for all that a line must repeat under its key. Customers who are known are named by their numbers. */
export function contentOf({asset, amount, target}: CreditWish, customerId?: string): string {
	const who =
		target.kind === 'card'
			? target.publicId
			: (customerId ?? target.identifiers.map(identifierKey).toSorted().join(' '));
	return `${asset.code} ${amount} ${target.kind} ${who}`;
}
