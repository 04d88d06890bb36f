import {trail} from '../src/reports/trail.ts';
import {defineCommand} from './lib/command.ts';
import {beginningOf, checkPeriod, momentOf} from './lib/dates.ts';
import {runAsScript} from './lib/run-command.ts';
import {printTrail, type ShownAction, shownAction, trailValue} from './lib/trail-output.ts';

const usualLimit = 50;

export const auditTrail = defineCommand({
	name: 'audit:trail',
	summary: 'List which commands were run, by whom, with what, and how they ended, newest first.',
	details: [
		'Every command that begins is there, also one that only looks. Codes, tokens, what names a customer, and reasons are not stored: … ' +
			'stands for them. An action without an end is still running, or was killed.',
		'The name is the one that was typed after --actor, or the login name: nobody proves it. Commands that concern all merchants stand with the ' +
			'merchant that they were run for, without --merchant the first.',
	],
	flags: {
		actor: {type: 'text', placeholder: 'NAME', description: 'Only what this person ran.'},
		command: {type: 'text', placeholder: 'C', description: 'Only this command: credits:grant.'},
		from: {
			type: 'text',
			placeholder: 'T',
			description:
				"From then on: a day, from its start in the merchant's time zone, or a moment with its offset.",
		},
		to: {
			type: 'text',
			placeholder: 'T',
			description: "Until then: a day, to its end in the merchant's time zone, or a moment with its offset.",
		},
		failed: {type: 'switch', description: 'Only what was refused, failed or did not end.'},
		limit: {
			type: 'whole',
			placeholder: 'N',
			description: `How many at most; without it ${usualLimit}, and with --json all.`,
		},
	},
	changes: false,
	examples: ['', '--command credits:grant --from 2026-11-01', '--actor ana --failed --limit 20', '--json'],
	async run(context, {actor, command, from, to, failed, limit}) {
		const {parts, merchant, print} = context;
		const {timeZone} = merchant;
		const wish = {
			...{actor, command, isFailed: failed},
			from: from === undefined ? undefined : beginningOf('from', from, timeZone),
			until: to === undefined ? undefined : momentOf('to', to, timeZone),
			limit: limit ?? (print.isJson ? undefined : usualLimit),
			// This very command has only begun.
			before: context.action.id,
		};
		checkPeriod(wish.from, wish.until);
		const actions: ShownAction[] = [];
		for await (const line of trail(parts.prisma, merchant.id, wish)) {
			const action = await shownAction(context, line);
			print.value(trailValue(action));
			if (!print.isJson) {
				actions.push(action);
			}

			if (context.signal.aborted) {
				return;
			}
		}

		printTrail(context, actions);
		if (actions.length === wish.limit) {
			print.note(`These are the newest ${actions.length}; there may be more.`);
		}
	},
});

await runAsScript(import.meta.url, auditTrail);
