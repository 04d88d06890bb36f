import test from 'ava';
import {openCardTransactions} from '../../src/cards/transactions.ts';
import {withDatabase} from '../helpers/database.ts';
import {openShop} from '../payments/shop.ts';

test('what a payment holds is no transaction of the card, in the list or by its id', async t => {
	const database = await withDatabase(t);
	const {merchant, issue, create} = await openShop(database);
	const card = await issue({amount: 100_00n});
	const {holdId} = await create({paymentId: 'p1', code: card.code});
	const transactions = openCardTransactions(database.general.prisma);

	t.truthy(holdId);
	t.deepEqual(await transactions.list(merchant.id, card.cardId), []);
	t.is(await transactions.find(merchant.id, card.cardId, holdId ?? ''), undefined);
});
