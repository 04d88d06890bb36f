import test from 'ava';
import {UsageError} from '../../scripts/lib/command.ts';
import {beginningOf, checkPeriod, endOfDay, lastDay, momentOf, shownMoment} from '../../scripts/lib/dates.ts';

const zone = 'America/Sao_Paulo';

test('a day lasts through its last local second, and is printed as that day again', t => {
	const end = endOfDay('expires', '2027-12-31', zone);

	t.is(new Date(end).toISOString(), '2028-01-01T03:00:00.000Z');
	t.is(lastDay(end, zone), '2027-12-31');
	t.is(lastDay(null, zone), null);
});

test('a moment is a day, then its end is meant, or a time with its offset', t => {
	t.is(new Date(momentOf('as-of', '2027-12-31', zone)).toISOString(), '2028-01-01T02:59:59.999Z');
	t.is(momentOf('as-of', '2027-12-31T12:00Z', zone), Date.parse('2027-12-31T12:00:00Z'));
	t.is(momentOf('as-of', '2027-12-31T12:00:00.5-03:00', zone), Date.parse('2027-12-31T15:00:00.500Z'));
	t.is(shownMoment(Date.parse('2027-12-31T15:00:59Z'), zone), '2027-12-31 12:00');
});

test('a beginning is the first instant of a day, or a time with its offset', t => {
	t.is(new Date(beginningOf('rate-from', '2028-01-01', zone)).toISOString(), '2028-01-01T03:00:00.000Z');
	t.is(beginningOf('rate-from', '2027-12-31T12:00Z', zone), Date.parse('2027-12-31T12:00:00Z'));
	for (const text of ['2027-02-30', 'tomorrow']) {
		t.throws(() => beginningOf('rate-from', text, zone), {instanceOf: UsageError, message: /--rate-from/});
	}
});

for (const text of ['2027-02-30', '31/12/2027', 'tomorrow', '2027-12-31T12:00:00', '2027-13-01T00:00Z']) {
	test(`"${text}" is no moment`, t => {
		t.throws(() => momentOf('as-of', text, zone), {instanceOf: UsageError, message: /--as-of/});
	});
}

test('a period ends where it begins or later, or has no end', t => {
	t.notThrows(() => {
		checkPeriod(5, 5);
		checkPeriod(5, undefined);
		checkPeriod(null, 5);
	});
	t.throws(
		() => {
			checkPeriod(6, 5);
		},
		{instanceOf: UsageError, message: '--from is later than --to.'},
	);
	t.throws(
		() => {
			checkPeriod(6, 5, 'now');
		},
		{message: '--from is later than now.'},
	);
});
