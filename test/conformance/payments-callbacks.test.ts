import test from 'ava';
import {openReceiver, type Receiver} from '../helpers/receiver.ts';
import {resultOf} from '../helpers/hub.ts';
import {
	answerMembers,
	cardMember,
	createBody,
	type Gateway,
	openGateway,
	type PaymentAnswer,
	selectors,
} from '../helpers/payments.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';

// The server's clock stands still, so each test has one of its own: what is due for one would be delivered by another.
let server: TestServer;
let gateway: Gateway;

const keys = {
	VTEX_CALLBACK_APP_KEY: 'vtexappkey-monedero',
	VTEX_CALLBACK_APP_TOKEN: 'callback-token-0123456789',
};
const path =
	'/api/pvt/payment-provider/transactions/D3AA/payments/F5C1/callback?accountName=mystore&X-VTEX-signature=a%2fB%7e..%20==';

test.before(async () => {
	server = await openTestServer({env: {SANDBOX: 'true', ...keys}});
	gateway = openGateway(server);
});
test.after.always(() => server.close());

/** A create that is answered `undefined`, with its body to send it again. */
async function pending(receiver: Receiver | undefined, members: Record<string, unknown>) {
	const body = createBody({callbackUrl: receiver?.at(path), ...members});
	const answer = resultOf<PaymentAnswer>(await gateway.post('/payments', body));
	const again = async () => resultOf<PaymentAnswer>(await gateway.post('/payments', body));
	return {answer, again, paymentId: answer.paymentId};
}

/** The time passes after which a sandbox payment is concluded, and that after which the callback leaves. */
async function pass(...seconds: number[]): Promise<void> {
	for (const some of seconds) {
		server.clock.advance(some * 1000);
		await server.parts.payments.concludeDue();
		await server.parts.callbacks.deliverDue();
	}
}

const bodyOf = (receiver: Receiver, place = 0) =>
	JSON.parse(receiver.received[place]?.body ?? 'null') as PaymentAnswer;

// W3C Trace Context: minutes later and in another process, the callback still belongs to the trace of the create.
test.serial(
	'a callback is sent in the trace that its create came in, and without one in its own',
	async t => {
		const receiver = await openReceiver(t);
		const [traceparent, tracestate] = [
			'00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
			'rojo=1,congo=t61',
		];
		const create = async (headers: Record<string, string>) => {
			const body = createBody({callbackUrl: receiver.at(path), card: cardMember(selectors.approveLater)});
			return resultOf<PaymentAnswer>(await gateway.post('/payments', body, headers));
		};

		const told = await create({traceparent, tracestate});
		const untold = await create({traceparent: 'nonsense', tracestate});
		await pass(5, 2);

		const headersOf = ({paymentId}: PaymentAnswer) =>
			receiver.received.find(({body}) => body.includes(paymentId))?.headers;
		t.like(headersOf(told), {traceparent, tracestate});
		t.regex(String(headersOf(untold)?.['traceparent']), /^00-[\da-f]{32}-[\da-f]{16}-00$/);
		t.is(headersOf(untold)?.['tracestate'], undefined);
	},
);

test.serial(
	'P06: an approval that comes later is told by one callback, to the exact address, with the whole answer and our keys',
	async t => {
		const receiver = await openReceiver(t);

		const {answer, paymentId} = await pending(receiver, {card: cardMember(selectors.approveLater)});
		t.like(answer, {status: 'undefined', authorizationId: '', code: 'waiting'});
		t.is(typeof answer['delayToCancel'], 'number');
		await pass(5, 2, 60, 3600);

		t.is(receiver.received.length, 1);
		const [callback] = receiver.received;
		t.is(callback?.method, 'POST');
		t.is(callback?.path, path);
		t.like(callback?.headers, {
			'x-vtex-api-appkey': keys.VTEX_CALLBACK_APP_KEY,
			'x-vtex-api-apptoken': keys.VTEX_CALLBACK_APP_TOKEN,
		});
		const body = bodyOf(receiver);
		t.deepEqual(Object.keys(body).sort(), [...answerMembers, 'maxValue'].sort());
		t.like(body, {paymentId, status: 'approved', tid: answer.tid, nsu: answer.nsu});
		t.not(body.authorizationId, '');
	},
);

test.serial(
	'P07: the create that is sent again after the end is answered with the end, under the same tid',
	async t => {
		const {answer, again} = await pending(undefined, {card: cardMember(selectors.approveLater)});
		t.deepEqual(await again(), answer);
		await pass(5);

		const end = await again();

		t.like(end, {status: 'approved', tid: answer.tid, nsu: answer.nsu});
		t.deepEqual(await again(), end);
	},
);

test.serial('P08: a denial that comes later is told by a callback', async t => {
	const receiver = await openReceiver(t);

	const {answer, again} = await pending(receiver, {card: cardMember(selectors.denyLater)});
	await pass(5, 2);

	t.is(answer.status, 'undefined');
	t.is(receiver.received.length, 1);
	t.like(bodyOf(receiver), {status: 'denied', tid: answer.tid});
	t.deepEqual(await again(), bodyOf(receiver));
});

test.serial(
	'P09: a callback that is answered 500, 500 and 200 is repeated until then, with one and the same outcome',
	async t => {
		const receiver = await openReceiver(t, [500, 500, 200]);

		await pending(receiver, {card: cardMember(selectors.approveLater)});
		await pass(5, 2, 30, 60, 3600);

		t.is(receiver.received.length, 3);
		t.is(new Set(receiver.received.map(({body}) => body)).size, 1);
		t.like(bodyOf(receiver), {status: 'approved'});
	},
);

test.serial(
	'P10: where the callback never arrives, the create that is sent again tells the outcome',
	async t => {
		const receiver = await openReceiver(t, [503]);

		const {again} = await pending(receiver, {card: cardMember(selectors.approveLater)});
		await pass(5, 2, 60);

		t.true(receiver.received.length > 1);
		t.like(await again(), {status: 'approved'});
	},
);

test.serial(
	'P20: a payment that is cancelled while it waits is denied, and no callback approves it',
	async t => {
		const receiver = await openReceiver(t);
		const {answer, again, paymentId} = await pending(receiver, {card: cardMember(selectors.approveLater)});

		const cancelled = await gateway.cancel(paymentId);
		await pass(5, 2, 60);

		t.is(cancelled.status, 200);
		t.is(typeof (cancelled.json as {cancellationId: unknown}).cancellationId, 'string');
		t.like(await again(), {status: 'denied', code: 'payment_cancelled', tid: answer.tid});
		t.true(receiver.received.every((_, place) => bodyOf(receiver, place).status !== 'approved'));
	},
);

test.serial(
	'a bank invoice and a missing card wait with the address of a page, and are approved by themselves',
	async t => {
		for (const members of [
			{paymentMethod: 'BankInvoice', card: {number: 'null', csc: 'null'}},
			{paymentMethod: 'Boleto Bancário', card: null},
			{paymentMethod: 'Privatelabels', card: {number: null}},
		]) {
			const receiver = await openReceiver(t);
			const {answer, again} = await pending(receiver, members);

			t.is(answer.status, 'undefined', members.paymentMethod);
			t.true(answer.paymentUrl?.includes('/pay/'), members.paymentMethod);
			t.is((await again()).paymentUrl, answer.paymentUrl);
			await pass(5, 2);
			t.like(bodyOf(receiver), {status: 'approved', tid: answer.tid});
		}
	},
);
