import {checkOrderHooks} from './check-order-hooks.ts';
import {concludePayments} from './conclude-payments.ts';
import {destroySeeds} from './destroy-seeds.ts';
import {expireLots} from './expire-lots.ts';
import {forgetGuesses} from './forget-guesses.ts';
import {type Job} from './job.ts';
import {releaseForgottenHolds} from './release-forgotten-holds.ts';
import {sealEntries} from './seal-entries.ts';
import {sweepOrders} from './sweep-orders.ts';
import {takeSnapshots} from './take-snapshots.ts';

export {runJob, type Job, type JobParts, type JobResult} from './job.ts';

/** All recurring jobs, in the order in which `jobs:run` runs them. */
export const jobs: readonly Job[] = [
	expireLots,
	destroySeeds,
	concludePayments,
	releaseForgottenHolds,
	checkOrderHooks,
	sweepOrders,
	takeSnapshots,
	sealEntries,
	forgetGuesses,
];
