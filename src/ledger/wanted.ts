import {type CardState, type LedgerState, type PaymentState} from './card-state.ts';
import {
	cardsOf,
	type Close,
	type Command,
	type Earn,
	type Expire,
	type Extend,
	type Merge,
	type Transfer,
	type Verb,
} from './commands.ts';
import {differenceOf} from './decide/earn.ts';
import {earnedKey, type OrderState} from './order-state.ts';
import {type Wanted} from './store/load.ts';
import {lineOf} from './wallet-line.ts';
import {pricingOf, unitsOf} from './worth.ts';

type Payments = ReadonlyMap<string, PaymentState>;
type Locked = Pick<LedgerState, 'cards' | 'payments' | 'orders'>;

/**
 * What must be read for the commands of a batch, besides the rows that it locks.
 * @param state - cards, payments and orders as they are under their locks
 */
export function wantedBy(commands: readonly Command[], state: Locked): Wanted {
	const emptied = new Set<string>();
	const operations = new Set<string>();
	for (const command of commands) {
		if (command.verb === 'undo') {
			operations.add(command.operationId);
			if (command.holderId !== undefined) {
				emptied.add(command.holderId);
			}
		} else if (isOfAll(command) || isEverything(command)) {
			emptied.add(command.cardId);
		} else if ('holdId' in command && command.holdId !== null) {
			operations.add(command.holdId);
			walletsTakenAgain(command, state).forEach(cardId => emptied.add(cardId));
		}
	}

	return {
		keys: commands.flatMap(({key}) => (key === null ? [] : [key])),
		needs: needsOf(commands, state),
		emptied: [...emptied],
		operations: [...operations],
		creates: [...new Set(commands.flatMap(one => (one.verb === 'pay' ? [one.payment.paymentId] : [])))],
		owners: commands.some(presents),
		orders: ordersOf(commands, state),
		days: daysOf(commands, state),
	};
}

/**
 * What is wanted besides what was read before the cards were known.
 * @param isInTime - whether the lots that were read are those of the moment that counts
 */
export function beyond(wanted: Wanted, read: Wanted, isInTime: boolean): Wanted {
	const isMore = ([cardId, need]: [string, bigint]) => !isInTime || need > (read.needs.get(cardId) ?? 0n);
	return {
		...wanted,
		...{keys: [], operations: [], creates: []},
		needs: new Map([...wanted.needs].filter(isMore)),
		emptied: wanted.emptied.filter(cardId => !read.emptied.includes(cardId)),
	};
}

/** Orders that gave points before and whose booking may change now. Most documents that come again change nothing. */
function ordersOf(commands: readonly Command[], {cards, orders}: Locked): Wanted['orders'] {
	const known = [...orders.values()].filter(
		order => order.earningId !== null && mayChange(order, commands, cards),
	);
	const wallets = known.map(order => [...new Set(walletsOf(order, cards))]);
	return {
		earnings: known.flatMap(({earningId}) => earningId ?? []),
		cardIds: [...new Set(wallets.flat())],
		heirs: [...new Set(wallets.filter(({length}) => length > 1).flat())],
	};
}

function mayChange(order: OrderState, commands: readonly Command[], cards: Locked['cards']): boolean {
	const [first, second] = commands.filter(
		(one): one is Earn => one.verb === 'earn' && one.orderId === order.orderId,
	);
	return second !== undefined || (first !== undefined && differenceOf(order, first, cards) !== 0n);
}

/** The wallets that were booked to, and those that took over from them. */
function walletsOf({bookings}: OrderState, cards: Locked['cards']): string[] {
	return [...bookings.keys()].flatMap(id => lineFrom(id, cards).map(card => card.id));
}

function lineFrom(cardId: string, cards: Locked['cards']): CardState[] {
	const card = cards.get(cardId);
	return card === undefined ? [] : lineOf(cards, card);
}

/** The wallets that may earn under a cap for a day: those that are named, or took over, or are about to take over. */
function daysOf(commands: readonly Command[], {cards}: Locked): Wanted['days'] {
	const heirs = commands.flatMap(command => (command.verb === 'merge' ? [command.targetId] : []));
	const days = commands.flatMap(command => {
		if (command.verb !== 'earn' || command.cardId === null || command.terms.dayMax === null) {
			return [];
		}

		const {dayStart} = command.terms;
		const wallet = lineFrom(command.cardId, cards).at(-1)?.id;
		return [...(wallet === undefined ? [] : [wallet]), ...heirs].map(cardId => ({cardId, dayStart}));
	});
	return [...new Map(days.map(day => [earnedKey(day.cardId, day.dayStart), day])).values()];
}

/** Whether a command says who wants to spend. */
function presents({verb}: Command): boolean {
	return verb === 'authorize' || verb === 'pay' || verb === 'conclude';
}

/** Whether a command looks at every lot of its card. */
function isOfAll(command: Command): command is Expire | Close | Extend {
	return command.verb === 'expire' || command.verb === 'close' || command.verb === 'extend';
}

/** Whether a command moves all that a card has, so that every lot of it must be seen. */
function isEverything(command: Command): command is Transfer | Merge {
	return command.verb === 'merge' || (command.verb === 'transfer' && command.amount === 0n);
}

/**
 * How much value of each card those commands must be able to see that look at its live lots, whatever else the batch takes from it
 * first: a reversed credit takes from lots too, and whoever brings value looks for one live lot behind all that (A11).
 */
function needsOf(commands: readonly Command[], {cards, payments, orders}: Locked): Map<string, bigint> {
	const looking = new Set(
		commands.filter(({verb}) => verb !== 'undo').flatMap(command => lookedAt(command, payments)),
	);
	const needs = new Map<string, bigint>();
	for (const command of commands) {
		for (const cardId of lookedAt(command, payments).filter(id => looking.has(id))) {
			needs.set(cardId, (needs.get(cardId) ?? 0n) + needOf(command, cardId, cards));
		}
	}

	for (const [cardId, units] of takenBackAtMost({cards, orders})) {
		if (looking.has(cardId)) {
			needs.set(cardId, (needs.get(cardId) ?? 0n) + units);
		}
	}

	return needs;
}

/** What the orders of a batch may take out of each wallet's lots: all that was booked to it, or to one that was merged into it. */
function takenBackAtMost({
	cards,
	orders,
}: Pick<Locked, 'cards' | 'orders'>): [cardId: string, units: bigint][] {
	return [...orders.values()].flatMap(({bookings}) =>
		[...bookings].flatMap(([cardId, {units}]) =>
			lineFrom(cardId, cards).map((card): [string, bigint] => [card.id, units]),
		),
	);
}

const otherLooking: ReadonlySet<Verb> = new Set(['undo', 'transfer', 'adjust']);

/** The cards of which a command takes live lots, or looks for one; a settlement does once its payment's hold timed out (A6). */
function lookedAt(command: Command, payments: Payments): readonly string[] {
	return isLate(command, payments) ||
		presents(command) ||
		otherLooking.has(command.verb) ||
		looksForLife(command)
		? cardsOf(command)
		: [];
}

/** Whether a credit asks if its card still lives by a lot (A11). A grant has a date of its own, and looks at no other lot. */
function looksForLife(command: Command): boolean {
	return command.verb === 'credit' && command.grant === undefined;
}

/** Whether a settlement comes after its payment's hold timed out, so that the value is taken again. */
function isLate(command: Command, payments: Payments): boolean {
	return command.verb === 'settle' && (payments.get(command.payment.paymentId)?.timedOutAt ?? null) !== null;
}

/** Points are taken again at the rate that was agreed, which is not known yet: every lot of those wallets must be seen. */
function walletsTakenAgain(command: Command, {cards, payments}: Locked): string[] {
	return isLate(command, payments)
		? cardsOf(command).filter(cardId => (cards.get(cardId)?.program ?? null) !== null)
		: [];
}

/** A payment over several cards may take all of its value from any of them; what gets value needs one unit to be seen as live. */
function needOf(command: Command, cardId: string, cards: ReadonlyMap<string, CardState>): bigint {
	if (command.verb === 'transfer') {
		return cardId === command.cardId && command.amount > 0n ? command.amount : 1n;
	}

	if (command.verb === 'adjust') {
		return command.amount < 0n ? -command.amount : 1n;
	}

	return command.verb === 'credit' ? 1n : unitsAskedOf(cards.get(cardId), command);
}

/** The units of a card that the value of a command takes; a card that cannot pay in its currency shows one, as every other. */
function unitsAskedOf(card: CardState | undefined, command: Command): bigint {
	if (!('amount' in command)) {
		return 0n;
	}

	const pricing = card === undefined ? 'same' : pricingOf(card, command.assetId);
	return pricing === undefined ? 1n : unitsOf(command.amount, pricing);
}
