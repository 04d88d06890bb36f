import test, {type ExecutionContext} from 'ava';
import {type Database, openDatabase, type SqlClient} from '../../src/db/client.ts';
import {type Outcome} from '../../src/ledger/batch.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {deferred} from '../helpers/deferred.ts';
import {openTestDatabase, patienceMs, type TestDatabase} from '../helpers/database.ts';
import {
	aroundTransactions,
	beforeStatements,
	connect,
	isWrite,
	lockElsewhere,
	tell,
	type Told,
} from '../helpers/interference.ts';
import {
	authorize,
	balances,
	capture,
	close,
	day,
	expire,
	idOf,
	openTestLedger,
	undo,
	words,
} from '../helpers/ledger.ts';
import {earn, mergeOf, type TestWallet, versionOf} from '../helpers/loyalty.ts';
import {until} from '../helpers/until.ts';
import {cancel, pay, settle} from '../helpers/payment-commands.ts';

// A12 against the database: rows, locks, and what several processes do at once. One test after the other, as they share the writers'
// connections.

let database: TestDatabase;
let second: Database<SqlClient>;

test.before(async () => {
	database = await openTestDatabase();
	second = await openDatabase(database.url, {purpose: 'writer', patienceMs});
});
test.after.always(async () => {
	await second.close();
	await database.close();
});

/** A shop with a program, and two writers over its database. */
async function openShop(t: ExecutionContext) {
	const shop = await openTestLedger(database, t.title.slice(0, 90));
	const program = await shop.openProgram();
	const told: Told = [];
	return {
		shop,
		program,
		told,
		/** As the shop, in points. */
		ledger: {...shop, assetId: program.assetId},
		other: shop.openWriter({}, {prisma: second.prisma, onFailure: tell(told)}),
	};
}

type Shop = Awaited<ReturnType<typeof openShop>>;

/** What is booked, as `order: wallet units + forgone`, wallets by their place among those given. */
async function bookingsOf({ledger}: Shop, ...wallets: readonly TestWallet[]): Promise<string[]> {
	const rows = await database.general.prisma.orderBooking.findMany({
		where: {merchantId: ledger.merchant.id},
		orderBy: [{orderId: 'asc'}, {cardId: 'asc'}],
	});
	return rows.map(({orderId, cardId, units, forgone}) => {
		const index = wallets.findIndex(wallet => wallet.cardId === String(cardId));
		return `${orderId}: ${index} ${units} + ${forgone}`;
	});
}

async function debtOf(wallet: TestWallet): Promise<bigint> {
	const {debt} = await database.general.prisma.card.findFirstOrThrow({where: {id: BigInt(wallet.cardId)}});
	return debt;
}

const owedIn = async ({ledger}: Shop): Promise<bigint> => {
	const {_sum} = await database.general.prisma.lot.aggregate({
		where: {merchantId: ledger.merchant.id},
		_sum: {owed: true},
	});
	return _sum.owed ?? 0n;
};

test.serial(
	'an order earns, earns more, and gives back, each once however often its documents come',
	async t => {
		const shop = await openShop(t);
		const {ledger, program} = shop;
		const wallet = await program.openWallet();
		const documents = [
			{version: 1, target: 100n},
			{version: 2, target: 250n},
			{version: 3, target: 80n},
		];

		const outcomes: Outcome[] = [];
		for (const document of documents.flatMap(one => [one, one])) {
			outcomes.push(await ledger.submit(earn(ledger, wallet, document)));
		}

		outcomes.push(await ledger.submit(earn(ledger, wallet, documents[1] ?? {version: 2, target: 0n})));
		t.deepEqual(words(outcomes), ['100', '0', '150', '0', '-170', '0', '0']);
		t.true(outcomes.at(-1)?.kind === 'done' && 'isSuperseded' in (outcomes.at(-1) ?? {}));
		t.false('isSuperseded' in (outcomes.at(-2) ?? {}));
		t.deepEqual(await balances(database, wallet), [80n, 0n, 3n]);
		t.deepEqual(await bookingsOf(shop, wallet), ['o: 0 80 + 0']);
		const order = await database.general.prisma.order.findFirstOrThrow({
			where: {merchantId: ledger.merchant.id},
		});
		t.is(order.appliedVersion, versionOf(3));
		t.is(order.earningId, idOf(outcomes[0]));
		t.is(await database.general.prisma.command.count({where: {merchantId: ledger.merchant.id}}), 0);
		await assertAuditClean(t, database);
	},
);

test.serial(
	'one batch books every document of an order in its turn, whatever order they come in',
	async t => {
		const shop = await openShop(t);
		const {ledger, program} = shop;
		const wallet = await program.openWallet();
		const told = [
			{version: 2, target: 60n},
			{version: 1, target: 100n},
			{version: 4, target: 10n},
			{order: 'other', version: 1, target: 7n},
			{version: 3, target: 90n},
			{version: 4, target: 10n},
			{order: 'other', version: 2, target: 9n},
		];
		const held = ledger.submit(authorize(shop.shop, await shop.shop.issue(), 1n, 'first'));

		const outcomes = await Promise.all(told.map(async one => ledger.submit(earn(ledger, wallet, one))));

		await held;
		t.deepEqual(words(outcomes), ['60', '0', '-50', '7', '0', '0', '2']);
		t.deepEqual(await balances(database, wallet), [19n, 0n, 4n]);
		t.deepEqual(await bookingsOf(shop, wallet), ['o: 0 10 + 0', 'other: 0 9 + 0']);
		await assertAuditClean(t, database);
	},
);

test.serial(
	'in one batch points are earned, spent and taken back, out of what the wallet really has',
	async t => {
		const {ledger, program} = await openShop(t);
		const wallet = await program.openWallet();
		// Three lots, of which the one that is taken back would be spent first.
		await ledger.submit(
			earn(ledger, wallet, {version: 1, target: 100n}, {expiresAt: ledger.clock.now + day}),
		);
		await ledger.submit(
			earn(ledger, wallet, {order: 'a', version: 1, target: 100n}, {expiresAt: ledger.clock.now + 2 * day}),
		);
		await ledger.submit(earn(ledger, wallet, {order: 'b', version: 1, target: 100n}));

		const outcomes = await Promise.all([
			ledger.submit(earn(ledger, wallet, {order: 'c', version: 1, target: 5n})),
			ledger.submit(earn(ledger, wallet, {version: 2, target: 0n})),
			ledger.submit(authorize(ledger, wallet, 205n, 'r')),
			ledger.submit(authorize(ledger, wallet, 1n, 's')),
		]);

		t.deepEqual(words(outcomes), ['5', '-100', '205', 'insufficientBalance']);
		t.deepEqual(await balances(database, wallet), [0n, 205n, 6n]);
		await assertAuditClean(t, database);
	},
);

test.serial('what was earned today counts under the lock, and begins anew with the day', async t => {
	const shop = await openShop(t);
	const {ledger, program} = shop;
	const wallet = await program.openWallet();
	const told = (order: string, at: number) =>
		earn(ledger, wallet, {order, version: 1, target: 60n}, {dayMax: 100n, dayStart: at});
	const today = ledger.clock.now - day / 2;

	const first = await Promise.all(['a', 'b', 'c'].map(async order => ledger.submit(told(order, today))));
	const again = await ledger.submit(earn(ledger, wallet, {order: 'd', version: 1, target: 60n}));
	ledger.clock.now += day;
	const next = await ledger.submit(told('e', today + day));

	t.deepEqual(words([...first, again, next]), ['60', '40', '0', '60', '60']);
	t.deepEqual(await bookingsOf(shop, wallet), [
		...['a: 0 60 + 0', 'b: 0 40 + 20', 'c: 0 0 + 60', 'd: 0 60 + 0', 'e: 0 60 + 0'],
	]);
	await assertAuditClean(t, database);
});

test.serial(
	'a debt is paid from the next order, and a hold that comes back pays what its lot owes',
	async t => {
		const shop = await openShop(t);
		const {ledger, program} = shop;
		const [debtor, owing] = [await program.openWallet(), await program.openWallet()];
		const hold = async (wallet: TestWallet, order: string, clawback: 'debt' | 'owed') => {
			await ledger.submit(earn(ledger, wallet, {order, version: 1, target: 100n}));
			const id = idOf(await ledger.submit(authorize(ledger, wallet, 70n, 'r')));
			await ledger.submit(capture(ledger, wallet, id, 20n, 's'));
			await ledger.submit(earn(ledger, wallet, {order, version: 2, target: 0n}, {clawback}));
			return id;
		};

		const [first, other] = [await hold(debtor, 'a', 'debt'), await hold(owing, 'b', 'owed')];
		t.deepEqual([await debtOf(debtor), await owedIn(shop)], [-70n, 70n]);
		await ledger.submit(undo(ledger, debtor, first, 50n, 'c'));
		await ledger.submit(undo(ledger, owing, other, 50n, 'c'));
		t.deepEqual(await balances(database, debtor), [50n, 0n, 5n]);
		t.deepEqual(await balances(database, owing), [0n, 0n, 6n]);
		t.deepEqual([await debtOf(debtor), await owedIn(shop)], [-70n, 20n]);
		const next = await ledger.submit(earn(ledger, debtor, {order: 'next', version: 1, target: 100n}));
		const again = await ledger.submit(earn(ledger, owing, {order: 'b', version: 3, target: 100n}));

		t.deepEqual(words([next, again]), ['100', '100']);
		t.deepEqual(await balances(database, debtor), [80n, 0n, 6n]);
		t.deepEqual(await balances(database, owing), [80n, 0n, 7n]);
		t.deepEqual([await debtOf(debtor), await owedIn(shop)], [0n, 0n]);
		await assertAuditClean(t, database);
	},
);

test.serial('points that expired are taken back from breakage, and become nobody’s debt', async t => {
	const shop = await openShop(t);
	const {ledger, program} = shop;
	const wallet = await program.openWallet();
	const expiresAt = ledger.clock.now + day;
	await ledger.submit(earn(ledger, wallet, {version: 1, target: 100n}, {expiresAt}));
	const hold = idOf(await ledger.submit(authorize(ledger, wallet, 30n, 'r')));
	ledger.clock.now += 2 * day;
	await ledger.submit(expire(ledger, wallet));
	// It comes back to a child of the lot that has expired.
	await ledger.submit(undo(ledger, wallet, hold, 10n, 'c'));

	const outcome = await ledger.submit(earn(ledger, wallet, {version: 2, target: 0n}));

	t.deepEqual(words([outcome]), ['-100']);
	t.deepEqual(await balances(database, wallet), [0n, 20n, 5n]);
	t.is(await debtOf(wallet), -20n);
	const {_sum} = await database.general.prisma.posting.aggregate({
		where: {merchantId: ledger.merchant.id, account: {in: [15, 30]}},
		_sum: {amount: true},
	});
	t.is(_sum.amount, 0n);
	await assertAuditClean(t, database);
});

test.serial('points that were left on a wallet which was closed are taken back from adjustment', async t => {
	const {ledger, program} = await openShop(t);
	const wallet = await program.openWallet();
	await ledger.submit(earn(ledger, wallet, {version: 1, target: 100n}));
	await ledger.submit(close(ledger, wallet));

	const outcomes = [
		await ledger.submit(earn(ledger, wallet, {version: 2, target: 120n})),
		await ledger.submit(earn(ledger, wallet, {version: 3, target: 0n})),
		await ledger.submit(earn(ledger, wallet, {version: 2, target: 120n})),
	];

	t.deepEqual(words(outcomes), ['cardClosed', '-100', '0']);
	t.is(await debtOf(wallet), 0n);
	await assertAuditClean(t, database);
});

test.serial('of a wallet that was merged, the one that took over earns and gives back', async t => {
	const shop = await openShop(t);
	const {ledger, program} = shop;
	const [old, middle, survivor] = [
		await program.openWallet(),
		await program.openWallet(),
		await program.openWallet(),
	];
	await ledger.submit(earn(ledger, old, {version: 1, target: 100n}));
	const hold = idOf(await ledger.submit(authorize(ledger, old, 40n, 'r')));
	await merge(shop, old, middle);
	await merge(shop, middle, survivor);

	const more = await ledger.submit(earn(ledger, old, {version: 2, target: 130n}));
	await ledger.submit(authorize(ledger, survivor, 20n, 's'));
	const less = await ledger.submit(earn(ledger, old, {version: 3, target: 0n}, {clawback: 'owed'}));

	t.deepEqual(words([more, less]), ['30', '-130']);
	t.deepEqual(await bookingsOf(shop, old, middle, survivor), ['o: 0 0 + 0', 'o: 2 0 + 0']);
	t.deepEqual(await balances(database, survivor), [0n, 20n, 4n]);
	t.is(await owedIn(shop), 60n);
	await ledger.submit(undo(ledger, old, hold, 40n, 'c'));
	t.is(await owedIn(shop), 20n);
	t.deepEqual(await balances(database, survivor), [0n, 20n, 4n]);
	await assertAuditClean(t, database);
});

test.serial(
	'what came to a wallet by a merge, before the order earned there, is taken back from there',
	async t => {
		const {program, ledger} = await openShop(t);
		const [old, survivor] = [await program.openWallet(), await program.openWallet()];
		await ledger.submit(earn(ledger, old, {version: 1, target: 25n}));
		await merge({ledger}, old, survivor);
		await ledger.submit(earn(ledger, survivor, {version: 2, target: 100n}));

		await ledger.submit(earn(ledger, survivor, {version: 3, target: 0n}));

		t.is(await debtOf(survivor), 0n);
		t.deepEqual(await balances(database, survivor), [0n, 0n, 3n]);
		await assertAuditClean(t, database);
	},
);

async function merge({ledger}: Pick<Shop, 'ledger'>, from: TestWallet, to: TestWallet): Promise<void> {
	idOf(await ledger.submit(mergeOf(ledger, from, to)));
}

test.serial(
	'points are found on the wallet that took over, though their order was never booked to it',
	async t => {
		const {ledger, program} = await openShop(t);
		const [old, survivor] = [await program.openWallet(), await program.openWallet()];
		await ledger.submit(earn(ledger, old, {version: 1, target: 100n}));
		await merge({ledger}, old, survivor);

		const outcome = await ledger.submit(earn(ledger, null, {version: 2, target: 30n}));

		t.deepEqual(words([outcome]), ['-70']);
		t.deepEqual(await balances(database, survivor), [30n, 0n, 2n]);
		t.is(await debtOf(survivor), 0n);
		await assertAuditClean(t, database);
	},
);

test.serial('in one batch points expire and are taken back from breakage', async t => {
	const {ledger, program, shop} = await openShop(t);
	const wallet = await program.openWallet();
	await ledger.submit(earn(ledger, wallet, {version: 1, target: 100n}, {expiresAt: ledger.clock.now + day}));
	await ledger.submit(authorize(ledger, wallet, 30n, 'r'));
	ledger.clock.now += 2 * day;

	const outcomes = await Promise.all([
		ledger.submit(authorize(shop, await shop.issue(), 1n, 'first')),
		ledger.submit(expire(ledger, wallet)),
		ledger.submit(earn(ledger, wallet, {version: 2, target: 0n})),
	]);

	t.deepEqual(words(outcomes), ['1', '70', '-100']);
	t.is(await debtOf(wallet), -30n);
	await assertAuditClean(t, database);
});

test.serial('in one batch a wallet earns, is merged, and gives back from where its points went', async t => {
	const shop = await openShop(t);
	const {ledger, program} = shop;
	const [old, survivor] = [await program.openWallet(), await program.openWallet()];
	const dayStart = ledger.clock.now - day / 2;
	await ledger.submit(earn(ledger, old, {order: 'a', version: 1, target: 100n}, {dayMax: 100n, dayStart}));
	await ledger.submit(earn(ledger, survivor, {order: 'b', version: 1, target: 70n}));

	const outcomes = await Promise.all([
		ledger.submit(earn(ledger, old, {order: 'c', version: 1, target: 50n})),
		ledger.submit(mergeOf(ledger, old, survivor)),
		ledger.submit(earn(ledger, old, {order: 'd', version: 1, target: 50n}, {dayMax: 100n, dayStart})),
		ledger.submit(earn(ledger, old, {order: 'a', version: 2, target: 20n})),
		ledger.submit(authorize(ledger, survivor, 171n, 'r')),
		ledger.submit(authorize(ledger, survivor, 170n, 's')),
	]);

	t.deepEqual(words(outcomes), ['50', '150', '30', '-80', 'insufficientBalance', '170']);
	t.deepEqual(await bookingsOf(shop, old, survivor), [
		...['a: 0 20 + 0', 'b: 1 70 + 0', 'c: 0 50 + 0', 'd: 1 30 + 20'],
	]);
	await assertAuditClean(t, database);
});

test.serial(
	'an order whose wallet is another by now takes back from the first and gives to the second',
	async t => {
		const shop = await openShop(t);
		const {ledger, program} = shop;
		const [first, next] = [await program.openWallet(), await program.openWallet()];
		await ledger.submit(earn(ledger, first, {version: 1, target: 50n}));

		const outcomes = [
			await ledger.submit(earn(ledger, next, {version: 2, target: 80n})),
			await ledger.submit(earn(ledger, next, {version: 3, target: 40n})),
			await ledger.submit(earn(ledger, null, {version: 4, target: 90n})),
			await ledger.submit(earn(ledger, null, {version: 5, target: 0n})),
		];

		t.deepEqual(words(outcomes), ['30', '-40', '0', '-40']);
		t.deepEqual(await bookingsOf(shop, first, next), ['o: 0 0 + 0', 'o: 1 0 + 0']);
		await assertAuditClean(t, database);
	},
);

test.serial('two programs book one order side by side', async t => {
	const shop = await openShop(t);
	const {ledger, program} = shop;
	const stars = await shop.shop.openProgram();
	const [points, star] = [await program.openWallet(), await stars.openWallet()];
	const inStars = {...ledger, assetId: stars.assetId};

	const outcomes = [
		await ledger.submit(earn(ledger, points, {version: 1, target: 100n})),
		await ledger.submit(earn(inStars, star, {version: 1, target: 3n})),
		await ledger.submit(earn(inStars, star, {version: 2, target: 1n})),
		await ledger.submit(earn(ledger, points, {version: 2, target: 50n})),
	];

	t.deepEqual(words(outcomes), ['100', '3', '-2', '-50']);
	t.deepEqual(await bookingsOf(shop, points, star), ['o: 0 50 + 0', 'o: 1 1 + 0']);
	await assertAuditClean(t, database);
});

test.serial('an order that earned nothing has no wallet, and its older documents give nothing', async t => {
	const shop = await openShop(t);
	const {ledger, program} = shop;
	const wallet = await program.openWallet();

	const outcomes = [
		await ledger.submit(earn(ledger, null, {version: 2, target: 0n})),
		await ledger.submit(earn(ledger, wallet, {version: 1, target: 100n})),
	];

	t.deepEqual(words(outcomes), ['0', '0']);
	t.deepEqual(await bookingsOf(shop, wallet), []);
	await assertAuditClean(t, database);
});

test.serial('two writers that are told of one order at the same time book it once', async t => {
	const shop = await openShop(t);
	const {ledger, program, other} = shop;
	const wallets = await Promise.all(Array.from({length: 10}, async () => program.openWallet()));
	const targets = [30n, 100n, 60n, 80n];

	const outcomes = await Promise.all(
		wallets.flatMap((wallet, index) =>
			[3, 0, 2, 1, 3, 2].flatMap(version => {
				const order = `o${index}`;
				const command = earn(ledger, wallet, {order, version, target: targets[version] ?? 0n});
				return [ledger.submit(command), ledger.submit(command, other)];
			}),
		),
	);

	t.true(outcomes.every(({kind}) => kind === 'done'));
	const booked = await bookingsOf(shop, ...wallets);
	t.deepEqual(
		booked,
		wallets.map((_, index) => `o${index}: ${index} 80 + 0`),
	);
	for (const wallet of wallets) {
		const [available] = await balances(database, wallet);
		t.is(available, 80n);
	}

	await assertAuditClean(t, database);
});

test.serial('whoever waited for an order sees what was booked meanwhile', async t => {
	const {ledger, program} = await openShop(t);
	const wallet = await program.openWallet();
	await ledger.submit(earn(ledger, wallet, {version: 1, target: 10n}));
	const [writing, mayWrite] = [deferred(), deferred()];
	const prisma = beforeStatements(database.writer.prisma, sql => {
		if (!isWrite(sql)) {
			return undefined;
		}

		writing.resolve();
		return mayWrite.promise;
	});

	const first = ledger.submit(
		earn(ledger, wallet, {version: 2, target: 50n}),
		ledger.openWriter({}, {prisma}),
	);
	await writing.promise;
	// It waits, or has waited too long and comes again.
	let isTurnedAway = false;
	const patient = aroundTransactions(second.prisma, async run =>
		run().catch((error: unknown) => {
			isTurnedAway = true;
			throw error;
		}),
	);
	const next = ledger.submit(
		earn(ledger, wallet, {version: 3, target: 70n}),
		ledger.openWriter({}, {prisma: patient}),
	);
	await until('the second waits for the order', async () => {
		const {rows} = await database.general.pool.query(
			"SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
		);
		return rows.length > 0 || isTurnedAway;
	});
	mayWrite.resolve();

	t.deepEqual(words(await Promise.all([first, next])), ['40', '20']);
	t.deepEqual(await balances(database, wallet), [70n, 0n, 3n]);
	await assertAuditClean(t, database);
});

test.serial(
	'orders and payments of the same wallets, told to two writers, never wait for each other in a circle',
	async t => {
		const shop = await openShop(t);
		const {ledger, program, other, told} = shop;
		const wallets = await Promise.all(Array.from({length: 3}, async () => program.openWallet()));
		const cardIds = wallets.map(({cardId}) => cardId);
		for (const [index, wallet] of wallets.entries()) {
			await ledger.submit(earn(ledger, wallet, {order: `o${index}`, version: 0, target: 1000n}));
		}

		const holds = await Promise.all(
			Array.from({length: 6}, async (_, index) =>
				ledger.submit(pay(shop.shop, `p${index}`, cardIds, 300n, {presented: []})),
			),
		);
		const commands = Array.from({length: 12}, (_, index) => index).flatMap(index => {
			const payment = {paymentId: `p${index % 6}`, cardIds, holdId: idOf(holds[index % 6])};
			const [first, next] = [index % 3, (index + 1) % 3];
			const document = (order: number) => ({
				order: `o${order}`,
				version: index + 1,
				target: BigInt(1000 - index * 50),
			});
			return [
				earn(ledger, wallets[first] ?? null, document(first)),
				index % 2 === 0
					? settle(shop.shop, payment, 40n, `s${index}`)
					: cancel(shop.shop, payment, `c${index}`),
				earn(ledger, wallets[next] ?? null, document(next)),
			];
		});
		const outcomes = await Promise.all(
			commands.map(async (command, index) => ledger.submit(command, index % 2 === 0 ? ledger.writer : other)),
		);

		t.is(outcomes.length, 36);
		t.true(outcomes.every(outcome => outcome.kind === 'done' || outcome.refusal !== 'cardClosed'));
		t.deepEqual(
			told.filter(({state}) => state === '40P01'),
			[],
		);
		await assertAuditClean(t, database);
	},
);

test.serial(
	'when the answer of a COMMIT is lost the batch runs again and finds nothing more to book',
	async t => {
		const shop = await openShop(t);
		const {ledger, program} = shop;
		const wallet = await program.openWallet();
		const told: Told = [];
		let count = 0;
		const prisma = aroundTransactions(database.writer.prisma, async run => {
			const result = await run();
			if (count++ % 2 === 0) {
				throw Object.assign(new Error('Connection terminated unexpectedly'), {code: 'P1017'});
			}

			return result;
		});
		const writer = ledger.openWriter({}, {prisma, onFailure: tell(told)});

		const first = await ledger.submit(earn(ledger, wallet, {version: 1, target: 100n}), writer);
		const next = await ledger.submit(earn(ledger, wallet, {version: 2, target: 40n}), writer);

		t.deepEqual(words([first, next]), ['0', '0']);
		t.is(told.length, 2);
		t.deepEqual(await balances(database, wallet), [40n, 0n, 2n]);
		t.deepEqual(await bookingsOf(shop, wallet), ['o: 0 40 + 0']);
		await assertAuditClean(t, database);
	},
);

test.serial('an order waits for a wallet that it had booked to, and holds up no other', async t => {
	const {ledger, program} = await openShop(t);
	const [wallet, former, third] = [
		await program.openWallet(),
		await program.openWallet(),
		await program.openWallet(),
	];
	await ledger.submit(earn(ledger, former, {version: 1, target: 10n}));
	await merge({ledger}, former, third);
	const release = await lockElsewhere(t, database, third);

	const waiting = ledger.submit(earn(ledger, wallet, {version: 2, target: 0n}));
	const others = await Promise.all(
		['a', 'b'].map(async order => ledger.submit(earn(ledger, wallet, {order, version: 1, target: 7n}))),
	);
	const later = await ledger.submit(earn(ledger, wallet, {order: 'c', version: 1, target: 7n}));

	t.deepEqual(words([...others, later]), ['7', '7', '7']);
	t.is(ledger.writer.pending(), 1);
	await release();
	t.deepEqual(words([await waiting]), ['-10']);
	await assertAuditClean(t, database);
});

test.serial('an order whose row is just being made waits for it, and holds up no card', async t => {
	const {ledger, shop, program} = await openShop(t);
	const wallet = await program.openWallet();
	const card = await shop.issue({amount: 10n});
	const elsewhere = await connect(t, database.url);
	await elsewhere.query('BEGIN');
	await elsewhere.query('INSERT INTO orders (merchant_id, order_id) VALUES ($1, $2)', [
		ledger.merchant.id,
		'o',
	]);

	const waiting = ledger.submit(earn(ledger, wallet, {version: 1, target: 5n}));
	const free = await ledger.submit(authorize(shop, card, 7n, 'r'));

	t.deepEqual(words([free]), ['7']);
	t.is(ledger.writer.pending(), 1);
	await elsewhere.query('COMMIT');
	t.deepEqual(words([await waiting]), ['5']);
	await assertAuditClean(t, database);
});
