import {type CardState} from './card-state.ts';

/**
 * A wallet and those that took over from it, one after the other (A13); the last one has everything now.
 * @throws {Error} when one of them is not locked
 */
export function lineOf(cards: ReadonlyMap<string, CardState>, card: CardState): CardState[] {
	const line = [card];
	for (let next = card.forwardsTo; next !== null;) {
		const survivor = cards.get(next);
		if (survivor === undefined) {
			throw new Error(`Card ${next} took over from another one and is not locked.`);
		}

		line.push(survivor);
		next = survivor.forwardsTo;
	}

	return line;
}
