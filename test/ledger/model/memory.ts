import {createHash} from 'node:crypto';
import {type BatchRecord, emptyRecord} from '../../../src/ledger/store/write-set.ts';
import {type Ledger, type Outcome, settle} from '../../../src/ledger/batch.ts';
import {Books} from '../../../src/ledger/books.ts';
import {type CardStatus} from '../../../src/ledger/card-state.ts';
import {type Command, noNote, scriptScope} from '../../../src/ledger/commands.ts';
import {type Identifier} from '../../../src/ledger/owner.ts';
import {noon} from '../../helpers/state.ts';
import {type CardKind} from './steps.ts';

export const day = 86_400_000;
export const owner: Identifier = {kind: 'profile', value: 'the-owner'};

/**
 * Ids that come in no order, as those of many processes may: nothing may depend on which of two was made first.
 * The same every time, so that a database that is told the same commands makes the same ids.
 */
export function idsInNoOrder(): () => string {
	let count = 0;
	return () => {
		const hex = createHash('sha256').update(`id ${++count}`).digest('hex');
		return [
			hex.slice(0, 8),
			hex.slice(8, 12),
			`7${hex.slice(13, 16)}`,
			`8${hex.slice(17, 20)}`,
			hex.slice(20, 32),
		].join('-');
	};
}

/** What was done to a ledger, in order: all that is needed to do it again elsewhere. */
export type Deed =
	| {readonly do: 'command'; readonly command: Command; readonly outcome: Outcome}
	| {
			readonly do: 'card';
			readonly cardId: string;
			readonly status?: CardStatus;
			readonly expiresAt?: number | null;
	  }
	| {readonly do: 'time'; readonly now: number};

/** The whole ledger as one batch that never ends: books, remembered commands and a clock, without any database. */
export type MemoryLedger = {
	readonly books: Books;
	readonly record: BatchRecord;
	readonly deeds: Deed[];
	now: number;
	readonly submit: (command: Command) => Outcome;
	readonly changeCard: (cardId: string, change: {status?: CardStatus; expiresAt?: number | null}) => void;
	readonly passTime: (ms: number) => void;
};

export function openMemoryLedger(): MemoryLedger {
	const books = new Books();
	const record = emptyRecord();
	const remembered: Ledger['remembered'] = new Map();
	const newId = idsInNoOrder();
	const deeds: Deed[] = [];
	return {
		books,
		record,
		deeds,
		now: noon,
		submit(command) {
			const circumstances = {now: this.now, timeZone: 'America/Sao_Paulo', newId};
			const outcome = settle(books, command, {remembered, record, circumstances});
			deeds.push({do: 'command', command, outcome});
			return outcome;
		},
		changeCard(cardId, change) {
			Object.assign(books.cards.get(cardId) ?? {}, change);
			deeds.push({do: 'card', cardId, ...change});
		},
		passTime(ms) {
			this.now += ms;
			deeds.push({do: 'time', now: this.now});
		},
	};
}

/** The public id of a card of a story. */
export function publicIdOf(cardId: string): string {
	return `00000000-0000-4000-8000-${cardId.padStart(12, '0')}`;
}

export function issueOf(cardId: string, kind: CardKind): Command {
	const place = {cardId, actorId: 1, note: noNote, assetId: 1};
	return {
		verb: 'issue',
		...place,
		amount: BigInt(kind.amount),
		origin: 'fundingSold',
		key: {scope: scriptScope, space: 'issue', key: cardId},
		card: {
			publicId: publicIdOf(cardId),
			restricted: kind.restricted,
			singleUse: kind.singleUse,
			rechargeable: kind.rechargeable,
			ownerId: null,
			pepperId: 1,
			codeHash: createHash('sha256').update(cardId).digest(),
			codeLast4: 'TEST',
			caption: null,
			relationName: null,
			emittedAt: noon + kind.startsInDays * day,
			expiresAt: kind.lastsDays === null ? null : noon + kind.lastsDays * day,
			status: 'active',
		},
	};
}
