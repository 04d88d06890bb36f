import test from 'ava';
import fc from 'fast-check';
import {
	endOfLocalDay,
	endOfLocalDayAfter,
	endOfLocalMonthAfter,
	endOfLocalYearAfter,
	localDate,
	localDateTime,
	startOfLocalDay,
} from '../../src/ledger/calendar.ts';

const iso = (at: number) => new Date(at).toISOString();

const endsAt = test.macro({
	exec(t, date: string, timeZone: string, end: string) {
		t.is(iso(endOfLocalDay(date, timeZone)), end);
	},
	title: (given = '', date: string, timeZone: string, end: string) =>
		`${given}: ${date} in ${timeZone} ends at ${end}`,
});

test('no summer time', endsAt, '2027-12-31', 'America/Sao_Paulo', '2028-01-01T03:00:00.000Z');
test('west of Greenwich', endsAt, '2027-12-31', 'America/La_Paz', '2028-01-01T04:00:00.000Z');
test('14 hours ahead', endsAt, '2027-12-31', 'Pacific/Kiritimati', '2027-12-31T10:00:00.000Z');
test('a quarter of an hour off', endsAt, '2027-12-31', 'Asia/Kathmandu', '2027-12-31T18:15:00.000Z');
test('a leap day', endsAt, '2028-02-29', 'UTC', '2028-03-01T00:00:00.000Z');

// The first hour of the next day does not exist.
test('clocks jump at midnight', endsAt, '2018-11-03', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z');
test('the day after the jump', endsAt, '2018-11-04', 'America/Sao_Paulo', '2018-11-05T02:00:00.000Z');
test('clocks jump at midnight', endsAt, '2024-03-09', 'America/Havana', '2024-03-10T05:00:00.000Z');
test('clocks jump at midnight', endsAt, '2024-03-30', 'Asia/Beirut', '2024-03-30T22:00:00.000Z');

// The last hour of the day happens twice.
test('clocks fall back at midnight', endsAt, '2018-02-17', 'America/Sao_Paulo', '2018-02-18T03:00:00.000Z');
test('clocks fall back at midnight', endsAt, '2024-10-26', 'Asia/Beirut', '2024-10-26T22:00:00.000Z');
// A minute of the next day has begun when the day comes back.
test('clocks fall back past midnight', endsAt, '2010-11-06', 'America/St_Johns', '2010-11-07T03:30:00.000Z');

test('clocks jump by day', endsAt, '2024-03-10', 'America/New_York', '2024-03-11T04:00:00.000Z');
test('clocks fall back by day', endsAt, '2024-11-03', 'America/New_York', '2024-11-04T05:00:00.000Z');
test(
	'the first hour of the next day happens twice',
	endsAt,
	'2024-11-02',
	'America/Havana',
	'2024-11-03T04:00:00.000Z',
);
// Samoa crossed the date line and had no 30 December.
test('the next day is missing', endsAt, '2011-12-29', 'Pacific/Apia', '2011-12-30T10:00:00.000Z');
test('the day itself is missing', endsAt, '2011-12-30', 'Pacific/Apia', '2011-12-30T10:00:00.000Z');

const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
const instants = fc.integer({
	min: Date.parse('1971-01-01T00:00:00Z'),
	max: Date.parse('2060-01-01T00:00:00Z'),
});

test('a day ends after each of its instants and with its own last millisecond, in every zone', t => {
	fc.assert(
		fc.property(zones, instants, (zone, at) => {
			const day = localDate(at, zone);
			const end = endOfLocalDay(day, zone);

			return end > at && localDate(end - 1, zone) === day && localDate(end, zone) > day;
		}),
		{numRuns: 3000},
	);
	t.pass();
});

test('a day ends later than the day before it', t => {
	const dayMs = 86_400_000;
	fc.assert(
		fc.property(zones, instants, (zone, at) => {
			const [date, next] = [at, at + dayMs].map(instant => iso(instant).slice(0, 10));
			const length = endOfLocalDay(next ?? '', zone) - endOfLocalDay(date ?? '', zone);

			// Zero where a zone crossed the date line and the day is missing.
			return length >= 0 && length <= 2 * dayMs;
		}),
		{numRuns: 1000},
	);
	t.pass();
});

test('days are counted on the calendar, not in hours', t => {
	const noon = Date.parse('2018-11-03T15:00:00Z');

	t.is(iso(endOfLocalDayAfter(noon, 0, 'America/Sao_Paulo')), '2018-11-04T03:00:00.000Z');
	t.is(iso(endOfLocalDayAfter(noon, 1, 'America/Sao_Paulo')), '2018-11-05T02:00:00.000Z');
	t.is(iso(endOfLocalDayAfter(noon, 365, 'America/Sao_Paulo')), '2019-11-04T03:00:00.000Z');
});

test('months and years end with their last local day, wherever in them one begins', t => {
	const santiago = 'America/Santiago';
	const months: [at: string, months: number, zone: string, end: string][] = [
		['2027-02-01T12:00:00Z', 0, 'UTC', '2027-03-01T00:00:00.000Z'],
		['2028-02-29T12:00:00Z', 0, 'UTC', '2028-03-01T00:00:00.000Z'],
		// The 31st has no counterpart in the month that is meant.
		['2027-01-31T12:00:00Z', 1, 'UTC', '2027-03-01T00:00:00.000Z'],
		['2027-12-31T12:00:00Z', 2, 'UTC', '2028-03-01T00:00:00.000Z'],
		['2026-11-30T12:00:00Z', 14, 'UTC', '2028-02-01T00:00:00.000Z'],
		// Still January in São Paulo, and February in Kiritimati.
		['2027-02-01T02:59:59Z', 0, 'America/Sao_Paulo', '2027-02-01T03:00:00.000Z'],
		['2027-01-31T10:00:00Z', 0, 'Pacific/Kiritimati', '2027-02-28T10:00:00.000Z'],
		// Summer time from September to April.
		['2026-08-15T12:00:00Z', 0, santiago, '2026-09-01T04:00:00.000Z'],
		['2026-08-15T12:00:00Z', 1, santiago, '2026-10-01T03:00:00.000Z'],
	];
	for (const [at, count, zone, end] of months) {
		t.is(iso(endOfLocalMonthAfter(Date.parse(at), count, zone)), end, `${at} ${zone}`);
	}

	t.is(iso(endOfLocalYearAfter(Date.parse('2028-01-01T02:59:59Z'), 0, santiago)), '2028-01-01T03:00:00.000Z');
	t.is(iso(endOfLocalYearAfter(Date.parse('2028-01-01T03:00:00Z'), 0, santiago)), '2029-01-01T03:00:00.000Z');
	t.is(iso(endOfLocalYearAfter(Date.parse('2027-06-01T00:00:00Z'), 2, 'UTC')), '2030-01-01T00:00:00.000Z');
});

test('a day starts where the day before it ends', t => {
	t.is(iso(startOfLocalDay('2027-01-01', 'America/Sao_Paulo')), '2027-01-01T03:00:00.000Z');
	t.is(iso(startOfLocalDay('2018-11-04', 'America/Sao_Paulo')), '2018-11-04T03:00:00.000Z');
	t.throws(() => startOfLocalDay('2027-02-29', 'UTC'), {instanceOf: RangeError, message: /YYYY-MM-DD/});
});

test('the last second of a day is written without offset', t => {
	const end = endOfLocalDay('2027-12-31', 'America/Sao_Paulo');

	t.is(localDateTime(end - 1, 'America/Sao_Paulo'), '2027-12-31T23:59:59.000');
	t.is(localDateTime(end, 'America/Sao_Paulo'), '2028-01-01T00:00:00.000');
	t.is(localDate(end - 1, 'Pacific/Kiritimati'), '2028-01-01');
});

for (const date of ['2027-02-29', '2027-13-01', '2027-1-1', '31/12/2027', '2027-12-31T00:00', '']) {
	test(`"${date}" is refused with the form that is wanted`, t => {
		t.throws(() => endOfLocalDay(date, 'UTC'), {instanceOf: RangeError, message: /YYYY-MM-DD/});
	});
}
