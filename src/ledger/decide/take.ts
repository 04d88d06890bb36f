import {type Lot} from '../card-state.ts';
import {min} from './portion.ts';

/** What is taken of a lot, in minor units: never nothing. */
export type Part = {readonly lot: Lot; readonly part: bigint};

/** Take an amount from lots in the given order, as far as it goes. */
export function takeFrom(lots: readonly Lot[], amount: bigint): Part[] {
	const parts: Part[] = [];
	let missing = amount;
	for (const lot of lots) {
		const part = min(lot.remaining, missing);
		if (part > 0n) {
			parts.push({lot, part});
			missing -= part;
		}
	}

	return parts;
}
