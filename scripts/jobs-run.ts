import {jobs, runJob} from '../src/jobs/jobs.ts';
import {defineCommand, UsageError} from './lib/command.ts';
import {runAsScript} from './lib/run-command.ts';
import {printTable} from './lib/table.ts';

export const jobsRun = defineCommand({
	name: 'jobs:run',
	summary: 'Run the recurring jobs once now, or one of them. The service runs them by itself too.',
	details: jobs.map(({name, description}) => `${name}: ${description}`),
	operand: 'NAME',
	flags: {},
	changes: true,
	examples: ['', 'expire-lots --json'],
	async run({parts, print, signal}, {operand}) {
		const chosen = jobs.filter(({name}) => operand === undefined || name === operand);
		if (chosen.length === 0) {
			throw new UsageError(
				`There is no job "${operand ?? ''}"; there are ${jobs.map(({name}) => name).join(', ')}.`,
			);
		}

		const results: {readonly name: string; readonly did: string; readonly hasFailed: boolean}[] = [];
		for (const job of chosen) {
			signal.throwIfAborted();
			const result = await runJob(parts, job, signal);
			print.value(result);
			// A job goes on past what it could not do, and counts it.
			const hasFailed = typeof result['failed'] === 'number' && result['failed'] > 0;
			results.push({name: job.name, did: didOf(result), hasFailed});
		}

		printTable(print, results, [
			{title: 'Job', text: ({name}) => name},
			{title: 'Did', text: ({did}) => did, isShrinking: true},
		]);
		const failed = results.filter(({hasFailed}) => hasFailed).map(({name}) => name);
		if (failed.length > 0) {
			throw new Error(
				`Not all could be done by ${failed.join(' and ')}. Run it again; it goes on where it stands.`,
			);
		}
	},
});

function didOf(result: Readonly<Record<string, unknown>>): string {
	return result['skipped'] === true
		? 'nothing: it runs in another process just now'
		: Object.entries(result)
				.filter(([what]) => what !== 'name' && what !== 'skipped')
				.map(([what, value]) => `${what} ${String(value)}`)
				.join(', ');
}

await runAsScript(import.meta.url, jobsRun);
