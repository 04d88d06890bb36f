import {createCredential} from '../src/merchants/credentials.ts';
import {defineCommand} from './lib/command.ts';
import {runAsScript} from './lib/run-command.ts';
import {printFields} from './lib/table.ts';

export const credentialsCreate = defineCommand({
	name: 'credentials:create',
	summary:
		'Make a pair of app key and app token, for the Gift Card Hub of a merchant. It works within 10 seconds.',
	flags: {
		role: {
			type: 'text',
			choices: ['provider', 'viewer'],
			description: 'A viewer can call only what reads; without it, provider.',
		},
	},
	changes: true,
	examples: ['', '--merchant acme', '--role viewer --json'],
	async run({parts, merchant, print}, {role = 'provider'}) {
		const {appKey, appToken} = await createCredential(parts.prisma, merchant, {role});
		print.value({merchant: merchant.name, appKey, appToken, role});
		printFields(print, [
			['Merchant', merchant.name],
			['Role', role],
			['App key', appKey],
			['App token', appToken],
		]);
		print.line(
			print.styled('yellow', '\nThe token is shown here only: it is stored as a hash. Enter it in VTEX now.'),
		);
	},
});

await runAsScript(import.meta.url, credentialsCreate);
