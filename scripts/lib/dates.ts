import {endOfLocalDay, type Instant, localDate, localDateTime} from '../../src/ledger/calendar.ts';
import {UsageError} from './command.ts';

const dayForm = /^\d{4}-\d{2}-\d{2}$/;
const instantForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** The first instant after a day that was typed as `YYYY-MM-DD`: what is valid through that day ends there. */
export function endOfDay(flag: string, text: string, timeZone: string): Instant {
	try {
		return endOfLocalDay(text, timeZone);
	} catch (error) {
		throw new UsageError(`--${flag}: ${(error as Error).message}`);
	}
}

/** A moment that was typed: a date-time with its offset, or a day, which means its last millisecond in the merchant's time zone. */
export function momentOf(flag: string, text: string, timeZone: string): Instant {
	if (dayForm.test(text)) {
		return endOfDay(flag, text, timeZone) - 1;
	}

	const moment = instantForm.test(text) ? Date.parse(text) : Number.NaN;
	if (Number.isNaN(moment)) {
		throw new UsageError(
			`--${flag} takes a day, 2027-01-31, or a moment with its offset, 2027-01-31T12:00:00Z; not "${text.slice(0, 40)}".`,
		);
	}

	return moment;
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
