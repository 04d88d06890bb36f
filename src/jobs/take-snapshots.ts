import {advanceSnapshots} from '../ledger/snapshot.ts';
import {type Job} from './job.ts';

/** Add what was posted to house accounts since their last snapshot (rules B5), so that what they have is known without reading all of history. */
export const takeSnapshots: Job = {
	name: 'take-snapshots',
	description: 'Add up what was posted to the house accounts since the last time.',
	everySeconds: 60,
	async runOnce({prisma}, signal) {
		const merchants = await prisma.merchant.findMany({select: {id: true}, orderBy: {id: 'asc'}});
		let accounts = 0;
		let anew = 0;
		let barred = 0;
		for (const {id} of merchants) {
			if (signal?.aborted === true) {
				break;
			}

			const advance = await advanceSnapshots(prisma, id);
			accounts += advance.accounts;
			anew += advance.isAnew ? 1 : 0;
			barred += advance.isBarred ? 1 : 0;
		}

		// Merchants without snapshots, where the database's role may not call pg_control_system().
		return {accounts, anew, ...(barred > 0 && {barred})};
	},
};
