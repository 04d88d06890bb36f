import {openMergeWallets} from '../src/cards/merge-wallets.ts';
import {type Merged, mergeCustomers} from '../src/customers/merge.ts';
import {showCustomer} from '../src/customers/show.ts';
import {reasonCodeFlag, whyOf} from './lib/card-flags.ts';
import {type Args, type Context, defineCommand, type Flags} from './lib/command.ts';
import {confirmFlag, confirmForGood} from './lib/confirm.ts';
import {counted} from './lib/counted.ts';
import {findCustomer, namedCustomer} from './lib/customer-flags.ts';
import {maskedNames, printCustomer, shownCustomer} from './lib/customer-output.ts';
import {runAsScript} from './lib/run-command.ts';

const flags = {
	from: {type: 'whole', placeholder: 'N', description: 'The customer who becomes the other, by number.'},
	'from-id': {
		type: 'text',
		placeholder: 'X',
		description: "The same, by VTEX's profile id.",
		isPersonal: true,
	},
	'from-email': {
		type: 'text',
		placeholder: 'E',
		description: 'The same, by e-mail address.',
		isPersonal: true,
	},
	'from-document': {type: 'text', placeholder: 'D', description: 'The same, by document.', isPersonal: true},
	into: {type: 'whole', placeholder: 'N', description: 'The customer who stays, by number.'},
	'into-id': {
		type: 'text',
		placeholder: 'X',
		description: "The same, by VTEX's profile id.",
		isPersonal: true,
	},
	'into-email': {
		type: 'text',
		placeholder: 'E',
		description: 'The same, by e-mail address.',
		isPersonal: true,
	},
	'into-document': {type: 'text', placeholder: 'D', description: 'The same, by document.', isPersonal: true},
	reason: {
		type: 'text',
		placeholder: 'WHY',
		description: 'Kept with the change, for whoever asks later.',
		required: true,
		isPersonal: true,
	},
	...reasonCodeFlag,
	yes: confirmFlag,
} as const satisfies Flags;

export const customersMerge = defineCommand({
	name: 'customers:merge',
	summary:
		'Make two customers one, when they turn out to be the same person. Nothing of what is owed is lost.',
	details: [
		'Names, cards and PINs go over to the customer who stays. Where both have a wallet for the same points, the value moves from one to the ' +
			'other under its own dates; what is held for orders stays, and follows when it comes back.',
		'It cannot be undone. Interrupted it is repeated with the same flags, and goes on.',
	],
	flags,
	changes: true,
	examples: [
		'--from-email ana@work.example --into-email ana@example.com --reason "same person, ticket 812"',
		'--from 17 --into 12 --reason "registered twice" --reason-code correction --yes',
	],
	async run(context, args) {
		const {parts, merchant} = context;
		const [fromId, intoId] = [await sideOf(context, args, 'from'), await sideOf(context, args, 'into')];
		if (fromId !== intoId) {
			const [from, into] = [await named(context, fromId), await named(context, intoId)];
			await confirmForGood(context, args, `Merge customer ${from} into customer ${into}?`);
		}

		const tools = {...parts, mergeWallets: openMergeWallets(parts)};
		const merge = {fromId, intoId, actorId: await context.actorId(), ...whyOf(args)};
		await printMerged(context, await mergeCustomers(tools, merchant, merge));
	},
});

async function sideOf(context: Context, args: Args<typeof flags>, label: 'from' | 'into'): Promise<string> {
	const names = namedCustomer({
		label,
		number: args[label],
		id: args[`${label}-id`],
		email: args[`${label}-email`],
		document: args[`${label}-document`],
	});
	return findCustomer(context, names);
}

/** A customer as the question names one: `17 (email a***@example.com)`. */
async function named({parts, merchant}: Context, customerId: string): Promise<string> {
	const view = await showCustomer(parts.prisma, merchant.id, customerId, parts.clock());
	const names = view === undefined || view.identifiers.length === 0 ? 'no names' : maskedNames(view);
	return `${customerId} (${names})`;
}

async function printMerged(context: Context, merged: Merged): Promise<void> {
	const {parts, merchant, print} = context;
	const {customerId, movedCards, mergedWallets, isReplay} = merged;
	const view = await showCustomer(parts.prisma, merchant.id, customerId, parts.clock());
	if (view === undefined) {
		throw new Error(`Customer ${customerId} is not there.`);
	}

	printCustomer(context, await shownCustomer(context, view));
	const done = `${counted(movedCards, 'card')} changed owner, and the value of ${counted(mergedWallets, 'wallet')} moved.`;
	print.line(isReplay ? `\nThey were one customer before. ${done}` : `\nThey are one customer now. ${done}`);
}

await runAsScript(import.meta.url, customersMerge);
