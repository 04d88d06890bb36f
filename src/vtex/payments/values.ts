import {formatAmount, parseWireAmount} from '../../money/amount.ts';
import {type Asset} from '../../money/asset.ts';
import {readWireText} from '../../money/wire-text.ts';

// Placeholders of a template that nobody filled in, as the 2022 guide prints them, and null written as a word, which a published
// bank invoice has in all members of its card.
const nothingSaid = /^\s*(?:null|\{\{.*\}\})?\s*$/su;
// What nearly all texts are, so that it is asked first: they begin like neither blank, placeholder nor `null`, and to keep them nothing
// needs to be taken away.
const saysSomething = /^[!-mo-z|}~]/;
const isClean = /^[!-mo-z|}~](?:[ -~]*[!-~])?$/;
const unprintable = /[\p{Cc}\p{Cs}]/gu;

/**
 * What was said, if anything: null, absent, empty, `"null"`, a placeholder and what is no text at all are the same
 * (Payment Provider Protocol, 5.1 and 19). A number stands for its digits.
 */
export function saidText(value: unknown): string | null {
	if (typeof value === 'string' && saysSomething.test(value)) {
		return value;
	}

	const text = typeof value === 'number' ? String(value) : value;
	return typeof text !== 'string' || nothingSaid.test(text) ? null : text;
}

/** The same without what a database cannot store as text, and no longer than `lengthMax`. */
export function keptText(value: unknown, lengthMax: number): string | null {
	if (typeof value === 'string' && value.length <= lengthMax && isClean.test(value)) {
		return value;
	}

	const text = saidText(value)?.replaceAll(unprintable, ' ').trim().slice(0, lengthMax);
	// The cut may have left half a character.
	return text === undefined || text === '' ? null : text.replaceAll(unprintable, '');
}

/** An address, byte for byte or not at all. */
export function saidUrl(value: unknown): string | null {
	const text = saidText(value);
	return text === null || text.length > urlLengthMax || text.search(unprintable) >= 0 ? null : text;
}

// What servers and browsers commonly take; VTEX's own have some 300 characters.
const urlLengthMax = 4096;

/** Yes or no, as JSON or as text; anything else is no. */
export function isSaid(value: unknown): boolean {
	return value === true || (typeof value === 'string' && value.trim().toLowerCase() === 'true');
}

/**
 * A payment's value as plain decimal text (`29.90`), or null where it cannot be one: missing, below zero, finer than the currency
 * or of two readings. That is denied and not an error, because errors put an integration into contingency mode.
 */
export function valueIn(value: unknown, asset: Asset): string | null {
	const amount = parseWireAmount(value, asset);
	return amount.ok && amount.units >= 0n ? formatAmount(amount.units, asset) : null;
}

// Most currencies have two; what is judged by it is only whether a text has two readings.
const usualScale = 2;
// Sums of binary fractions drift, and nothing finer than this is meant (rules C2).
const meantDecimals = 6;

/** An operation's value as plain decimal text; its payment's currency is not known yet. Undefined where it is no amount. */
export function plainValue(value: unknown): string | undefined {
	if (typeof value === 'number') {
		const text = value.toFixed(meantDecimals);
		return /^-?\d+\.\d+$/.test(text) ? text.replace(/\.?0+$/, '') : undefined;
	}

	const read = typeof value === 'string' ? readWireText(value, usualScale) : undefined;
	return read?.ok ? `${read.sign}${read.whole}${read.fraction === '' ? '' : `.${read.fraction}`}` : undefined;
}
