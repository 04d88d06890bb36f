import {type Prisma, type PrismaClient} from '../db/client.ts';

const timeoutMs = 10 * 60_000;

// A report reads for longer than a request may, and tables as a whole.
const settings = [
	'SET TRANSACTION READ ONLY',
	'SET LOCAL statement_timeout = 0',
	"SET LOCAL work_mem = '64MB'",
];

/** Read all of a report in one snapshot, so that its sums are of one moment, beside any traffic. */
export async function atOneMoment<Result>(
	prisma: PrismaClient,
	read: (tx: Prisma.TransactionClient) => Promise<Result>,
): Promise<Result> {
	return prisma.$transaction(
		async tx => {
			for (const setting of settings) {
				await tx.$executeRawUnsafe(setting);
			}

			return read(tx);
		},
		{isolationLevel: 'RepeatableRead', timeout: timeoutMs, maxWait: 5000},
	);
}
