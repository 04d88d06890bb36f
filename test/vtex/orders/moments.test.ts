import test from 'ava';
import fc from 'fast-check';
import {isOlder} from '../../../src/loyalty/order.ts';
import {momentOf} from '../../../src/vtex/orders/moments.ts';

for (const [text, moment] of [
	['2026-03-12T14:02:12.9051144+00:00', '2026-03-12T14:02:12.9051144Z'],
	['2026-03-10T12:15:08.359414+00:00', '2026-03-10T12:15:08.3594140Z'],
	['2026-03-11T16:00:00.5+00:00', '2026-03-11T16:00:00.5000000Z'],
	['2026-03-12T14:02:12Z', '2026-03-12T14:02:12.0000000Z'],
	['2026-03-12T14:02:12.123456789Z', '2026-03-12T14:02:12.1234567Z'],
	['2022-12-15T20:32:06.6120711', '2022-12-15T20:32:06.6120711Z'],
	['2026-03-12T11:02:12-0300', '2026-03-12T14:02:12.0000000Z'],
	['2026-12-31T23:30:00.0000001-01:00', '2027-01-01T00:30:00.0000001Z'],
	['2026-03-12T14:02:12+05:30', '2026-03-12T08:32:12.0000000Z'],
] as const) {
	test(`${text} is ${moment}`, t => {
		t.is(momentOf(text), moment);
	});
}

for (const text of [
	...['', 'yesterday', '2026-03-12', '2026-02-30T00:00:00Z', '2026-13-01T00:00:00Z', '2026-03-12T24:00:00Z'],
	...['2026-03-12T14:60:00Z', '0001-01-01T00:00:00', '1969-12-31T23:59:59Z', '9999-12-31T23:59:59-01:00'],
	...['12/03/2026 14:02:12', '2026-03-12T14:02:12.Z'],
]) {
	test(`"${text}" is no date`, t => {
		t.is(momentOf(text), undefined);
	});
}

const ticks = fc.bigInt(0n, 4_102_444_800n * 10_000_000n);
const textOf = (tick: bigint) => {
	const seconds = new Date(Number(tick / 10_000_000n) * 1000).toISOString().slice(0, 19);
	const fraction = (tick % 10_000_000n).toString().padStart(7, '0').replace(/0+$/, '');
	return `${seconds}${fraction === '' ? '' : `.${fraction}`}+00:00`;
};

test('versions compare as their times do, to the last of seven digits and however many were written', t => {
	const near = fc.tuple(ticks, fc.bigInt(-3n, 3n)).map(([a, step]) => [a, a + step < 0n ? 0n : a + step]);

	fc.assert(
		fc.property(fc.oneof(near, fc.tuple(ticks, ticks)), ([a = 0n, b = 0n]) => {
			const [versionA = '', versionB = ''] = [momentOf(textOf(a)), momentOf(textOf(b))];
			return isOlder(versionA, versionB) === a < b && (versionA === versionB) === (a === b);
		}),
	);
	t.pass();
});

test('a version is not older than itself, and one tick makes it so', t => {
	const version = momentOf('2026-03-12T14:02:12.9051144+00:00') ?? '';

	t.false(isOlder(version, version));
	t.true(isOlder(version, momentOf('2026-03-12T14:02:12.9051145+00:00') ?? ''));
	t.false(isOlder(version, momentOf('2026-03-12T14:02:12.90511+00:00') ?? ''));
	t.true(isOlder(momentOf('2026-03-12T14:02:12Z') ?? '', version));
});
