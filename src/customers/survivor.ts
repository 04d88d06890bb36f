import {type PrismaClient} from '../db/client.ts';
import {constraintOf, sqlStateOf} from '../db/sql-state.ts';
import {type Instant} from '../ledger/calendar.ts';

/** The customer whom a number means today. */
export type Standing = {
	/** The number, or that of the customer who took over. */
	readonly customerId: string;
	readonly erasedAt: Instant | null;
};

/** Somebody whose personal data was erased: nothing can be given to them, and nothing is owed to them. */
export class CustomerErasedError extends Error {
	override readonly name = 'CustomerErasedError';

	constructor(customerId: string) {
		super(`Customer ${customerId} was erased. Whoever comes again under the old e-mail is a new customer.`);
	}
}

// A chain has a link for each time that its customers were merged; a trigger keeps it from ending in itself.
const standingSql = `WITH RECURSIVE chain AS (
		SELECT id, merged_into, erased_at FROM customers WHERE merchant_id = $1::int AND id = $2::bigint
		UNION ALL
		SELECT c.id, c.merged_into, c.erased_at FROM chain JOIN customers c ON c.merchant_id = $1::int AND c.id = chain.merged_into
	) SELECT id::text AS "customerId", erased_at AS "erasedAt" FROM chain WHERE merged_into IS NULL`;

/** Follow a customer's number that was kept somewhere to who that is now (A13); nothing where the merchant never had such a customer. */
export async function standingOf(
	prisma: Pick<PrismaClient, '$queryRawUnsafe'>,
	merchantId: number,
	customerId: string,
): Promise<Standing | undefined> {
	const [row] = await prisma.$queryRawUnsafe<{customerId: string; erasedAt: Date | null}[]>(
		standingSql,
		merchantId,
		BigInt(customerId),
	);
	return row && {customerId: row.customerId, erasedAt: row.erasedAt?.getTime() ?? null};
}

/**
 * The number of whoever a number that was kept somewhere means now, to give them something.
 * @throws {CustomerErasedError} for somebody who was erased
 */
export async function survivorOf(
	prisma: Pick<PrismaClient, '$queryRawUnsafe'>,
	merchantId: number,
	customerId: string,
): Promise<string> {
	const standing = await standingOf(prisma, merchantId, customerId);
	if (standing === undefined) {
		throw new RangeError(`There is no customer ${customerId}.`);
	}

	if (standing.erasedAt !== null) {
		throw new CustomerErasedError(customerId);
	}

	return standing.customerId;
}

const familySql = `WITH RECURSIVE family AS (
		SELECT id FROM customers WHERE merchant_id = $1::int AND id = $2::bigint
		UNION ALL
		SELECT c.id FROM family JOIN customers c ON c.merchant_id = $1::int AND c.merged_into = family.id
	) SELECT id::text FROM family ORDER BY family.id`;

/** A customer and everybody who became that customer, directly or by way of others, by number. */
export async function familyOf(
	prisma: Pick<PrismaClient, '$queryRawUnsafe'>,
	merchantId: number,
	customerId: string,
): Promise<string[]> {
	const rows = await prisma.$queryRawUnsafe<{id: string}[]>(familySql, merchantId, BigInt(customerId));
	return rows.map(({id}) => id);
}

const livingWalls: ReadonlySet<unknown> = new Set([
	'customer_identifiers_of_the_living',
	'cards_of_the_living',
	'customer_identifiers_to_the_living',
	'cards_to_the_living',
	'customers_into_the_living',
]);
const attemptsMax = 5;

/** Do something for a customer who is looked up in it: again, where the customer is merged or erased between the look and the deed. */
export async function whileLiving<Result>(attempt: () => Promise<Result>): Promise<Result> {
	for (let tries = 1; ; tries++) {
		try {
			return await attempt();
		} catch (error) {
			if (!isGone(error) || tries === attemptsMax) {
				throw error;
			}
		}
	}
}

/** Whether the database refused a row because its customer is not there any more. */
function isGone(error: unknown): boolean {
	return sqlStateOf(error) === '23514' && livingWalls.has(constraintOf(error));
}
