import {type JobParts} from '../../src/jobs/job.ts';

/** For tests of jobs that have nothing to do with orders. */
export const idleOrders: JobParts['orders'] = {
	sweep: () => Promise.resolve({accounts: 0, found: 0, rung: 0, failed: 0, forgotten: 0}),
	checkHooks: () => Promise.resolve({unchanged: 0, renewed: 0, failed: 0}),
};
