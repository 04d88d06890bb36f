import {type Job} from './job.ts';

/** VTEX drops a hook that had nothing to announce for three days, and tells nobody (Orders, 1.6). */
export const checkOrderHooks: Job = {
	name: 'check-order-hooks',
	description: 'See once a day that VTEX still has the order hooks, and make those anew that it has dropped.',
	everySeconds: 3600,
	async runOnce({orders}, signal) {
		return orders.checkHooks(signal);
	},
};
