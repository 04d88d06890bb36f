import {type Job} from './job.ts';

/** What VTEX's notifications may have missed: they are lost with a hook that it drops, and silent about returns (Orders, 1.6 and 3.4). */
export const sweepOrders: Job = {
	name: 'sweep-orders',
	description:
		'List orders of the last days, and those with returns, once a day for each VTEX account, and look at them again.',
	everySeconds: 3600,
	async runOnce({orders}, signal) {
		return orders.sweep(signal);
	},
};
