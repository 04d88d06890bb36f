import {createServer, type IncomingHttpHeaders} from 'node:http';
import {type AddressInfo} from 'node:net';
import {text} from 'node:stream/consumers';
import test, {type ExecutionContext} from 'ava';
import {openGateway, type Payment} from '../../scripts/demo/gateway.ts';
import {ProviderRefusal} from '../../scripts/demo/hub.ts';

type Seen = {
	readonly url: string;
	readonly headers: IncomingHttpHeaders;
	readonly body: Readonly<Record<string, unknown>>;
};

/** A provider that gives one answer to everything and remembers what it was asked. */
async function withProvider(t: ExecutionContext, answer: unknown, status = 200) {
	const seen: Seen[] = [];
	const server = createServer((request, response) => {
		void text(request).then(body => {
			const {url = '', headers} = request;
			seen.push({url, headers, body: JSON.parse(body) as Seen['body']});
			response.writeHead(status).end(JSON.stringify(answer));
		});
	});
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	t.teardown(() => {
		server.closeAllConnections();
		server.close();
	});
	const {port} = server.address() as AddressInfo;
	const gateway = openGateway({
		serviceUrl: `http://127.0.0.1:${port}/v1`,
		appKey: 'store-key',
		appToken: 'store-token',
	});
	return {gateway, seen};
}

const payment: Payment = {
	paymentId: 'A'.repeat(32),
	status: 'approved',
	tid: 't1',
	nsu: '1',
	authorizationId: 'a1',
};

test('a payment is one POST of JSON below the serviceUrl, with the typed code as card number', async t => {
	const {gateway, seen} = await withProvider(t, payment);
	const wish = {paymentId: payment.paymentId, value: 12.5, orderId: 'v1', email: 'shopper@example.com'};

	t.deepEqual(await gateway.create({...wish, code: 'BAHD-ASDB'}), payment);
	t.is(seen[0]?.url, '/v1/payments');
	t.like(seen[0]?.headers, {
		accept: 'application/json',
		'content-type': 'application/json',
		'x-provider-api-appkey': 'store-key',
		'x-provider-api-apptoken': 'store-token',
	});
	t.like(seen[0]?.body, {
		paymentId: payment.paymentId,
		paymentMethod: 'Privatelabels',
		value: 12.5,
		card: {number: 'BAHD-ASDB', csc: null},
		miniCart: {buyer: {email: 'shopper@example.com'}},
	});
});

test('operations go below the payment with its ids, each under a request id of its own', async t => {
	const {gateway, seen} = await withProvider(t, {settleId: 's1', value: 5});

	await gateway.settle(payment, 5);
	await gateway.refund(payment, {settleId: 's1', value: 5}, 2);
	await gateway.cancel(payment);

	t.deepEqual(
		seen.map(({url}) => url),
		['settlements', 'refunds', 'cancellations'].map(kind => `/v1/payments/${payment.paymentId}/${kind}`),
	);
	for (const {body} of seen) {
		t.like(body, {paymentId: payment.paymentId, tid: 't1', nsu: '1', authorizationId: 'a1'});
	}

	t.is(new Set(seen.map(({body}) => body['requestId'])).size, 3);
	t.like(seen[1]?.body, {settleId: 's1', value: 2});
});

test('anything but 200 is a refusal with its status and content', async t => {
	const {gateway} = await withProvider(t, {settleId: null, code: 'exceeds_hold'}, 500);

	const refusal = await t.throwsAsync(gateway.settle(payment, 1), {instanceOf: ProviderRefusal});
	t.is(refusal.status, 500);
	t.regex(refusal.text, /exceeds_hold/);
});
