import {type Registry} from 'prom-client';
import {type AttemptResult} from '../callbacks/attempt.ts';
import {type Job} from '../jobs/job.ts';
import {type JobWatch} from '../jobs/loop.ts';
import {type LookResult} from '../orders/look.ts';
import {backgroundDefinitions} from './definitions.ts';
import {instrumentsOf, startAtZero} from './instruments.ts';

/** What is counted of callbacks, looks at orders and recurring jobs. */
export function watchBackground(registry: Registry) {
	const {callbackAttempts, callbackSeconds, orderLooks, jobRuns, jobSeconds, jobSuccess, jobInterval} =
		instrumentsOf(registry, backgroundDefinitions);
	startAtZero(callbackAttempts, 'result', ['delivered', 'failed', 'given_up']);
	startAtZero(orderLooks, 'result', ['done', 'failed', 'given_up', 'held']);
	const jobs: JobWatch = {
		ran({name}, result, ms) {
			jobRuns.inc({job_name: name, result});
			if (result !== 'skipped') {
				jobSeconds.observe({job_name: name}, ms / 1000);
			}

			if (result === 'done') {
				jobSuccess.set({job_name: name}, Date.now() / 1000);
			}
		},
	};
	return {
		jobs,
		/** Recurring jobs run from now on: those that never come to their end shall be seen, too. */
		begin: (all: readonly Job[]): void => {
			for (const {name, everySeconds} of all) {
				jobSuccess.set({job_name: name}, Date.now() / 1000);
				jobInterval.set({job_name: name}, everySeconds);
				jobSeconds.zero({job_name: name});
				for (const result of ['done', 'failed', 'skipped']) {
					jobRuns.inc({job_name: name, result}, 0);
				}
			}
		},
		onAttempt: (result: AttemptResult, ms: number): void => {
			callbackAttempts.inc({result: wordOf(result)});
			callbackSeconds.observe(ms / 1000);
		},
		onLook: (result: LookResult): void => {
			orderLooks.inc({result: wordOf(result)});
		},
	};
}

const wordOf = (result: AttemptResult | LookResult) => (result === 'givenUp' ? 'given_up' : result);
