import {revokeCredential} from '../src/merchants/credentials.ts';
import {defineCommand} from './lib/command.ts';
import {confirmAtTerminal, confirmFlag} from './lib/confirm.ts';
import {printCredentials} from './lib/credential-output.ts';
import {runAsScript} from './lib/run-command.ts';

export const credentialsRevoke = defineCommand({
	name: 'credentials:revoke',
	summary: 'Make a credential stop working for good, in every process within 10 seconds.',
	flags: {
		'app-key': {type: 'text', placeholder: 'K', description: 'As credentials:list shows it.', required: true},
		yes: confirmFlag,
	},
	changes: true,
	examples: ['--app-key acme-4f1d2c3b4a59', '--app-key acme-4f1d2c3b4a59 --merchant acme --json'],
	async run(context, {'app-key': appKey, yes}) {
		const {parts, merchant} = context;
		await confirmAtTerminal(
			context,
			{yes},
			`Revoke ${appKey}? Whoever uses it is refused within 10 seconds.`,
		);
		const revoked = await revokeCredential(parts.prisma, merchant.id, appKey, new Date(parts.clock()));
		printCredentials(context, [revoked]);
	},
});

await runAsScript(import.meta.url, credentialsRevoke);
