import {type Prisma} from '../../db/client.ts';

type Overdue = {readonly lots: number; readonly cards: number};

const sql = `SELECT count(*)::float8 AS lots, count(DISTINCT (merchant_id, card_id))::float8 AS cards FROM lots
	WHERE NOT spent AND expires_at < now() - interval '1 day' AND ($1::int IS NULL OR merchant_id = $1::int)`;

/**
 * Value past its date that no sweep has booked to breakage for a day. The books are right all the same: it cannot be spent, and
 * it stays the card's until the sweep. A service that stood still over a weekend must not look damaged, so this is a warning.
 */
export async function overdueWarnings(
	tx: Prisma.TransactionClient,
	merchantId: number | undefined,
): Promise<string[]> {
	const [{lots, cards}] = await tx.$queryRawUnsafe<[Overdue]>(sql, merchantId ?? null);
	return lots === 0
		? []
		: [
				`${counted(lots, 'lot')} of ${counted(cards, 'card')} expired more than a day ago with a remainder. ` +
					'Nobody can spend it, but it is not booked to breakage yet: run the job expire-lots.',
			];
}

function counted(count: number, what: string): string {
	return `${count} ${what}${count === 1 ? '' : 's'}`;
}
