import test from 'ava';
import {CustomerConflictError, findOrCreateCustomer} from '../../src/customers/customers.ts';
import {type ClientFields, identifiersOf} from '../../src/customers/identity.ts';
import {type PrismaClient} from '../../src/db/client.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';

let database: TestDatabase;
let merchants = 0;
test.before(async () => {
	database = await openTestDatabase();
});
test.after.always(() => database.close());

/** A merchant of its own for each test. */
async function shop(): Promise<{
	prisma: PrismaClient;
	find: (client: ClientFields) => Promise<string>;
	count: () => Promise<number>;
}> {
	const {prisma} = database.general;
	const {id} = await prisma.merchant.create({
		data: {name: `shop${merchants++}`, timeZone: 'America/Sao_Paulo', currency: 'BRL'},
	});
	return {
		prisma,
		find: client => findOrCreateCustomer(prisma, id, identifiersOf(client)),
		count: () => prisma.customer.count({where: {merchantId: id}}),
	};
}

test('a customer is made at the first mention and found by it afterwards, however it is written', async t => {
	const {find, count} = await shop();

	const id = await find({email: 'Ana@Example.com'});

	t.is(await find({email: ' ana@example.com'}), id);
	t.is(await find({id: 'ana@example.com'}), id);
	t.not(await find({email: 'bia@example.com'}), id);
	t.is(await count(), 2);
});

test('what is new of a known customer is added', async t => {
	const {find, count} = await shop();
	const id = await find({document: '111.444.777-35'});

	await find({document: '11144477735', email: 'ana@example.com', id: 'profile-1'});

	t.is(await find({email: 'ana@example.com'}), id);
	t.is(await find({id: 'PROFILE-1'}), id);
	t.is(await count(), 1);
});

test('identifiers of two customers are nobody, and change nothing', async t => {
	const {find, count} = await shop();
	await find({email: 'ana@example.com', id: 'profile-1'});
	await find({email: 'bia@example.com'});

	for (const client of [
		{id: 'profile-1', email: 'bia@example.com'},
		{id: 'profile-2', email: 'ana@example.com'},
	]) {
		await t.throwsAsync(find(client), {instanceOf: CustomerConflictError});
	}

	t.is(await count(), 2);
	t.not(await find({id: 'profile-2'}), await find({email: 'ana@example.com'}));
});

test('one merchant knows nothing of the customers of another', async t => {
	const [one, two] = [await shop(), await shop()];

	t.not(await one.find({email: 'ana@example.com'}), await two.find({email: 'ana@example.com'}));
});

test('a customer without anything to be found by is refused', async t => {
	const {find} = await shop();

	await t.throwsAsync(find({email: 'no address'}), {instanceOf: RangeError});
});

test('many first mentions at once make one customer', async t => {
	const {find, count} = await shop();
	const client = {id: 'profile-9', email: 'dora@example.com', document: '52998224725'};

	const ids = await Promise.all([
		...Array.from({length: 4}, () => find(client)),
		...Array.from({length: 4}, () => find({email: 'dora@example.com'})),
	]);

	t.is(new Set(ids).size, 1);
	t.is(await count(), 1);
});
