import test, {type ExecutionContext} from 'ava';
import {type EntriesWish, type ListedPosting, readEntries} from '../../src/reports/entries.ts';
import {bookHealthyTraffic} from '../helpers/audit.ts';
import {withDatabase} from '../helpers/database.ts';
import {authorize, capture, day, idOf, noon, openTestLedger, transfer} from '../helpers/ledger.ts';

async function withJournal(t: ExecutionContext) {
	const database = await withDatabase(t);
	const ledger = await openTestLedger(database);
	const {pool, prisma} = database.general;
	const read = async (wish: Partial<EntriesWish> = {}) => {
		const postings: ListedPosting[] = [];
		await readEntries(pool, {merchantId: ledger.merchant.id, ...wish}, async page => {
			postings.push(...page);
			return Promise.resolve();
		});
		return postings;
	};
	return {database, ledger, pool, prisma, read};
}

const shown = ({kind, account, amount, balanceAfter}: ListedPosting) =>
	`${kind} ${account} ${amount} ${balanceAfter ?? '-'}`;

test('each posting of each entry is listed, with what was said about it', async t => {
	const {ledger, read} = await withJournal(t);
	const [card, other] = [await ledger.issue(), await ledger.issue({amount: 5n})];
	const hold = idOf(await ledger.submit(authorize(ledger, card, 30_00n, 'order')));
	await ledger.submit(capture(ledger, card, hold, 10_00n, 'settle'));
	await ledger.submit(transfer(ledger, card, other, 1n, 't'));

	const postings = await read();

	t.deepEqual(postings.map(shown), [
		...['issue available 10000 10000', 'issue fundingSold -10000 -'],
		...['issue available 5 5', 'issue fundingSold -5 -'],
		...['authorize available -3000 7000', 'authorize held 3000 3000'],
		...['capture held -1000 2000', 'capture redeemed 1000 -'],
		...['transfer available -1 6999', 'transfer available 1 6'],
	]);
	t.deepEqual(
		postings.map(({card: id}) => (id === card.publicId ? 'card' : id === other.publicId ? 'other' : id)),
		['card', null, 'other', null, 'card', 'card', 'card', null, 'card', 'other'],
	);
	t.deepEqual(
		postings.slice(4, 8).map(({orderId, requestId, answers}) => [orderId, requestId, answers]),
		[
			['v500', 'order', null],
			['v500', 'order', null],
			['v500', null, hold],
			['v500', null, hold],
		],
	);
	t.like(postings.at(-1), {
		...{actor: 'tester', reason: 'gift split', assetId: ledger.assetId},
		...{occurredAt: noon, recordedAt: noon, operationId: null},
	});
});

test('the sums of a whole export are those of the accounts, and each entry adds up to zero', async t => {
	const {database, ledger, prisma, read} = await withJournal(t);
	await bookHealthyTraffic(ledger);
	await (await openTestLedger(database, 'other shop')).issue();

	const postings = await read();

	const sums = new Map<string, bigint>();
	const entries = new Map<string, bigint>();
	const add = (totals: Map<string, bigint>, key: string, amount: bigint) =>
		totals.set(key, (totals.get(key) ?? 0n) + amount);
	for (const {account, assetId, entryId, amount} of postings) {
		add(sums, `${account} ${assetId}`, amount);
		add(entries, `${entryId} ${assetId}`, amount);
	}

	const stored = await prisma.card.aggregate({
		where: {merchantId: ledger.merchant.id},
		_sum: {available: true, held: true, debt: true},
	});
	const total = (account: string) =>
		[...sums].reduce((sum, [key, amount]) => (key.startsWith(`${account} `) ? sum + amount : sum), 0n);
	t.deepEqual(
		['available', 'held', 'debt'].map(account => total(account)),
		[stored._sum.available ?? 0n, stored._sum.held ?? 0n, stored._sum.debt ?? 0n],
	);
	const counted = await prisma.$queryRaw<
		{n: number}[]
	>`SELECT count(*)::int AS n FROM postings WHERE merchant_id = ${ledger.merchant.id}`;
	t.is(counted[0]?.n, postings.length);
	t.true([...entries.values()].every(sum => sum === 0n));
	t.is(
		[...sums.values()].reduce((sum, amount) => sum + amount, 0n),
		0n,
	);
});

test('a period takes both of its ends, to the millisecond', async t => {
	const {ledger, read} = await withJournal(t);
	for (const [at, amount] of [
		[noon, 1n],
		[noon + 1, 2n],
		[noon + day, 3n],
		[noon + day + 1, 4n],
	] as const) {
		ledger.clock.now = at;
		await ledger.issue({amount});
	}

	const amounts = async (wish: Partial<EntriesWish>) =>
		(await read({...wish, account: 'available'})).map(({amount}) => amount);
	t.deepEqual(await amounts({from: noon + 1, to: noon + day}), [2n, 3n]);
	t.deepEqual(await amounts({from: noon + day}), [3n, 4n]);
	t.deepEqual(await amounts({to: noon}), [1n]);
	t.deepEqual(await amounts({from: noon + 2 * day}), []);
});

test('one card, and one account, are picked out', async t => {
	const {ledger, read} = await withJournal(t);
	const [card, other] = [await ledger.issue(), await ledger.issue({amount: 5n})];
	await ledger.submit(authorize(ledger, card, 30_00n, 'order'));

	t.deepEqual((await read({cardId: card.cardId})).map(shown), [
		'issue available 10000 10000',
		'authorize available -3000 7000',
		'authorize held 3000 3000',
	]);
	t.deepEqual((await read({cardId: card.cardId, account: 'held'})).map(shown), ['authorize held 3000 3000']);
	t.deepEqual((await read({account: 'fundingSold'})).map(shown), [
		'issue fundingSold -10000 -',
		'issue fundingSold -5 -',
	]);
	t.deepEqual((await read({cardId: other.cardId, from: noon + 1})).map(shown), []);
});

test('more than a page is complete, in order, and of one moment', async t => {
	const {ledger, pool} = await withJournal(t);
	const card = await ledger.issue({amount: 2000n});
	await Promise.all(
		Array.from({length: 700}, (_, index) => ledger.submit(authorize(ledger, card, 1n, `order ${index}`))),
	);
	const seen: ListedPosting[] = [];
	let pages = 0;
	await readEntries(pool, {merchantId: ledger.merchant.id, account: 'available'}, async page => {
		if (pages++ === 0) {
			await ledger.submit(authorize(ledger, card, 1n, 'meanwhile'));
		}

		seen.push(...page);
	});

	t.true(pages > 1);
	t.is(seen.length, 701);
	t.deepEqual(
		seen.map(({entryId}) => entryId),
		seen.map(({entryId}) => entryId).sort(),
	);
	t.is(new Set(seen.map(({requestId}) => requestId)).size, 701);
});

test('who stops reading leaves the connection as it was', async t => {
	const {ledger, pool} = await withJournal(t);
	await ledger.issue();
	const failing = readEntries(pool, {merchantId: ledger.merchant.id}, () =>
		Promise.reject(new Error('full')),
	);

	await t.throwsAsync(failing, {message: 'full'});
	const {rows} = await pool.query<{reading: string; count: number}>(
		"SELECT current_setting('transaction_read_only') AS reading, count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'",
	);
	t.deepEqual(rows, [{reading: 'off', count: 0}]);
});
