import test from 'ava';
import {openCardCreation} from '../../src/cards/create.ts';
import {openPeppers} from '../../src/cards/peppers.ts';
import {CustomerConflictError, findOrCreateCustomer} from '../../src/customers/customers.ts';
import {type ClientFields, identifiersOf} from '../../src/customers/identity.ts';
import {familyOf, standingOf, survivorOf} from '../../src/customers/survivor.ts';
import {type PrismaClient} from '../../src/db/client.ts';
import {becomeOther} from '../helpers/customers.ts';
import {sqlStateOf} from '../../src/db/sql-state.ts';
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
	merchantId: number;
	find: (client: ClientFields) => Promise<string>;
	count: () => Promise<number>;
}> {
	const {prisma} = database.general;
	const {id} = await prisma.merchant.create({
		data: {name: `shop${merchants++}`, timeZone: 'America/Sao_Paulo', currency: 'BRL'},
	});
	return {
		prisma,
		merchantId: id,
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

/** They wait for each other, for a second at most: on a busy machine some are told to come back, and do. */
async function patiently<Result>(work: () => Promise<Result>): Promise<Result> {
	try {
		return await work();
	} catch (error) {
		if (sqlStateOf(error) !== '55P03') {
			throw error;
		}

		return patiently(work);
	}
}

test('many first mentions at once make one customer', async t => {
	const {find, count} = await shop();
	const client = {id: 'profile-9', email: 'dora@example.com', document: '52998224725'};

	const ids = await Promise.all([
		...Array.from({length: 4}, () => patiently(() => find(client))),
		...Array.from({length: 4}, () => patiently(() => find({email: 'dora@example.com'}))),
	]);

	t.is(new Set(ids).size, 1);
	t.is(await count(), 1);
});

test.serial(
	'of a customer with two profile ids each is the customer’s, and a third is somebody else’s (A3)',
	async t => {
		const {prisma, find} = await shop();
		const first = await find({id: 'profile-1', email: 'ana@example.com'});
		await becomeOther(prisma, await find({id: 'profile-2', email: 'ana@work.example'}), first);

		for (const client of [
			{id: 'profile-1', email: 'ana@work.example'},
			{id: 'profile-2', email: 'ana@example.com'},
		]) {
			t.is(await find(client), first);
		}

		await t.throwsAsync(find({id: 'profile-3', email: 'ana@example.com'}), {
			instanceOf: CustomerConflictError,
		});
	},
);

test.serial('whoever became another customer is found as the other, by number and by name', async t => {
	const {prisma, merchantId, find} = await shop();
	const [ana, anna, anne] = [
		await find({email: 'ana@x'}),
		await find({email: 'anna@x'}),
		await find({email: 'anne@x'}),
	];
	await becomeOther(prisma, ana, anna);
	await becomeOther(prisma, anna, anne);

	t.is(await find({email: 'ana@x'}), anne);
	t.deepEqual(await standingOf(prisma, merchantId, ana), {customerId: anne, erasedAt: null});
	t.is(await survivorOf(prisma, merchantId, anne), anne);
	t.deepEqual(await familyOf(prisma, merchantId, anne), [ana, anna, anne]);
	t.is(await standingOf(prisma, merchantId, '999999'), undefined);
});

test.serial('names that are added while their customer becomes another reach the other', async t => {
	const {prisma, find} = await shop();
	const [from, into] = [await find({email: 'bea@x'}), await find({email: 'bee@x'})];

	const [found] = await Promise.all([
		Promise.all(
			Array.from({length: 3}, async (_, index) =>
				patiently(() => find({email: 'bea@x', document: `12345${index}`})),
			),
		),
		patiently(() => becomeOther(prisma, from, into)),
	]);

	t.is(await prisma.customerIdentifier.count({where: {customerId: BigInt(from)}}), 0);
	t.is(await prisma.customerIdentifier.count({where: {customerId: BigInt(into)}}), 5);
	t.is(await find({email: 'bea@x'}), into);
	t.true(found.every(id => id === from || id === into));
});

test.serial('a card is never made for somebody who is gone, but for who took over', async t => {
	const {prisma, merchantId, find} = await shop();
	const [from, into] = [await find({email: 'cea@x'}), await find({email: 'cee@x'})];
	const {id: assetId} = await prisma.asset.create({data: {merchantId, code: 'BRL', scale: 2, kind: 1}});
	const peppers = await openPeppers(prisma, ['a pepper of thirty-two characters']);
	const creation = openCardCreation(prisma, {peppers, clock: () => 0});
	const card = {
		...{owner: identifiersOf({email: 'cea@x'}), assetId, caption: null, restricted: false, singleUse: false},
		...{rechargeable: true, emittedAt: null, expiresAt: null},
	};

	await Promise.all([
		...Array.from({length: 3}, async (_, index) =>
			patiently(() => creation.create(merchantId, {...card, relationName: `r${index}`})),
		),
		patiently(() => becomeOther(prisma, from, into)),
	]);
	await creation.create(merchantId, {...card, relationName: 'after'});

	const owners = await prisma.card.groupBy({by: ['ownerId'], where: {merchantId}, _count: true});
	t.is(
		owners.reduce((sum, {_count}) => sum + _count, 0),
		4,
	);
	t.is((await prisma.card.findFirst({where: {merchantId, relationName: 'after'}}))?.ownerId, BigInt(into));
});
