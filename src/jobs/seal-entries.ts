import {sealEntries as seal} from '../ledger/seal.ts';
import {type Job} from './job.ts';

/** Seal what the journal got since the last time, so that whoever changes it later is found by `ledger:verify`. */
export const sealEntries: Job = {
	name: 'seal-entries',
	description: 'Chain a SHA-256 over the entries that were written since the last time.',
	everySeconds: 60,
	async runOnce({prisma, clock, beginRest}, signal) {
		const rest = beginRest?.();
		const merchants = await prisma.merchant.findMany({select: {id: true}, orderBy: {id: 'asc'}});
		let seals = 0;
		let entries = 0;
		let barred = 0;
		for (const {id} of merchants) {
			if (signal?.aborted === true) {
				break;
			}

			const made = await seal(prisma, id, {clock, signal, rest});
			seals += made.seals;
			entries += made.entries;
			barred += made.isBarred ? 1 : 0;
		}

		// Merchants without seals, where the database's role may not call pg_control_system().
		return {seals, entries, ...(barred > 0 && {barred})};
	},
};
