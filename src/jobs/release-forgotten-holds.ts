import {type Job} from './job.ts';

/** Value that is held for a payment which VTEX has neither settled nor cancelled in all the time it has for that (A6). */
export const releaseForgottenHolds: Job = {
	name: 'release-forgotten-holds',
	description:
		'Release what is held for payments that VTEX has forgotten, a day after it would have settled them.',
	everySeconds: 300,
	async runOnce({payments}, signal) {
		return payments.releaseForgotten(signal);
	},
};
