import {type ListedCallback} from '../../src/callbacks/operate.ts';
import {type Context} from './command.ts';
import {shownMoment} from './dates.ts';
import {printTable} from './table.ts';

/** Print callbacks, in the mode that was asked for. */
export function printCallbacks({print, merchant}: Context, callbacks: readonly ListedCallback[]): void {
	for (const {paymentId, status, attempts, nextAt, until, deliveredAt, problem} of callbacks) {
		print.value({paymentId, status, attempts, nextAt, until, deliveredAt, problem});
	}

	const {timeZone} = merchant;
	const shown = (at: Date | null) => (at === null ? '' : shownMoment(at.getTime(), timeZone));
	printTable(print, callbacks, [
		{title: 'Payment', text: ({paymentId}) => paymentId, isShrinking: true},
		{title: 'Status', text: ({status}) => status},
		{title: 'Attempts', text: ({attempts}) => String(attempts), isRight: true},
		{title: `Next (${timeZone})`, text: ({nextAt}) => shown(nextAt)},
		{title: 'Delivered', text: ({deliveredAt}) => shown(deliveredAt)},
	]);
	for (const {paymentId, problem} of callbacks) {
		if (problem !== null) {
			print.line(`\n${paymentId}: ${problem}`);
		}
	}
}
