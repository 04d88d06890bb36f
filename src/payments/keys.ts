import {createHash} from 'node:crypto';

/** What a key of the ledger holds. */
const keyLengthMax = 512;

/** A request's id as a key; one that is longer than a key may be stands there by its hash. */
export function keyOf(requestId: string): string {
	return requestId.length <= keyLengthMax
		? requestId
		: `sha256 ${createHash('sha256').update(requestId).digest('hex')}`;
}
