import fc from 'fast-check';
import test from 'ava';
import {rate} from '../../src/money/convert.ts';
import {type Terms} from '../../src/ledger/terms.ts';
import {pricingOf, unitsOf, valueOf} from '../../src/ledger/worth.ts';

const cent: Terms = {rate: rate(1n, 1n), least: 1n, most: null};

test('money is worth itself, in its own currency only', t => {
	t.is(pricingOf({assetId: 1, program: null}, 1), 'same');
	t.is(pricingOf({assetId: 1, program: null}, 2), undefined);
	t.is(valueOf(12_34n, 'same'), 12_34n);
	t.is(unitsOf(12_34n, 'same'), 12_34n);
});

test('points pay in every currency that their program has a rate to', t => {
	const program = {terms: new Map([[1, cent]]), grace: {days: 30, capDays: 365}};

	t.is(pricingOf({assetId: 9, program}, 1), cent);
	t.is(pricingOf({assetId: 9, program}, 2), undefined);
});

test('points are shown rounded down and taken rounded up', t => {
	const terms = {...cent, rate: rate(1n, 3n)};

	t.is(valueOf(8n, terms), 2n);
	t.is(unitsOf(2n, terms), 6n);
	t.is(unitsOf(3n, {...cent, rate: rate(2n, 1n)}), 2n);
});

test('an order redeems no more than the most, and of fewer than the least nothing', t => {
	const terms = {...cent, least: 100n, most: 500n};

	t.is(valueOf(99n, terms), 0n);
	t.is(valueOf(100n, terms), 100n);
	t.is(valueOf(500n, terms), 500n);
	t.is(valueOf(501n, terms), 500n);
});

test('whatever is shown can be taken, and never takes more than it was shown for', t => {
	const terms = fc.bigInt(1n, 10_000n);
	t.notThrows(() => {
		fc.assert(
			fc.property(terms, terms, fc.bigInt(0n, 10n ** 12n), (numerator, denominator, units) => {
				const pricing = {...cent, rate: rate(numerator, denominator)};
				const shown = valueOf(units, pricing);

				return unitsOf(shown, pricing) <= units && unitsOf(shown + 1n, pricing) > units;
			}),
		);
	});
});
