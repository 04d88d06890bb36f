import {type Job, type JobParts, type JobResult, runJob} from './job.ts';
import {jobs as allJobs} from './jobs.ts';

/** Who looks on while jobs run. Must not throw. */
export type JobWatch = {
	/** A run ended: it did its work, another process had it, or it failed. */
	readonly ran: (job: Job, result: 'done' | 'skipped' | 'failed', ms: number) => void;
};

export type LoopTools = {
	readonly parts: JobParts;
	readonly jobs?: readonly Job[];
	/** Told what a run did. */
	readonly onDone?: (result: JobResult) => void;
	/** Told of a run that failed; the next one comes all the same. */
	readonly onFailure: (error: unknown, what: string) => void;
	readonly watch?: JobWatch | undefined;
};

export type Loop = {
	/** Begin no more runs, and wait for those under way, which are asked to stop early. */
	readonly stop: () => Promise<void>;
};

// Services that start together must not run their jobs together, nor while they still warm up.
const firstRunMs = 5000;

/** Run each job again and again, its interval after its last end. Of several processes one at a time runs it. */
export function startJobs({parts, jobs = allJobs, onDone, onFailure, watch}: LoopTools): Loop {
	const stopping = new AbortController();
	const timers = new Map<Job, NodeJS.Timeout>();
	const running = new Set<Promise<void>>();

	const schedule = (job: Job, ms: number) => {
		if (!stopping.signal.aborted) {
			timers.set(
				job,
				setTimeout(() => {
					const run = once(job).finally(() => {
						running.delete(run);
						schedule(job, job.everySeconds * 1000);
					});
					running.add(run);
				}, ms),
			);
		}
	};

	const once = async (job: Job): Promise<void> => {
		const begunAt = performance.now();
		try {
			const result = await runJob(parts, job, stopping.signal);
			watch?.ran(job, result.skipped ? 'skipped' : 'done', performance.now() - begunAt);
			onDone?.(result);
		} catch (error) {
			watch?.ran(job, 'failed', performance.now() - begunAt);
			onFailure(error, `The job ${job.name} failed; it runs again in ${job.everySeconds} s`);
		}
	};

	for (const job of jobs) {
		schedule(job, Math.random() * Math.min(firstRunMs, job.everySeconds * 1000));
	}

	return {
		async stop() {
			stopping.abort();
			for (const timer of timers.values()) {
				clearTimeout(timer);
			}

			await Promise.all(running);
		},
	};
}
