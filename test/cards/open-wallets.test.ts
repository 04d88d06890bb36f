import test from 'ava';
import {openWallet} from '../../src/cards/open-wallet.ts';
import {openWallets, walletKey} from '../../src/cards/open-wallets.ts';
import {openTestLedger, type TestLedger} from '../helpers/ledger.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {connect} from '../helpers/interference.ts';
import {untilWaitedFor} from '../helpers/waits.ts';

let database: TestDatabase;
let ledger: TestLedger;

test.before(async () => {
	database = await openTestDatabase();
	ledger = await openTestLedger(database, 'shop');
});

test.after.always(() => database.close());

async function customers(count: number): Promise<string[]> {
	const {prisma} = database.general;
	const merchantId = ledger.merchant.id;
	const rows = await prisma.customer.createManyAndReturn({
		data: Array.from({length: count}, () => ({merchantId})),
		select: {id: true},
	});
	return rows.map(({id}) => String(id));
}

const wish = (customerId: string) => ({customerId, assetId: ledger.assetId, caption: 'Store credit'});
const open = async (owners: readonly string[]) =>
	openWallets(
		{prisma: database.general.prisma, readerPrisma: database.general.prisma},
		ledger.merchant.id,
		owners.map(wish),
		ledger.clock.now,
	);

test('each customer gets one wallet, however often and by how many it is opened at once', async t => {
	const owners = await customers(20);

	const opened = await Promise.all([open([...owners, ...owners]), open(owners.toReversed()), open(owners)]);

	for (const owner of owners) {
		const key = walletKey(wish(owner));
		t.is(new Set(opened.map(found => found.get(key)?.cardId)).size, 1);
		t.not(opened[0].get(key), undefined);
	}
});

test('a wallet that is there is found, and one that was closed makes room for another', async t => {
	const [known = '', closed = ''] = await customers(2);
	const {prisma} = database.general;
	const wallet = await openWallet(prisma, ledger.merchant.id, {...wish(known), now: ledger.clock.now});
	const gone = await openWallet(prisma, ledger.merchant.id, {...wish(closed), now: ledger.clock.now});
	await prisma.$executeRaw`UPDATE cards SET status = 3 WHERE id = ${BigInt(gone.cardId)}`;

	const opened = await open([known, closed]);

	t.is(opened.get(walletKey(wish(known)))?.cardId, wallet.cardId);
	t.not(opened.get(walletKey(wish(closed))), undefined);
	t.not(opened.get(walletKey(wish(closed)))?.cardId, gone.cardId);
});

test('closed wallets make room in one order, in whichever they are asked for', async t => {
	const owners = await customers(2);
	const {prisma} = database.general;
	const former: string[] = [];
	for (const owner of owners) {
		const {cardId} = await openWallet(prisma, ledger.merchant.id, {...wish(owner), now: ledger.clock.now});
		await prisma.$executeRaw`UPDATE cards SET status = 3 WHERE id = ${BigInt(cardId)}`;
		former.push(cardId);
	}

	const somebody = await connect(t, database.url);
	await somebody.query('BEGIN');
	await somebody.query('SELECT FROM cards WHERE id = $1 FOR NO KEY UPDATE', [former[0]]);
	const opening = open(owners.toReversed());
	opening.catch(() => undefined);
	await untilWaitedFor(database, somebody);

	await t.notThrowsAsync(
		somebody.query('SELECT FROM cards WHERE id = $1 FOR NO KEY UPDATE NOWAIT', [former[1]]),
	);
	await somebody.query('COMMIT');
	// On a slow machine it may have given up meanwhile.
	await Promise.allSettled([opening]);
});
