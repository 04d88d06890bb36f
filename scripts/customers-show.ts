import {showCustomer} from '../src/customers/show.ts';
import {defineCommand} from './lib/command.ts';
import {customerFlags, customerOf, findCustomer} from './lib/customer-flags.ts';
import {printCustomer, shownCustomer} from './lib/customer-output.ts';
import {runAsScript} from './lib/run-command.ts';

export const customersShow = defineCommand({
	name: 'customers:show',
	summary:
		'Show all that is owed to one person: cards and wallets, what is pending and held, what ends next.',
	details: [
		'Each currency and each kind of points is told by itself: nothing is added across them. What is past its date is owed no more. What ' +
			'names the customer is shown masked.',
	],
	flags: customerFlags,
	changes: false,
	examples: [
		'--customer-email ana@example.com',
		'--customer-document 111.444.777-35 --json',
		'--customer 12',
	],
	async run(context, args) {
		const {parts, merchant} = context;
		const customerId = await findCustomer(context, customerOf(args));
		const view = await showCustomer(parts.prisma, merchant.id, customerId, parts.clock());
		if (view === undefined) {
			throw new Error(`${merchant.name} knows no customer ${customerId}.`);
		}

		printCustomer(context, await shownCustomer(context, view));
	},
});

await runAsScript(import.meta.url, customersShow);
