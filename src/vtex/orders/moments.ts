import {type Moment} from '../../loyalty/order.ts';

const form = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):?(\d\d))?$/i;

/** VTEX counts in .NET's ticks, of which a second has ten million. */
const fractionDigits = 7;

/**
 * A date of VTEX in its one comparable form, or undefined where it is none. Any number of fraction digits is read, those beyond the seventh
 * are dropped, and a date without a zone is in UTC (Orders, 1.5 and 4). Years outside 1970 to 9999 are .NET's way of saying nothing.
 */
export function momentOf(text: string): Moment | undefined {
	const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHours, offsetMinutes] =
		form.exec(text.trim()) ?? [];
	const local = [year, month, day, hour, minute, second].map(Number);
	const [y = 0, m = 0, d = 0, h = 0, min = 0, s = 0] = local;
	const wall = new Date(Date.UTC(y, m - 1, d, h, min, s));
	// JavaScript reads the 30th of February as the 2nd of March, and the 61st second as the next minute's.
	if (y < 1970 || !local.every((part, index) => part === partsOf(wall)[index])) {
		return undefined;
	}

	const offset = (Number(offsetHours ?? 0) * 60 + Number(offsetMinutes ?? 0)) * (sign === '-' ? -1 : 1);
	const utc = new Date(wall.getTime() - offset * 60_000).toISOString();
	return utc.startsWith('+') || utc < '1970'
		? undefined
		: `${utc.slice(0, 19)}.${fraction.padEnd(fractionDigits, '0').slice(0, fractionDigits)}Z`;
}

const partsOf = (date: Date): readonly number[] => [
	date.getUTCFullYear(),
	date.getUTCMonth() + 1,
	date.getUTCDate(),
	date.getUTCHours(),
	date.getUTCMinutes(),
	date.getUTCSeconds(),
];
