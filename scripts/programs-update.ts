import {updateProgram} from '../src/loyalty/program-changes.ts';
import {readPrograms} from '../src/loyalty/program-rows.ts';
import {programNamed} from '../src/loyalty/programs.ts';
import {defineCommand, UsageError} from './lib/command.ts';
import {earnRulesHelp, programFlags, ratesOf, settingsOf} from './lib/program-flags.ts';
import {printProgram, programJson} from './lib/program-output.ts';
import {runAsScript} from './lib/run-command.ts';

export const programsUpdate = defineCommand({
	name: 'programs:update',
	summary: 'Change what is given of a loyalty program, and add rates; none lifts a limit.',
	details: [
		'A change affects only what comes after it. Points that exist keep the dates that they have, whatever is changed of expiry (that of bought ' +
			"too), of pending days or of the merchant's time zone; orders under way keep the rate that they were told. Grace and clawback are those " +
			'of the moment in which points come back or are taken back.',
		'Rates are never changed and never begin in the past: from its beginning on, a new one takes over from the one before.',
		earnRulesHelp,
		programJson,
	],
	flags: {
		name: {
			type: 'text',
			placeholder: 'N',
			description: 'The program; without it the only one that there is.',
		},
		'new-name': {type: 'text', placeholder: 'N', description: 'By which commands name it from now on.'},
		...programFlags,
	},
	changes: true,
	examples: [
		'--rate BRL=0.02 --rate-from 2027-01-01',
		'--name Gold --expires year+1 --pending none',
		'--name Gold --max-per-order 1000 --clawback debt',
	],
	async run(context, args) {
		const {parts, merchant, print} = context;
		const {name, asset} = programNamed(await readPrograms(parts.prisma, merchant.id), args.name);
		const newName = args['new-name'];
		const settings = {
			...(await settingsOf(args, asset)),
			...(newName !== undefined && {name: newName}),
		};
		const rates = await ratesOf(context, args, asset);
		if (Object.keys(settings).length === 0 && rates.length === 0) {
			throw new UsageError('Say what is to change, such as --pending 14d or --rate BRL=0.02.');
		}

		const changes = {settings, rates};
		await printProgram(context, await updateProgram(parts.prisma, merchant.id, name, changes, parts.clock));
		print.note('A running service sees the change within 10 seconds.');
	},
});

await runAsScript(import.meta.url, programsUpdate);
