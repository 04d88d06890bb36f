import {defineCommand} from './lib/command.ts';
import {changeHold, holdFlags} from './lib/hold-change.ts';
import {runAsScript} from './lib/run-command.ts';

export const holdsRelease = defineCommand({
	name: 'holds:release',
	summary: 'Release what is held of an order that VTEX forgot to cancel, so that it can be spent again.',
	details: [
		'It goes back to the cards and lots that it came from. It never refunds: what was captured stays captured, also when VTEX settles at ' +
			'this very moment. More than is held is refused, and says how much is.',
		'A payment is released as a whole, because that ends it as a cancellation of VTEX would: VTEX gets the same cancellation when it ' +
			'cancels later, and a settlement that comes later is refused. A gift card answers 422 to both once nothing is left.',
	],
	flags: holdFlags,
	changes: true,
	examples: [
		'--hold 019e2f6b7c3a7d51a4e08c5f2b9d6e13 --amount 10.00 --reason "one item is missing" --json',
		'--hold 019e2f6b7c3a7d51a4e08c5f2b9d6e13 --reason "order was never placed" --reason-code returned',
	],
	run: (context, args) => changeHold(context, 'release', args),
});

await runAsScript(import.meta.url, holdsRelease);
