import {Books} from './books.ts';
import {type Instant} from './calendar.ts';
import {cardsOf, type Command} from './commands.ts';
import {type Remembered} from './remembered.ts';
import {type Stopwatch} from './stages.ts';
import {ask, askTogether, type Transaction} from './store/ask.ts';
import {addPrograms} from './store/load-programs.ts';
import {reading, take} from './store/load.ts';
import {lockOrders} from './store/lock-orders.ts';
import {lockPayments} from './store/lock-payments.ts';
import {lockRuns} from './store/lock-runs.ts';
import {lockedCards, lockingCards} from './store/lock.ts';
import {beyond, wantedBy} from './wanted.ts';

type Tools = {
	readonly merchantId: number;
	readonly clock: () => Instant;
	readonly stopwatch?: Stopwatch | undefined;
};

type Known = {
	/** When the locks were there (B14). */
	readonly now: Instant;
	/** Of the locked cards, as they were read. */
	readonly versions: Map<string, bigint>;
	/** What was decided before, by `keyText`. */
	readonly remembered: Map<string, Remembered>;
};

/** What the commands of a batch are decided with. */
export type Loaded = Known & {
	readonly books: Books;
	/** Imports of the batch that were taken back. */
	readonly undoneRuns: ReadonlySet<number>;
};

const none: ReadonlySet<number> = new Set();

/**
 * Lock what the commands of a batch may change, and read what they are decided with: imports, payments and orders first, then cards (A1).
 * @param further - cards to be locked besides those that the commands name
 * @throws {MoreCardsError} when one of them gives on what comes back to it to a card that is not locked (A2)
 */
export async function lockAndLoad(
	tx: Transaction,
	tools: Tools,
	commands: readonly Command[],
	further: readonly string[],
): Promise<Loaded> {
	const {merchantId} = tools;
	const books = new Books();
	// Only where there are any: a batch of gift cards pays nothing for them.
	const runIds = [...new Set(commands.flatMap(command => runOf(command) ?? []))];
	const undoneRuns = runIds.length === 0 ? none : await lockRuns(tx, merchantId, runIds);
	await lockRoots(tx, books, merchantId, commands);
	const booked = [...books.orders.values()].flatMap(({bookings}) => [...bookings.keys()]);
	const cardIds = new Set([...commands.flatMap(cardsOf), ...booked, ...further]);
	const known = await loadCards(tx, books, tools, {commands, cardIds: [...cardIds]});
	return {books, undoneRuns, ...known};
}

// Longer than a batch waits for a lock.
const aheadMs = 1000;

/**
 * Lock the cards and read into the books what the commands need. Most of that is known before the cards are: it is asked for in the same
 * breath, good for every moment at which the locks may be there. What the cards turn out to need besides is asked for afterwards.
 */
async function loadCards(
	tx: Transaction,
	books: Books,
	{merchantId, clock, stopwatch}: Tools,
	{commands, cardIds}: {readonly commands: readonly Command[]; readonly cardIds: readonly string[]},
): Promise<Known> {
	const from = clock();
	const moments = {from, until: from + aheadMs};
	const foreseen = isForeseeable(commands) ? wantedBy(commands, books) : undefined;
	const ahead = foreseen && reading({merchantId, moments, wanted: foreseen, locked: []});
	const answer = await askTogether(tx, lockingCards(merchantId, cardIds), ahead);
	const locked = lockedCards(answer);
	for (const {card} of locked) {
		books.cards.set(card.id, card);
	}

	needAll(books);
	const versions = new Map(locked.map(({card}) => [card.id, card.version]));
	stopwatch?.lap('lock');
	const now = clock();
	await addPrograms(tx, merchantId, locked, now);
	const wanted = wantedBy(commands, books);
	const left = foreseen ? beyond(wanted, foreseen, moments.from <= now && now <= moments.until) : wanted;
	const remembered = take(books, answer, []);
	const rest = reading({merchantId, moments: {from: now, until: now}, wanted: left, locked});
	if (rest !== undefined) {
		take(books, await ask(tx, rest), locked).forEach((known, key) => remembered.set(key, known));
	}

	stopwatch?.lap('load');
	return {now, versions, remembered};
}

/** What was given for an order is looked for on the wallets that took over from others, and only the cards know which. */
function isForeseeable(commands: readonly Command[]): boolean {
	return commands.every(({verb}) => verb !== 'earn');
}

/** A batch never locks a card after its lock step (A2): it is to run again with these, too. */
export class MoreCardsError extends Error {
	readonly cardIds: readonly string[];

	constructor(cardIds: readonly string[]) {
		super('Wallets of the batch were merged into others, which are to be locked with them.');
		this.name = 'MoreCardsError';
		this.cardIds = cardIds;
	}
}

/** What comes back to a wallet that was merged moves on, so the one that took over is locked with it (A13). */
function needAll({cards}: Books): void {
	const missing = [...cards.values()].flatMap(({forwardsTo}) =>
		forwardsTo === null || cards.has(forwardsTo) ? [] : [forwardsTo],
	);
	if (missing.length > 0) {
		throw new MoreCardsError(missing);
	}
}

/**
 * Payments first and then orders, each in one order, so that two batches that want roots of both sorts queue up. Under its lock an order
 * tells the wallets that it has booked to, which are locked with the other cards.
 */
async function lockRoots(
	tx: Transaction,
	books: Books,
	merchantId: number,
	commands: readonly Command[],
): Promise<void> {
	const payments = rootsOf(commands);
	for (const payment of payments.length === 0 ? [] : await lockPayments(tx, merchantId, payments)) {
		books.payments.set(payment.paymentId, payment);
	}

	const orders = [...new Set(commands.flatMap(one => (one.verb === 'earn' ? [one.orderId] : [])))];
	for (const order of orders.length === 0 ? [] : await lockOrders(tx, merchantId, orders)) {
		books.addOrder(order);
	}
}

/**
 * The payments to be locked. A create changes no row that is there, so it only reads; where there is none, inserting it is the lock:
 * when somebody else does so first, the key refuses the batch, which runs again and reads what they wrote.
 */
function rootsOf(commands: readonly Command[]): string[] {
	const roots = commands.flatMap(command =>
		'payment' in command && command.verb !== 'pay' ? [command.payment.paymentId] : [],
	);
	return [...new Set(roots)];
}

/** The import that a command belongs to, by number. */
export function runOf(command: Command): number | undefined {
	return 'runId' in command ? command.runId : undefined;
}
