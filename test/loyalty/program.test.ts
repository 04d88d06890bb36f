import test from 'ava';
import fc from 'fast-check';
import {endOfLocalDay, localDate, localDateTime} from '../../src/ledger/calendar.ts';
import {origins} from '../../src/ledger/chart.ts';
import {
	expiryOf,
	type ExpiryPolicy,
	type ProgramRate,
	rateAt,
	spendableFrom,
	termsAt,
} from '../../src/loyalty/program.ts';

const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());
const policies = (expiry: ExpiryPolicy, purchasedExpiry: ExpiryPolicy = {kind: 'never'}) => ({
	expiry,
	purchasedExpiry,
});
const days = (count: number): ExpiryPolicy => ({kind: 'days', count});
const month = (count = 0): ExpiryPolicy => ({kind: 'month', count});
const year = (count = 0): ExpiryPolicy => ({kind: 'year', count});
const given = 'fundingPromotional';

const dayMs = 86_400_000;
const zones = ['America/Sao_Paulo', 'America/Santiago', 'Pacific/Kiritimati', 'UTC'] as const;

const ends = test.macro({
	exec(t, policy: ExpiryPolicy, at: string, timeZone: string, lastSecond: string) {
		const end = expiryOf(policies(policy), given, Date.parse(at), timeZone);

		t.is(iso(end), iso(Date.parse(lastSecond) + 1000));
	},
	title: (_, policy: ExpiryPolicy, at: string, timeZone: string, lastSecond: string) =>
		`points of ${at} in ${timeZone} with ${JSON.stringify(policy)} are good through ${lastSecond}`,
});

test(ends, days(0), '2026-03-11T15:00:00Z', 'UTC', '2026-03-11T23:59:59Z');
test(ends, days(90), '2026-03-11T15:00:00Z', 'America/Sao_Paulo', '2026-06-10T02:59:59Z');
test(ends, days(365), '2027-03-01T00:00:00Z', 'UTC', '2028-02-29T23:59:59Z');
test(ends, days(1), '2028-02-28T12:00:00Z', 'UTC', '2028-02-29T23:59:59Z');
// The same instant is 11 March here and 12 March there.
test(ends, days(1), '2026-03-12T01:00:00Z', 'America/Sao_Paulo', '2026-03-13T02:59:59Z');
test(ends, days(1), '2026-03-11T12:00:00Z', 'Pacific/Kiritimati', '2026-03-13T09:59:59Z');
// Chile: on Saturday 4 April 2026 the last hour happens twice; on Sunday 6 September midnight does not happen at all.
test(ends, days(1), '2026-04-03T12:00:00Z', 'America/Santiago', '2026-04-05T03:59:59Z');
test(ends, days(1), '2026-04-05T03:30:00Z', 'America/Santiago', '2026-04-06T03:59:59Z');
test(ends, days(0), '2026-09-05T12:00:00Z', 'America/Santiago', '2026-09-06T03:59:59Z');
test(ends, days(0), '2026-09-06T12:00:00Z', 'America/Santiago', '2026-09-07T02:59:59Z');
test(ends, month(), '2027-02-01T03:00:00Z', 'America/Sao_Paulo', '2027-03-01T02:59:59Z');
test(ends, month(), '2027-02-01T02:59:59Z', 'America/Sao_Paulo', '2027-02-01T02:59:59Z');
test(ends, month(), '2028-02-29T23:59:59Z', 'UTC', '2028-02-29T23:59:59Z');
test(ends, month(1), '2027-01-31T12:00:00Z', 'UTC', '2027-02-28T23:59:59Z');
test(ends, month(1), '2026-12-31T12:00:00Z', 'America/Santiago', '2027-02-01T02:59:59Z');
test(ends, month(6), '2026-01-31T09:00:00Z', 'Pacific/Kiritimati', '2026-07-31T09:59:59Z');
test(ends, year(), '2026-12-31T23:59:59Z', 'UTC', '2026-12-31T23:59:59Z');
test(ends, year(), '2027-01-01T02:59:59Z', 'America/Sao_Paulo', '2027-01-01T02:59:59Z');
test(ends, year(), '2026-12-31T10:00:00Z', 'Pacific/Kiritimati', '2027-12-31T09:59:59Z');
test(ends, year(1), '2026-01-01T12:00:00Z', 'America/Santiago', '2028-01-01T02:59:59Z');

test('points that were paid for end by a policy of their own, and what nobody knows to be given counts as paid for', t => {
	const both = policies(days(10), year(1));
	const at = Date.parse('2026-03-11T15:00:00Z');
	const ofOrigins = origins.map(origin => [origin, iso(expiryOf(both, origin, at, 'UTC'))] as const);

	for (const [origin, end] of ofOrigins) {
		const isGiven = ['fundingPromotional', 'fundingCourtesy', 'fundingEarned'].includes(origin);
		t.is(end, isGiven ? '2026-03-22T00:00:00.000Z' : '2028-01-01T00:00:00.000Z', origin);
	}

	t.is(expiryOf(policies({kind: 'never'}), given, at, 'UTC'), null);
	t.is(expiryOf(policies(days(10)), 'fundingSold', at, 'UTC'), null);
});

const instants = fc.integer({
	min: Date.parse('2020-01-01T00:00:00Z'),
	max: Date.parse('2060-01-01T00:00:00Z'),
});
const anyZone = fc.constantFrom(...zones);
const anyPolicy = fc.oneof(
	fc.record({kind: fc.constant('days'), count: fc.nat({max: 1000})}),
	fc.record({kind: fc.constantFrom('month', 'year'), count: fc.nat({max: 30})}),
) as fc.Arbitrary<ExpiryPolicy>;

test('points end with the last second of a local day that is not over when they come, in every zone', t => {
	fc.assert(
		fc.property(instants, anyZone, anyPolicy, (at, timeZone, policy) => {
			const end = expiryOf(policies(policy), given, at, timeZone) ?? 0;
			const lastDay = localDate(end - 1, timeZone);

			return end > at && end === endOfLocalDay(lastDay, timeZone);
		}),
		{numRuns: 1000},
	);
	t.pass();
});

test('the last day is the one that the calendar says, whatever the clocks do', t => {
	fc.assert(
		fc.property(instants, anyZone, fc.nat({max: 1000}), fc.nat({max: 30}), (at, timeZone, n, m) => {
			const today = localDate(at, timeZone);
			const lastDay = (policy: ExpiryPolicy) =>
				localDate((expiryOf(policies(policy), given, at, timeZone) ?? 0) - 1, timeZone);
			const [y = 0, mo = 0] = today.split('-').map(Number);
			const monthsOn = new Date(Date.UTC(y, mo - 1 + m, 1)).toISOString().slice(0, 7);
			const dayAfterLast = new Date(Date.parse(lastDay(month(m))) + dayMs).toISOString();

			return (
				Date.parse(lastDay(days(n))) === Date.parse(today) + n * dayMs &&
				lastDay(month(m)).startsWith(monthsOn) &&
				dayAfterLast.slice(8, 10) === '01' &&
				lastDay(year(m)) === `${y + m}-12-31`
			);
		}),
		{numRuns: 1000},
	);
	t.pass();
});

test('points that come later never end earlier', t => {
	fc.assert(
		fc.property(instants, instants, anyZone, anyPolicy, (a, b, timeZone, policy) => {
			const [earlier, later] = [Math.min(a, b), Math.max(a, b)].map(
				at => expiryOf(policies(policy), given, at, timeZone) ?? 0,
			);
			return (earlier ?? 0) <= (later ?? 0);
		}),
		{numRuns: 1000},
	);
	t.pass();
});

test('points without a pending period can be spent at once, others from the start of the local day on which they have waited', t => {
	const at = Date.parse('2026-03-11T15:00:00Z');
	const from = (pendingDays: number, timeZone: string, instant = at) =>
		iso(spendableFrom({pendingDays}, instant, timeZone));

	t.is(from(0, 'UTC'), iso(at));
	t.is(from(1, 'America/Sao_Paulo'), '2026-03-12T03:00:00.000Z');
	t.is(from(14, 'UTC'), '2026-03-25T00:00:00.000Z');
	t.is(from(1, 'Pacific/Kiritimati'), '2026-03-12T10:00:00.000Z');
	// Sunday 6 September 2026 begins at one o'clock in Chile; 5 April at the second midnight of the night.
	t.is(from(1, 'America/Santiago', Date.parse('2026-09-05T20:00:00Z')), '2026-09-06T04:00:00.000Z');
	t.is(from(1, 'America/Santiago', Date.parse('2026-04-04T20:00:00Z')), '2026-04-05T04:00:00.000Z');
	fc.assert(
		fc.property(instants, anyZone, fc.integer({min: 1, max: 400}), (earned, timeZone, pendingDays) => {
			const start = spendableFrom({pendingDays}, earned, timeZone);
			const waited = Date.parse(localDate(start, timeZone)) - Date.parse(localDate(earned, timeZone));

			return (
				waited === pendingDays * dayMs &&
				localDate(start - 1, timeZone) < localDate(start, timeZone) &&
				start > earned
			);
		}),
		{numRuns: 1000},
	);
});

test('points that would end before they can be spent end as if they had come when they can', t => {
	const endOf = (at: string, pendingDays: number, policy: ExpiryPolicy) => {
		const earned = Date.parse(at);
		const from = spendableFrom({pendingDays}, earned, 'UTC');
		return localDateTime((expiryOf(policies(policy), given, earned, 'UTC', from) ?? 0) - 1, 'UTC');
	};

	t.is(endOf('2027-01-17T12:00:00Z', 14, month()), '2027-01-31T23:59:59.000');
	t.is(endOf('2027-01-18T12:00:00Z', 14, month()), '2027-02-28T23:59:59.000');
	t.is(endOf('2027-12-31T12:00:00Z', 14, year()), '2028-12-31T23:59:59.000');
	t.is(endOf('2027-01-18T12:00:00Z', 14, days(14)), '2027-02-01T23:59:59.000');
	t.is(endOf('2027-01-18T12:00:00Z', 14, days(13)), '2027-02-14T23:59:59.000');
	fc.assert(
		fc.property(instants, anyZone, anyPolicy, fc.nat({max: 400}), (at, timeZone, policy, pendingDays) => {
			const from = spendableFrom({pendingDays}, at, timeZone);
			return (expiryOf(policies(policy), given, at, timeZone, from) ?? 0) > from;
		}),
		{numRuns: 1000},
	);
});

const [brl, usd] = [1, 2];
const cent = {numerator: 1n, denominator: 1n};
const half = {numerator: 1n, denominator: 2n};
const tenth = {numerator: 1n, denominator: 10n};
const rates: readonly ProgramRate[] = [
	{currencyId: brl, from: 1000, rate: cent},
	{currencyId: brl, from: 2000, rate: half},
	{currencyId: usd, from: 1500, rate: tenth},
];

test('of each currency the rate holds that began last, from its very instant on', t => {
	const at = (currencyId: number, instant: number) => rateAt({rates}, currencyId, instant);

	t.is(at(brl, 999), undefined);
	t.is(at(brl, 1000), cent);
	t.is(at(brl, 1999), cent);
	t.is(at(brl, 2000), half);
	t.is(at(usd, 1499), undefined);
	t.is(at(usd, 9999), tenth);
	t.is(at(3, 9999), undefined);
});

test('the terms of an order are the rate of the moment and what one order may redeem; none where points do not pay', t => {
	const program = {rates, redemptionMin: 100n, redemptionMax: null};

	t.deepEqual(termsAt(program, brl, 1000), {rate: cent, least: 100n, most: null});
	t.deepEqual(termsAt({...program, redemptionMax: 500n}, brl, 2000), {rate: half, least: 100n, most: 500n});
	t.is(termsAt(program, brl, 999), undefined);
	t.is(termsAt(program, 3, 9999), undefined);
});
