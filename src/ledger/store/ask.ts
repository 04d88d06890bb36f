import {type Prisma} from '../../db/generated/client.ts';
import {withNext} from '../../db/round-trips.ts';

/** A transaction of Prisma's that runs raw SQL. */
export type Transaction = Pick<Prisma.TransactionClient, '$queryRawUnsafe'>;

/** A statement that answers one row, whose columns are JSON as text, or null. */
export type Question = {readonly sql: string; readonly args: readonly unknown[]};
export type Answer = Readonly<Record<string, string | null>>;

/** Ask one question. */
export async function ask(tx: Transaction, {sql, args}: Question): Promise<Answer> {
	const [row = {}] = await tx.$queryRawUnsafe<Answer[]>(sql, ...args);
	return row;
}

/**
 * Ask a question that takes locks, and then another one, which sees what was committed while the first one waited for them. Where the
 * connection can, the second is sent without waiting for the answer to the first.
 * @returns the columns of both
 */
export async function askTogether(
	tx: Transaction,
	first: Question,
	second: Question | undefined,
): Promise<Answer> {
	if (second === undefined) {
		return ask(tx, first);
	}

	const before = await ask(tx, {...first, sql: `${withNext}${first.sql}`});
	return {...before, ...(await ask(tx, second))};
}
