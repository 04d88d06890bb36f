import {z} from 'zod';
import {MAX_UNITS} from '../money/amount.ts';
import {currency, isCurrencyCode} from '../money/asset.ts';
import {rate, type Rate} from '../money/convert.ts';
import {type EarnRules, type Override} from './earn-rules.ts';

/*
 * Earn rules as they are stored with their program and typed by people: plain JSON, its numbers as text, because JSON's own would lose
 * digits. Nothing is guessed: a member that is not known here is refused, since a misspelt exclusion would quietly give points away.
 */

/** More than any catalogue's special cases, and few enough to be looked through by a person. */
const overridesMax = 1000;
const exclusionsMax = 5000;
const idLengthMax = 256;

const unknownMember = (known: string) => (issue: {readonly code?: string | undefined}) =>
	issue.code === 'unrecognized_keys'
		? `has a member that is not known. Use ${known} only.`
		: `must be an object with ${known}.`;

const id = z
	.string('must be text in quotes, such as "34".')
	.trim()
	.min(1, 'is empty. Write the id, or leave the entry out.')
	.max(idLengthMax, `is longer than ${idLengthMax} characters. Check the id.`);

const notDigits = 'must be a whole number in quotes, such as "100".';

const digits = z.union([z.bigint(), z.string().regex(/^\d{1,18}$/, notDigits)], notDigits).transform(BigInt);

const yesOrNo = (fallback: boolean) => z.boolean('must be true or false.').default(fallback);

const listOf = <Element extends z.ZodType>(element: Element, lengthMax: number) =>
	z
		.array(element, 'must be a list.')
		.max(lengthMax, `has more than ${lengthMax} entries. Use a category that covers several of them.`)
		.default([]);

/** A positive fraction: a rate, or the factor of one. */
const Ratio = z
	.strictObject(
		{numerator: digits, denominator: digits},
		{error: unknownMember('"numerator" and "denominator"')},
	)
	.transform(({numerator, denominator}, ctx): Rate => {
		if (numerator === 0n) {
			ctx.addIssue('is zero. Exclude what is to earn nothing instead.');
			return z.NEVER;
		}

		try {
			return rate(numerator, denominator);
		} catch (error) {
			ctx.addIssue(`cannot be used. ${(error as RangeError).message}`);
			return z.NEVER;
		}
	});

const overrideMembers = {rate: Ratio.optional(), factor: Ratio.optional()};

function overrideOf(
	given: {readonly rate?: Rate | undefined; readonly factor?: Rate | undefined},
	ctx: {addIssue: (message: string) => void},
): Override {
	if (given.rate !== undefined && given.factor === undefined) {
		return {kind: 'rate', rate: given.rate};
	}

	if (given.factor !== undefined && given.rate === undefined) {
		return {kind: 'factor', factor: given.factor};
	}

	ctx.addIssue('must have either a "rate" of its own or a "factor" of the program\'s. Give one of them.');
	return z.NEVER;
}

const CategoryOverride = z
	.strictObject(
		{category: id, ...overrideMembers},
		{error: unknownMember('"category" and "rate" or "factor"')},
	)
	.transform((given, ctx) => [given.category, overrideOf(given, ctx)] as const);

const SellerOverride = z
	.strictObject({seller: id, ...overrideMembers}, {error: unknownMember('"seller" and "rate" or "factor"')})
	.transform((given, ctx) => [given.seller, overrideOf(given, ctx)] as const);

const Excluded = z
	.strictObject(
		{
			categories: listOf(id, exclusionsMax),
			skus: listOf(id, exclusionsMax),
			sellers: listOf(id, exclusionsMax),
		},
		{error: unknownMember('"categories", "skus" and "sellers"')},
	)
	.transform(({categories, skus, sellers}) => ({
		categories: new Set(categories),
		skus: new Set(skus),
		sellers: new Set(sellers),
	}));

const members =
	'"currency", "rate", "byCategory", "bySeller", "minimum", "excluded", "freightEarns", "taxEarns", "affiliatesEarn", "giftCardsAreStoredValue" and "earnOn"';

export const EarnRulesJson = z
	.strictObject(
		{
			currency: z
				.string('must be the code of a currency, such as "BRL".')
				.refine(isCurrencyCode, 'is not a currency in use. Write an ISO 4217 code, such as "BRL".')
				.transform(code => currency(code).code),
			rate: Ratio,
			byCategory: listOf(CategoryOverride, overridesMax),
			bySeller: listOf(SellerOverride, overridesMax),
			minimum: digits
				.refine(units => units >= 0n && units <= MAX_UNITS, 'is no order\'s value. Write "0" for no minimum.')
				.default(0n),
			excluded: Excluded.default({categories: new Set(), skus: new Set(), sellers: new Set()}),
			freightEarns: yesOrNo(false),
			taxEarns: yesOrNo(false),
			affiliatesEarn: yesOrNo(true),
			giftCardsAreStoredValue: yesOrNo(true),
			earnOn: z.enum(['invoice', 'payment'], 'must be "invoice" or "payment".').default('invoice'),
		},
		{error: unknownMember(members)},
	)
	.transform((given, ctx): EarnRules => {
		const {byCategory, bySeller, excluded} = given;
		refuseContradictions(byCategory, excluded.categories, 'byCategory', ctx);
		refuseContradictions(bySeller, excluded.sellers, 'bySeller', ctx);
		return {...given, byCategory: new Map(byCategory), bySeller: new Map(bySeller)};
	});

/** Earn rules that cannot be used: a sentence for each member that is wrong, saying what to do. */
export class UnusableEarnRulesError extends Error {
	readonly problems: readonly string[];

	constructor(problems: readonly string[]) {
		super(`The earn rules cannot be used:\n${problems.join('\n')}`);
		this.name = 'UnusableEarnRulesError';
		this.problems = problems;
	}
}

/**
 * Reads earn rules from the JSON of their program; what is left out has its default.
 *
 * @throws {UnusableEarnRulesError} with all that is wrong
 */
export function readEarnRules(json: unknown): EarnRules {
	const read = EarnRulesJson.safeParse(json);
	if (!read.success) {
		throw new UnusableEarnRulesError(
			read.error.issues.map(({path, message}) => `${placeOf(path)} ${message}`),
		);
	}

	return read.data;
}

/** Earn rules as JSON with every member written out, so that a default which changes later changes no program; `readEarnRules` reads it back. */
export function writeEarnRules(rules: EarnRules): z.input<typeof EarnRulesJson> {
	const {byCategory, bySeller, excluded} = rules;
	return {
		...rules,
		rate: ratioJson(rules.rate),
		byCategory: [...byCategory].map(([category, override]) => ({category, ...overrideJson(override)})),
		bySeller: [...bySeller].map(([seller, override]) => ({seller, ...overrideJson(override)})),
		minimum: rules.minimum.toString(),
		excluded: {
			categories: [...excluded.categories],
			skus: [...excluded.skus],
			sellers: [...excluded.sellers],
		},
	};
}

/** The later of two entries would win in silence, and an exclusion makes an override a promise that is not kept. */
function refuseContradictions(
	overrides: readonly (readonly [id: string, override: Override])[],
	excluded: ReadonlySet<string>,
	member: string,
	ctx: {addIssue: (issue: {code: 'custom'; message: string; path: PropertyKey[]}) => void},
): void {
	const seen = new Set<string>();
	for (const [index, [key]] of overrides.entries()) {
		const problem = seen.has(key)
			? 'repeats an earlier entry. Keep one of the two.'
			: excluded.has(key)
				? 'is excluded as well, so it can earn nothing. Take it out of one of the two lists.'
				: undefined;
		if (problem !== undefined) {
			ctx.addIssue({code: 'custom', message: problem, path: [member, index]});
		}

		seen.add(key);
	}
}

function placeOf(path: readonly PropertyKey[]): string {
	return path.length === 0
		? 'The whole'
		: path
				.map(step => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
				.join('')
				.slice(1);
}

const ratioJson = ({numerator, denominator}: Rate) => ({
	numerator: numerator.toString(),
	denominator: denominator.toString(),
});

const overrideJson = (override: Override) =>
	override.kind === 'rate' ? {rate: ratioJson(override.rate)} : {factor: ratioJson(override.factor)};
