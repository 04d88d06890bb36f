import {type Note} from '../../ledger/commands.ts';

// Enough for every id of VTEX's and for a sentence; what is longer informs nobody.
const noteLengthMax = 256;

type Said = string | null | undefined;

/** What a request says about itself, as it is kept: short, and without what cannot be stored as text. */
export function noteOf(said: {
	readonly requestId: string;
	readonly description?: Said;
	readonly orderId?: Said;
}): Note {
	return {
		requestId: said.requestId,
		description: readable(said.description),
		orderId: readable(said.orderId),
		...{reason: null, reasonCode: null},
	};
}

function readable(text: Said): string | null {
	const clean = text
		?.replaceAll(/[\p{Cc}\p{Cs}]+/gu, ' ')
		.trim()
		.slice(0, noteLengthMax);
	return clean === undefined || clean === '' ? null : clean;
}
