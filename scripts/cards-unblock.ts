import {block} from './cards-block.ts';
import {reasonFlags} from './lib/card-flags.ts';
import {defineCommand} from './lib/command.ts';
import {runAsScript} from './lib/run-command.ts';

export const cardsUnblock = defineCommand({
	name: 'cards:unblock',
	summary: 'Unblock a card: it can be found and spent again.',
	flags: reasonFlags,
	changes: true,
	examples: ['--card 4f1d2c3b4a5968778695a4b3c2d1e0f0 --reason "found again"'],
	run: (context, args) => block(context, args, 'active'),
});

await runAsScript(import.meta.url, cardsUnblock);
