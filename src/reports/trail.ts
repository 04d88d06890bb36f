import {type AdminRole, adminRoleOf} from '../admins/admins.ts';
import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';

/** An action of the audit trail, as it is shown. */
export type TrailLine = {
	readonly id: number;
	readonly actor: string;
	readonly role: AdminRole;
	readonly command: string;
	/** By flag; `…` stands for what is not stored. */
	readonly arguments: Readonly<Record<string, unknown>>;
	readonly begunAt: Instant;
	/** Null while it runs, and for ever where its process was killed. */
	readonly endedAt: Instant | null;
	readonly exitCode: number | null;
	readonly given: readonly Given[];
};

/** Of one asset, in minor units. `isKnown` is false where nobody knows how much of it moved: it is what was reserved then. */
export type Given = {readonly assetId: number; readonly amount: bigint; readonly isKnown: boolean};

/** What is looked for; what is left out is any. */
export type TrailWish = {
	readonly actor?: string | undefined;
	readonly command?: string | undefined;
	/** Begun at or after, and at or before. */
	readonly from?: Instant | undefined;
	readonly until?: Instant | undefined;
	/** Only what did not end as done, or did not end. */
	readonly isFailed?: boolean;
	readonly limit?: number | undefined;
	/** Only actions before this one. */
	readonly before?: number | undefined;
};

const pageSize = 500;

/** The actions of a merchant, newest first, read a page at a time: in constant memory, however many there are. */
export async function* trail(
	prisma: PrismaClient,
	merchantId: number,
	wish: TrailWish,
): AsyncGenerator<TrailLine> {
	let left = wish.limit ?? Number.POSITIVE_INFINITY;
	let {before} = wish;
	while (left > 0) {
		const take = Math.min(pageSize, left);
		const rows = await pageOf(prisma, merchantId, {wish, before, take});
		for (const {actor, role, begunAt, endedAt, actionValues, arguments: given, ...row} of rows) {
			yield {
				...row,
				actor: actor.name,
				role: adminRoleOf(role),
				arguments: given as Readonly<Record<string, unknown>>,
				begunAt: begunAt.getTime(),
				endedAt: endedAt?.getTime() ?? null,
				given: actionValues.map(({assetId, reserved, moved}) => ({
					assetId,
					amount: moved ?? reserved,
					isKnown: moved !== null,
				})),
			};
		}

		if (rows.length < take) {
			return;
		}

		left -= rows.length;
		before = rows.at(-1)?.id;
	}
}

type Page = {readonly wish: TrailWish; readonly before: number | undefined; readonly take: number};

function pageOf(prisma: PrismaClient, merchantId: number, {wish, before, take}: Page) {
	const {actor, command, from, until, isFailed = false} = wish;
	return prisma.action.findMany({
		where: {
			merchantId,
			...(before !== undefined && {id: {lt: before}}),
			...(actor !== undefined && {actor: {name: actor}}),
			...(command !== undefined && {command}),
			...((from !== undefined || until !== undefined) && {
				begunAt: {
					...(from !== undefined && {gte: new Date(from)}),
					...(until !== undefined && {lte: new Date(until)}),
				},
			}),
			...(isFailed && {OR: [{exitCode: null}, {exitCode: {not: 0}}]}),
		},
		orderBy: {id: 'desc'},
		take,
		select: {
			id: true,
			role: true,
			command: true,
			arguments: true,
			begunAt: true,
			endedAt: true,
			exitCode: true,
			actor: {select: {name: true}},
			actionValues: {select: {assetId: true, reserved: true, moved: true}, orderBy: {assetId: 'asc'}},
		},
	});
}
