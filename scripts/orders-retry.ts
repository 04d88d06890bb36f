import {allowAgain} from '../src/merchants/vtex-keys.ts';
import {retryLooks} from '../src/orders/operate.ts';
import {defineCommand, UsageError} from './lib/command.ts';
import {printLooks} from './lib/look-output.ts';
import {runAsScript} from './lib/run-command.ts';

export const ordersRetry = defineCommand({
	name: 'orders:retry',
	summary: 'Have orders looked at now: those that wait, and those that were given up.',
	details: [
		'The running service does it within seconds; without one they wait for it. Keys that VTEX refused are tried again too. To see what an order ' +
			'comes to at once, or one that nobody announced, use orders:earn.',
	],
	flags: {
		order: {type: 'text', placeholder: 'ID', description: "The order's id, also where it was done."},
		all: {type: 'switch', description: "All of the merchant's that wait or were given up."},
	},
	changes: true,
	examples: ['--order 1530241870044-01', '--all'],
	async run(context, {order: orderId, all}) {
		if (all === (orderId !== undefined)) {
			throw new UsageError('Say which orders: --order ID, or --all.');
		}

		const {parts, merchant, print} = context;
		await allowAgain(parts.prisma, merchant.id);
		const looks = await retryLooks(parts.prisma, merchant.id, {orderId, now: parts.clock()});
		if (orderId !== undefined && looks.length === 0) {
			throw new Error(
				`${merchant.name} has no order ${orderId.slice(0, 100)} in its queue. Check the id, and --merchant where there are several; orders:earn takes any order.`,
			);
		}

		printLooks(context, looks);
		print.line(
			looks.length === 0
				? `${merchant.name} has no orders that wait or were given up.`
				: `\nThe service looks at ${looks.length === 1 ? 'it' : `these ${looks.length}`} within seconds.`,
		);
	},
});

await runAsScript(import.meta.url, ordersRetry);
