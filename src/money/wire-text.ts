/** The digits of an amount in text, its marks taken away, or what is wrong with it, worded to follow a field's name. */
export type WireText =
	| {readonly ok: true; readonly sign: string; readonly whole: string; readonly fraction: string}
	| {readonly ok: false; readonly problem: string};

// The longest sensible text: 16 digits, their thousands marks, a sign, and decimals printed generously.
const lengthMax = 40;

// Spaces (plain, no-break, thin, narrow no-break) and apostrophes separate thousands and are never a decimal mark.
const thousandsMarks = String.raw`[.,' \u00A0\u2009\u202F\u2019]`;
const plain = /^(-?)(\d+)(?:[.,](\d+))?$/;
const grouped = new RegExp(
	String.raw`^(-?)([1-9]\d{0,2}(${thousandsMarks})\d{3}(?:\3\d{3})*)(?:(?!\3)[.,](\d+))?$`,
);
const oneMarkThreeDigits = /^-?[1-9]\d{0,2}[.,]\d{3}$/;

/**
 * Reads an amount written with dot or comma as decimal mark and with or without thousands marks: `1234.56`, `29,90`,
 * `1.234,56`, `1,234.56`, `1 234,56`, `1'234.56`, `1.234.567`. Thousands marks must all be the same and stand before
 * every third digit; exponents, plus signs and digits of other scripts are refused.
 *
 * One text has two readings: `1.234` (or `1,234`) is either one and a bit, or one thousand two hundred and thirty-four.
 * The sender's intent cannot be known, and a wrong guess moves a thousand times too much or too little, so it is refused,
 * whatever the digits are: `1.230` reais is no clearer. The one exception is an asset of exactly three decimals (KWD 1.234): there
 * three digits after a lone mark are how its amounts are always printed, so they are its decimals. `0.500` and
 * `1234.500` have one reading only, because thousands marks would not stand there.
 *
 * @param scale - the decimals of the asset that is read
 */
export function readWireText(text: string, scale: number): WireText {
	const trimmed = text.trim();
	if (trimmed.length > lengthMax) {
		return {ok: false, problem: `is longer than ${lengthMax} characters. Send a number.`};
	}

	if (scale !== 3 && oneMarkThreeDigits.test(trimmed)) {
		return {
			ok: false,
			problem: 'may mean thousands or decimals. Send it without thousands marks and with all its decimals.',
		};
	}

	const [, sign, whole, fraction] = plain.exec(trimmed) ?? withoutMark(grouped.exec(trimmed));
	if (sign === undefined || whole === undefined) {
		return {ok: false, problem: 'is not an amount. Send a number.'};
	}

	return {ok: true, sign, whole: whole.replaceAll(/\D/g, ''), fraction: fraction ?? ''};
}

function withoutMark(match: RegExpExecArray | null): (string | undefined)[] {
	return match === null ? [] : [match[0], match[1], match[2], match[4]];
}
