import test, {type ExecutionContext} from 'ava';
import {type VtexAccess} from '../../../src/merchants/vtex-keys.ts';
import {currency} from '../../../src/money/asset.ts';
import {OrderSourceError} from '../../../src/orders/source.ts';
import {openVtexGateway} from '../../../src/vtex/gateway/client.ts';
import {openStoreApi} from '../../helpers/gateway-api.ts';
import {ordersKey, storeKeys} from '../../helpers/orders-api.ts';

const now = Date.parse('2026-03-12T14:00:00Z');

async function store(t: ExecutionContext) {
	const api = await openStoreApi(t, () => now);
	const access: VtexAccess = {
		...{account: 'lojamonedero', url: api.url, appKey: ordersKey, isSandbox: true, changedAt: new Date(0)},
		appToken: storeKeys['vtexappkey-lojamonedero-QWERTY'],
	};
	const sold = api.sell({groupId: '1530', cents: 3000, cardId: '4f1d2c3b4a5968778695a4b3c2d1e0f0'});
	return {api, access, sold, source: openVtexGateway(), transactionId: sold.transactionId};
}

const brl = currency('BRL');

test('what was captured and refunded of a payment is read in minor units, with its moments', async t => {
	const {source, access, sold, transactionId} = await store(t);
	sold.settle(2000);
	sold.settle(1000);
	sold.refund(500);
	sold.end();

	t.deepEqual(await source.payments(access, transactionId, brl), [
		{
			...{id: sold.money.id, value: 30_00n, status: 'Finished', isClosed: true},
			captures: [
				{amount: 20_00n, at: now},
				{amount: 10_00n, at: now},
			],
			refunds: [{amount: 5_00n, at: now}],
		},
	]);
});

test('a payment is closed in the states that end it, however they are spelled, and in no other', async t => {
	const {source, access, sold, transactionId} = await store(t);
	const closed: string[] = [];
	for (const status of [
		...['Authorizing', 'Authorized', 'Analyzing risk', 'Risk approved', 'Approved', 'Settling', 'Cancelling'],
		...['Finished', 'Canceled', 'Cancelled', 'CANCELED', 'Denied', 'Refunded', 'Something new'],
	]) {
		sold.money.status = status;
		const [payment] = await source.payments(access, transactionId, brl);
		closed.push(...(payment?.isClosed === true ? [status] : []));
	}

	t.deepEqual(closed, ['Finished', 'Canceled', 'Cancelled', 'CANCELED', 'Denied', 'Refunded']);
});

test('the Gateway has a host of its own, and the keys go there and nowhere else', async t => {
	const {access, transactionId} = await store(t);
	const asked: string[] = [];
	const source = openVtexGateway({
		resolve(host, _options, callback) {
			asked.push(host);
			callback(null, [{address: '127.0.0.1', family: 4}]);
		},
	});

	await t.throwsAsync(source.payments({...access, url: null}, transactionId, brl), {
		instanceOf: OrderSourceError,
	});
	t.deepEqual(asked, ['lojamonedero.vtexpayments.com.br']);
});

test('silence ends with the time-out', async t => {
	const {api, access, transactionId} = await store(t);
	const hasty = openVtexGateway({timeoutMs: 300});
	api.trouble('/settlements', 'hang');

	await t.throwsAsync(hasty.payments(access, transactionId, brl), {message: /did not answer within 0\.3 s/});
});

test('hundredths that a currency without decimals cannot hold are not rounded', async t => {
	const {api, source, access, transactionId} = await store(t);
	const payment = {id: 'P', status: 'Finished', currencyCode: 'CLP'};
	api.spoil('/payments', 200, [{...payment, value: 1_999_000}]);
	t.like((await source.payments(access, transactionId, currency('CLP')))[0], {value: 19_990n});
	api.spoil('/payments', 200, [{...payment, value: 19_995}]);
	await t.throwsAsync(source.payments(access, transactionId, currency('CLP')), {message: /finer than CLP/});
});

test('what cannot be read is named by its member, and nothing of it is repeated', async t => {
	const {api, source, access, transactionId} = await store(t);
	for (const [ending, body, message] of [
		['/settlements', {}, 'The settlements of a transaction cannot be read: actions is not a list.'],
		[
			'/settlements',
			{actions: [{paymentId: 'P', value: 'Ana Prado'}]},
			'The settlements of a transaction cannot be read: actions.0.value is not a whole number of cents.',
		],
		['/payments', {}, 'The payments of a transaction cannot be read: the answer is not a list.'],
		['/refunds', 'Ana Prado', 'The refunds of a transaction cannot be read: the answer is not an object.'],
	] as const) {
		api.spoil(ending, 200, body);
		const error = await t.throwsAsync(source.payments(access, transactionId, brl), {
			instanceOf: OrderSourceError,
		});
		t.is(error.problem, 'unreadable');
		t.is(error.message, message);
		api.mend();
	}
});

test('refunds may come as a bare list, and of another payment they are none of this one', async t => {
	const {api, source, access, sold, transactionId} = await store(t);
	api.spoil('/refunds', 200, [
		{paymentId: sold.money.id, value: 700, date: 'soon'},
		{paymentId: 'another', value: 900},
	]);

	const [payment] = await source.payments(access, transactionId, brl);

	t.deepEqual(payment?.refunds, [{amount: 7_00n, at: null}]);
});
