import {type CardState, type LedgerState, type PaymentState} from './card-state.ts';
import {cardsOf, type Command, type Merge, type Transfer, type Verb} from './commands.ts';
import {type Wanted} from './store/load.ts';
import {pricingOf, unitsOf} from './worth.ts';

type Payments = ReadonlyMap<string, PaymentState>;
type Locked = Pick<LedgerState, 'cards' | 'payments'>;

/**
 * What must be read for the commands of a batch, besides the rows that it locks.
 * @param state - cards and payments as they are under their locks
 */
export function wantedBy(commands: readonly Command[], state: Locked): Wanted {
	const emptied = new Set<string>();
	const operations = new Set<string>();
	for (const command of commands) {
		if (command.verb === 'undo') {
			operations.add(command.operationId);
		} else if (command.verb === 'expire' || command.verb === 'close' || isEverything(command)) {
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
	};
}

/** Whether a command says who wants to spend. */
function presents({verb}: Command): boolean {
	return verb === 'authorize' || verb === 'pay' || verb === 'conclude';
}

/** Whether a command moves all that a card has, so that every lot of it must be seen. */
function isEverything(command: Command): command is Transfer | Merge {
	return command.verb === 'merge' || (command.verb === 'transfer' && command.amount === 0n);
}

/**
 * How much value of each card those commands must be able to see that look at its live lots, whatever else the batch takes from it
 * first: a reversed credit takes from lots too, and whoever brings value looks for one live lot behind all that (A11).
 */
function needsOf(commands: readonly Command[], {cards, payments}: Locked): Map<string, bigint> {
	const looking = new Set(
		commands.filter(({verb}) => verb !== 'undo').flatMap(command => lookedAt(command, payments)),
	);
	const needs = new Map<string, bigint>();
	for (const command of commands) {
		for (const cardId of lookedAt(command, payments).filter(id => looking.has(id))) {
			needs.set(cardId, (needs.get(cardId) ?? 0n) + needOf(command, cardId, cards));
		}
	}

	return needs;
}

const otherLooking: ReadonlySet<Verb> = new Set(['credit', 'undo', 'transfer', 'adjust']);

/** The cards of which a command takes live lots, or looks for one; a settlement does once its payment's hold timed out (A6). */
function lookedAt(command: Command, payments: Payments): readonly string[] {
	return isLate(command, payments) || presents(command) || otherLooking.has(command.verb)
		? cardsOf(command)
		: [];
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
