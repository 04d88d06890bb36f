import {type ListedLook} from '../../src/orders/operate.ts';
import {type Context} from './command.ts';
import {shownMoment} from './dates.ts';
import {printTable} from './table.ts';

/** Print orders of the queue, in the mode that was asked for. */
export function printLooks({print, merchant}: Context, looks: readonly ListedLook[]): void {
	looks.forEach(print.value);
	const {timeZone} = merchant;
	const shown = (at: Date | null) => (at === null ? '' : shownMoment(at.getTime(), timeZone));
	printTable(print, looks, [
		{title: 'Order', text: ({orderId}) => orderId, isShrinking: true},
		{title: 'Status', text: ({status}) => status},
		{title: 'Failures', text: ({failures}) => String(failures), isRight: true},
		{title: `Next (${timeZone})`, text: ({nextAt}) => shown(nextAt)},
		{title: 'Looked at', text: ({lookedAt}) => shown(lookedAt)},
		{title: 'Outcome', text: ({outcome}) => outcome ?? ''},
	]);
	for (const {orderId, problem} of looks) {
		if (problem !== null) {
			print.line(`\n${orderId}: ${problem}`);
		}
	}
}
