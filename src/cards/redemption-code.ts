import {createHmac} from 'node:crypto';

/**
 * The longest code accepted. Ours have 16 characters; some providers join a card number and an encrypted PIN with a dot
 * (Gift Card Provider Protocol, 9.1).
 */
export const CODE_LENGTH_MAX = 255;

/** The shortest code that VTEX's checkout lets a shopper type (Gift Card Provider Protocol, 10). */
export const CODE_LENGTH_MIN = 6;

// Without I, L, O, S and U, which are read as 1, 1, 0, 5 and V. Their number, 31, is prime: that is what lets one check character
// catch every single wrong character and every two that changed places.
const alphabet = '0123456789ABCDEFGHJKMNPQRTVWXYZ';
const lookAlikes: Readonly<Record<string, string>> = {O: '0', I: '1', L: '1', S: '5', U: 'V'};
const shape = new RegExp(`^[${alphabet}]{16}$`);

// 31¹⁵ codes are 74.3 bits; the sixteenth character is the check.
const randomCharacters = 15;

// The largest multiple of 31 below 256. Bytes from here on are thrown away, or the first characters would come up more often.
const fairBytes = 248;

/**
 * A new redemption code, normalised: 15 random characters and the check character. `formatCode` prints it.
 *
 * @param random - as many unpredictable bytes as asked for; `crypto.randomBytes` fits
 */
export function makeRedemptionCode(random: (bytes: number) => Buffer): string {
	return codeFrom(() => random(24));
}

/**
 * The code number `index` of the run that `seed` belongs to, normalised. The same seed and index give the same code, so that
 * a run that was cut off prints the same cards when it is repeated (rules A15); without the seed it is as good as random.
 *
 * @param seed - at least 32 random bytes, as secret as the codes themselves
 * @param index - a whole number from 0
 * @throws RangeError for a shorter seed or another index
 */
export function codeFromSeed(seed: Buffer, index: number): string {
	if (seed.length < 32) {
		throw new RangeError(
			'The seed of a run is at least 32 random bytes. Make it with crypto.randomBytes(32).',
		);
	}

	if (!Number.isSafeInteger(index) || index < 0) {
		throw new RangeError(`A run has no code number ${index}. Count from 0 in whole numbers.`);
	}

	let counter = 0;
	return codeFrom(() => createHmac('sha256', seed).update(`redemption code ${index} ${counter++}`).digest());
}

/**
 * The canonical form of a code of ours as somebody typed it: upper case, no white space, no invisible marks and no
 * dashes of any kind, and look-alikes read as what they resemble. Text that is no code of ours comes out as something that fails
 * `hasValidCheckCharacter`. Applying it again changes nothing.
 */
export function normaliseCode(text: string): string {
	return text
		.toUpperCase()
		.replaceAll(/[\s\p{Pd}\p{Cf}\u2212]/gu, '')
		.replaceAll(/[OILSU]/g, character => lookAlikes[character] ?? character);
}

/**
 * The canonical form of a code that another provider made (migrated cards): upper case, no surrounding white space, and else as it
 * is, because its dots, dashes and letters O may all count. Two foreign codes that differ only in case are one code.
 */
export function normaliseForeignCode(text: string): string {
	return text.trim().toUpperCase();
}

/**
 * Whether a normalised code has our form and its check character is right. Every single wrong character and every swap of two
 * different characters, neighbours or not, is caught; anything else passes by chance once in 31 times.
 *
 * The characters, weighted by their positions 1 to 16, sum to zero modulo 31. No weight and no difference of two weights is a
 * multiple of that prime, so neither error can leave the sum alone.
 */
export function hasValidCheckCharacter(normalised: string): boolean {
	return shape.test(normalised) && weightedSum(normalised) % alphabet.length === 0;
}

/**
 * The normalised forms under which a typed code may be stored, most likely first; none means that no card can have it and the
 * database need not be asked. A foreign code may by chance look like one of ours, so a merchant with migrated cards gets both.
 */
export function codeCandidates(text: string, acceptsForeign: boolean): string[] {
	// Twice the longest code leaves room for the spaces and dashes that people type.
	if (text.length > 2 * CODE_LENGTH_MAX) {
		return [];
	}

	const own = normaliseCode(text);
	const foreign = normaliseForeignCode(text);
	const isForeign = acceptsForeign && foreign.length >= CODE_LENGTH_MIN && foreign.length <= CODE_LENGTH_MAX;
	return [...new Set([...(hasValidCheckCharacter(own) ? [own] : []), ...(isForeign ? [foreign] : [])])];
}

/** A normalised code as it is printed: ours as `XXXX-XXXX-XXXX-XXXX`, a foreign one unchanged. */
export function formatCode(normalised: string): string {
	return shape.test(normalised) ? normalised.replaceAll(/.{4}(?=.)/g, '$&-') : normalised;
}

/**
 * The characters of a normalised code that may be stored and shown: its last four. Of a foreign code with a dot, the last four (or
 * fewer) before the first dot, because what follows it is a PIN (Gift Card Provider Protocol, 9.1).
 */
export function lastFour(normalised: string): string {
	const [card = ''] = normalised.split('.', 1);
	return card.slice(-4);
}

/** How a code is shown once it is a secret again: twelve stars and its last four characters. */
export function maskCode(lastFourCharacters: string): string {
	return '*'.repeat(12) + lastFourCharacters;
}

function codeFrom(nextBytes: () => Buffer): string {
	let characters = '';
	while (characters.length < randomCharacters) {
		for (const byte of nextBytes()) {
			if (byte < fairBytes && characters.length < randomCharacters) {
				characters += alphabet.charAt(byte % alphabet.length);
			}
		}
	}

	return characters + checkCharacter(characters);
}

/** The character that brings the weighted sum to zero: its own weight is 16, and 16 × 2 is 1 modulo 31. */
function checkCharacter(characters: string): string {
	const rest = weightedSum(characters) % alphabet.length;
	return alphabet.charAt(((alphabet.length - rest) * 2) % alphabet.length);
}

function weightedSum(characters: string): number {
	let sum = 0;
	for (let position = 1; position <= characters.length; position++) {
		sum += position * alphabet.indexOf(characters.charAt(position - 1));
	}

	return sum;
}
