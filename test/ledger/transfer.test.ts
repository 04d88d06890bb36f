import test from 'ava';
import fc from 'fast-check';
import {type Database, openDatabase, type SqlClient} from '../../src/db/client.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {openTestDatabase, patienceMs, type TestDatabase} from '../helpers/database.ts';
import {tell, type Told} from '../helpers/interference.ts';
import {
	adjust,
	authorize,
	balances,
	capture,
	close,
	credit,
	day,
	expire,
	idOf,
	noon,
	openTestLedger,
	type TestCard,
	type TestLedger,
	transfer,
	undo,
	words,
} from '../helpers/ledger.ts';
import {cancel, pay, refund, settle} from '../helpers/payment-commands.ts';

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

/** Lots of a card: what remains, what is held, the last day, and whether a lot of this or of another card came before. */
async function lotsOf(ledger: TestLedger, {cardId}: TestCard): Promise<string[]> {
	const rows = await database.general.prisma.$queryRaw<{line: string}[]>`
		SELECT concat_ws(' ', l.origin, l.remaining, l.held, to_char(l.expires_at, 'YYYY-MM-DD'),
			CASE WHEN parent.card_id = l.card_id THEN 'restored' WHEN parent.card_id IS NOT NULL THEN 'transferred' END) AS line
		FROM lots l LEFT JOIN lots parent ON parent.merchant_id = l.merchant_id AND parent.id = l.parent_id
		WHERE l.merchant_id = ${ledger.merchant.id}::int AND l.card_id = ${BigInt(cardId)}::bigint ORDER BY 1`;
	return rows.map(({line}) => line);
}

test.serial(
	'a transfer moves value between two cards in one entry, and its repetition moves nothing',
	async t => {
		const ledger = await openTestLedger(database, t.title);
		const [from, to] = [
			await ledger.issue({amount: 100n, expiresAt: noon + day}),
			await ledger.issue({amount: 1n}),
		];

		const outcomes = [
			await ledger.submit(transfer(ledger, from, to, 30n, 't1')),
			await ledger.submit(transfer(ledger, from, to, 30n, 't1')),
			await ledger.submit(transfer(ledger, from, to, 31n, 't1')),
			await ledger.submit(transfer(ledger, from, to, 0n, 't2')),
			await ledger.submit(transfer(ledger, from, to, 0n, 't2')),
			await ledger.submit(transfer(ledger, from, to, 1n, 't3')),
			await ledger.submit(transfer(ledger, to, from, 1n, 't3')),
			await ledger.submit(transfer(ledger, from, to, 1n, 't3')),
		];

		t.deepEqual(words(outcomes), [
			...['30', 'again 30', 'keyConflict', '70', 'again 70'],
			...['insufficientBalance', '1', 'again insufficientBalance'],
		]);
		t.deepEqual(await lotsOf(ledger, from), ['10 0 0 2026-06-16', '10 1 0 2026-06-16 transferred']);
		t.deepEqual(await lotsOf(ledger, to), [
			'10 1 0',
			'10 29 0 2026-06-16 transferred',
			'10 70 0 2026-06-16 transferred',
		]);
		await assertAuditClean(t, database);
	},
);

test.serial('what the target refuses is asked again under the same key, and then done', async t => {
	const ledger = await openTestLedger(database, t.title);
	const [from, once, open] = [
		await ledger.issue(),
		await ledger.issue({rechargeable: false}),
		await ledger.issue(),
	];

	const outcomes = [
		await ledger.submit(transfer(ledger, from, once, 5n, 't1')),
		await ledger.submit(transfer(ledger, from, from, 5n, 't1')),
		await ledger.submit(transfer(ledger, from, open, 5n, 't1')),
	];

	t.deepEqual(words(outcomes), ['targetNotRechargeable', 'sameCard', '5']);
});

test.serial('a hold stays with the card that gave, and its release and refund go back there', async t => {
	const ledger = await openTestLedger(database, t.title);
	const [from, to] = [
		await ledger.issue({amount: 100n, expiresAt: noon + day}),
		await ledger.issue({amount: 1n}),
	];
	const hold = idOf(await ledger.submit(authorize(ledger, from, 60n, 'order')));
	await ledger.submit(transfer(ledger, from, to, 0n, 'all'));

	await ledger.submit(capture(ledger, from, hold, 40n, 'settle'));
	await ledger.submit(undo(ledger, from, hold, 25n, 'cancel'));
	t.deepEqual(await lotsOf(ledger, from), ['10 25 0 2026-06-16']);
	ledger.clock.now = noon + 2 * day;
	const late = await ledger.submit(undo(ledger, from, hold, 35n, 'late'));

	t.deepEqual(words([late]), ['35']);
	t.deepEqual(await lotsOf(ledger, from), ['10 25 0 2026-06-16', '10 35 0 2026-07-18 restored']);
	t.deepEqual(await lotsOf(ledger, to), ['10 1 0', '10 40 0 2026-06-16 transferred']);
	await ledger.submit(expire(ledger, to));
	t.deepEqual(await balances(database, to), [1n, 0n, 3n]);
	await assertAuditClean(t, database);
});

test.serial('value that went to and fro comes back to the lot that each order took it from', async t => {
	const ledger = await openTestLedger(database, t.title);
	const [card, other] = [
		await ledger.issue({amount: 50n, expiresAt: noon + day}),
		await ledger.issue({amount: 1n}),
	];
	await ledger.submit(transfer(ledger, card, other, 20n, 'there'));
	await ledger.submit(transfer(ledger, other, card, 20n, 'back'));
	const hold = idOf(await ledger.submit(authorize(ledger, card, 50n, 'order')));
	await ledger.submit(capture(ledger, card, hold, 45n, 'settle'));
	ledger.clock.now = noon + 2 * day;

	const outcomes = [
		await ledger.submit(undo(ledger, card, hold, 10n, 'first')),
		await ledger.submit(undo(ledger, card, hold, 40n, 'second')),
	];

	t.deepEqual(words(outcomes), ['10', '40']);
	t.is((await balances(database, card))[0], 50n);
	t.is((await lotsOf(ledger, card)).filter(line => line.endsWith('restored')).length, 4);
	await assertAuditClean(t, database);
});

test.serial(
	'a payment over a lot and its transferred child gives back to each card what it took of it',
	async t => {
		const ledger = await openTestLedger(database, t.title);
		const [from, to] = [
			await ledger.issue({amount: 30n, expiresAt: noon + day}),
			await ledger.issue({amount: 1n}),
		];
		await ledger.submit(transfer(ledger, from, to, 20n, 't'));
		const cardIds = [from.cardId, to.cardId];
		const at = {paymentId: 'p', cardIds, holdId: idOf(await ledger.submit(pay(ledger, 'p', cardIds, 31n)))};
		await ledger.submit(settle(ledger, at, 25n, 's'));
		ledger.clock.now = noon + 2 * day;

		const outcomes = [
			await ledger.submit(cancel(ledger, at, 'c')),
			await ledger.submit(refund(ledger, at, 25n, 'r')),
		];

		t.deepEqual(words(outcomes), ['6', '25']);
		t.is((await balances(database, from))[0], 10n);
		t.is((await balances(database, to))[0], 21n);
		await assertAuditClean(t, database);
	},
);

test.serial('a credit whose value went to another card cannot be taken back any more', async t => {
	const ledger = await openTestLedger(database, t.title);
	const [from, to] = [await ledger.issue({amount: 1n}), await ledger.issue({amount: 1n})];
	const credited = idOf(await ledger.submit(credit(ledger, from, 10n, 'k')));
	await ledger.submit(transfer(ledger, from, to, 0n, 't'));

	t.deepEqual(words([await ledger.submit(undo(ledger, from, credited, 10n, 'c'))]), ['creditSpent']);
});

test.serial('a transfer takes as many lots as it needs, whatever else its batch takes first', async t => {
	const ledger = await openTestLedger(database, t.title);
	const [from, to] = [await ledger.issue({amount: 3n}), await ledger.issue({amount: 1n})];
	for (const key of ['a', 'b', 'c']) {
		await ledger.submit(credit(ledger, from, 3n, key));
	}

	const outcomes = await Promise.all(
		[
			authorize(ledger, from, 2n, 'order'),
			transfer(ledger, from, to, 5n, 't'),
			adjust(ledger, from, -4n, 'a'),
			transfer(ledger, to, from, 6n, 't'),
		].map(command => ledger.submit(command)),
	);

	t.deepEqual(words(outcomes), ['2', '5', '4', '6']);
	t.deepEqual(await balances(database, from), [7n, 2n, 8n]);
	await assertAuditClean(t, database);
});

test.serial(
	'a card that gave everything can be closed, and one that was closed neither gives nor gets',
	async t => {
		const ledger = await openTestLedger(database, t.title);
		const [from, to] = [await ledger.issue(), await ledger.issue()];

		const outcomes = await Promise.all(
			[
				transfer(ledger, from, to, 0n, 'all'),
				close(ledger, from),
				transfer(ledger, to, from, 1n, 'back'),
				transfer(ledger, from, to, 1n, 'again'),
				adjust(ledger, from, 1n, 'up'),
			].map(command => ledger.submit(command)),
		);

		t.deepEqual(words(outcomes), ['10000', '0', 'targetClosed', 'cardClosed', 'cardClosed']);
		await assertAuditClean(t, database);
	},
);

test.serial('opposite transfers at once from two writers never deadlock, and lose nothing', async t => {
	const ledger = await openTestLedger(database, t.title);
	const told: Told = [];
	const onFailure = tell(told);
	const writers = [
		ledger.openWriter({}, {onFailure}),
		ledger.openWriter({}, {onFailure, prisma: second.prisma}),
	] as const;
	const [a, b] = [await ledger.issue({amount: 1000n}), await ledger.issue({amount: 1000n})];

	for (let round = 0; round < 20; round++) {
		const outcomes = await Promise.all([
			...[1n, 2n, 3n].map(amount =>
				ledger.submit(transfer(ledger, a, b, amount, `${round} ${amount}`), writers[0]),
			),
			...[2n, 3n, 4n].map(amount =>
				ledger.submit(transfer(ledger, b, a, amount, `${round} ${amount}`), writers[1]),
			),
			ledger.submit(
				authorize(ledger, round % 2 === 0 ? a : b, 1n, `order ${round}`),
				writers[round % 2 === 0 ? 1 : 0],
			),
		]);
		t.true(outcomes.every(({kind}) => kind === 'done'));
	}

	t.deepEqual(told, []);
	t.deepEqual(await balances(database, a), [1000n + 60n - 10n, 10n, 131n]);
	t.deepEqual(await balances(database, b), [1000n - 60n - 10n, 10n, 131n]);
	await assertAuditClean(t, database);
});

test.serial('an adjustment adds a lot and takes lots in spending order, once for its key', async t => {
	const ledger = await openTestLedger(database, t.title);
	const card = await ledger.issue({amount: 10n});

	const outcomes = [
		await ledger.submit(adjust(ledger, card, 5n, 'a1', noon + day)),
		await ledger.submit(adjust(ledger, card, 5n, 'a1', noon + 3 * day)),
		await ledger.submit(adjust(ledger, card, -5n, 'a1')),
		await ledger.submit(adjust(ledger, card, -7n, 'a2')),
		await ledger.submit(adjust(ledger, card, -9n, 'a3')),
		await ledger.submit(adjust(ledger, card, 4n, 'a4')),
		await ledger.submit(adjust(ledger, card, -9n, 'a3')),
	];

	t.deepEqual(words(outcomes), [
		...['5', 'again 5', 'keyConflict', '7', 'insufficientBalance', '4', 'again insufficientBalance'],
	]);
	t.deepEqual(await lotsOf(ledger, card), ['10 8 0', '40 0 0 2026-06-16', '40 4 0']);
	await assertAuditClean(t, database);
});

// Goal: whatever moves between two cards while orders are open, each order gives back exactly what it took, to its own card.
// Method: debits and transfers in any order and in batches of any kind, then every order is cancelled, at once or after all has expired.
test.serial(
	'orders that are open while value moves give back to their own cards exactly what they took',
	async t => {
		const ledger = await openTestLedger(database, t.title);
		const step = fc.record({
			isTransfer: fc.boolean(),
			from: fc.nat(1),
			amount: fc.integer({min: 0, max: 40}),
		});
		let count = 0;
		await fc.assert(
			fc.asyncProperty(fc.array(step, {minLength: 3, maxLength: 14}), fc.boolean(), async (steps, isLate) => {
				ledger.clock.now = noon;
				const cards = [
					await ledger.issue({amount: 60n, expiresAt: noon + day}),
					await ledger.issue({amount: 60n, expiresAt: noon + 2 * day, origin: 'fundingPromotional'}),
				] as const;
				const name = `story ${++count}`;
				const outcomes = await Promise.all(
					steps.map(({isTransfer, from, amount}, index) => {
						const [own, other] = [cards[from === 0 ? 0 : 1], cards[from === 0 ? 1 : 0]];
						const command = isTransfer
							? transfer(ledger, own, other, BigInt(amount), `${name} ${index}`)
							: authorize(ledger, own, BigInt(amount + 1), `${name} ${index}`);
						return ledger.submit(command);
					}),
				);
				const before = await Promise.all(cards.map(card => balances(database, card)));
				ledger.clock.now = isLate ? noon + 9 * day : noon;
				for (const [index, outcome] of outcomes.entries()) {
					const from = cards[steps[index]?.from === 0 ? 0 : 1];
					if (outcome.kind === 'done' && steps[index]?.isTransfer === false) {
						t.is((await ledger.submit(undo(ledger, from, outcome.id, outcome.moved, 'c'))).kind, 'done');
					}
				}

				for (const [index, card] of cards.entries()) {
					const [available, held] = await balances(database, card);
					const [wasAvailable = 0n, wasHeld = 0n] = before[index] ?? [];
					t.deepEqual([available, held], [wasAvailable + wasHeld, 0n]);
				}
			}),
			{seed: 13, numRuns: 40},
		);
		await assertAuditClean(t, database);
	},
);
