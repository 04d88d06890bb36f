import {type PrismaClient} from '../db/client.ts';

export const actorNumbers = {credential: 1, person: 2, job: 3} as const;
export type ActorKind = keyof typeof actorNumbers;

/**
 * The id under which entries name who acted (rules B9: entries hold the id, the name can be erased). The row is made at the actor's
 * first act.
 */
export async function actorId(
	prisma: Pick<PrismaClient, 'actor'>,
	merchantId: number,
	kind: ActorKind,
	name: string,
): Promise<number> {
	const key = {merchantId, kind: actorNumbers[kind], name};
	const where = {merchantId_kind_name: key};
	const select = {id: true} as const;
	const found = await prisma.actor.findUnique({where, select});
	if (found !== null) {
		return found.id;
	}

	await prisma.actor.createMany({data: key, skipDuplicates: true});
	const {id} = await prisma.actor.findUniqueOrThrow({where, select});
	return id;
}
