import test from 'ava';
import {openWallet} from '../../src/cards/open-wallet.ts';
import {closeCard} from '../../src/cards/close.ts';
import {findOrCreateCustomer} from '../../src/customers/customers.ts';
import {identifiersOf} from '../../src/customers/identity.ts';
import {CustomerErasedError} from '../../src/customers/survivor.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {credit, noon, openTestLedger, type TestLedger, words} from '../helpers/ledger.ts';

let database: TestDatabase;
let ledger: TestLedger;
test.before(async () => {
	database = await openTestDatabase();
	ledger = await openTestLedger(database);
});
test.after.always(() => database.close());

const prisma = () => database.general.prisma;
const customer = (email: string) =>
	findOrCreateCustomer(prisma(), ledger.merchant.id, identifiersOf({email}));
const open = (customerId: string, caption = 'Points') =>
	openWallet(prisma(), ledger.merchant.id, {customerId, assetId: ledger.assetId, caption, now: noon});
const rowOf = ({cardId}: {readonly cardId: string}) =>
	prisma().card.findFirstOrThrow({where: {merchantId: ledger.merchant.id, id: BigInt(cardId)}});
const become = (customerId: string, other: string) =>
	prisma().customer.update({
		where: {merchantId_id: {merchantId: ledger.merchant.id, id: BigInt(customerId)}},
		data: {mergedInto: BigInt(other)},
	});

test('a wallet is opened once, without a code, for its owner alone, and keeps its caption', async t => {
	const ana = await customer('ana@example.com');
	await ledger.issue({ownerId: ana});

	const wallet = await open(ana);

	t.deepEqual(await open(ana, 'Other points'), wallet);
	t.like(await rowOf(wallet), {
		...{isWallet: true, ownerId: BigInt(ana), caption: 'Points', restricted: true, rechargeable: true},
		...{codeHash: null, expiresAt: null, version: 0n},
	});
});

test('value can be given to a wallet at once', async t => {
	const wallet = await open(await customer('bia@example.com'));

	t.deepEqual(words([await ledger.submit(credit(ledger, wallet, 5_00n, 'k1'))]), ['500']);
	await assertAuditClean(t, database);
});

test('of processes that open a wallet at once, one does, and all get the same', async t => {
	const cid = await customer('cid@example.com');

	const wallets = await Promise.all(Array.from({length: 12}, () => open(cid)));

	t.is(new Set(wallets.map(({cardId}) => cardId)).size, 1);
	t.is(await prisma().card.count({where: {ownerId: BigInt(cid)}}), 1);
});

test('each asset has a wallet of its own', async t => {
	const dora = await customer('dora@example.com');
	const points = await prisma().asset.create({
		data: {merchantId: ledger.merchant.id, code: 'STARS', scale: 0, kind: 2},
	});

	const other = await openWallet(prisma(), ledger.merchant.id, {
		...{customerId: dora, assetId: points.id},
		...{caption: 'Stars', now: noon},
	});

	t.not((await open(dora)).cardId, other.cardId);
});

test('of somebody who became another customer the wallet of the other is meant', async t => {
	const [eva, eve, evelyn] = [await customer('eva@x'), await customer('eve@x'), await customer('evelyn@x')];
	const wallet = await open(evelyn);
	await become(eva, eve);
	await become(eve, evelyn);

	t.deepEqual(await open(eva), wallet);
	t.is(await prisma().card.count({where: {ownerId: {in: [BigInt(eva), BigInt(eve)]}}}), 0);
});

test('a closed wallet makes room for a new one', async t => {
	const fay = await customer('fay@example.com');
	const closed = await open(fay);
	await closeCard(ledger.writer, ledger.merchant, {...closed, actorId: ledger.actorId, reason: 'stolen'});

	const wallet = await open(fay);

	t.not(wallet.cardId, closed.cardId);
	t.deepEqual(await open(fay), wallet);
	t.like(await rowOf(closed), {isWallet: false, ownerId: BigInt(fay)});
});

test('nobody who was erased gets a wallet', async t => {
	const gil = await customer('gil@example.com');
	await prisma().customerIdentifier.deleteMany({where: {customerId: BigInt(gil)}});
	await prisma().customer.update({
		where: {merchantId_id: {merchantId: ledger.merchant.id, id: BigInt(gil)}},
		data: {erasedAt: new Date(noon)},
	});

	await t.throwsAsync(open(gil), {instanceOf: CustomerErasedError});
});
