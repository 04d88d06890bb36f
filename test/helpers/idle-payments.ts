import {type JobParts} from '../../src/jobs/job.ts';

/** For tests of jobs that have nothing to do with payments. */
export const idlePayments: JobParts['payments'] = {
	concludeDue: () => Promise.resolve({concluded: 0}),
	releaseForgotten: () => Promise.resolve({released: 0}),
};
