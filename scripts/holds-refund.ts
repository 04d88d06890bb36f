import {defineCommand} from './lib/command.ts';
import {changeHold, holdFlags} from './lib/hold-change.ts';
import {runAsScript} from './lib/run-command.ts';

export const holdsRefund = defineCommand({
	name: 'holds:refund',
	summary:
		'Refund what was captured of an order, to where it came from: what VTEX cannot send, such as a second refund of one value.',
	details: [
		'It goes back to the cards and lots that it came from, to a lot with a new date where that one has expired, and to the wallet that ' +
			'took over from a merged one; also to a blocked card. It never releases what is held. More than was captured and not refunded yet ' +
			'is refused, and says how much is left.',
		'When VTEX refunds after that it gets what is then left; where nothing is, a gift card answers 422 and lists this refund among the ' +
			'cancellations, a payment answers 500 with the code nothing_left.',
	],
	flags: holdFlags,
	changes: true,
	examples: [
		'--hold 019e2f6b7c3a7d51a4e08c5f2b9d6e13 --amount 5.00 --reason "second return of the same value"',
		'--hold 019e2f6b7c3a7d51a4e08c5f2b9d6e13 --reason "returned" --yes --key return-4711 --json',
	],
	run: (context, args) => changeHold(context, 'refund', args),
});

await runAsScript(import.meta.url, holdsRefund);
