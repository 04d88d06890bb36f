import {listMerchants} from '../src/merchants/update.ts';
import {defineCommand} from './lib/command.ts';
import {printMerchants} from './lib/merchant-flags.ts';
import {runAsScript} from './lib/run-command.ts';

export const merchantsList = defineCommand({
	name: 'merchants:list',
	summary: 'List the merchants, the first one first.',
	flags: {},
	changes: false,
	examples: ['', '--json'],
	async run({parts, print}) {
		printMerchants(print, await listMerchants(parts.prisma));
	},
});

await runAsScript(import.meta.url, merchantsList);
