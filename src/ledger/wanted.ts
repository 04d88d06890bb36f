import {type PaymentState} from './card-state.ts';
import {cardsOf, type Command} from './commands.ts';
import {type Wanted} from './store/load.ts';

/**
 * What must be read for the commands of a batch, besides the rows that it locks.
 * @param payments - as they are under their locks
 */
export function wantedBy(commands: readonly Command[], payments: ReadonlyMap<string, PaymentState>): Wanted {
	const takes = taker(payments);
	const emptied = new Set<string>();
	const operations = new Set<string>();
	for (const command of commands) {
		if (command.verb === 'undo') {
			operations.add(command.operationId);
		} else if (command.verb === 'expire' || command.verb === 'close') {
			emptied.add(command.cardId);
		} else if ('holdId' in command && command.holdId !== null) {
			operations.add(command.holdId);
		}
	}

	return {
		keys: commands.flatMap(({key}) => (key === null ? [] : [key])),
		needs: needsOf(commands, takes),
		emptied: [...emptied],
		operations: [...operations],
		creates: [...new Set(commands.flatMap(one => (one.verb === 'pay' ? [one.payment.paymentId] : [])))],
		owners: commands.some(takes),
	};
}

type Takes = (command: Command) => boolean;

/** Whether a command takes value out of cards; a settlement does after its payment's hold was released (A6). */
function taker(payments: ReadonlyMap<string, PaymentState>): Takes {
	const isLate = (paymentId: string) => (payments.get(paymentId)?.timedOutAt ?? null) !== null;
	return command =>
		command.verb === 'settle'
			? isLate(command.payment.paymentId)
			: command.verb === 'authorize' || command.verb === 'pay' || command.verb === 'conclude';
}

/**
 * How much value of each card its debits and credits must be able to see, whatever else the batch takes from it first: a
 * reversed credit takes from lots too, and each credit looks for one live lot behind all that (A11). A payment over
 * several cards may take all of its value from any of them.
 */
function needsOf(commands: readonly Command[], takes: Takes): Map<string, bigint> {
	const looking = new Set(
		commands.filter(command => takes(command) || command.verb === 'credit').flatMap(cardsOf),
	);
	const needs = new Map<string, bigint>();
	for (const command of commands) {
		const need = takes(command) || command.verb === 'undo' ? amountOf(command) : 1n;
		if (takes(command) || command.verb === 'credit' || command.verb === 'undo') {
			for (const cardId of cardsOf(command).filter(id => looking.has(id))) {
				needs.set(cardId, (needs.get(cardId) ?? 0n) + need);
			}
		}
	}

	return needs;
}

function amountOf(command: Command): bigint {
	return 'amount' in command ? command.amount : 0n;
}
