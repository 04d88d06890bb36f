import {
	endOfLocalDay,
	type Instant,
	localDate,
	localDateTime,
	startOfLocalDay,
} from '../../src/ledger/calendar.ts';
import {UsageError} from './command.ts';

const dayForm = /^\d{4}-\d{2}-\d{2}$/;
const instantForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** The first instant after a day that was typed as `YYYY-MM-DD`: what is valid through that day ends there. */
export function endOfDay(flag: string, text: string, timeZone: string): Instant {
	return usable(flag, () => endOfLocalDay(text, timeZone));
}

/** A moment that was typed: a date-time with its offset, or a day, which means its last millisecond in the merchant's time zone. */
export function momentOf(flag: string, text: string, timeZone: string): Instant {
	return dayForm.test(text) ? endOfDay(flag, text, timeZone) - 1 : exactMoment(flag, text);
}

/** A beginning that was typed: a date-time with its offset, or a day, which means its first instant in the merchant's time zone. */
export function beginningOf(flag: string, text: string, timeZone: string): Instant {
	return dayForm.test(text) ? usable(flag, () => startOfLocalDay(text, timeZone)) : exactMoment(flag, text);
}

/** @throws UsageError for a period that ends before it begins; `end` is what its end was typed after */
export function checkPeriod(
	from: Instant | null | undefined,
	until: Instant | undefined,
	end = '--to',
): void {
	if (from !== null && from !== undefined && until !== undefined && from > until) {
		throw new UsageError(`--from is later than ${end}.`);
	}
}

function usable(flag: string, read: () => Instant): Instant {
	try {
		return read();
	} catch (error) {
		throw new UsageError(`--${flag}: ${(error as Error).message}`);
	}
}

function exactMoment(flag: string, text: string): Instant {
	const moment = instantForm.test(text) ? Date.parse(text) : Number.NaN;
	if (Number.isNaN(moment)) {
		throw new UsageError(
			`--${flag} takes a day, 2027-01-31, or a moment with its offset, 2027-01-31T12:00:00Z; not "${text.slice(0, 40)}".`,
		);
	}

	return moment;
}

const unitsMs = {h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000} as const;

/** A length of time that was typed, in milliseconds: `12h`, `30d`, `6w`. */
export function durationOf(flag: string, text: string): number {
	const [, count, unit] = /^(\d{1,5})([hdw])$/.exec(text) ?? [];
	if (count === undefined || unit === undefined) {
		throw new UsageError(
			`--${flag} takes hours, days or weeks, such as 12h, 30d or 6w; not "${text.slice(0, 20)}".`,
		);
	}

	return Number(count) * unitsMs[unit as keyof typeof unitsMs];
}

/** The last day on which something is valid that ends at an instant; undefined for never. */
export function lastDay(expiresAt: Instant | null, timeZone: string): string | null {
	return expiresAt === null ? null : localDate(expiresAt - 1, timeZone);
}

/** A moment for people, to the minute. The zone's name stands once beside the table or field. */
export function shownMoment(at: Instant, timeZone: string): string {
	return localDateTime(at, timeZone).slice(0, 16).replace('T', ' ');
}

/** A moment for programs. */
export function jsonMoment(at: Instant): string {
	return new Date(at).toISOString();
}
