import {type Instant} from '../ledger/calendar.ts';
import {explained, type GrantTerms, type Note} from '../ledger/commands.ts';
import {type CreditWish} from './credit-row.ts';

/**
 * What most lines of a chunk say alike, as the same objects: what is the same travels to the thread of the ledger once for each batch, and is
 * kept once.
 */
export class ChunkTerms {
	readonly #now: Instant;
	#grant: GrantTerms | undefined;
	#note: Note | undefined;

	constructor(now: Instant) {
		this.#now = now;
	}

	/** @param cardExpiresAt - of the card that gets it, for a line that names no date */
	grantOf({expiresAt, program}: CreditWish, cardExpiresAt: Instant | null): GrantTerms {
		const until = expiresAt === undefined ? cardExpiresAt : expiresAt;
		const balanceMax = program?.balanceMax ?? null;
		if (this.#grant?.expiresAt !== until || this.#grant.balanceMax !== balanceMax) {
			this.#grant = {spendableFrom: this.#now, expiresAt: until, balanceMax};
		}

		return this.#grant;
	}

	noteOf({reason, reasonCode}: CreditWish): Note {
		if (this.#note?.reason !== reason || this.#note.reasonCode !== (reasonCode ?? null)) {
			this.#note = explained({reason, reasonCode});
		}

		return this.#note;
	}
}
