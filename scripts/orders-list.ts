import {listVtexKeys} from '../src/merchants/vtex-keys.ts';
import {listedStatuses, listLooks} from '../src/orders/operate.ts';
import {type Context, defineCommand} from './lib/command.ts';
import {printLooks} from './lib/look-output.ts';
import {runAsScript} from './lib/run-command.ts';

const limit = 1000;

export const ordersList = defineCommand({
	name: 'orders:list',
	summary:
		'List the orders that VTEX announced or the nightly sweep found, those of the last announcement first.',
	details: [
		'waiting: it is looked at, at the time shown. failing: the same, after a look that failed. done: it was looked at, and the outcome says ' +
			'what it came to. given-up: it is not tried any more until it is announced again or orders:retry is used; the problem says why.',
	],
	flags: {
		status: {
			type: 'text',
			choices: listedStatuses,
			description: 'Only those; waiting includes those that fail.',
		},
	},
	changes: false,
	examples: ['', '--status failing', '--status given-up --json'],
	async run(context, {status}) {
		const {parts, merchant, print} = context;
		const looks = await listLooks(parts.prisma, merchant.id, {status, limit});
		printLooks(context, looks);
		if (looks.length === 0) {
			print.line(`${merchant.name} has no ${status === undefined ? '' : `${status} `}orders in the queue.`);
		}

		if (looks.length === limit) {
			print.note(`These are the newest ${limit}; there may be more.`);
		}

		await noteKeys(context);
	},
});

/** Why orders wait although nothing is wrong with them. */
async function noteKeys({parts, merchant, print}: Context): Promise<void> {
	const keys = (await listVtexKeys(parts.prisma, merchant.id)).find(({purpose}) => purpose === 'orders');
	if (keys === undefined) {
		print.note(
			`${merchant.name} has no keys of its VTEX account, so no order can be looked at: credentials:vtex enters them.`,
		);
	} else if (keys.refusedAt !== null) {
		print.note(
			'VTEX refused the keys of this account, so its orders wait. Enter others with credentials:vtex, or give these the role they lack and use orders:retry.',
		);
	}
}

await runAsScript(import.meta.url, ordersList);
