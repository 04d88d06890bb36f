import {updateMerchant} from '../src/merchants/update.ts';
import {defineCommand} from './lib/command.ts';
import {checkedSettings, merchantFlags, printMerchants} from './lib/merchant-flags.ts';
import {runAsScript} from './lib/run-command.ts';

export const merchantsUpdate = defineCommand({
	name: 'merchants:update',
	summary: 'Change what is given of a merchant. Cards that exist keep their dates and their currency.',
	flags: {
		...merchantFlags,
		'no-sandbox': {type: 'switch', description: 'For real value again.'},
		'foreign-codes': {
			type: 'text',
			choices: ['on', 'off'],
			description: 'Whether cards may have codes of other systems, which cards:import brings; off at first.',
		},
	},
	changes: true,
	examples: [
		'--name acme --time-zone America/Bogota',
		'--name acme --no-sandbox',
		'--name acme --foreign-codes on',
	],
	async run({parts, print}, args) {
		const sandbox = args.sandbox ? {sandbox: true} : args['no-sandbox'] ? {sandbox: false} : {};
		const codes = args['foreign-codes'];
		const foreign = codes === undefined ? {} : {foreignCodes: codes === 'on'};
		printMerchants(print, [
			await updateMerchant(parts.prisma, args.name, {...checkedSettings(args), ...sandbox, ...foreign}),
		]);
		print.note('A running service sees the change within seconds for new requests.');
	},
});

await runAsScript(import.meta.url, merchantsUpdate);
