import {writeFile} from 'node:fs/promises';
import {type ServerResponse} from 'node:http';
import path from 'node:path';
import test from 'ava';
import {assertAuditClean} from '../helpers/audit.ts';
import {resultOf} from '../helpers/hub.ts';
import {at, dayMs, hourMs, kindsOf, openStage, type Stage} from './stage.ts';

// What VTEX does not answer, or answers with something else, is never taken for clean.

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

/** A page that some proxy puts before everything. */
const html = (response: ServerResponse) => {
	response.writeHead(200, {'Content-Type': 'text/html'}).end('<html>Ana Prado</html>');
};

/** The connection breaks in the middle of the answer. */
const half = (response: ServerResponse) => {
	response.writeHead(200, {'Content-Type': 'application/json', 'Content-Length': '4096'});
	response.write('{"list": [', () => response.destroy());
};

test.serial('a list that has fewer orders than it says is not taken for complete', async t => {
	const {clock, api, buyByCard, run} = stage;
	const from = clock.now();
	const sold = await buyByCard(30);
	clock.advance(26 * hourMs);
	const list = [{orderId: sold.orderId}];
	api.trouble('/api/oms/pvt/orders?', (response: ServerResponse) => {
		response.writeHead(200, {'Content-Type': 'application/json'});
		response.end(JSON.stringify({list, paging: {total: 2}}));
	});

	const {code, findings, summary} = await run('--from', at(from));

	t.is(code, 1);
	t.deepEqual(findings, [
		{
			...{kind: 'not-compared', orderId: null},
			problem: 'VTEX listed 1 orders where it says that there are 2.',
		},
	]);
	// What was listed is compared all the same.
	t.like(summary, {complete: false, agreed: 1});
});

test.serial('whatever VTEX does not answer makes a run incomplete, and never clean', async t => {
	const {hub, clock, api, buyByCard, run} = stage;
	const from = clock.now();
	const settled = await buyByCard(30);
	resultOf(await hub.settle(settled.card.id, settled.debit, 30));
	settled.settle(3000);
	clock.advance(26 * hourMs);
	const clean = await run('--from', at(from));
	t.is(clean.code, 0);

	for (const [part, trouble] of [
		['/api/oms/pvt/orders?', html],
		['/api/oms/pvt/orders?', half],
		[`/orders/${settled.orderId}`, half],
		['/order-group/', html],
		['/payments', 500],
		['/settlements', html],
		['/settlements', half],
		['/refunds', 500],
	] as const) {
		api.trouble(part, trouble);
		const {code, stderr, summary} = await run('--from', at(from));
		t.is(code, 1, part);
		t.regex(stderr, /^Incomplete: /m, part);
		t.notRegex(stderr, /Ana|we agree/);
		t.like(summary, {complete: false, findings: 0}, part);
	}

	for (const [ending, body] of [
		['/settlements', {}],
		['/settlements', {actions: null}],
		['/settlements', {actions: [{value: 3000}]}],
		['/settlements', {actions: [{paymentId: settled.money.id, value: '30.00'}]}],
		['/payments', []],
		['/payments', [{id: settled.money.id, status: 'Finished', value: 3000, currencyCode: 'USD'}]],
		['/refunds', 'none'],
	] as const) {
		api.spoil(ending, 200, body);
		const {code, summary} = await run('--from', at(from));
		t.is(code, 1);
		t.like(summary, {complete: false, findings: 0, notCompared: 1}, JSON.stringify(body));
		api.mend();
	}

	t.is((await run('--from', at(from))).code, 0);
});

test.serial(
	'refunds that the Gateway has no list of are read from the payment, and none are none',
	async t => {
		const {hub, clock, api, buyByCard, run} = stage;
		const from = clock.now();
		const settled = await buyByCard(30);
		resultOf(await hub.settle(settled.card.id, settled.debit, 30));
		settled.settle(3000);
		clock.advance(26 * hourMs);
		const {id} = settled.money;
		const payment = {id, status: 'Finished', value: 3000, currencyCode: 'BRL'};
		api.spoil('/refunds', 404, {error: {code: '1404'}});

		t.is((await run('--from', at(from))).code, 0);
		const kept = [{Id: '1', RefundDate: at(from), ValueAsInt: 1000, RefundType: 1}];
		api.spoil('/payments', 200, [{...payment, fields: [{name: 'refund', value: JSON.stringify(kept)}]}]);
		t.deepEqual(kindsOf(await run('--from', at(from))), ['refund-owed']);
		api.spoil('/payments', 200, [{...payment, fields: [{name: 'refund', value: '[{'}]}]);
		t.like((await run('--from', at(from))).summary, {complete: false});
		api.mend();
	},
);

test.serial(
	'an order that VTEX knows is not taken for unknown because a part of it is not found',
	async t => {
		const {clock, api, folder, buyByCard, run} = stage;
		const [right, broken] = [await buyByCard(30), await buyByCard(20)];
		clock.advance(26 * hourMs);
		const file = path.join(folder, 'known.txt');
		await writeFile(file, `${right.orderId}\n${broken.orderId}\n`);
		const agreed = await run('--orders', file);
		t.is(agreed.code, 0, agreed.stderr);

		// The money of it, and the order itself although its group has it.
		api.spoil(`${broken.transactionId}/payments`, 404, {error: {code: '1404'}});
		const [withoutMoney] = (await run('--orders', file)).findings;
		api.mend();
		api.trouble(`/orders/${broken.orderId}`, 404);
		const [withoutOrder] = (await run('--orders', file)).findings;

		t.like(withoutMoney, {kind: 'not-compared', orderId: broken.orderId});
		t.like(withoutOrder, {kind: 'not-compared', orderId: broken.orderId});
	},
);

test.serial('keys that VTEX refuses end the run, and it says which permissions they need', async t => {
	const {clock, api, enterKeys, buyByCard, run} = stage;
	const from = clock.now();
	const {orderId} = await buyByCard(30);
	clock.advance(26 * hourMs);
	await enterKeys('wrong');
	const {code, stderr} = await run('--from', at(from));
	t.is(code, 1);
	t.regex(
		stderr,
		/Incomplete: .*refuses the keys for the list of orders \(403\).*"View order".*"View Payment Data"/,
	);
	await enterKeys();

	// The orders may be read, and the money may not.
	api.spoil('/settlements', 403, {});
	const {stderr: second, summary} = await run('--from', at(from));
	t.regex(second, /refuses the keys for the settlements of a transaction \(403\).*PCI Gateway/);
	t.like(summary, {complete: false});
	api.mend();
	t.true(api.fetches(orderId) > 0);
});

test.serial('after a 429 VTEX is left alone for as long as it says, and asked again', async t => {
	const {clock, api, buyByCard, run} = stage;
	const from = clock.now();
	await buyByCard(30);
	clock.advance(26 * hourMs);
	const busy = (response: ServerResponse) => {
		response.writeHead(429, {'Retry-After': '1'}).end();
	};
	api.trouble('/settlements', busy);

	const {code, stderr, summary} = await run('--from', at(from));

	t.is(code, 0, stderr);
	t.regex(stderr, /VTEX was asked too often; going on in 1 s\./);
	t.like(summary, {complete: true, agreed: 1});
	api.trouble('/settlements', (response: ServerResponse) => {
		response.writeHead(429, {'Retry-After': '3600'}).end();
	});
	t.regex((await run('--from', at(from))).stderr, /Incomplete: VTEX was asked too often/);
});

test.serial('an account that stops answering is not asked for every order', async t => {
	const {clock, api, buyByCard, run} = stage;
	const from = clock.now();
	const sold = [];
	for (let index = 0; index < 5; index++) {
		sold.push(await buyByCard(10));
	}

	clock.advance(26 * hourMs);
	api.spoil('/payments', 503, {});
	const asked = api.asked.length;

	const {stderr, summary} = await run('--from', at(from));

	t.regex(stderr, /Incomplete: VTEX answered 503 for the payments of a transaction/);
	t.like(summary, {complete: false, notCompared: 2});
	t.is(api.asked.slice(asked).filter(({path: where}) => where.endsWith('/payments')).length, 3);
	api.mend();
	t.is((await run('--from', at(from))).code, 0);
	t.is(sold.length, 5);
});
