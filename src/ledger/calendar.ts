/** Milliseconds since 1970-01-01T00:00Z. */
export type Instant = number;

/** A calendar day, `YYYY-MM-DD`, in some time zone that the context names. */
export type LocalDate = string;

const dayMs = 86_400_000;
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timeZone: string): Intl.DateTimeFormat {
	let formatter = formatters.get(timeZone);
	if (formatter === undefined) {
		formatter = new Intl.DateTimeFormat('en-US', {
			timeZone,
			hourCycle: 'h23',
			year: 'numeric',
			month: '2-digit',
			day: '2-digit',
			hour: '2-digit',
			minute: '2-digit',
			second: '2-digit',
		});
		formatters.set(timeZone, formatter);
	}

	return formatter;
}

/** What the clocks of a time zone show at an instant, read as if it were UTC. Whole seconds. */
function wallClock(at: Instant, timeZone: string): Instant {
	const parts: Record<string, number> = {};
	for (const {type, value} of formatterOf(timeZone).formatToParts(at)) {
		parts[type] = Number(value);
	}

	const {year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0} = parts;
	return Date.UTC(year, month - 1, day, hour, minute, second);
}

// Since 1970 clocks have been changed at full quarters of an hour only, so one offset holds for each. Every card that is
// read shows a date, and asking Intl each time took as long as all the rest of rendering it.
const quarterMs = 900_000;
const offsets = new Map<string, number>();
const offsetsMax = 10_000;

/** As `wallClock`, remembering offsets. */
function localTime(at: Instant, timeZone: string): Instant {
	if (at < 0) {
		return wallClock(at, timeZone);
	}

	const quarter = Math.floor(at / quarterMs);
	const place = `${timeZone}/${quarter}`;
	let offset = offsets.get(place);
	if (offset === undefined) {
		offset = wallClock(quarter * quarterMs, timeZone) - quarter * quarterMs;
		if (offsets.size >= offsetsMax) {
			offsets.clear();
		}

		offsets.set(place, offset);
	}

	return Math.floor(at / 1000) * 1000 + offset;
}

/** The calendar day in a time zone at an instant. */
export function localDate(at: Instant, timeZone: string): LocalDate {
	return dateOf(localTime(at, timeZone));
}

/** Local time without offset, `2027-12-31T23:59:59.000`, whole seconds: the form of a card's dates on the wire. */
export function localDateTime(at: Instant, timeZone: string): string {
	return new Date(localTime(at, timeZone)).toISOString().slice(0, 23);
}

/**
 * The first instant after a calendar day: value that is valid through that day is spendable strictly before it.
 *
 * Where clocks change at midnight the day ends when its last local second has passed for good: the offsets on both
 * sides are tried, and of the ends that do not reach into the next day the later one is taken.
 * @throws {RangeError} when the date is not a day of the calendar.
 */
export function endOfLocalDay(date: LocalDate, timeZone: string): Instant {
	const nextMidnight = utcMidnight(date) + dayMs;
	const ends = [nextMidnight - dayMs, nextMidnight + dayMs]
		.map(sample => nextMidnight - (localTime(sample, timeZone) - sample))
		.filter(end => localDate(end - 1, timeZone) <= date);
	return Math.max(...ends);
}

/**
 * The first instant of a calendar day: that after the day before it.
 * @throws {RangeError} when the date is not a day of the calendar.
 */
export function startOfLocalDay(date: LocalDate, timeZone: string): Instant {
	return endOfLocalDay(dateOf(utcMidnight(date) - dayMs), timeZone);
}

/** The first instant after the calendar day that lies `days` days after the one that contains `at`. */
export function endOfLocalDayAfter(at: Instant, days: number, timeZone: string): Instant {
	return endOfLocalDay(dateOf(utcMidnight(localDate(at, timeZone)) + days * dayMs), timeZone);
}

/** The first instant after the calendar month that lies `months` months after the one that contains `at`. */
export function endOfLocalMonthAfter(at: Instant, months: number, timeZone: string): Instant {
	const today = new Date(utcMidnight(localDate(at, timeZone)));
	// The day before the first of the month after.
	const lastDay = Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + months + 1, 0);
	return endOfLocalDay(dateOf(lastDay), timeZone);
}

/** The first instant after the calendar year that lies `years` years after the one that contains `at`. */
export function endOfLocalYearAfter(at: Instant, years: number, timeZone: string): Instant {
	const year = Number(localDate(at, timeZone).slice(0, 4)) + years;
	return endOfLocalDay(`${year}-12-31`, timeZone);
}

/** Midnight of a calendar day where clocks show UTC: days are counted there, because all of them are equally long. */
function utcMidnight(date: LocalDate): Instant {
	const midnight = Date.parse(`${date}T00:00:00Z`);
	if (Number.isNaN(midnight) || dateOf(midnight) !== date) {
		throw new RangeError(`"${date}" is not a day of the calendar; write it as YYYY-MM-DD.`);
	}

	return midnight;
}

function dateOf(midnight: Instant): LocalDate {
	return new Date(midnight).toISOString().slice(0, 10);
}
