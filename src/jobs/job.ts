import {type PrismaClient} from '../db/client.ts';
import {tryLockName} from '../db/named-lock.ts';
import {type Instant} from '../ledger/calendar.ts';
import {type Writer} from '../ledger/writer.ts';
import {type Assets} from '../merchants/assets.ts';
import {type OrderIntake} from '../orders/intake.ts';
import {type Payments} from '../payments/payments.ts';
import {type Rest} from './rest.ts';

/** What jobs work with. `prisma` is of the general database. */
export type JobParts = {
	readonly prisma: PrismaClient;
	readonly writer: Writer;
	readonly assets: Assets;
	readonly payments: Pick<Payments, 'concludeDue' | 'releaseForgotten'>;
	readonly orders: Pick<OrderIntake, 'sweep' | 'checkHooks'>;
	readonly clock: () => Instant;
	/** The rests of a run whose work nobody waits for; undefined where there is no traffic to give way to. */
	readonly beginRest?: (() => Rest) | undefined;
};

/** Work that comes back. It must be safe to run twice at once, and to be stopped anywhere: what is done stays done. */
export type Job = {
	readonly name: string;
	/** One sentence for operators. */
	readonly description: string;
	/** From the end of one run to the beginning of the next. */
	readonly everySeconds: number;
	/**
	 * Do what is due, and stop early when the signal asks for it.
	 * @returns what was done, for the log and for `jobs:run`
	 */
	readonly runOnce: (parts: JobParts, signal?: AbortSignal) => Promise<Readonly<Record<string, unknown>>>;
};

/** `skipped`: another process runs the job just now. Otherwise what it did, under its own names. */
export type JobResult = {readonly name: string; readonly skipped: boolean} & Readonly<
	Record<string, unknown>
>;

// Longer than any run; it only bounds a transaction that does nothing but hold the lock.
const runMsMax = 12 * 3_600_000;

/** Run a job, unless another process does so already. */
export async function runJob(parts: JobParts, job: Job, signal?: AbortSignal): Promise<JobResult> {
	const {name} = job;
	return parts.prisma.$transaction(
		async tx => {
			if (!(await tryLockName(tx, `job ${name}`))) {
				return {name, skipped: true};
			}

			// This transaction only holds the lock while others work. It has no snapshot, so it keeps nothing from being vacuumed.
			await tx.$executeRaw`SET LOCAL idle_in_transaction_session_timeout = 0`;
			return {name, skipped: false, ...(await job.runOnce(parts, signal))};
		},
		{timeout: runMsMax, maxWait: 5000},
	);
}
