import test from 'ava';
import {changeStatus} from '../../src/cards/block.ts';
import {changePin} from '../../src/cards/change-pin.ts';
import {maskIdentifier, showCard} from '../../src/cards/show.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {
	authorize,
	capture,
	credit,
	day,
	noon,
	openTestLedger,
	type TestCard,
	type TestLedger,
	undo,
} from '../helpers/ledger.ts';

let database: TestDatabase;
let ledger: TestLedger;

test.beforeEach(async () => {
	database = await openTestDatabase();
	ledger = await openTestLedger(database);
});

test.afterEach.always(() => database.close());

async function show({publicId}: TestCard, asOf?: number) {
	const now = ledger.clock.now;
	const view = await showCard(database.general.prisma, ledger.merchant.id, publicId, {now, asOf});
	return (
		view && {
			status: view.card.status,
			balance: view.balance,
			available: view.card.available,
			held: view.card.held,
			remaining: [...view.card.lots.values()].map(({remaining}) => remaining).toSorted(),
			changes: view.changes.map(({kind}) => kind),
		}
	);
}

/** Does something each day, and remembers how the card looked at the end of it. */
async function liveThrough(card: TestCard, days: readonly (() => Promise<unknown>)[]) {
	const seen: {at: number; view: Awaited<ReturnType<typeof show>>}[] = [];
	for (const live of days) {
		await live();
		seen.push({at: ledger.clock.now, view: await show(card)});
		ledger.clock.now += day;
	}

	return seen;
}

const holdOf = async (outcome: ReturnType<TestLedger['submit']>) => {
	const result = await outcome;
	return result.kind === 'done' ? result.id : '';
};
const change = ({cardId}: TestCard, to: 'active' | 'blocked') =>
	changeStatus(database.general.prisma, {
		merchantId: ledger.merchant.id,
		cardId,
		to,
		actorId: ledger.actorId,
		reason: 'r',
		now: ledger.clock.now,
	});

test.serial('a card is shown as it stood on every day of its life', async t => {
	const card = await ledger.issue({expiresAt: noon + 4 * day});
	let hold = '';
	const seen = await liveThrough(card, [
		async () => (hold = await holdOf(ledger.submit(authorize(ledger, card, 30_00n, 'order')))),
		() => ledger.submit(capture(ledger, card, hold, 10_00n, 'settle')),
		() => change(card, 'blocked'),
		() => ledger.submit(undo(ledger, card, hold, 15_00n, 'cancel')),
		() => change(card, 'active'),
		// The card's own lot has expired by now: what comes back stands in a child of it (A11).
		() => ledger.submit(undo(ledger, card, hold, 15_00n, 'refund')),
	]);

	for (const {at, view} of seen) {
		t.deepEqual(await show(card, at), view, new Date(at).toISOString());
	}

	t.like(seen[0]?.view, {status: 'active', balance: 70_00n, held: 30_00n});
	t.like(seen[2]?.view, {status: 'blocked', balance: 0n, available: 70_00n, held: 20_00n});
	t.like(await show(card, noon - 1), {balance: 0n, available: 0n, remaining: [], changes: []});
});

test.serial(
	'a used single-use card is shown as used then, and as reopened after its refund (A14)',
	async t => {
		const card = await ledger.issue({singleUse: true});
		let hold = '';
		const seen = await liveThrough(card, [
			() => ledger.submit(credit(ledger, card, 5_00n, 'credit')),
			async () => (hold = await holdOf(ledger.submit(authorize(ledger, card, 30_00n, 'order')))),
			() => ledger.submit(capture(ledger, card, hold, 20_00n, 'settle')),
			() => ledger.submit(undo(ledger, card, hold, 20_00n, 'release, then refund')),
			async () => (hold = await holdOf(ledger.submit(authorize(ledger, card, 4_00n, 'another order')))),
			() => ledger.submit(undo(ledger, card, hold, 4_00n, 'release all')),
		]);

		for (const {at, view} of seen) {
			t.deepEqual(await show(card, at), view, new Date(at).toISOString());
		}

		t.deepEqual(
			seen.map(({view}) => view?.balance),
			[105_00n, 0n, 0n, 10_00n, 6_00n, 10_00n],
		);
	},
);

test.serial('a new PIN leaves a blocked card blocked, on the day and afterwards', async t => {
	const card = await ledger.issue();
	const pin = (digits: string) =>
		changePin(
			database.general.prisma,
			{id: ledger.pepperId, key: Buffer.alloc(32)},
			{
				merchantId: ledger.merchant.id,
				card,
				pin: digits,
				actorId: ledger.actorId,
				reason: 'r',
				now: ledger.clock.now,
			},
		);
	const seen = await liveThrough(card, [
		() => pin('1111'),
		() => change(card, 'blocked'),
		() => pin('2222'),
		() => change(card, 'active'),
	]);

	for (const {at, view} of seen) {
		t.deepEqual(await show(card, at), view, new Date(at).toISOString());
	}

	t.like(seen[2]?.view, {status: 'blocked', changes: ['pin', 'block', 'pin']});
});

test.serial('nobody shows the card of another merchant', async t => {
	const card = await ledger.issue();
	const other = await openTestLedger(database, 'other shop');

	t.is(await showCard(database.general.prisma, other.merchant.id, card.publicId, {now: noon}), undefined);
});

test('what names an owner is masked so that only who knows it recognises it', t => {
	t.is(maskIdentifier({kind: 'email', value: 'maria@example.com'}).value, 'm***@example.com');
	t.is(maskIdentifier({kind: 'document', value: '52998224725'}).value, '***725');
	t.is(maskIdentifier({kind: 'profile', value: '2f1c94a2-8c5d-4c8a-9d7b-1f1f5d4c2b1a'}).value, '***2b1a');
	t.is(maskIdentifier({kind: 'document', value: '12'}).value, '***');
});
