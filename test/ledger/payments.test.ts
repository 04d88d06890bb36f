import test, {type ExecutionContext} from 'ava';
import {refusals} from '../../src/ledger/refusals.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {authorize, balances, idOf, noon, openTestLedger, type TestCard, words} from '../helpers/ledger.ts';
import {
	cancel,
	conclude,
	opening,
	particulars,
	pay,
	refund,
	rootOf,
	settle,
} from '../helpers/payment-commands.ts';

let database: TestDatabase;

test.before(async () => {
	database = await openTestDatabase();
});
test.after.always(async () => {
	await database.close();
});

/** A ledger with cards of these amounts; `target` is a payment's hold over all of them. */
async function openShop(t: ExecutionContext, ...amounts: readonly bigint[]) {
	const ledger = await openTestLedger(database, t.title);
	const cards: TestCard[] = [];
	for (const amount of amounts) {
		cards.push(await ledger.issue({amount}));
	}

	const cardIds = cards.map(({cardId}) => cardId);
	const {merchant} = ledger;
	return {
		ledger,
		cards,
		cardIds,
		target: (paymentId: string, holdId: string | null) => ({paymentId, cardIds, holdId}),
		rowOf: async (paymentId: string) =>
			database.general.prisma.payment.findFirst({where: {merchantId: merchant.id, paymentId}}),
		held: async () =>
			(await Promise.all(cards.map(async card => balances(database, card)))).map(([available, held]) => [
				available,
				held,
			]),
	};
}

test.serial(
	'a payment over three cards takes from each in turn, and settles, releases and refunds by leg',
	async t => {
		const {ledger, cardIds, target, rowOf, held} = await openShop(t, 30n, 20n, 40n);

		const id = idOf(await ledger.submit(pay(ledger, 'p', cardIds, 65n)));
		t.deepEqual(await held(), [
			[0n, 30n],
			[0n, 20n],
			[25n, 15n],
		]);
		const outcomes = [
			await ledger.submit(settle(ledger, target('p', id), 40n, 's1')),
			await ledger.submit(cancel(ledger, target('p', id), 'c1')),
			await ledger.submit(refund(ledger, target('p', id), 15n, 'r1')),
			await ledger.submit(refund(ledger, target('p', id), 99n, 'r2')),
			await ledger.submit(refund(ledger, target('p', id), 1n, 'r3')),
			await ledger.submit(settle(ledger, target('p', id), 1n, 's2')),
		];

		t.deepEqual(words(outcomes), ['40', '25', '15', '25', 'exceedsHold', 'exceedsHold']);
		t.deepEqual(await held(), [
			[30n, 0n],
			[20n, 0n],
			[40n, 0n],
		]);
		t.like(await rowOf('p'), {status: 2, holdId: id, value: 65n, tid: rootOf('p').tid});
	},
);

test.serial('a cancellation that comes first leaves a tombstone, and the create is denied', async t => {
	const {ledger, cardIds, target, rowOf, held} = await openShop(t, 30n);

	const cancelled = await ledger.submit(cancel(ledger, target('p', null), 'c1'));
	const again = await ledger.submit(cancel(ledger, target('p', null), 'c2'));
	const created = await ledger.submit(pay(ledger, 'p', cardIds, 10n));

	t.deepEqual(words([cancelled, again, created]), ['0', '0', 'paymentCancelled']);
	t.is(idOf(again), idOf(cancelled));
	t.like(await rowOf('p'), {status: 4, cancellationId: idOf(cancelled), holdId: null});
	t.deepEqual(await held(), [[30n, 0n]]);
});

test.serial('a pending payment is concluded once, with the callback that tells it', async t => {
	const {ledger, cardIds, rowOf, held} = await openShop(t, 30n);
	const callback = {nextAt: ledger.clock.now + 1000, until: ledger.clock.now + 600_000};

	const waiting = await ledger.submit(pay(ledger, 'p', [], 10n, {plan: {kind: 'wait'}}));
	const concluded = await ledger.submit(conclude(ledger, 'p', cardIds, 10n, {callback}));
	const declined = await ledger.submit(
		conclude(ledger, 'p', [], 10n, {plan: {kind: 'refuse', refusal: 'declined'}, callback}),
	);

	t.deepEqual(words([waiting, concluded, declined]), ['0', '10', 'again 10']);
	t.is(idOf(waiting), rootOf('p').tid);
	t.like(await rowOf('p'), {status: 2, holdId: idOf(concluded)});
	t.deepEqual(await held(), [[20n, 10n]]);
	t.is(await database.general.prisma.callback.count({where: {merchantId: ledger.merchant.id}}), 1);
});

test.serial('an operation of an unknown payment is refused and leaves no row behind', async t => {
	const {ledger, target, rowOf} = await openShop(t, 30n);

	const outcome = await ledger.submit(settle(ledger, target('p', null), 10n, 's1'));

	t.deepEqual(words([outcome]), ['paymentNotApproved']);
	t.is(await rowOf('p'), null);
});

test.serial('a gift card debit and a payment share a batch', async t => {
	const {ledger, cards, cardIds} = await openShop(t, 30n, 30n);
	const [card] = cards;

	const outcomes = await Promise.all([
		ledger.submit(pay(ledger, 'first', cardIds, 1n)),
		ledger.submit(pay(ledger, 'p', cardIds, 40n)),
		ledger.submit(authorize(ledger, card ?? t.fail(), 20n, 'r1')),
	]);

	t.deepEqual(words(outcomes), ['1', '40', 'insufficientBalance']);
	await assertAuditClean(t, database);
});

test.serial('payments of one batch keep all that is said of each, alike or not', async t => {
	const {ledger, cardIds, rowOf} = await openShop(t, 50n);
	const [concludeAt, pageUntil] = [noon + 60_000, noon + 90_000];
	const page = (last: number) => ({
		plan: {kind: 'wait'} as const,
		opening: {
			...{...opening, concludeAt, concludeApproved: true},
			particulars: {...particulars, pageHash: Buffer.alloc(32, last), pageUntil},
		},
	});
	const said = (other: Partial<typeof particulars>) => ({
		opening: {...opening, particulars: {...particulars, ...other}},
	});
	const denied = {plan: {kind: 'refuse', refusal: 'cardBlocked'}} as const;
	const batches: number[] = [];
	const setbacks: string[] = [];
	const watch = {
		committed: ({commands}: {readonly commands: readonly unknown[]}) => batches.push(commands.length),
		setBack: (setback: string) => setbacks.push(setback),
	};
	const writer = ledger.openWriter({}, {watch});
	/** What comes in the same breath is one batch. */
	const rowsOf = async (name: string, ...overrides: readonly Parameters<typeof pay>[4][]) => {
		const ids = [...overrides.keys()].map(number => `${name} ${number}`);
		const commands = ids.map((id, index) => pay(ledger, id, cardIds, 1n, overrides[index]));
		await Promise.all(commands.map(async command => ledger.submit(command, writer)));
		return Promise.all(ids.map(rowOf));
	};
	const usual = {
		status: 2,
		way: 2,
		refusal: null,
		method: 'Privatelabels',
		delayToCancel: 600,
		pageHash: null,
	};
	const waiting = {
		status: 1,
		concludeAt: new Date(concludeAt),
		concludeApproved: true,
		pageUntil: new Date(pageUntil),
	};

	const alike = await rowsOf('alike', {}, {});
	t.like(alike, [usual, usual]);
	t.is(alike[0]?.decidedAt?.getTime(), noon);
	const mixed = await rowsOf('mixed', {}, denied, page(1));
	t.like(mixed, [usual, {status: 3, refusal: refusals.cardBlocked.number, holdId: null}, waiting]);
	const pages = await rowsOf('pages', page(2), page(3));
	t.like(pages, [waiting, waiting]);
	t.deepEqual(
		pages.map(row => row?.pageHash?.[0]),
		[2, 3],
	);
	const methods = await rowsOf('methods', {}, said({method: 'Cobranded'}), said({delayToCancel: 5}));
	t.like(methods, [usual, {...usual, method: 'Cobranded'}, {...usual, delayToCancel: 5}]);

	t.deepEqual(batches, [2, 3, 2, 3]);
	t.deepEqual(setbacks, []);
	await assertAuditClean(t, database);
});

test.serial('a denied conclusion stays denied, whatever it was denied for', async t => {
	const {ledger, rowOf} = await openShop(t);
	await ledger.submit(pay(ledger, 'p', [], 10n, {plan: {kind: 'wait'}}));
	const conclusion = conclude(ledger, 'p', ['999999'], 10n);

	const outcomes = [await ledger.submit(conclusion), await ledger.submit(conclusion)];

	t.deepEqual(words(outcomes), ['cardNotFound', 'again cardNotFound']);
	t.like(await rowOf('p'), {status: 3, refusal: 2, holdId: null});
});

test.serial('a denied create stays denied, whatever it was denied for', async t => {
	const {ledger, rowOf} = await openShop(t);
	const create = pay(ledger, 'p', ['999999'], 10n);

	const outcomes = [await ledger.submit(create), await ledger.submit(create)];

	t.deepEqual(words(outcomes), ['cardNotFound', 'again cardNotFound']);
	t.like(await rowOf('p'), {status: 3, refusal: 2, value: 10n, holdId: null});
});

test.serial(
	'what VTEX said is kept byte for byte, and the reason of a cancellation with its entry',
	async t => {
		const {ledger, cardIds, target} = await openShop(t, 30n);
		const {prisma} = database.general;
		const pageHash = Buffer.alloc(32, 7);
		const said = {...particulars, pageHash, pageUntil: ledger.clock.now + 5000};

		const id = idOf(
			await ledger.submit(pay(ledger, 'p', cardIds, 10n, {opening: {...opening, particulars: said}})),
		);
		const command = cancel(ledger, target('p', id), 'c1');
		const note = {...command.note, reason: 'hold timed out'};
		const cancelled = idOf(await ledger.submit({...command, note}));

		const row = await prisma.payment.findFirstOrThrow({where: {merchantId: ledger.merchant.id}});
		t.is(row.callbackUrl, said.callbackUrl);
		t.deepEqual(row.particulars, JSON.parse(said.particulars));
		t.deepEqual(Buffer.from(row.pageHash ?? []), pageHash);
		t.is(row.pageUntil?.getTime(), said.pageUntil);
		t.like(await prisma.entryNote.findFirst({where: {entryId: cancelled}}), {reason: 'hold timed out'});
		t.like(await prisma.hold.findFirst({where: {id}}), {source: 2, orderId: 'v500', requestId: 'p'});
		await assertAuditClean(t, database);
	},
);
