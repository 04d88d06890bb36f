import test from 'ava';
import {currency} from '../../../src/money/asset.ts';
import {isSaid, keptText, plainValue, saidText, saidUrl, valueIn} from '../../../src/vtex/payments/values.ts';

const [brl, clp, kwd] = [currency('BRL'), currency('CLP'), currency('KWD')];

test('null, absent, empty, the word null and unfilled placeholders say nothing', t => {
	for (const value of [null, undefined, '', '  ', 'null', '{{cardNumber}}', ' {{x}} ', {}, [], true]) {
		t.is(saidText(value), null, JSON.stringify(value));
	}

	t.is(saidText('nullable'), 'nullable');
	t.is(saidText('{{'), '{{');
	t.is(saidText(1234), '1234');
	t.is(saidText(' as sent '), ' as sent ');
});

test('text that is kept can be stored, and is no longer than it may be', t => {
	t.is(keptText('a\u0000b\uD800c', 10), 'a b c');
	t.is(keptText('12345', 4), '1234');
	t.is(keptText('123\u{1F600}', 4), '123');
	t.is(keptText('\u0000', 4), null);
});

test('an address is taken byte for byte or not at all', t => {
	const url = 'https://store.vtexpayments.com.br/api/callback?accountName=a&X-VTEX-signature=%7b%2F';

	t.is(saidUrl(url), url);
	t.is(saidUrl('https://store.example.com/\r\nX: y'), null);
	t.is(saidUrl('{{callbackUrl}}'), null);
	t.is(saidUrl(`https://store.example.com/${'x'.repeat(4096)}`), null);
});

test('a flag is true as JSON and as text', t => {
	t.deepEqual([true, 'true', 'True', false, 'false', null, 1, ''].map(isSaid), [
		...[true, true, true],
		...[false, false, false, false, false],
	]);
});

test('the value of a payment is read leniently, and never guessed', t => {
	for (const [value, text] of [
		['29,90', '29.90'],
		['15.00', '15.00'],
		[31.9, '31.90'],
		['1.234,56', '1234.56'],
		[10.1 + 20.2, '30.30'],
		[0, '0.00'],
	]) {
		t.is(valueIn(value, brl), text as string, String(value));
	}

	for (const value of ['1.234', 29.905, '29,905', -1, '-1', '', null, undefined, 'ten', true, NaN, 1e18]) {
		t.is(valueIn(value, brl), null, String(value));
	}

	t.is(valueIn('2.990', clp), null);
	t.is(valueIn(2990, clp), '2990');
	t.is(valueIn('1.234', kwd), '1.234');
});

test('the value of an operation is plain text, whatever its currency', t => {
	for (const [value, text] of [
		[45, '45'],
		[45.5, '45.5'],
		[100, '100'],
		[0, '0'],
		[-3.1, '-3.1'],
		[10.1 + 20.2, '30.3'],
		[1.234, '1.234'],
		['29,90', '29.90'],
		['1.234,56', '1234.56'],
		['2300', '2300'],
	]) {
		t.is(plainValue(value), text as string, String(value));
	}

	for (const value of ['1.234', '', 'all', null, undefined, true, NaN, Infinity, 1e30]) {
		t.is(plainValue(value), undefined, String(value));
	}
});
