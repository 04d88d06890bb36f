import test from 'ava';
import {type Command} from '../../src/ledger/commands.ts';
import {type Outcome} from '../../src/ledger/batch.ts';
import {OverloadedError} from '../../src/ledger/writer.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {authorize, undo} from '../helpers/ledger.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {openShop, said, type ShopOptions} from './shop.ts';

let database: TestDatabase;
test.before(async () => {
	database = await openTestDatabase();
});
test.after.always(() => database.close());
test.afterEach(t => assertAuditClean(t, database));

/** Answers in the writer's place where `instead` does; otherwise the writer answers. */
const interfering = (instead: (command: Command) => Outcome | undefined): ShopOptions => ({
	interfere: writer => ({
		submit: async (merchant, command) => instead(command) ?? writer.submit(merchant, command),
	}),
});

test.serial('what the writer has no room for is thrown, and done when it comes again', async t => {
	let isFull = true;
	const shop = await openShop(database, {
		sandbox: true,
		...interfering(({verb}) => {
			if (isFull && verb !== 'issue') {
				throw new OverloadedError('Full.');
			}

			return undefined;
		}),
	});

	await t.throwsAsync(shop.create({paymentId: 'p1', code: '4444333322221111'}), {
		instanceOf: OverloadedError,
	});
	t.is(await shop.payments.find(shop.merchant.id, 'p1'), undefined);
	isFull = false;
	t.like(await shop.create({paymentId: 'p1', code: '4444333322221111'}), {status: 'approved'});

	// The card that was made for the first attempt pays in the second.
	t.is(await database.general.prisma.card.count({where: {merchantId: shop.merchant.id}}), 1);
});

test.serial(
	'a payment that changes between look-up and lock is looked up again, five times at most',
	async t => {
		let changes = 4;
		const seen: string[] = [];
		const shop = await openShop(
			database,
			interfering(command => {
				if (command.verb !== 'settle') {
					return undefined;
				}

				seen.push(command.verb);
				return changes-- > 0 ? {kind: 'refused', refusal: 'paymentChanged', isReplay: false} : undefined;
			}),
		);
		const card = await shop.issue();
		await shop.create({paymentId: 'p1', code: card.code});
		const settle = async () =>
			said(await shop.operate('settle', {paymentId: 'p1', requestId: 's1', amountText: '30.00'}));

		t.is(await settle(), '3000');
		t.is(seen.length, 5);
		changes = 5;
		t.is(await settle(), 'paymentChanged');
		t.is(seen.length, 10);
	},
);

test.serial(
	'an operation is done although what came with it cannot be kept, and the log is told',
	async t => {
		const told: string[] = [];
		const shop = await openShop(database, {onFailure: (_error, what) => told.push(what)});
		const card = await shop.issue();
		await shop.create({paymentId: 'p1', code: card.code});
		const operation = {paymentId: 'p1', requestId: 's1', amountText: '30.00', particulars: 'no JSON'};

		t.is(said(await shop.operate('settle', operation)), '3000');
		t.deepEqual(told, ['What came with a settlement could not be kept']);
	},
);

test.serial(
	'payments, their operations and gift card debits that mix at random leave the books right',
	async t => {
		const shop = await openShop(database);
		const ana = {document: '11144477735'};
		const cards = await Promise.all(
			[40_00n, 25_00n, 35_00n].map(async amount => shop.issue({amount, owner: ana})),
		);
		const [first] = cards as [(typeof cards)[0], ...typeof cards];
		const {assetId} = await database.general.prisma.card.findFirstOrThrow({
			where: {id: BigInt(first.cardId)},
		});
		const place = {assetId, actorId: shop.wish({paymentId: 'any'}).actorId};
		const acts = Array.from({length: 24}, (_, index) => {
			const paymentId = `p${index % 8}`;
			const buyer = [{kind: 'document', value: ana.document}] as const;
			const requestId = `o${index}`;
			const way = index % 2 === 0 ? 'wallet' : 'code';
			return [
				async () => shop.create({paymentId, way, code: first.code, buyer, amountText: '9.00'}),
				async () => shop.operate('settle', {paymentId, requestId, amountText: '2.50'}),
				async () => shop.operate('refund', {paymentId, requestId, amountText: '1.75'}),
				async () => (index % 5 === 0 ? shop.operate('cancel', {paymentId, requestId}) : undefined),
				async () => {
					const debit = await shop.writer.submit(shop.merchant, authorize(place, first, 1_00n, requestId));
					return debit.kind === 'done' && index % 2 === 0
						? shop.writer.submit(shop.merchant, undo(place, first, debit.id, 1_00n, requestId))
						: undefined;
				},
			];
		}).flat();
		// Always the same disorder: 37 has no divisor in common with their number.
		const shuffled = acts.map((_, index) => acts[(index * 37) % acts.length]);
		const rounds = [shuffled.slice(0, 40), shuffled.slice(40, 80), shuffled.slice(80)];

		for (const round of rounds) {
			await Promise.all(round.map(async act => act?.()));
		}

		await Promise.all(
			Array.from({length: 8}, async (_, index) =>
				shop.operate('cancel', {paymentId: `p${index}`, requestId: 'last'}),
			),
		);

		const balances = await Promise.all(cards.map(shop.balance));
		const payments = await Promise.all(
			Array.from({length: 8}, async (_, index) => shop.payments.find(shop.merchant.id, `p${index}`)),
		);
		const spent = payments.reduce((sum, one) => sum + (one?.captured ?? 0n) - (one?.refunded ?? 0n), 0n);
		const available = balances.reduce((sum, [one]) => sum + one, 0n);
		const held = balances.reduce((sum, [, one]) => sum + one, 0n);
		t.true(spent > 0n);
		t.is(available + held + spent, 100_00n);
		// Of the payments nothing is held any more; of the debits, each second one.
		t.true(held <= 12_00n && held % 1_00n === 0n, `${held} are held`);
	},
);
