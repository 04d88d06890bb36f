import test from 'ava';
import {assertAuditClean} from '../helpers/audit.ts';
import {buildCard} from '../helpers/build.ts';
import {openHub, resultOf} from '../helpers/hub.ts';
import {
	approved,
	cardMember,
	type Gateway,
	openGateway,
	paymentSample,
	paymentSampleText,
} from '../helpers/payments.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';
import {newRequestId} from '../helpers/vtex.ts';

let server: TestServer;
let gateway: Gateway;

test.before(async () => {
	server = await openTestServer({env: {SANDBOX: 'true'}});
	gateway = openGateway(server);
});
test.after.always(() => server.close());

type Done = Readonly<Record<'settleId' | 'refundId' | 'cancellationId', string | null>> & {
	readonly value: number;
};

const done = async (answer: ReturnType<Gateway['settle']>) => resultOf<Done>(await answer);

/** An approved payment of 30.00 on a card of 100.00. */
async function onCard(): Promise<{paymentId: string; balance: () => Promise<number>}> {
	const {id, code} = await buildCard(server.parts);
	const paymentId = await approved(gateway, 30, {card: cardMember(code)});
	return {paymentId, balance: () => openHub(server).balance(id)};
}

const failedSettlement = {settleId: null, value: 0};
const failedRefund = {refundId: null, value: 0};

test('P11: a full settlement is answered with its id and its value', async t => {
	const {paymentId, balance} = await onCard();

	const settled = await done(gateway.settle(paymentId, 30));

	t.regex(settled.settleId ?? '', /^[0-9a-f]{32}$/);
	t.is(settled.value, 30);
	t.is(await balance(), 70);
});

test('P12: two partial settlements both succeed', async t => {
	const paymentId = await approved(gateway, 30);

	const [first, second] = [
		await done(gateway.settle(paymentId, 10.01)),
		await done(gateway.settle(paymentId, 10)),
	];

	t.deepEqual([first.value, second.value], [10.01, 10]);
	t.not(first.settleId, second.settleId);
});

test('P13: a settlement above the rest settles the rest; when nothing is left it is the 500 shape', async t => {
	const paymentId = await approved(gateway, 30);
	await gateway.settle(paymentId, 20);

	t.like(await done(gateway.settle(paymentId, 20)), {value: 10});

	const {status, json} = await gateway.settle(paymentId, 0.01);
	t.is(status, 500);
	t.like(json, {...failedSettlement, paymentId, code: 'nothing_left'});
	t.is(typeof (json as {message: unknown}).message, 'string');
});

test('P14: a settlement that is repeated under its requestId is answered the same, and captures once', async t => {
	const {paymentId} = await onCard();
	const requestId = newRequestId();

	const first = await gateway.settle(paymentId, 20, {requestId});
	const second = await gateway.settle(paymentId, 20, {requestId});
	const parallel = await Promise.all(
		Array.from({length: 5}, () => gateway.settle(paymentId, 20, {requestId})),
	);

	t.is(first.status, 200);
	t.true([second, ...parallel].every(({text}) => text === first.text));
	t.like(await done(gateway.settle(paymentId, 30)), {value: 10});
});

test('P15: what was settled is refunded in parts, up to what was settled', async t => {
	const {paymentId, balance} = await onCard();
	const {settleId} = await done(gateway.settle(paymentId, 30));

	const first = await done(gateway.refund(paymentId, 12.5, {settleId}));
	const rest = await done(gateway.refund(paymentId, 17.5, {settleId}));

	t.regex(first.refundId ?? '', /^[0-9a-f]{32}$/);
	t.deepEqual([first.value, rest.value], [12.5, 17.5]);
	t.is(await balance(), 100);
});

test('P16: one more refund is the 500 shape, without an id and without value', async t => {
	const {paymentId, balance} = await onCard();
	await gateway.settle(paymentId, 30);
	await gateway.refund(paymentId, 30);

	const {status, json} = await gateway.refund(paymentId, 0.01);

	t.is(status, 500);
	t.like(json, {...failedRefund, paymentId});
	t.is(await balance(), 100);
});

test('P17: a refund that is repeated under its requestId is answered the same, and refunds once', async t => {
	const {paymentId, balance} = await onCard();
	const requestId = newRequestId();
	// The same id as the settlement's, as in the 2022 guide.
	await gateway.settle(paymentId, 30, {requestId});

	const first = await gateway.refund(paymentId, 10, {requestId});
	const second = await gateway.refund(paymentId, 10, {requestId});

	t.is(first.status, 200);
	t.is(second.text, first.text);
	t.is(await balance(), 80);
});

test('P18: a cancellation is answered with its id, and gives the value back', async t => {
	const {paymentId, balance} = await onCard();

	const first = await done(gateway.cancel(paymentId, {value: 2300}));
	const second = await done(gateway.cancel(paymentId));

	t.regex(first.cancellationId ?? '', /^[0-9a-f]{32}$/);
	t.is(second.cancellationId, first.cancellationId);
	t.is(await balance(), 100);
	const shown = await gateway.create({paymentId, card: cardMember('any')});
	t.like(resultOf(shown), {status: 'denied', code: 'payment_cancelled'});
});

test('P19: a settlement after the cancellation is the 500 shape', async t => {
	const {paymentId, balance} = await onCard();
	await gateway.cancel(paymentId);

	const {status, json} = await gateway.settle(paymentId, 30);

	t.is(status, 500);
	t.like(json, {...failedSettlement, paymentId});
	t.is(await balance(), 100);
});

test('P21: a cancellation after everything was settled is the 500 shape; after a part it cancels the rest', async t => {
	const whole = await onCard();
	await gateway.settle(whole.paymentId, 30);
	const part = await onCard();
	await gateway.settle(part.paymentId, 10);

	const {status, json} = await gateway.cancel(whole.paymentId);
	t.is(status, 500);
	t.like(json, {paymentId: whole.paymentId, cancellationId: null, code: 'payment_settled'});
	t.is(await whole.balance(), 70);

	t.truthy((await done(gateway.cancel(part.paymentId))).cancellationId);
	t.is(await part.balance(), 90);
	t.like(await done(gateway.refund(part.paymentId, 10)), {value: 10});
	t.is(await part.balance(), 100);
});

test('P26: a settlement needs no authorizationId, a refund no tid, and neither a requestId', async t => {
	const {paymentId, balance} = await onCard();
	const post = (kind: string, body: unknown) => gateway.post(`/payments/${paymentId}/${kind}`, body);

	const settled = await done(post('settlements', {paymentId, value: 20}));
	const again = await done(post('settlements', {paymentId, value: 20}));
	const {settleId} = settled;
	const refunded = await done(post('refunds', {paymentId, settleId, value: 5}));

	// Without a requestId, the same value is the same request.
	t.deepEqual(again, settled);
	t.is(refunded.value, 5);
	t.is(await balance(), 75);
});

test('P29: an inbound request is answered under both paths, and again', async t => {
	const {paymentId} = await onCard();
	await gateway.settle(paymentId, 20);
	const published = paymentSample('oas-inbound.request');
	const body = {...published, paymentId};

	for (const path of ['inbound', 'inbound-request']) {
		const answer = await gateway.post(`/payments/${paymentId}/${path}/status`, body);
		const repeated = await gateway.post(`/payments/${paymentId}/${path}/status`, body);

		const {responseData, ...rest} = resultOf<{
			responseData: {statusCode: number; contentType: string; content: string};
		}>(answer);
		t.deepEqual<unknown, unknown>(rest, {
			paymentId,
			requestId: published['requestId'],
			connectorMetadata: [{name: 'MetadataName', value: 'MetadataValue'}],
		});
		t.like(responseData, {statusCode: 200, contentType: 'application/json'});
		t.like(JSON.parse(responseData.content), {status: 'approved', value: 30, captured: 20, refunded: 0});
		t.is(repeated.text, answer.text);
	}
});

test('a payment that nobody knows is cancelled for good, and can be neither settled nor refunded', async t => {
	const paymentId = newRequestId();

	const settled = await gateway.settle(paymentId, 1);
	const refunded = await gateway.refund(paymentId, 1);
	const cancelled = await done(gateway.cancel(paymentId));

	t.is(settled.status, 500);
	t.like(settled.json, failedSettlement);
	t.is(refunded.status, 500);
	t.like(refunded.json, failedRefund);
	t.truthy(cancelled.cancellationId);
	const created = await gateway.create({paymentId, card: cardMember('4444333322221111')});
	t.like(resultOf(created), {status: 'denied', code: 'payment_cancelled'});
});

test('the operations of the 2022 guide are understood as they are', async t => {
	const {paymentId} = paymentSample('seed-refund.request') as {paymentId: string};
	await approved(gateway, 50, {paymentId});
	await gateway.settle(paymentId, 20, {requestId: '5678'});

	const refunded = await gateway.post(
		`/payments/${paymentId}/refunds`,
		paymentSampleText('seed-refund.request'),
	);

	t.like(resultOf(refunded), {paymentId, value: 10, requestId: '5678', code: null});
	for (const [name, kind] of [
		['seed-cancel', 'cancellations'],
		['oas-cancel', 'cancellations'],
	]) {
		const body = paymentSample(`${name}.request`);
		const answer = await gateway.post(`/payments/${String(body['paymentId'])}/${kind}`, body);
		t.like(resultOf(answer), {requestId: body['requestId']}, name);
	}

	await assertAuditClean(t, server.database);
});
