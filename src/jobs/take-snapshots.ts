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
		for (const {id} of merchants) {
			if (signal?.aborted === true) {
				break;
			}

			const advance = await advanceSnapshots(prisma, id);
			accounts += advance.accounts;
			anew += advance.isAnew ? 1 : 0;
		}

		return {accounts, anew};
	},
};
