import {cardsOf, type Command} from './commands.ts';
import {type Wanted} from './store/load.ts';

/** What must be read for the commands of a batch, besides the rows that it locks. */
export function wantedBy(commands: readonly Command[]): Wanted {
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
		needs: needsOf(commands),
		emptied: [...emptied],
		operations: [...operations],
		creates: [...new Set(commands.flatMap(one => (one.verb === 'pay' ? [one.payment.paymentId] : [])))],
		owners: commands.some(takes),
	};
}

/** Whether a command takes value out of cards. */
function takes({verb}: Command): boolean {
	return verb === 'authorize' || verb === 'pay' || verb === 'conclude';
}

/**
 * How much value of each card its debits and credits must be able to see, whatever else the batch takes from it first: a
 * reversed credit takes from lots too, and each credit looks for one live lot behind all that (A11). A payment over
 * several cards may take all of its value from any of them.
 */
function needsOf(commands: readonly Command[]): Map<string, bigint> {
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
