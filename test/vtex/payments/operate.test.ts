import test from 'ava';
import {OverloadedError} from '../../../src/ledger/writer.ts';
import {currency} from '../../../src/money/asset.ts';
import {type PaymentOperation, type PaymentOutcome} from '../../../src/payments/wish.ts';
import {type Endpoint} from '../../../src/vtex/endpoint.ts';
import {paymentEndpoints} from '../../../src/vtex/payments/endpoints.ts';
import {type PaymentParts} from '../../../src/vtex/payments/parts.ts';
import {withApp} from '../../helpers/app.ts';
import {openGateway, paymentSample} from '../../helpers/payments.ts';
import {type TestContext} from '../../helpers/test-context.ts';

const asset = {...currency('BRL'), id: 1};
const id = '11111111-2222-7333-8444-555555555555';

type Answered = (operation: PaymentOperation) => PaymentOutcome;

const moved =
	(units: bigint): Answered =>
	() =>
		({kind: 'done', id, moved: units, at: 0, asset}) as unknown as PaymentOutcome;
const refused: Answered = () => ({kind: 'refused', refusal: 'exceedsHold', asset});

/** The endpoints over HTTP, over payments that answer one thing, and the operations that they ask for. */
async function withOperations(t: TestContext, answer: Answered) {
	const asked: (PaymentOperation & {kind: string})[] = [];
	const operation = (kind: string) => (_merchant: unknown, one: PaymentOperation) => {
		asked.push({...one, kind});
		return Promise.resolve().then(() => answer(one));
	};
	const payments = {
		settle: operation('settle'),
		refund: operation('refund'),
		cancel: operation('cancel'),
		find: () => Promise.resolve(undefined),
	};
	const parts = {payments, assets: {byId: () => Promise.resolve(asset)}} as unknown as PaymentParts;
	const bound = paymentEndpoints.map(({contract, answer}): Endpoint<undefined> => ({
		contract,
		answer: (_, call) => answer(parts, call),
	}));
	const app = await withApp(t, {endpoints: bound});
	const gateway = openGateway({call: (method, path, options) => app.call(method, `/v1${path}`, options)});
	return {gateway, asked};
}

test('what was done is answered with its id and what really moved', async t => {
	const {gateway, asked} = await withOperations(t, moved(2050n));
	const request = {requestId: 'r', connectorMetadata: [{name: 'Shelf', value: 'A7'}]};
	const common = {paymentId: 'P1', code: null, ...request};
	const wireId = '11111111222273338444555555555555';

	const settled = await gateway.settle('P1', 20.5, request);
	const refunded = await gateway.refund('P1', '20,50', {...request, settleId: 's'});
	const cancelled = await gateway.cancel('P1', {...request, value: 2300});

	t.deepEqual([settled.status, refunded.status, cancelled.status], [200, 200, 200]);
	t.deepEqual(settled.json, {...common, settleId: wireId, value: 20.5, message: 'Successfully settled'});
	t.deepEqual(refunded.json, {...common, refundId: wireId, value: 20.5, message: 'Successfully refunded'});
	t.deepEqual(cancelled.json, {...common, cancellationId: wireId, message: 'Successfully cancelled'});
	t.like(asked, {
		0: {kind: 'settle', paymentId: 'P1', requestId: 'r', amountText: '20.5', settleId: null},
		1: {kind: 'refund', amountText: '20.50', settleId: 's'},
		2: {kind: 'cancel', amountText: null},
	});
});

test('less than was asked for is answered as it is', async t => {
	const {gateway} = await withOperations(t, moved(1000n));

	const {json} = await gateway.settle('P1', 20);

	t.like(json, {value: 10, message: 'Successfully settled, as far as something was left'});
});

test('a refusal is a 500 with a null id, and never asks to refund by hand', async t => {
	const {gateway} = await withOperations(t, refused);
	const common = {
		paymentId: 'P1',
		requestId: 'r',
		code: 'nothing_left',
		message: 'The value is above what is left of the payment.',
	};

	const settled = await gateway.settle('P1', 1, {requestId: 'r'});
	const refunded = await gateway.refund('P1', 1, {requestId: 'r'});
	const cancelled = await gateway.cancel('P1', {requestId: 'r'});

	t.deepEqual([settled.status, refunded.status, cancelled.status], [500, 500, 500]);
	t.deepEqual(settled.json, {...common, settleId: null, value: 0});
	t.deepEqual(refunded.json, {...common, refundId: null, value: 0});
	t.deepEqual(cancelled.json, {...common, cancellationId: null});
});

test('an overloaded writer is a failure of the same form, to be tried again', async t => {
	const {gateway} = await withOperations(t, () => {
		throw new OverloadedError('full');
	});

	const {status, json} = await gateway.settle('P1', 1, {requestId: 'r'});

	t.is(status, 500);
	t.like(json, {paymentId: 'P1', requestId: 'r', settleId: null, value: 0, code: 'overloaded'});
});

test('what breaks on our side has the form of the operation too', async t => {
	const {gateway} = await withOperations(t, () => {
		throw new Error('a secret of ours');
	});

	const {status, json} = await gateway.refund('P1', 1);

	t.is(status, 500);
	t.like(json, {refundId: null, value: 0, code: 'internal'});
});

test('an operation needs no requestId, no tid and no authorizationId', async t => {
	const {gateway, asked} = await withOperations(t, moved(100n));

	for (const requestId of [undefined, null, '', '{{requestId}}']) {
		const {status, json} = await gateway.post('/payments/P1/settlements', {value: 1, requestId});
		t.is(status, 200);
		t.like(json, {requestId: null});
	}

	t.is((await gateway.post('/payments/P1/cancellations', undefined)).status, 200);
	t.true(asked.every(({requestId}) => requestId === null));
});

test('an amount that is missing or no amount is refused before anything moves', async t => {
	const {gateway, asked} = await withOperations(t, moved(100n));

	for (const value of [undefined, null, '', 'all', '1.234', {}, []]) {
		const settled = await gateway.settle('P1', value);
		const refunded = await gateway.refund('P1', value);

		t.is(settled.status, 400, JSON.stringify(value));
		t.like(settled.json, {settleId: null, value: 0, code: 'invalid_request'});
		t.is(refunded.status, 400);
		t.like(refunded.json, {refundId: null, value: 0, code: 'invalid_request'});
	}

	t.is(asked.length, 0);
});

test('a body that names another payment than the path moves nothing', async t => {
	const {gateway, asked} = await withOperations(t, moved(100n));

	const {status, json} = await gateway.settle('P1', 1, {paymentId: 'P2'});

	t.is(status, 400);
	t.like(json, {settleId: null, value: 0, code: 'invalid_request'});
	t.is((await gateway.cancel('P1', {paymentId: 'p1'})).status, 400);
	t.is(asked.length, 0);
	t.is((await gateway.settle('P1', 1, {paymentId: '{{paymentId}}'})).status, 200);
});

test('the path of a payment may have 128 letters, and is decoded once', async t => {
	const {gateway, asked} = await withOperations(t, moved(100n));
	const {paymentId} = paymentSample('seed-refund.request') as {paymentId: string};

	for (const one of [paymentId, 'a b', 'ñ', '50%25']) {
		t.is((await gateway.settle(one, 1)).status, 200, one);
		t.is(asked.at(-1)?.paymentId, one);
	}

	t.is((await gateway.settle('x'.repeat(513), 1)).status, 400);
});

test('the cancellation is found with one l as well', async t => {
	const {gateway, asked} = await withOperations(t, moved(0n));

	t.is((await gateway.post('/payments/P1/cancelations', {})).status, 200);
	t.is(asked[0]?.kind, 'cancel');
});

test('an inbound request for an unknown payment or action is a 404 inside a 200', async t => {
	const {gateway} = await withOperations(t, refused);

	for (const action of ['status', 'refund']) {
		const {status, json} = await gateway.inbound('P1', action, {requestId: 'r'});

		t.is(status, 200);
		t.like(json, {
			paymentId: 'P1',
			requestId: 'r',
			responseData: {statusCode: 404, contentType: 'application/json'},
		});
	}
});
