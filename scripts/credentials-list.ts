import {listCredentials} from '../src/merchants/credentials.ts';
import {defineCommand} from './lib/command.ts';
import {printCredentials} from './lib/credential-output.ts';
import {runAsScript} from './lib/run-command.ts';

export const credentialsList = defineCommand({
	name: 'credentials:list',
	summary: "List a merchant's credentials, revoked ones included, oldest first.",
	flags: {},
	changes: false,
	examples: ['', '--merchant acme --json'],
	async run(context) {
		const {parts, merchant, print} = context;
		const credentials = await listCredentials(parts.prisma, merchant.id);
		printCredentials(context, credentials);
		if (credentials.length === 0) {
			print.line(`${merchant.name} has no credentials yet; credentials:create makes some.`);
		}
	},
});

await runAsScript(import.meta.url, credentialsList);
