import {type Context} from './command.ts';

/** The merchants that a command for all of them is about: the one that was named, or every one. */
export async function chosenMerchants({
	parts,
	merchant,
	isMerchantNamed,
}: Context): Promise<readonly {readonly id: number; readonly name: string}[]> {
	return isMerchantNamed
		? [merchant]
		: parts.prisma.merchant.findMany({select: {id: true, name: true}, orderBy: {id: 'asc'}});
}
