import test from 'ava';
import {emissionOf, expiryOf, WireDateError} from '../../../src/vtex/giftcards/wire-dates.ts';

const saoPaulo = 'America/Sao_Paulo';
const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());

const expires = test.macro({
	exec(t, text: string | null | undefined, expected: string | null, timeZone?: string) {
		t.is(iso(expiryOf(text, timeZone ?? saoPaulo)), expected);
	},
	title: (given = '', text: string | null | undefined, expected: string | null, timeZone?: string) =>
		`${given}an expiringDate of ${String(text)} in ${timeZone ?? saoPaulo} ends before ${expected ?? 'never'}`,
});

// The first instant after the local day: São Paulo is three hours behind UTC, and was two in the summers until 2019.
test(expires, '2027-12-31', '2028-01-01T03:00:00.000Z');
test(expires, '2027-12-31T23:59:59.999', '2028-01-01T03:00:00.000Z');
test(expires, '2027-12-31T00:00:00Z', '2028-01-01T03:00:00.000Z');
test(expires, '2027-12-31T23:59:59.9999999Z', '2028-01-01T03:00:00.000Z');
test(expires, '2020-09-01T13:15:30+09:00', '2020-09-02T03:00:00.000Z');
test(expires, '2016-01-01T00:00:00', '2016-01-02T02:00:00.000Z');
test(expires, '2027-12-31T00:00:00Z', '2027-12-31T15:00:00.000Z', 'Asia/Tokyo');
test(expires, '9999-12-31T23:59:59.9999999', null);
test(expires, '0001-01-01T00:00:00', null);
test(expires, '', null);
test(expires, null, null);
test(expires, undefined, null);

test('an emissionDate is the instant named, or the beginning of its local day if that is earlier', t => {
	// In the evening of the 20th in São Paulo, a clock in UTC shows the 21st already.
	t.is(iso(emissionOf('2026-03-21T01:00:00Z', saoPaulo)), '2026-03-21T01:00:00.000Z');
	t.is(iso(emissionOf('2026-03-21T13:15:30.123', saoPaulo)), '2026-03-21T03:00:00.000Z');
	t.is(iso(emissionOf('2026-03-21T13:15:30+0900', saoPaulo)), '2026-03-21T03:00:00.000Z');
	t.is(iso(emissionOf('2026-03-21', saoPaulo)), '2026-03-21T00:00:00.000Z');
	t.is(iso(emissionOf('2026-03-21', 'Asia/Tokyo')), '2026-03-20T15:00:00.000Z');
	t.is(emissionOf('0001-01-01T00:00:00', saoPaulo), null);
	t.is(emissionOf(null, saoPaulo), null);
});

for (const text of [
	'31.12.2027',
	'2027-13-01',
	'2027-02-30',
	'2027-12-31T25:00',
	'soon',
	'1830297600000',
	'2027-12-31T',
]) {
	test(`"${text}" is no date`, t => {
		t.throws(() => expiryOf(text, saoPaulo), {instanceOf: WireDateError});
		t.throws(() => emissionOf(text, saoPaulo), {instanceOf: WireDateError});
	});
}
