import {defineCommand} from './lib/command.ts';
import {changeHold, holdFlags} from './lib/hold-change.ts';
import {runAsScript} from './lib/run-command.ts';

export const holdsCapture = defineCommand({
	name: 'holds:capture',
	summary:
		'Capture what is held of an order that VTEX forgot to settle, all of it or a part, with who and why.',
	details: [
		'For an order that was delivered and never settled. More than is held is refused, and says how much is. A card that was blocked or ' +
			'closed since does not matter. What was released cannot be captured.',
		'When VTEX settles after that it gets what is then left; where nothing is, it is told so: a gift card answers 422 and lists this ' +
			'capture among the settlements, a payment answers 500 with the code nothing_left.',
	],
	flags: holdFlags,
	changes: true,
	examples: [
		'--hold 019e2f6b7c3a7d51a4e08c5f2b9d6e13 --amount 12.50 --reason "half was sent" --yes --key t-81',
		'--hold 019e2f6b7c3a7d51a4e08c5f2b9d6e13 --reason "delivered, never settled" --reason-code delivered',
	],
	run: (context, args) => changeHold(context, 'capture', args),
});

await runAsScript(import.meta.url, holdsCapture);
