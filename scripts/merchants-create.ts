import {createMerchant, findMerchant, UnknownMerchantError} from '../src/merchants/merchant.ts';
import {defineCommand} from './lib/command.ts';
import {checkedSettings, merchantFlags, printMerchants} from './lib/merchant-flags.ts';
import {runAsScript} from './lib/run-command.ts';

export const merchantsCreate = defineCommand({
	name: 'merchants:create',
	summary: 'Make another merchant: a VTEX account with cards, books and credentials of its own.',
	details: ['Its credentials are made by credentials:create.'],
	flags: merchantFlags,
	changes: true,
	examples: ['--name acme', '--name acmecl --time-zone America/Santiago --currency CLP'],
	async run({parts, print}, args) {
		const {prisma, firstMerchant} = parts;
		const {timeZone, currency, sandbox} = firstMerchant;
		const merchant = {name: args.name, timeZone, currency, sandbox, ...checkedSettings(args)};
		const taken = await findMerchant(prisma, args.name).catch((error: unknown) => {
			if (error instanceof UnknownMerchantError) {
				return undefined;
			}

			throw error;
		});
		if (taken !== undefined) {
			throw new Error(`There is a merchant "${args.name}" already. merchants:update changes it.`);
		}

		printMerchants(print, [await createMerchant(prisma, {...merchant, sandbox: args.sandbox})]);
	},
});

await runAsScript(import.meta.url, merchantsCreate);
