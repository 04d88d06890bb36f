import {type PaymentState} from './card-state.ts';
import {cardsOf, type Command, type Transfer, type Verb} from './commands.ts';
import {type Wanted} from './store/load.ts';

type Payments = ReadonlyMap<string, PaymentState>;

/**
 * What must be read for the commands of a batch, besides the rows that it locks.
 * @param payments - as they are under their locks
 */
export function wantedBy(commands: readonly Command[], payments: Payments): Wanted {
	const emptied = new Set<string>();
	const operations = new Set<string>();
	for (const command of commands) {
		if (command.verb === 'undo') {
			operations.add(command.operationId);
		} else if (command.verb === 'expire' || command.verb === 'close' || isEverything(command)) {
			emptied.add(command.cardId);
		} else if ('holdId' in command && command.holdId !== null) {
			operations.add(command.holdId);
		}
	}

	return {
		keys: commands.flatMap(({key}) => (key === null ? [] : [key])),
		needs: needsOf(commands, payments),
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
function isEverything(command: Command): command is Transfer {
	return command.verb === 'transfer' && command.amount === 0n;
}

/**
 * How much value of each card those commands must be able to see that look at its live lots, whatever else the batch takes from it
 * first: a reversed credit takes from lots too, and whoever brings value looks for one live lot behind all that (A11).
 */
function needsOf(commands: readonly Command[], payments: Payments): Map<string, bigint> {
	const looking = new Set(
		commands.filter(({verb}) => verb !== 'undo').flatMap(command => lookedAt(command, payments)),
	);
	const needs = new Map<string, bigint>();
	for (const command of commands) {
		for (const cardId of lookedAt(command, payments).filter(id => looking.has(id))) {
			needs.set(cardId, (needs.get(cardId) ?? 0n) + needOf(command, cardId));
		}
	}

	return needs;
}

const otherLooking: ReadonlySet<Verb> = new Set(['credit', 'undo', 'transfer', 'adjust']);

/** The cards of which a command takes live lots, or looks for one; a settlement does once its payment's hold timed out (A6). */
function lookedAt(command: Command, payments: Payments): readonly string[] {
	const isLate =
		command.verb === 'settle' && (payments.get(command.payment.paymentId)?.timedOutAt ?? null) !== null;
	return isLate || presents(command) || otherLooking.has(command.verb) ? cardsOf(command) : [];
}

/** A payment over several cards may take all of its value from any of them; what gets value needs one unit to be seen as live. */
function needOf(command: Command, cardId: string): bigint {
	if (command.verb === 'transfer') {
		return cardId === command.cardId && command.amount > 0n ? command.amount : 1n;
	}

	if (command.verb === 'adjust') {
		return command.amount < 0n ? -command.amount : 1n;
	}

	return command.verb === 'credit' ? 1n : amountOf(command);
}

function amountOf(command: Command): bigint {
	return 'amount' in command ? command.amount : 0n;
}
