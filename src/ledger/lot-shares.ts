import {type LotShare} from './card-state.ts';
import {type JournalEntry} from './entry.ts';

type OpenShare = {-readonly [Key in keyof LotShare]: LotShare[Key]};

/**
 * Note on a leg's shares what one movement did: an authorization takes from a lot, a capture spends what it took, a
 * release or refund gives it back, to the lot itself or to a child of it when that has expired (A11).
 */
export function recordShare(
	shares: OpenShare[],
	kind: JournalEntry['kind'],
	lot: {readonly id: string; readonly parentId: string | null},
	{remainingDelta, heldDelta}: {readonly remainingDelta: bigint; readonly heldDelta: bigint},
): void {
	if (kind === 'authorize') {
		shares.push({lotId: lot.id, taken: heldDelta, captured: 0n, released: 0n, refunded: 0n});
		return;
	}

	const share =
		shares.find(({lotId}) => lotId === lot.id) ?? shares.find(({lotId}) => lotId === lot.parentId);
	if (share === undefined) {
		throw new Error(`Lot ${lot.id} was never taken by the hold that moves it.`);
	}

	if (kind === 'capture') {
		share.captured -= heldDelta;
	} else if (kind === 'release') {
		// A release into a child has two movements; the one that leaves the held value counts.
		share.released -= heldDelta;
	} else {
		share.refunded += remainingDelta;
	}
}
