import {createProgram} from '../src/loyalty/program-changes.ts';
import {defaultSettings} from '../src/loyalty/program-settings.ts';
import {pointsAsset} from '../src/money/asset.ts';
import {defineCommand} from './lib/command.ts';
import {earnRulesHelp, programFlags, ratesOf, settingsOf, usable} from './lib/program-flags.ts';
import {printProgram, programJson} from './lib/program-output.ts';
import {runAsScript} from './lib/run-command.ts';

export const programsCreate = defineCommand({
	name: 'programs:create',
	summary: 'Make a loyalty program: points, what they are worth, when they end, and how orders earn them.',
	details: [
		'Nothing ends, waits or is limited unless it is said here. The code of the points and their decimals never change; all else is for programs:update.',
		earnRulesHelp,
		programJson,
	],
	flags: {
		name: {type: 'text', placeholder: 'N', description: 'By which commands name it.', required: true},
		asset: {
			type: 'text',
			placeholder: 'PTS',
			description: 'The code of its points: 3 to 12 letters and digits, and no currency.',
			required: true,
		},
		decimals: {
			type: 'text',
			choices: ['0', '1', '2', '3', '4', '5', '6'],
			description: 'Of its points; without it none.',
		},
		...programFlags,
	},
	changes: true,
	examples: [
		'--name Gold --asset PTS --rate BRL=0.01 --expires 365d',
		'--name Gold --asset PTS --rate BRL=0.01 --rate USD=0.002 --expires year+1 --pending 14d --min-redemption 500 --earn-rules earn.json',
	],
	async run(context, args) {
		const {parts, merchant, print} = context;
		const points = usable('asset', () => pointsAsset(args.asset.toUpperCase(), Number(args.decimals ?? '0')));
		const settings = {...defaultSettings(args.name), ...(await settingsOf(args, points))};
		const rates = await ratesOf(context, args, points);
		const asked = {asset: points, settings, rates};
		await printProgram(context, await createProgram(parts.prisma, merchant.id, asked, parts.clock));
		print.note('A running service knows it within 10 seconds.');
	},
});

await runAsScript(import.meta.url, programsCreate);
