import {createHash} from 'node:crypto';
import {type BatchRecord, emptyRecord} from '../../../src/ledger/store/write-set.ts';
import {type Ledger, type Outcome, settle} from '../../../src/ledger/batch.ts';
import {Books, type OpenCard} from '../../../src/ledger/books.ts';
import {type CardStatus} from '../../../src/ledger/card-state.ts';
import {type Command, type Earn, noNote, scriptScope} from '../../../src/ledger/commands.ts';
import {earnedKey} from '../../../src/ledger/order-state.ts';
import {type Identifier} from '../../../src/ledger/owner.ts';
import {type Terms, type WalletProgram} from '../../../src/ledger/terms.ts';
import {lineOf} from '../../../src/ledger/wallet-line.ts';
import {noon} from '../../helpers/state.ts';
import {type CardKind, type ProgramKind} from './steps.ts';

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

/** Assets of a story: the shop's currency, another one, and the points of its first program, which those of others follow. */
export const assets = {currency: 1, other: 2, points: 3} as const;

/** What was done to a ledger, in order: all that is needed to do it again elsewhere. */
export type Deed =
	| {readonly do: 'command'; readonly command: Command; readonly outcome: Outcome}
	| {readonly do: 'wallet'; readonly cardId: string; readonly assetId: number}
	/** What a program says from now on. */
	| {readonly do: 'program'; readonly assetId: number; readonly terms: ProgramKind}
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
	readonly openWallet: (cardId: string, assetId: number) => void;
	readonly changeProgram: (assetId: number, terms: ProgramKind) => void;
};

export function openMemoryLedger(): MemoryLedger {
	const books = new Books();
	const record = emptyRecord();
	const remembered: Ledger['remembered'] = new Map();
	const newId = idsInNoOrder();
	const deeds: Deed[] = [];
	const programs = new Map<number, WalletProgram>();
	return {
		books,
		record,
		deeds,
		now: noon,
		submit(command) {
			if (command.verb === 'earn') {
				countDay(books, command);
			}

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
		openWallet(cardId, assetId) {
			books.cards.set(cardId, {...emptyWallet(cardId, assetId), program: programs.get(assetId) ?? null});
			deeds.push({do: 'wallet', cardId, assetId});
		},
		changeProgram(assetId, terms) {
			const program = programOf(terms);
			programs.set(assetId, program);
			for (const card of [...books.cards.values()].filter(one => one.assetId === assetId)) {
				card.program = program;
			}

			deeds.push({do: 'program', assetId, terms});
		},
	};
}

/** As a wallet's row is when it is made. */
function emptyWallet(id: string, assetId: number): OpenCard {
	return {
		...{id, assetId, status: 'active', available: 0n, held: 0n, debt: 0n, version: 0n},
		...{restricted: false, singleUse: false, rechargeable: true, owner: [], emittedAt: noon - day},
		...{expiresAt: null, forwardsTo: null, program: null, lots: new Map(), uses: []},
	};
}

/** Every program has a rate to the shop's currency, and none to the other one. */
function programOf({rate, least, most, graceDays, graceCapDays}: ProgramKind): WalletProgram {
	const terms: Terms = {
		rate: {numerator: BigInt(rate.worth), denominator: BigInt(rate.points)},
		least: BigInt(least),
		most: most === null ? null : BigInt(most),
	};
	return {
		terms: new Map([[assets.currency, terms]]),
		grace: {days: graceDays, capDays: graceCapDays},
	};
}

/** What the wallet that earns has earned since the day began: known, as it is when a batch is loaded, before the command is decided. */
function countDay(books: Books, {cardId, terms: {dayStart}}: Earn): void {
	const card = cardId === null ? undefined : books.cards.get(cardId);
	const wallet = card === undefined ? undefined : lineOf(books.cards, card).at(-1);
	const postings = books
		.changes()
		.entries.filter(({kind, at}) => kind === 'earn' && at >= dayStart)
		.flatMap(entry => entry.postings)
		.filter(({cardId: one}) => one !== null && one === wallet?.id);
	if (wallet !== undefined) {
		books.earned.set(
			earnedKey(wallet.id, dayStart),
			postings.reduce((sum, {amount}) => sum + amount, 0n),
		);
	}
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
