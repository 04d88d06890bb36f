/**
 * Which of the right words somebody meant who typed another one: the nearest by few slips, or the only one that begins so. Undefined when
 * nothing is near: a wrong guess is worse than none.
 */
export function nearest(typed: string, words: readonly string[]): string | undefined {
	const wanted = normal(typed);
	const [best] = words
		.map(word => ({word, slips: slipsBetween(wanted, normal(word))}))
		.filter(({word, slips}) => slips <= slipsMax(Math.max(wanted.length, word.length)))
		.sort((a, b) => a.slips - b.slips);
	if (best !== undefined) {
		return best.word;
	}

	const begun = wanted.length < beginningMin ? [] : words.filter(word => normal(word).startsWith(wanted));
	return begun.length === 1 ? begun[0] : undefined;
}

// Two letters begin too many words.
const beginningMin = 3;
// Nobody types a word of ours that is so much longer than all of them.
const lengthMax = 40;

const normal = (text: string) => text.slice(0, lengthMax).toLowerCase().replaceAll(/[_\s]/g, '-');

/** One slip in a short word, and another one for every few letters. */
const slipsMax = (length: number) => Math.max(1, Math.floor((length + 1) / 3));

/**
 * How many slips of the fingers lead from one word to another: a letter too many, too few or wrong, or two that changed places
 * (Damerau-Levenshtein, no part changed twice).
 */
export function slipsBetween(a: string, b: string): number {
	let [before, row]: readonly number[][] = [[], Array.from({length: b.length + 1}, (_, index) => index)];
	for (let i = 1; i <= a.length; i++) {
		const next = [i];
		for (let j = 1; j <= b.length; j++) {
			const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
			next.push(
				Math.min(
					at(row, j - 1) + Number(a[i - 1] !== b[j - 1]),
					at(row, j) + 1,
					at(next, j - 1) + 1,
					isSwapped ? at(before, j - 2) + 1 : Number.POSITIVE_INFINITY,
				),
			);
		}

		[before, row] = [row, next];
	}

	return at(row, b.length);
}

const at = (row: readonly number[] | undefined, index: number) => row?.[index] ?? 0;
