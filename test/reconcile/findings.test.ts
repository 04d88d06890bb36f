import test from 'ava';
import {assertAuditClean} from '../helpers/audit.ts';
import {buildCard} from '../helpers/build.ts';
import {type SoldAtVtex} from '../helpers/gateway-api.ts';
import {resultOf} from '../helpers/hub.ts';
import {runHere} from '../helpers/script.ts';
import {at, dayMs, hourMs, kindsOf, newGroup, openStage, type Stage} from './stage.ts';

// What is found, and what its command mends.

let stage: Stage;
test.before(async () => {
	stage = await openStage();
});
test.after.always(() => stage.close());
// Each test has days of its own.
test.beforeEach(() => {
	stage.clock.advance(3 * dayMs);
});
test.afterEach(t => assertAuditClean(t, stage.server.database));

test.serial('purchases that went as they should agree, by card and by payment, at every stage', async t => {
	const {hub, gateway, clock, buyByCard, buyByPayment, since} = stage;
	const from = clock.now();
	await buyByCard(30);
	const settled = await buyByCard(30);
	resultOf(await hub.settle(settled.card.id, settled.debit, 30));
	settled.settle(3000);
	settled.end();
	const returned = await buyByCard(30);
	resultOf(await hub.settle(returned.card.id, returned.debit, 30));
	resultOf(await hub.cancel(returned.card.id, returned.debit, 12));
	returned.settle(3000);
	returned.refund(1200);
	returned.end();
	const canceled = await buyByCard(30);
	resultOf(await hub.cancel(canceled.card.id, canceled.debit, 30));
	canceled.end('Canceled');
	const paid = await buyByPayment(40);
	resultOf(await gateway.settle(paid.paymentId, 40));
	resultOf(await gateway.refund(paid.paymentId, 10));
	paid.settle(4000);
	paid.refund(1000);
	paid.end();

	const {code, findings, summary} = await since(from);

	t.deepEqual(findings, []);
	t.is(code, 0);
	t.like(summary, {complete: true, orders: 5, agreed: 5, inFlight: 0, findings: 0, notCompared: 0});
});

test.serial(
	'every kind of difference is found once, and what its command mends is clean afterwards',
	async t => {
		const {server, hub, gateway, clock, api, buyByCard, buyByPayment, run, since, mend} = stage;
		const from = clock.now();
		const expected: Record<string, string> = {};
		const expect = ({orderId}: SoldAtVtex, kind: string) => {
			expected[orderId] = kind;
		};

		const forgotten = await buyByCard(30);
		forgotten.end('Canceled');
		expect(forgotten, 'closed-there');

		const unsettled = await buyByCard(31);
		unsettled.settle(3100);
		unsettled.end();
		expect(unsettled, 'captured-there');

		const uncaptured = await buyByCard(32);
		resultOf(await hub.settle(uncaptured.card.id, uncaptured.debit, 32));
		uncaptured.end('Canceled');
		expect(uncaptured, 'captured-here');

		const owed = await buyByCard(33);
		resultOf(await hub.settle(owed.card.id, owed.debit, 33));
		owed.settle(3300);
		owed.refund(1100);
		expect(owed, 'refund-owed');

		const repeated = await buyByCard(34);
		resultOf(await hub.settle(repeated.card.id, repeated.debit, 34));
		resultOf(await hub.cancel(repeated.card.id, repeated.debit, 5));
		repeated.settle(3400);
		repeated.refund(500);
		repeated.refund(500);
		repeated.end();
		expect(repeated, 'refund-repeated');

		const generous = await buyByCard(35);
		resultOf(await hub.settle(generous.card.id, generous.debit, 35));
		resultOf(await hub.cancel(generous.card.id, generous.debit, 7));
		generous.settle(3500);
		expect(generous, 'refunded-here');

		const released = await buyByCard(36);
		resultOf(await hub.cancel(released.card.id, released.debit, 36));
		expect(released, 'released-here');

		const other = await buyByCard(37);
		other.money.value = 3900;
		expect(other, 'amount-differs');

		const cents = await buyByCard(38);
		cents.money.value = 38;
		expect(cents, 'unit-mixed-up');

		const {id: cardId} = await buildCard(server.parts);
		const unheld = api.sell({groupId: newGroup(), cents: 3900, cardId});
		unheld.settle(3900);
		expect(unheld, 'unknown-here');

		const unplaced = newGroup();
		const {id: unplacedCard} = await buildCard(server.parts);
		await hub.debit(unplacedCard, 40, {orderInfo: {orderId: unplaced}});
		expected[unplaced] = 'unknown-there';

		const payment = await buyByPayment(41);
		payment.end('Canceled');
		expect(payment, 'closed-there');

		const unsettledPayment = await buyByPayment(42);
		unsettledPayment.settle(4200);
		expect(unsettledPayment, 'captured-there');

		const owedPayment = await buyByPayment(43);
		resultOf(await gateway.settle(owedPayment.paymentId, 43));
		owedPayment.settle(4300);
		owedPayment.refund(1300);
		expect(owedPayment, 'refund-owed');

		const first = await since(from);

		t.deepEqual(Object.fromEntries(first.findings.map(({orderId, kind}) => [orderId, kind])), expected);
		t.is(first.findings.length, Object.keys(expected).length);
		t.is(first.code, 1);
		t.regex(first.stderr, /VTEX and we differ: 14 findings\./);

		const mendable = first.findings.filter(({command}) => command !== null);
		t.deepEqual(
			new Set(mendable.map(({kind}) => kind)),
			new Set([
				'closed-there',
				'captured-there',
				'captured-here',
				'refund-owed',
				'refund-repeated',
				'unknown-there',
			]),
		);
		for (const finding of mendable) {
			await mend(t, finding);
		}

		const second = await run('--from', at(from));
		t.deepEqual(kindsOf(second).toSorted(), [
			'amount-differs',
			'refunded-here',
			'released-here',
			'unit-mixed-up',
			'unknown-here',
		]);
		t.deepEqual(
			second.findings.filter(({command}) => command !== null),
			[],
		);
		// Pasted once more, they do nothing.
		for (const finding of mendable) {
			await mend(t, finding);
		}

		t.deepEqual(kindsOf(await run('--from', at(from))), kindsOf(second));
	},
);

test.serial('a finding names both sides, and people read it in 100 columns', async t => {
	const {server, hub, clock, buyByCard, run} = stage;
	const from = clock.now();
	const owed = await buyByCard(33);
	resultOf(await hub.settle(owed.card.id, owed.debit, 33));
	owed.settle(3300);
	owed.refund(1100);
	clock.advance(26 * hourMs);

	const {findings} = await run('--from', at(from));
	const command =
		`npm run --silent holds:refund -- --hold ${owed.debit} --amount 11.00 --reason "reconciled with VTEX" ` +
		'--reason-code returned --key reconcile-11.00';

	t.deepEqual(findings, [
		{
			...{kind: 'refund-owed', orderId: owed.orderId, paymentId: owed.money.id},
			...{cardId: owed.card.id, holdId: owed.debit, amount: 11, currency: 'BRL'},
			vtex: {authorized: 33, captured: 33, refunded: 11, refunds: [11], currency: 'BRL', status: 'Approved'},
			here: {authorized: 33, captured: 33, refunded: 0, held: 0},
			...{movedAt: at(clock.now() - 26 * hourMs), ageDays: 1},
			why: 'VTEX has refunded it, and its refund never arrived here.',
			command,
		},
	]);
	const {stdout} = await runHere(server.parts, 'orders:reconcile', ['--from', at(from), '--rate', '6000']);
	t.deepEqual(
		stdout.split('\n').filter(line => line.length > 100),
		[],
	);
	t.regex(stdout, /^refund-owed: 11\.00 BRL$/m);
	t.regex(stdout, /^ {2}VTEX: 33\.00 BRL authorized, 33\.00 BRL captured, 11\.00 BRL refunded, Approved$/m);
	t.regex(stdout, /America\/Sao_Paulo/);
	t.is(
		stdout
			.replaceAll(/ \\\n +/g, ' ')
			.split('\n')
			.find(line => line.includes('holds:refund'))
			?.trim(),
		command,
	);
	// The order names its shopper, the Gateway a card holder and the order a code: none of it is told.
	t.notRegex(stdout, /Ana|Prado|@|XR4T/);
});

test.serial('a difference is in flight until VTEX has had its time', async t => {
	const {clock, buyByCard, run, mend} = stage;
	const from = clock.now();
	const late = await buyByCard(30);
	clock.advance(10 * hourMs);
	late.settle(3000);
	late.end();

	clock.advance(25 * hourMs - 1);
	const before = await run('--from', at(from));
	t.like(before.summary, {complete: true, inFlight: 1, findings: 0});
	t.is(before.code, 0);
	t.deepEqual(kindsOf(await run('--from', at(from), '--grace', '24h')), ['captured-there']);
	clock.advance(1);
	t.deepEqual(kindsOf(await run('--from', at(from))), ['captured-there']);
	await mend(t, (await run('--from', at(from))).findings[0]);
});
