/**
 * Why something was done, in one word: the sentence that somebody wrote beside it is personal data and cannot be counted; a word names
 * nobody and stays when a customer is erased. Word → the number that stands for it in the database.
 */
export const reasonNumbers = {
	...{courtesy: 1, campaign: 2, migration: 3, correction: 4, request: 5},
	// Of a card, its code or its PIN.
	...{lost: 6, stolen: 7, damaged: 8, fraud: 9},
	// Of an order whose end VTEX forgot, or cannot tell.
	...{delivered: 10, returned: 11},
	...{test: 12, other: 13},
} as const;

export type ReasonCode = keyof typeof reasonNumbers;

/** What each of them is for; no two are for the same. */
export const reasonMeanings: Readonly<Record<ReasonCode, string>> = {
	courtesy: 'goodwill after a complaint or delay',
	campaign: 'a promotion',
	migration: 'brought over from another system',
	correction: 'something was booked or registered wrongly',
	request: 'the customer asked',
	lost: 'card, code or PIN is gone or forgotten',
	stolen: 'others have the card, or know its code or PIN',
	damaged: 'it cannot be read',
	fraud: 'abuse by its holder, proven or suspected',
	delivered: 'an order arrived and was not charged',
	returned: 'an order came back, or never arrived',
	test: 'a trial',
	other: 'none of these',
};

export const reasonCodes = Object.keys(reasonNumbers) as readonly ReasonCode[];

/** Why somebody does something: a sentence, erasable (B9), and the word by which it is counted. */
export type Why = {readonly reason: string; readonly reasonCode?: ReasonCode | undefined};

/** The same, as the changes of cards and customers keep it. */
export function storedWhy({reason, reasonCode}: Why) {
	return {reason, reasonCode: reasonNumberOf(reasonCode ?? null)};
}

/** The number that stands for a word, null for none. */
export function reasonNumberOf(code: ReasonCode | null): number | null {
	return code === null ? null : reasonNumbers[code];
}

const codesByNumber = new Map<number, ReasonCode>(reasonCodes.map(code => [reasonNumbers[code], code]));

/** The word behind a number read from the database, null for none. @throws {RangeError} when it is unknown. */
export function reasonCodeOf(number: number | null): ReasonCode | null {
	const code = number === null ? null : codesByNumber.get(number);
	if (code === undefined) {
		throw new RangeError(`No reason has the number ${number}; is this service older than the database?`);
	}

	return code;
}
