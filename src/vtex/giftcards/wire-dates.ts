import {endOfLocalDay, type Instant, type LocalDate} from '../../ledger/calendar.ts';

// ISO 8601 with 0 to 7 digits of a second, with or without time and offset.
const form =
	/^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(?:[.,](\d{1,7}))?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i;

const dayMs = 86_400_000;

/** A date-time that cannot be read; the message follows the name of the member. */
export class WireDateError extends Error {
	constructor() {
		super('is not a date. Send it as 2027-12-31 or 2027-12-31T23:59:59.');
		this.name = 'WireDateError';
	}
}

/**
 * When a card made over the wire stops being valid: a date-time means its calendar day, to the end of that local day,
 * whatever its offset. Native cards lose their last day to UTC (known issue KI-378436). No date, one of the year 1 ("unknown")
 * and the year 9999 ("for ever") give null.
 * @throws {WireDateError}
 */
export function expiryOf(text: string | null | undefined, timeZone: string): Instant | null {
	const read = readDate(text);
	return read === null || read.day.startsWith('9999') ? null : endOfLocalDay(read.day, timeZone);
}

/**
 * From when a card made over the wire is valid: the instant named, or the beginning of that local day if that is earlier. So
 * a card emitted "now" by a clock in UTC can be used at once. Null for no date.
 * @throws {WireDateError}
 */
export function emissionOf(text: string | null | undefined, timeZone: string): Instant | null {
	const read = readDate(text);
	return read === null ? null : Math.min(read.at, endOfLocalDay(dayBefore(read.day), timeZone));
}

type WireDate = {readonly day: LocalDate; readonly at: Instant};

function readDate(text: string | null | undefined): WireDate | null {
	if (text === null || text === undefined || text === '') {
		return null;
	}

	const [, day, minutes = '00:00', seconds = ':00', fraction = '0', offset = 'Z'] =
		form.exec(text.trim()) ?? [];
	const at = Date.parse(`${day}T${minutes}${seconds}.${fraction.slice(0, 3)}${withColon(offset)}`);
	if (day === undefined || Number.isNaN(at) || !isDay(day)) {
		throw new WireDateError();
	}

	return day < '1000' ? null : {day, at};
}

/** JavaScript reads the 30th of February as the 2nd of March. */
function isDay(day: LocalDate): boolean {
	return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}

/** JavaScript wants `+02:00` where ISO also allows `+0200`. */
function withColon(offset: string): string {
	return offset.toUpperCase().replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
}

function dayBefore(day: LocalDate): LocalDate {
	return new Date(Date.parse(`${day}T00:00:00Z`) - dayMs).toISOString().slice(0, 10);
}
