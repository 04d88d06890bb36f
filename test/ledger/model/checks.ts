import {type Outcome} from '../../../src/ledger/batch.ts';
import {type Books, type PostedEntry} from '../../../src/ledger/books.ts';
import {type CardState, type Leg, type Lot} from '../../../src/ledger/card-state.ts';
import {isBalanced, type Posting} from '../../../src/ledger/entry.ts';
import {type Booking} from '../../../src/ledger/order-state.ts';
import {spendableBalance} from '../../../src/ledger/lots.ts';
import {type MemoryLedger} from './memory.ts';
import {type Play} from './player.ts';
import {
	referenceBalance,
	type ReferenceLeg,
	type ReferenceLot,
	type ReferenceOutcome,
} from './reference-state.ts';

function assert(holds: boolean, what: string): void {
	if (!holds) {
		throw new Error(`It does not hold that ${what}.`);
	}
}

const sum = (amounts: Iterable<bigint>) => [...amounts].reduce((total, amount) => total + amount, 0n);

/**
 * What must hold in any books after a step, whatever happened to them.
 * @param since - the number of entries that were looked at before
 */
export function checkBooks(books: Books, since = 0): void {
	for (const entry of books.changes().entries.slice(since)) {
		checkEntry(entry);
	}

	for (const card of books.cards.values()) {
		checkCard(card);
	}

	for (const hold of books.holds.values()) {
		hold.legs.forEach(checkLeg);
	}
}

/** An audit of the books as a whole, at the end of a story: everything that is stored follows from the journal. */
export function auditBooks(books: Books): void {
	const {entries} = books.changes();
	const legs = [...books.holds.values()].flatMap(hold => hold.legs);
	const all = entries.flatMap(({postings}) => postings);
	checkBooks(books);
	for (const card of books.cards.values()) {
		checkHistory(card, entries);
		checkLots(card, entries);
	}

	for (const asset of new Set(all.map(({assetId}) => assetId))) {
		checkAsset(
			asset,
			all.filter(({assetId}) => assetId === asset),
			[...books.cards.values()].filter(({assetId}) => assetId === asset),
		);
	}

	for (const [id, hold] of books.holds) {
		checkMoved(
			hold.legs,
			entries.filter(entry => entry.id === id || entry.answers === id),
		);
	}

	checkExchange(books, legs, all);
}

/** What lots have is the sum of their movements, and what they were issued with is the first one (B1). */
function checkLots({id: cardId, lots}: CardState, entries: readonly PostedEntry[]): void {
	const all = entries.flatMap(({movements}) => movements).filter(movement => movement.cardId === cardId);
	for (const {id, issued, remaining, held} of lots.values()) {
		const own = all.filter(({lotId}) => lotId === id);
		assert(own[0]?.remainingDelta === issued, `lot ${id} begins with what it was issued with`);
		assert(remaining === sum(own.map(one => one.remainingDelta)), `lot ${id} has what its movements left`);
		assert(held === sum(own.map(one => one.heldDelta)), `lot ${id} holds what its movements hold`);
	}
}

/** What the entries of a hold moved of the lots of each leg is what its counters stand for (A5). */
function checkMoved(legs: readonly Leg[], entries: readonly PostedEntry[]): void {
	for (const {number, value, units, captured, released, refunded} of legs) {
		const moved = (wanted: PostedEntry['kind'], delta: 'heldDelta' | 'remainingDelta') =>
			sum(
				entries
					.filter(({kind}) => kind === wanted)
					.flatMap(({movements}) => movements)
					.filter(({leg}) => leg === number)
					.map(movement => movement[delta]),
			);
		const down = (part: bigint) => (units * part) / value;
		const up = (part: bigint) => units - down(value - part);
		assert(moved('authorize', 'heldDelta') === units, 'a leg holds what its authorization took');
		assert(-moved('capture', 'heldDelta') === down(captured), 'the units captured are ⌊P·C/V⌋');
		assert(-moved('release', 'heldDelta') === up(released), 'the units released are ⌈P·R/V⌉');
		assert(moved('release', 'remainingDelta') === up(released), 'what is released can be spent again');
		assert(moved('refund', 'remainingDelta') === down(refunded), 'the units refunded are ⌊P·F/V⌋');
	}
}

/** Nothing comes from nowhere: neither money nor points. */
function checkAsset(asset: number, postings: readonly Posting[], cards: readonly CardState[]): void {
	assert(sum(postings.map(({amount}) => amount)) === 0n, `all postings of asset ${asset} sum to zero`);
	const bounded = sum(cards.map(({available, held, debt}) => available + held + debt));
	const house = sum(postings.filter(({cardId}) => cardId === null).map(({amount}) => amount));
	assert(bounded === -house, `what cards have of asset ${asset} is what the house accounts gave`);
}

/** What points paid for: the shop is owed what was captured and not given back, and promised what is still open. */
function checkExchange({cards}: Books, legs: readonly Leg[], postings: readonly Posting[]): void {
	for (const asset of new Set(postings.map(({assetId}) => assetId))) {
		const posted = (name: Posting['account']) =>
			sum(
				postings
					.filter(({account, assetId}) => account === name && assetId === asset)
					.map(({amount}) => amount),
			);
		const inIt = legs.filter(({currencyId}) => currencyId === asset);
		const paid = inIt.filter(({rate}) => rate !== null);
		const kept = (some: readonly Leg[]) => sum(some.map(({captured, refunded}) => captured - refunded));
		const open = sum(paid.map(({value, captured, released}) => value - captured - released));
		const spent = legs
			.filter(({rate, cardId}) => rate !== null && cards.get(cardId)?.assetId === asset)
			.flatMap(({shares}) => shares.map(({captured, refunded}) => captured - refunded));
		assert(posted('redeemed') === kept(inIt), 'what is redeemed is what legs captured and kept');
		assert(posted('committed') === open, 'what is committed is what legs of points have open');
		assert(
			posted('exchange') === sum(spent) - open - kept(paid),
			'the exchange has the points that were spent, and gave what they paid for',
		);
	}
}

function checkEntry({id, kind, postings, movements}: PostedEntry): void {
	assert(isBalanced(postings), `entry ${id} balances`);
	assert(
		postings.every(({amount}) => amount !== 0n),
		`entry ${id} has no posting of zero`,
	);
	assert(
		new Set(postings.map(({account, cardId, assetId}) => `${account} ${cardId ?? ''} ${assetId}`)).size ===
			postings.length,
		`entry ${id} has one posting per account, card and asset`,
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

function checkCard(card: CardState): void {
	const lots = [...card.lots.values()];
	assert(card.available >= 0n && card.held >= 0n, `card ${card.id} has nothing below zero`);
	assert(card.debt <= 0n, `card ${card.id} is owed nothing`);
	assert(
		card.available === sum(lots.map(lot => lot.remaining)),
		`what is available on card ${card.id} is in its lots`,
	);
	assert(card.held === sum(lots.map(lot => lot.held)), `what is held on card ${card.id} is in its lots`);
	const within = (lot: Lot) =>
		lot.remaining >= 0n && lot.held >= 0n && lot.owed >= 0n && lot.remaining + lot.held <= lot.issued;
	assert(lots.every(within), `the lots of card ${card.id} are within their limits`);
}

/** Version + 1 for each entry, and balances that follow from the postings (B2). */
function checkHistory(card: CardState, entries: readonly PostedEntry[]): void {
	const balances: Record<string, bigint> = {available: 0n, held: 0n, debt: 0n};
	let version = 0n;
	for (const {id, postings} of entries) {
		const own = postings.filter(({cardId}) => cardId === card.id);
		version += own.length > 0 ? 1n : 0n;
		for (const {account, amount, balanceAfter, version: said} of own) {
			const balance = (balances[account] ?? 0n) + amount;
			balances[account] = balance;
			assert(said === version, `entry ${id} has the next version of card ${card.id}`);
			assert(balanceAfter === balance, `entry ${id} says the balance of ${account} on card ${card.id}`);
		}
	}

	assert(card.version === version, `card ${card.id} counts its entries`);
}

/** The parts of a leg are within the whole in value and in units, and whatever is complete in one is complete in the other. */
function checkLeg({value, units, rate, captured, released, refunded, shares}: Leg): void {
	assert(captured + released <= value, 'no more is captured and released than was held');
	assert(refunded <= captured, 'no more is refunded than was captured');
	assert(
		[captured, released, refunded].every(amount => amount >= 0n),
		'no counter of a hold is below zero',
	);
	const of = (counter: Exclude<keyof Leg['shares'][number], 'lotId'>) =>
		sum(shares.map(share => share[counter]));
	assert(units === of('taken'), 'a hold was taken from lots');
	assert(of('captured') + of('released') <= units, 'no more units are captured and released than were held');
	assert(of('refunded') <= of('captured'), 'no more units are refunded than were captured');
	if (captured + released === value) {
		assert(of('captured') + of('released') === units, 'the parts of a leg add up to the whole in units');
	}

	if (refunded === captured) {
		assert(of('refunded') === of('captured'), 'what is refunded as a whole is refunded in units');
	}

	if (rate === null) {
		const counters = [units, of('captured'), of('released'), of('refunded')];
		assert(
			String(counters) === String([value, captured, released, refunded]),
			'what a hold of money did is what its lots did',
		);
		return;
	}

	// The fewest points that are worth the value: that is what the shopper was told.
	const {numerator, denominator} = rate;
	assert(units * numerator >= value * denominator, 'points are worth what they pay for');
	assert((units - 1n) * numerator < value * denominator, 'no more points are held than are needed');
	assert(
		of('captured') * value <= units * captured,
		'no part of a value takes more points than it has a share of',
	);
}

/** Everything that a command could change, as text. */
export function fingerprintOf({books, record, now}: MemoryLedger): string {
	const cards = [...books.cards.values()].map(card => ({...card, lots: [...card.lots.values()]}));
	const state = {
		cards,
		holds: [...books.holds.values()],
		credits: [...books.credits.values()],
		payments: [...books.payments.values()],
		orders: [...books.orders.values()].map(order => ({...order, bookings: [...order.bookings]})),
		// What is in the journal stays as it is.
		entries: books.changes().entries.length,
		now,
	};
	return JSON.stringify(
		{...state, cardChanges: record.cardChanges, notes: record.notes},
		(_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
	);
}

/** That the books and the reference know the same cards, lots, holds and payments. */
export function checkAgainstReference(stage: Play): void {
	const {ledger, cards, operations, payments} = stage;
	nameLots(stage);
	for (const {id, reference} of cards) {
		const card = ledger.books.cards.get(id);
		if (card === undefined) {
			throw new Error(`Card ${id} is not in the books.`);
		}

		const survivor = cards.find(one => one.reference === reference.mergedInto)?.id ?? null;
		assert(card.status === reference.status, `card ${id} is ${reference.status}`);
		assert(card.forwardsTo === survivor, `card ${id} gives on to ${survivor ?? 'nobody'}`);
		assert(Number(card.version) === reference.entries, `card ${id} has ${reference.entries} entries`);
		const [found, expected] = [spendableBalance(card, ledger.now), referenceBalance(reference, ledger.now)];
		assert(Number(found) === expected, `${expected} can be spent of card ${id}, and not ${found}`);
		assert(Number(-card.debt) === reference.debt, `card ${id} owes ${reference.debt}, and not ${-card.debt}`);
		compareLots(card, reference.lots);
	}

	compareOrders(stage);

	for (const {id, reference} of operations) {
		if (reference.kind === 'hold') {
			compareLegs(ledger.books.holds.get(id)?.legs ?? [], reference.legs);
		}
	}

	for (const {id, reference, holdId} of payments.all) {
		const payment = ledger.books.payments.get(id);
		assert((payment?.status ?? 'new') === reference.status, `payment ${id} is ${reference.status}`);
		const isCancelled = (payment?.cancellationId ?? null) !== null;
		assert(isCancelled === reference.isCancelled, `payment ${id} is cancelled or not as it should be`);
		compareLegs(ledger.books.holds.get(holdId ?? '')?.legs ?? [], reference.hold?.legs ?? []);
	}
}

function compareOrders({ledger: {books}, cards, orders}: Play): void {
	for (const {id, reference} of orders) {
		const {bookings} = books.orders.get(id) ?? {bookings: new Map<string, Booking>()};
		for (const card of cards) {
			const {units = 0n, forgone = 0n} = bookings.get(card.id) ?? {};
			const expected = `${reference.given.get(card.reference) ?? 0} and ${reference.forgone.get(card.reference) ?? 0}`;
			const found = `${units} and ${forgone}`;
			assert(found === expected, `order ${id} gave card ${card.id} ${expected}, and not ${found}`);
		}
	}
}

function compareLegs(legs: readonly Leg[], references: readonly ReferenceLeg[]): void {
	const found = legs.map(({value, units, captured, released, refunded}) =>
		[value, units, captured, released, refunded].join(' '),
	);
	const expected = references.map(({value, units, captured, released, refunded}) =>
		[value, units.length, captured, released, refunded].join(' '),
	);
	assert(String(found) === String(expected), `the legs are ${String(expected)}, and not ${String(found)}`);
}

/** A lot as somebody sees it who does not know its name. */
type Nameless = Pick<ReferenceLot, 'remaining' | 'held' | 'issued' | 'spendableFrom' | 'expiresAt'> & {
	readonly parentId: string | null;
	readonly children: readonly {readonly issued: unknown}[];
};

const describe = ({parentId, issued, spendableFrom, expiresAt, remaining, held, children}: Nameless) => {
	const going = children.map(child => Number(child.issued)).sort((x, y) => x - y);
	const since = `from ${spendableFrom} to ${expiresAt}, with ${remaining} and ${held} held`;
	return `${issued} of ${parentId ?? 'no lot'} ${since}, of which went on ${going.join(' ')}`;
};

/** Give the reference's new lots the ids of the ledger's. Two that were born alike and fared alike since are alike. */
function nameLots({ledger: {books, now}, cards}: Play): void {
	const all = cards.flatMap(({reference}) => reference.lots);
	const named = new Set(all.map(({id}) => id));
	const idOf = new Map(cards.map(({id, reference}) => [reference, id]));
	const lots = [...books.cards.values()].flatMap(({id: cardId, lots: own}) =>
		[...own.values()].map(lot => ({cardId, lot})),
	);
	// What can be spent by now may have begun at any time before.
	const since = (from: number) => Math.max(from, now);
	const strangers = lots
		.filter(({lot: {id}}) => !named.has(id))
		.map(({cardId, lot}) => ({
			...{cardId, id: lot.id},
			description: describe({
				...{parentId: lot.parentId, spendableFrom: since(lot.spendableFrom)},
				...{issued: Number(lot.issued), expiresAt: lot.expiresAt ?? Infinity},
				...{remaining: Number(lot.remaining), held: Number(lot.held)},
				children: lots.flatMap(one => (one.lot.parentId === lot.id ? [one.lot] : [])),
			}),
		}));
	const name = (lot: ReferenceLot): void => {
		if (lot.id !== null) {
			return;
		}

		if (lot.parent !== null) {
			name(lot.parent);
		}

		const wanted = describe({
			...{...lot, parentId: lot.parent?.id ?? null, spendableFrom: since(lot.spendableFrom)},
			children: all.filter(({parent}) => parent === lot),
		});
		const index = strangers.findIndex(
			({cardId, description}) => cardId === idOf.get(lot.card) && description === wanted,
		);
		assert(index >= 0, `the ledger opened a lot as the reference did: ${wanted}`);
		lot.id = strangers.splice(index, 1)[0]?.id ?? null;
	};
	all.forEach(name);
	assert(strangers.length === 0, 'the ledger opened no lot that the reference does not know');
}

function compareLots(card: CardState, references: readonly ReferenceLot[]): void {
	const image = (lot: Lot | ReferenceLot | undefined) =>
		`${String(lot?.remaining)} remaining, ${String(lot?.held)} held, ${String(lot?.owed)} owed`;
	for (const lot of references) {
		const [found, expected] = [image(card.lots.get(lot.id ?? '')), image(lot)];
		assert(found === expected, `lot ${lot.id ?? ''} has ${expected}, and not ${found}`);
	}
}

/** That a command answers as the reference says; a repeated one with the id of the first answer. */
export function compare(outcome: Outcome, expected: ReferenceOutcome, isReplay: boolean, id?: string): void {
	const found = outcome.kind === 'refused' ? outcome.refusal : Number(outcome.moved);
	const wanted = typeof expected === 'string' ? expected : expected.moved;
	if (found !== wanted || outcome.isReplay !== isReplay) {
		throw new Error(
			`The ledger says ${found}, replay ${outcome.isReplay}; the reference ${wanted}, ${isReplay}.`,
		);
	}

	if (outcome.kind === 'done' && isReplay && outcome.id !== id) {
		throw new Error(
			`A replay answers with the id ${outcome.id} where the first answer said ${id ?? 'nothing'}.`,
		);
	}
}

export function assertUnchanged(before: string, ledger: MemoryLedger): void {
	if (fingerprintOf(ledger) !== before) {
		throw new Error('A command without effect changed the ledger.');
	}
}
