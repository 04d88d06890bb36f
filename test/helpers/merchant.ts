import {type PrismaClient} from '../../src/db/client.ts';
import {createMerchant, type Merchant} from '../../src/merchants/merchant.ts';

let count = 0;

/** One more merchant, for one test among many on a database. Its name makes good app keys too. */
export async function newMerchant(prisma: PrismaClient): Promise<Merchant> {
	const name = `store${++count}`;
	return createMerchant(prisma, {name, timeZone: 'America/Sao_Paulo', currency: 'BRL', sandbox: false});
}
