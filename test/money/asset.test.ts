import test from 'ava';
import {currency, isCurrencyCode, pointsAsset} from '../../src/money/asset.ts';

test('currencies have the decimals of ISO 4217, not those that prices are displayed with', t => {
	const scales = ['CLP', 'JPY', 'BRL', 'COP', 'IDR', 'KWD', 'TND', 'CLF'].map(code => currency(code).scale);

	t.deepEqual(scales, [0, 0, 2, 2, 2, 3, 3, 4]);
});

test('a currency code is read in any case and comes out in capitals', t => {
	t.deepEqual(currency('brl'), {code: 'BRL', scale: 2, kind: 'money'});
	t.is(currency('BRL'), currency('Brl'));
	t.true(isCurrencyCode('kwd'));
});

for (const code of ['', 'BR', 'BRLX', ' BRL', 'XAU', 'HRK', 'XYZ', 'ßp', 'R$', '__proto__']) {
	test(`"${code}" is no currency in use, and the refusal says what to give`, t => {
		t.false(isCurrencyCode(code));
		t.throws(() => currency(code), {instanceOf: RangeError, message: /Give a three-letter ISO 4217 code/});
	});
}

test('a merchant may count a currency with other decimals, which changes no other currency and nobody else', t => {
	t.is(currency('cop', {COP: 0}).scale, 0);
	t.is(currency('BRL', {COP: 0}).scale, 2);
	t.is(currency('COP').scale, 2);
});

test('decimals are whole numbers: from 0 to 4 for overrides, from 0 to 6 for points', t => {
	for (const scale of [0, 4]) {
		t.is(currency('BRL', {BRL: scale}).scale, scale);
	}

	for (const scale of [0, 6]) {
		t.is(pointsAsset('STARS', scale).scale, scale);
	}

	for (const scale of [-1, 5, 1.5, NaN]) {
		t.throws(() => currency('BRL', {BRL: scale}), {instanceOf: RangeError, message: /from 0 to 4/});
	}

	for (const scale of [-1, 7, 1.5, NaN]) {
		t.throws(() => pointsAsset('STARS', scale), {instanceOf: RangeError, message: /from 0 to 6/});
	}
});

test('overrides are read from the object itself, never from what it inherits', t => {
	const inherited = Object.create({BRL: 0}) as Record<string, number>;

	t.is(currency('BRL', inherited).scale, 2);
});

test('points are whole unless said otherwise', t => {
	t.deepEqual(pointsAsset('GOLD2'), {code: 'GOLD2', scale: 0, kind: 'points'});
});

test('the code of points has 3 to 12 capitals and digits and is never the code of a currency', t => {
	t.is(pointsAsset('PTS').code, 'PTS');
	t.is(pointsAsset('P'.repeat(12)).code.length, 12);
	for (const code of ['', 'PT', 'P'.repeat(13), 'points', 'A BC', 'A-B', 'PUNTÓS', 'PTS\n', '1000']) {
		t.throws(() => pointsAsset(code), {instanceOf: RangeError, message: /3 to 12 of A-Z and 0-9/});
	}

	t.throws(() => pointsAsset('BRL'), {
		instanceOf: RangeError,
		message: 'BRL is a currency. Choose another code for the points.',
	});
	t.is(pointsAsset('BRLS').code, 'BRLS');
});
