import {entryOf, isNative, isSameHost, nativeId, unregister} from '../src/assemble-setup.ts';
import {defineCommand} from './lib/command.ts';
import {
	confirmChange,
	hubChangeFlags,
	neededVtexAccess,
	printProviders,
	saveListing,
} from './lib/hub-output.ts';
import {printLosses} from './lib/hub-losses.ts';
import {runAsScript} from './lib/run-command.ts';

export const vtexUnregister = defineCommand({
	name: 'vtex:unregister',
	summary: "Take Monedero out of the store's Gift Card Hub at VTEX. Entries of others are not touched.",
	details: [
		'First take the provider out of the payment condition in the Admin, and see that nothing is held any more (holds:list): VTEX can neither settle ' +
			'nor cancel what was paid with a provider that is gone. The cards, and what they hold, stay as they are.',
		'It shows the providers before and after, and saves the list. An entry that calls another host than this installation is left alone, unless ' +
			'--service-url names its address. The keys of the account need the resources GiftCard, "View Gift Card providers" and "Edit Gift Card providers".',
	],
	flags: {
		'service-url': {
			type: 'text',
			placeholder: 'URL',
			description: 'The address that VTEX calls; without it PUBLIC_URL and BASE_PATH.',
		},
		'dry-run': {type: 'switch', description: 'Look at everything, and change nothing.'},
		...hubChangeFlags,
	},
	changes: ({'dry-run': isDry}) => !isDry,
	examples: ['--dry-run', '--yes --save before.json'],
	async run(context, args) {
		const {parts, merchant, print} = context;
		const {hub, providerId} = parts.setup;
		if (isNative({id: providerId})) {
			throw new Error(`PROVIDER_ID is ${nativeId}, which is VTEX's own entry. It is not ours to be removed.`);
		}

		const access = await neededVtexAccess(context);
		const before = await hub.list(access);
		printProviders(print, before, providerId);
		print.line();
		const found = entryOf(before, providerId);
		const tell = (state: string, more: object = {}) => {
			print.value({merchant: merchant.name, state, id: found?.id ?? providerId, ...more});
		};
		if (found === undefined) {
			tell('none');
			print.line(`${providerId} is not in the Hub: nothing is to be done.`);
			return;
		}

		if (!isSameHost(found.serviceUrl, args['service-url'] ?? parts.setup.serviceUrl)) {
			throw new Error(
				`Nothing was done: ${found.id} calls another host than this installation. If it is yours all the same, name the address that it calls with --service-url.`,
			);
		}

		if (args['dry-run']) {
			tell('dryRun');
			print.line(`Nothing was done. ${found.id} would be removed.`);
			return;
		}

		await confirmChange(
			context,
			args,
			`Remove ${found.id} from the Hub of ${access.account}? VTEX can neither settle nor cancel what is held then.`,
		);
		const saved = await saveListing(before, {file: args.save, account: access.account, now: parts.clock()});
		print.line(`The list as it was is saved: ${saved}`);
		const outcome = await unregister(hub, access, {id: found.id, before});
		const isGone = entryOf(outcome.after, providerId) === undefined;
		tell(isGone ? 'removed' : 'failed', {
			saved,
			restored: outcome.restored?.id ?? null,
			lost: outcome.lost.map(({id}) => id),
		});
		print.line();
		printProviders(print, outcome.after, providerId);
		print.line();
		printLosses(print, outcome, saved);
		if (!isGone) {
			throw new Error(`${outcome.problem ?? 'VTEX took it.'} ${found.id} is still in the Hub. Do it again.`);
		}

		if (outcome.lost.length > 0) {
			throw new Error(
				`${found.id} is removed. Entries of others changed meanwhile; what is needed to put them back stands above.`,
			);
		}

		print.line(
			print.styled('green', `${found.id} is removed. credentials:revoke ends the keys that VTEX had.`),
		);
	},
});

await runAsScript(import.meta.url, vtexUnregister);
