import {isNative, nativeId} from '../src/assemble-setup.ts';
import {defineCommand} from './lib/command.ts';
import {
	neededVtexAccess,
	ourDifferences,
	printDifferences,
	printProviders,
	valueOf,
} from './lib/hub-output.ts';
import {runAsScript} from './lib/run-command.ts';

export const vtexShow = defineCommand({
	name: 'vtex:show',
	summary: "List the gift card providers in the store's Gift Card Hub at VTEX, and how ours compares.",
	details: [
		'The keys of the account (credentials:vtex) need the resource GiftCard, "View Gift Card providers". The keys with which VTEX calls a provider ' +
			'can be read by nobody, so they are not compared; vtex:doctor has VTEX try them.',
	],
	flags: {},
	changes: false,
	examples: ['', '--merchant acme --json'],
	async run(context) {
		const {parts, merchant, print} = context;
		const {setup} = parts;
		const listed = await setup.hub.list(await neededVtexAccess(context));
		const differences = ourDifferences(listed, setup);
		for (const entry of listed) {
			const value = valueOf(entry, setup.providerId);
			print.value({merchant: merchant.name, ...value, ...(value.whose === 'ours' && {differences})});
		}

		printProviders(print, listed, setup.providerId);
		print.line();
		if (differences === undefined) {
			print.line(`${setup.providerId} is not among them; vtex:register puts it there.`);
		} else if (differences.length === 0) {
			print.line(print.styled('green', `${setup.providerId} is as we would register it.`));
		} else {
			printDifferences(print, differences);
			print.line('vtex:register sets it right.');
		}

		if (!listed.some(isNative)) {
			print.line(`${nativeId}, VTEX's own gift cards, is not among them.`);
		}
	},
});

await runAsScript(import.meta.url, vtexShow);
