import {type Job} from './job.ts';

const dayMs = 86_400_000;

/**
 * Destroy the seeds of completed `cards:issue` runs (A15). A day is left to repeat a run whose output was lost; afterwards nobody
 * can derive its codes again.
 */
export const destroySeeds: Job = {
	name: 'destroy-seeds',
	description:
		'Destroy the seeds of card runs that were completed more than a day ago: their codes cannot be printed again.',
	everySeconds: 3600,
	async runOnce({prisma, clock}) {
		const {count} = await prisma.issueRun.updateMany({
			where: {seed: {not: null}, completedAt: {lt: new Date(clock() - dayMs)}},
			data: {seed: null},
		});
		return {runs: count};
	},
};
