import {type Prisma, type PrismaClient} from '../db/client.ts';
import {lockNames} from '../db/named-lock.ts';

// Others that start at the same moment, on a machine that is busy with starting them, are waited for.
const patienceMs = 15_000;

/** Do what one process must do while others that start with it wait, in a transaction. */
export async function oneByOne<Result>(
	prisma: PrismaClient,
	what: string,
	work: (tx: Prisma.TransactionClient) => Promise<Result>,
): Promise<Result> {
	return prisma.$transaction(
		async tx => {
			await lockNames(tx, [what], patienceMs);
			return work(tx);
		},
		{maxWait: patienceMs, timeout: 2 * patienceMs},
	);
}
