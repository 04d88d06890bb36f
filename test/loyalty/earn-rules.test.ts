import test from 'ava';
import {isEligible, type Override, rateOf} from '../../src/loyalty/earn-rules.ts';
import {readEarnRules, UnusableEarnRulesError, writeEarnRules} from '../../src/loyalty/earn-rules-json.ts';
import {rate} from '../../src/money/convert.ts';
import {fraction} from '../../src/money/fraction.ts';
import {buildLine, buildRules} from '../helpers/orders.ts';

const oneHundredth = {numerator: '1', denominator: '100'};
const twice = {numerator: '2', denominator: '1'};
const shortest = {currency: 'BRL', rate: oneHundredth};

test('rules need a currency and a rate; everything else has a default', t => {
	t.deepEqual(readEarnRules(shortest), buildRules());
});

test('rules are read back as they were written, through JSON', t => {
	const rules = buildRules({
		rate: rate(3n, 700n),
		byCategory: new Map([
			['34', {kind: 'factor', factor: rate(3n, 2n)}],
			['12', {kind: 'rate', rate: rate(1n, 50n)}],
		]),
		bySeller: new Map([['partner', {kind: 'factor', factor: rate(1n, 2n)}]]),
		minimum: 5000n,
		excluded: {
			categories: new Set(['99']),
			skus: new Set(['1', '2']),
			sellers: new Set(['other']),
		},
		freightEarns: true,
		taxEarns: true,
		affiliatesEarn: false,
		giftCardsAreStoredValue: false,
		earnOn: 'payment',
	});

	t.deepEqual(readEarnRules(JSON.parse(JSON.stringify(writeEarnRules(rules)))), rules);
});

test('a rate may be given as bigints, and is kept in lowest terms', t => {
	t.deepEqual(readEarnRules({currency: 'brl', rate: {numerator: 5n, denominator: 500n}}), buildRules());
});

const refusals: readonly (readonly [given: string, members: object, problem: string])[] = [
	[
		'an unknown currency',
		{currency: 'BRX'},
		'currency is not a currency in use. Write an ISO 4217 code, such as "BRL".',
	],
	['no currency', {currency: undefined}, 'currency must be the code of a currency, such as "BRL".'],
	['no rate', {rate: undefined}, 'rate must be an object with "numerator" and "denominator".'],
	[
		'a rate of zero',
		{rate: {...oneHundredth, numerator: '0'}},
		'rate is zero. Exclude what is to earn nothing instead.',
	],
	[
		'a rate over zero',
		{rate: {...oneHundredth, denominator: '0'}},
		'rate cannot be used. A rate is a fraction of two positive whole numbers. Give a rate above zero.',
	],
	[
		'a rate below zero',
		{rate: {numerator: -1n, denominator: 100n}},
		'rate cannot be used. A rate is a fraction of two positive whole numbers. Give a rate above zero.',
	],
	[
		'a rate finer than anything',
		{rate: {...oneHundredth, denominator: '9999999999999'}},
		'rate cannot be used. The rate is too large, too small or too fine. Give one with fewer digits.',
	],
	[
		'a rate as a JSON number',
		{rate: {...oneHundredth, numerator: 0.5}},
		'rate.numerator must be a whole number in quotes, such as "100".',
	],
	[
		'a rate with another member',
		{rate: {...oneHundredth, scale: 2}},
		'rate has a member that is not known. Use "numerator" and "denominator" only.',
	],
	['a minimum below zero', {minimum: '-5'}, 'minimum must be a whole number in quotes, such as "100".'],
	[
		'a minimum beyond any order',
		{minimum: 10n ** 16n},
		'minimum is no order\'s value. Write "0" for no minimum.',
	],
	['another moment', {earnOn: 'delivery'}, 'earnOn must be "invoice" or "payment".'],
	['a word for yes', {freightEarns: 'yes'}, 'freightEarns must be true or false.'],
	[
		'an override without a rate',
		{byCategory: [{category: '34'}]},
		'byCategory[0] must have either a "rate" of its own or a "factor" of the program\'s. Give one of them.',
	],
	[
		'an override with rate and factor',
		{bySeller: [{seller: '1', rate: oneHundredth, factor: twice}]},
		'bySeller[0] must have either a "rate" of its own or a "factor" of the program\'s. Give one of them.',
	],
	[
		'a factor of zero',
		{byCategory: [{category: '34', factor: {...twice, numerator: '0'}}]},
		'byCategory[0].factor is zero. Exclude what is to earn nothing instead.',
	],
	[
		'an override of a seller among the categories',
		{byCategory: [{category: '34', seller: '1', factor: twice}]},
		'byCategory[0] has a member that is not known. Use "category" and "rate" or "factor" only.',
	],
	[
		'an override of a category among the sellers',
		{bySeller: [{category: '34', seller: '1', factor: twice}]},
		'bySeller[0] has a member that is not known. Use "seller" and "rate" or "factor" only.',
	],
	[
		'a category twice',
		{
			byCategory: [
				{category: '34', factor: twice},
				{category: ' 34', factor: twice},
			],
		},
		'byCategory[1] repeats an earlier entry. Keep one of the two.',
	],
	[
		'a category with an override and excluded',
		{byCategory: [{category: '34', factor: twice}], excluded: {categories: ['34']}},
		'byCategory[0] is excluded as well, so it can earn nothing. Take it out of one of the two lists.',
	],
	[
		'a seller with an override and excluded',
		{bySeller: [{seller: 'x', factor: twice}], excluded: {sellers: ['x']}},
		'bySeller[0] is excluded as well, so it can earn nothing. Take it out of one of the two lists.',
	],
	[
		'a category as a number',
		{excluded: {categories: [34]}},
		'excluded.categories[0] must be text in quotes, such as "34".',
	],
	[
		'an empty SKU',
		{excluded: {skus: [' ']}},
		'excluded.skus[0] is empty. Write the id, or leave the entry out.',
	],
	[
		'an endless id',
		{excluded: {skus: ['x'.repeat(257)]}},
		'excluded.skus[0] is longer than 256 characters. Check the id.',
	],
	[
		'a misspelt exclusion',
		{excluded: {category: ['34']}},
		'excluded has a member that is not known. Use "categories", "skus" and "sellers" only.',
	],
	['an exclusion that is no list', {excluded: {skus: '1'}}, 'excluded.skus must be a list.'],
	[
		'too many exclusions',
		{excluded: {skus: Array.from({length: 5001}, (_, index) => String(index))}},
		'excluded.skus has more than 5000 entries. Use a category that covers several of them.',
	],
	[
		'too many overrides',
		{byCategory: Array.from({length: 1001}, (_, index) => ({category: String(index), factor: twice}))},
		'byCategory has more than 1000 entries. Use a category that covers several of them.',
	],
];

for (const [given, members, problem] of refusals) {
	test(`rules with ${given} are refused`, t => {
		const error = t.throws(() => readEarnRules({...shortest, ...members}), {
			instanceOf: UnusableEarnRulesError,
		});

		t.deepEqual(error.problems, [problem]);
		t.is(error.message, `The earn rules cannot be used:\n${problem}`);
	});
}

test('rules with a member that nobody knows are refused, and say which there are', t => {
	t.throws(() => readEarnRules({...shortest, exclude: {}}), {
		message: /The whole has a member that is not known\. Use "currency", "rate", .* and "earnOn" only\./,
	});
});

test('what is no object is refused', t => {
	for (const json of [null, 'x', [], 7]) {
		t.throws(() => readEarnRules(json), {message: /The whole must be an object with "currency"/});
	}
});

test('all that is wrong is said at once', t => {
	const error = t.throws(() => readEarnRules({currency: 'BRX', rate: oneHundredth, minimum: 5}), {
		instanceOf: UnusableEarnRulesError,
	});

	t.is(error.problems.length, 2);
});

const factor = (numerator: bigint, denominator = 1n): Override => ({
	kind: 'factor',
	factor: rate(numerator, denominator),
});
const own = (numerator: bigint, denominator = 1n): Override => ({
	kind: 'rate',
	rate: rate(numerator, denominator),
});

test('a line earns at the rate of the program, unless something is said of its category or seller', t => {
	const rules = buildRules({byCategory: new Map([['99', factor(2n)]]), bySeller: new Map([['x', own(5n)]])});

	t.deepEqual(rateOf(buildLine(), rules), fraction(1n, 100n));
	t.deepEqual(rateOf(buildLine({categoryPath: []}), rules), fraction(1n, 100n));
	t.deepEqual(rateOf(buildLine({categoryPath: ['1', '99']}), rules), fraction(1n, 50n));
	t.deepEqual(rateOf(buildLine({seller: 'x'}), rules), fraction(5n));
});

test('the category nearest to the leaf wins, whatever it says', t => {
	const line = buildLine({categoryPath: ['12', '34', '56']});
	const byCategory = new Map([
		['12', own(7n)],
		['34', factor(3n)],
	]);

	t.deepEqual(rateOf(line, buildRules({byCategory})), fraction(3n, 100n));
	t.deepEqual(rateOf(buildLine({categoryPath: ['12']}), buildRules({byCategory})), fraction(7n));
});

test('an own rate of the category goes before that of the seller, and factors multiply either', t => {
	const line = buildLine({categoryPath: ['12'], seller: 'x'});
	const rated = (category: Override, seller: Override) =>
		rateOf(line, buildRules({byCategory: new Map([['12', category]]), bySeller: new Map([['x', seller]])}));

	t.deepEqual(rated(own(7n), own(5n)), fraction(7n));
	t.deepEqual(rated(own(7n), factor(2n)), fraction(14n));
	t.deepEqual(rated(factor(3n), own(5n)), fraction(15n));
	t.deepEqual(rated(factor(3n), factor(1n, 2n)), fraction(3n, 200n));
});

test('gifts and what is excluded earn nothing; an excluded category excludes all below it', t => {
	const rules = buildRules({
		excluded: {categories: new Set(['12']), skus: new Set(['666']), sellers: new Set(['bad'])},
	});
	const line = buildLine({categoryPath: ['20', '21']});

	t.true(isEligible(line, rules));
	t.false(isEligible({...line, isGift: true}, rules));
	t.false(isEligible({...line, sku: '666'}, rules));
	t.false(isEligible({...line, seller: 'bad'}, rules));
	t.false(isEligible({...line, categoryPath: ['12', '34']}, rules));
	t.true(isEligible({...line, categoryPath: ['34']}, rules));
});
