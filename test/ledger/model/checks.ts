import {type Books, type PostedEntry} from '../../../src/ledger/books.ts';
import {type CardState, type Leg, type Lot} from '../../../src/ledger/card-state.ts';
import {isBalanced} from '../../../src/ledger/entry.ts';
import {spendableBalance} from '../../../src/ledger/lots.ts';
import {type MemoryLedger} from './memory.ts';
import {type Play} from './player.ts';
import {referenceBalance, unitsIn} from './reference.ts';
import {type ReferenceLot} from './reference-state.ts';

function assert(holds: boolean, what: string): void {
	if (!holds) {
		throw new Error(`It does not hold that ${what}.`);
	}
}

const sum = (amounts: Iterable<bigint>) => [...amounts].reduce((total, amount) => total + amount, 0n);

/** What must hold in any books, whatever happened to them. */
export function checkBooks(books: Books): void {
	const {entries} = books.changes();
	for (const entry of entries) {
		checkEntry(entry);
	}

	for (const card of books.cards.values()) {
		checkCard(card, entries);
	}

	for (const hold of books.holds.values()) {
		for (const leg of hold.legs) {
			checkLeg(leg);
		}
	}

	const all = entries.flatMap(({postings}) => postings);
	assert(sum(all.map(({amount}) => amount)) === 0n, 'all postings sum to zero');
	const bounded = sum([...books.cards.values()].map(({available, held}) => available + held));
	const house = sum(all.filter(({cardId}) => cardId === null).map(({amount}) => amount));
	assert(bounded === -house, 'what cards have is what the house accounts gave');
}

function checkEntry({id, kind, postings, movements}: PostedEntry): void {
	assert(isBalanced(postings), `entry ${id} balances`);
	assert(
		postings.every(({amount}) => amount !== 0n),
		`entry ${id} has no posting of zero`,
	);
	assert(
		new Set(postings.map(({account, cardId}) => `${account} ${cardId ?? ''}`)).size === postings.length,
		`entry ${id} has one posting per account and card`,
	);
	assert(
		new Set(movements.map(({lotId}) => lotId)).size === movements.length,
		`entry ${id} moves each lot once`,
	);
	for (const [account, delta] of [
		['available', 'remainingDelta'],
		['held', 'heldDelta'],
	] as const) {
		for (const card of new Set(movements.map(({cardId}) => cardId))) {
			const own = postings.filter(posting => posting.account === account && posting.cardId === card);
			const moved = sum(movements.filter(({cardId}) => cardId === card).map(movement => movement[delta]));
			assert(
				sum(own.map(({amount}) => amount)) === moved,
				`the movements of the ${kind} ${id} on card ${card} sum to its posting on ${account}`,
			);
		}
	}
}

function checkCard(card: CardState, entries: readonly PostedEntry[]): void {
	const lots = [...card.lots.values()];
	assert(card.available >= 0n && card.held >= 0n, `card ${card.id} has nothing below zero`);
	assert(
		card.available === sum(lots.map(lot => lot.remaining)),
		`what is available on card ${card.id} is in its lots`,
	);
	assert(card.held === sum(lots.map(lot => lot.held)), `what is held on card ${card.id} is in its lots`);
	const within = (lot: Lot) =>
		lot.remaining >= 0n && lot.held >= 0n && lot.remaining + lot.held <= lot.issued;
	assert(lots.every(within), `the lots of card ${card.id} are within their limits`);
	checkHistory(card, entries);
}

/** Version + 1 for each entry, and balances that follow from the postings (B2). */
function checkHistory(card: CardState, entries: readonly PostedEntry[]): void {
	const balances = {available: 0n, held: 0n};
	let version = 0n;
	for (const {id, postings} of entries) {
		const own = postings.filter(({cardId}) => cardId === card.id);
		version += own.length > 0 ? 1n : 0n;
		for (const {account, amount, balanceAfter, version: said} of own) {
			const name = account === 'held' ? 'held' : 'available';
			balances[name] += amount;
			assert(said === version, `entry ${id} has the next version of card ${card.id}`);
			assert(balanceAfter === balances[name], `entry ${id} says the balance of ${name} on card ${card.id}`);
		}
	}

	assert(card.version === version, `card ${card.id} counts its entries`);
}

function checkLeg({value, captured, released, refunded, shares}: Leg): void {
	assert(captured + released <= value, 'no more is captured and released than was held');
	assert(refunded <= captured, 'no more is refunded than was captured');
	assert(
		[captured, released, refunded].every(amount => amount >= 0n),
		'no counter of a hold is below zero',
	);
	assert(value === sum(shares.map(share => share.taken)), 'a hold was taken from lots');
	for (const counter of ['captured', 'released', 'refunded'] as const) {
		const inLots = sum(shares.map(share => share[counter]));
		assert(
			{captured, released, refunded}[counter] === inLots,
			`what is ${counter} of a hold is ${counter} of its lots`,
		);
	}
}

/** Everything that a command could change, as text. */
export function fingerprintOf({books, record, now}: MemoryLedger): string {
	const cards = [...books.cards.values()].map(card => ({...card, lots: [...card.lots.values()]}));
	const {entries} = books.changes();
	const state = {
		cards,
		holds: [...books.holds.values()],
		credits: [...books.credits.values()],
		payments: [...books.payments.values()],
		entries,
		now,
	};
	return JSON.stringify({...state, closings: record.closings, notes: record.notes}, (_key, value: unknown) =>
		typeof value === 'bigint' ? String(value) : value,
	);
}

/** That the books and the reference know the same cards, lots and holds. */
export function checkAgainstReference({ledger, cards, operations}: Play): void {
	for (const {id, reference} of cards) {
		const card = ledger.books.cards.get(id);
		if (card === undefined) {
			throw new Error(`Card ${id} is not in the books.`);
		}

		assert(card.status === reference.status, `card ${id} is ${reference.status}`);
		assert(Number(card.version) === reference.entries, `card ${id} has ${reference.entries} entries`);
		const [found, expected] = [spendableBalance(card, ledger.now), referenceBalance(reference, ledger.now)];
		assert(Number(found) === expected, `${expected} can be spent of card ${id}, and not ${found}`);
		pairLots(card, reference.lots);
	}

	for (const {id, reference} of operations) {
		const leg = ledger.books.holds.get(id)?.legs[0];
		const counters = leg && [leg.captured, leg.released, leg.refunded].map(Number);
		const released = unitsIn(reference, 'released');
		const refunded = unitsIn(reference, 'refunded');
		const expected = [unitsIn(reference, 'captured') + refunded, released, refunded];
		assert(
			reference.kind === 'credit' || String(counters) === String(expected),
			`the counters of a hold are ${String(expected)}, and not ${String(counters)}`,
		);
	}
}

const birth = (parent: string | null, issued: unknown, end: unknown) =>
	`${parent ?? 'root'} ${String(issued)} ${String(end)}`;

/** Give the reference's new lots the ids of the ledger's, and compare all. Two that were born alike are alike. */
function pairLots(card: CardState, references: readonly ReferenceLot[]): void {
	const named = new Map(references.flatMap(lot => (lot.id === null ? [] : [[lot.id, lot]])));
	const strangers = [...card.lots.values()].filter(({id}) => !named.has(id));
	for (const lot of references.filter(({id}) => id === null)) {
		const wanted = birth(lot.parent?.id ?? null, lot.issued, lot.expiresAt);
		const index = strangers.findIndex(
			({parentId, issued, expiresAt}) => birth(parentId, issued, expiresAt ?? Infinity) === wanted,
		);
		assert(index >= 0, `the ledger opened a lot as the reference did: ${wanted}`);
		lot.id = strangers.splice(index, 1)[0]?.id ?? null;
	}

	assert(strangers.length === 0, 'the ledger opened no lot that the reference does not know');
	const image = (lot: Lot | ReferenceLot | undefined) =>
		`${String(lot?.remaining)} remaining, ${String(lot?.held)} held`;
	for (const lot of references) {
		const [found, expected] = [image(card.lots.get(lot.id ?? '')), image(lot)];
		assert(found === expected, `lot ${lot.id ?? ''} has ${expected}, and not ${found}`);
	}
}
