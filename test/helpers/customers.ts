import {type PrismaClient} from '../../src/db/client.ts';

/** One customer becomes another, at once and with nothing around it: identifiers and cards go along. By number. */
export async function becomeOther(prisma: PrismaClient, from: string, into: string): Promise<void> {
	await prisma.$transaction(async tx => {
		const {merchantId} = await tx.customer.findFirstOrThrow({where: {id: BigInt(from)}});
		const [where, id] = [{merchantId, id: BigInt(from)}, BigInt(into)];
		await tx.customer.update({where: {merchantId_id: where}, data: {mergedInto: id}});
		const [moved, data] = [{merchantId, customerId: where.id}, {customerId: id}];
		await tx.customerIdentifier.updateMany({where: moved, data});
		await tx.card.updateMany({where: {merchantId, ownerId: where.id}, data: {ownerId: id}});
	});
}
