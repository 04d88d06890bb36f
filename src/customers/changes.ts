import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {type ReasonCode, reasonCodeOf} from '../ledger/reasons.ts';

/** What is done to a customer → the number that stands for it in the database. */
export const customerChangeNumbers = {merge: 1, erase: 2} as const;

/** Who did what to a customer, when and why. */
export type CustomerChange = {
	readonly kind: keyof typeof customerChangeNumbers;
	/** Of a merge: the number of the customer who became this one. */
	readonly otherId: string | null;
	readonly at: Instant;
	readonly actor: string;
	readonly reasonCode: ReasonCode | null;
	/** Empty where it was erased. */
	readonly reason: string;
};

const shownMax = 20;

/** What was done to some customers last, the newest first. */
export async function lastChanges(
	prisma: PrismaClient,
	merchantId: number,
	customerIds: readonly string[],
): Promise<CustomerChange[]> {
	const rows = await prisma.customerChange.findMany({
		where: {merchantId, customerId: {in: customerIds.map(BigInt)}},
		orderBy: {id: 'desc'},
		take: shownMax,
		select: {
			kind: true,
			otherId: true,
			at: true,
			reason: true,
			reasonCode: true,
			actor: {select: {name: true}},
		},
	});
	return rows.map(({kind, otherId, at, reason, reasonCode, actor}) => ({
		kind: kind === customerChangeNumbers.merge ? 'merge' : 'erase',
		otherId: otherId === null ? null : String(otherId),
		at: at.getTime(),
		actor: actor.name,
		reasonCode: reasonCodeOf(reasonCode),
		reason,
	}));
}
