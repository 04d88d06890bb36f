import {type Job} from './job.ts';

/** Payments that nobody concludes: of a sandbox, and those whose shopper did not answer in time. */
export const concludePayments: Job = {
	name: 'conclude-payments',
	description:
		'Conclude sandbox payments that are due, and deny those that no shopper has confirmed in time.',
	everySeconds: 2,
	async runOnce({payments}, signal) {
		return payments.concludeDue(signal);
	},
};
