import test from 'ava';
import {currency} from '../../../src/money/asset.ts';
import {isUnavailable} from '../../../src/db/sql-state.ts';
import {OverloadedError} from '../../../src/ledger/writer.ts';
import {type Payment, tidOf} from '../../../src/payments/payment.ts';
import {type PaymentWish} from '../../../src/payments/wish.ts';
import {createPayment} from '../../../src/vtex/payments/create-payment.ts';
import {type PaymentParts} from '../../../src/vtex/payments/parts.ts';
import {withApp} from '../../helpers/app.ts';
import {createBody, openGateway, paymentSample, paymentSampleText} from '../../helpers/payments.ts';
import {type TestContext} from '../../helpers/test-context.ts';

/** A denied payment, as whoever makes payments would answer it. */
function deniedOf({paymentId, method, particulars}: PaymentWish): Payment {
	return {
		merchantId: 1,
		paymentId,
		tid: tidOf(1, paymentId),
		status: 'denied',
		refusal: 'codeUnknown',
		way: 'code',
		assetId: 1,
		value: 0n,
		holdId: null,
		cardIds: [],
		captured: 0n,
		released: 0n,
		refunded: 0n,
		cancellationId: null,
		concludeAt: null,
		concludeApproved: null,
		createdAt: 0,
		particulars: {
			...{method, particulars, orderId: null, reference: null, transactionId: null, callbackUrl: null},
			...{returnUrl: null, customerId: null, pageHash: null, pageUntil: null},
			...{delayToAutoSettle: 1, delayAfterAntifraud: 2, delayToCancel: 3},
		},
	};
}

/** The endpoint over HTTP, and the wishes that it makes of what it is sent. */
async function withCreate(t: TestContext, answer: (wish: PaymentWish) => Payment = deniedOf) {
	const wishes: PaymentWish[] = [];
	const create = (_merchant: unknown, wish: PaymentWish) => {
		wishes.push(wish);
		return Promise.resolve().then(() => answer(wish));
	};
	const asset = {...currency('BRL'), id: 1};
	const parts = {
		providerId: 'Monedero',
		methods: new Map([
			['Privatelabels', 'code'],
			['Promissories', 'wallet'],
		]),
		sandbox: false,
		delays: {autoSettle: 432_000, afterAntifraud: 432_000, cancel: 86_400},
		assets: {byId: () => Promise.resolve(asset), ofCurrency: () => Promise.resolve(asset)},
		payments: {create},
		isPassing: isUnavailable,
		paymentUrlOf: () => null,
	} as unknown as PaymentParts;
	const {contract} = createPayment;
	const app = await withApp(t, {
		endpoints: [{contract, answer: (_, call) => createPayment.answer(parts, call)}],
	});
	const gateway = openGateway({call: (method, path, options) => app.call(method, `/v1${path}`, options)});
	return {gateway, wishes, post: (body: unknown) => gateway.post('/payments', body)};
}

test('the body of the 2022 guide is understood as it is', async t => {
	const {post, wishes} = await withCreate(t);

	const answer = await post(paymentSampleText('seed-create-payment.request'));

	t.is(answer.status, 200);
	t.like(answer.json, {paymentId: '5B127F1E0C944EF9ACE264FEC1FC0E91', status: 'denied'});
	t.like(wishes[0], {
		paymentId: '5B127F1E0C944EF9ACE264FEC1FC0E91',
		method: 'cash',
		way: null,
		code: null,
		pin: null,
		amountText: '29.90',
		currency: 'BRL',
		orderId: '1047232106697',
		callbackUrl: null,
		returnUrl: null,
		verificationOnly: false,
	});
	t.like(JSON.parse(wishes[0]?.particulars ?? ''), {installments: '0', selerId: 'xpto'});
});

test('every published create is understood', async t => {
	const {post, wishes} = await withCreate(t);
	const names = [
		...['bankinvoice-success-approved', 'bankinvoice-success-undefined', 'credit-card-success-approved'],
		...['fail-bad-request', 'fail-generic-error', 'payment-app-inbound-request-success-undefined'],
		...['pix-success-approved', 'redirect-success-approved', 'redirect-success-undefined'],
		...['success-denied', 'success-undefined'],
	];

	for (const name of names) {
		const published = `oas-create-payment-${name}.request`;
		t.is((await post(paymentSampleText(published))).status, 200, name);
		const {paymentId, value, callbackUrl} = paymentSample(published);
		const wish = wishes.at(-1);
		t.like(wish, {paymentId, callbackUrl} as Partial<PaymentWish>, name);
		t.is(Number(wish?.amountText), value as number, name);
	}
});

test('a card that is null, absent, empty, words or placeholders is no card', async t => {
	const {gateway, wishes} = await withCreate(t);
	const blanks = [null, undefined, {}, 'null', {number: null, csc: null}, {number: 'null', csc: 'null'}];

	for (const card of [
		...blanks,
		{number: '{{cardNumber}}', csc: '{{cardSecurityCode}}'},
		{numberToken: 'x'},
	]) {
		t.is((await gateway.create({card})).status, 200);
		t.like(wishes.at(-1), {code: null, pin: null}, JSON.stringify(card));
	}

	await gateway.create({card: {number: 'ABCD-EFGH', csc: 1234}});
	t.like(wishes.at(-1), {code: 'ABCD-EFGH', pin: '1234', way: 'code', method: 'Privatelabels'});
});

test('nothing but an id is needed, and whatever stands in place of the rest does no harm', async t => {
	const {post, wishes} = await withCreate(t);
	const rest = Object.keys(createBody()).filter(name => name !== 'paymentId');

	t.is((await post({paymentId: 'only'})).status, 200);
	for (const value of [null, 7, 'text', [], {}, true]) {
		const body = Object.fromEntries(rest.filter(name => name !== 'currency').map(name => [name, value]));
		t.is((await post({...body, paymentId: 'odd'})).status, 200, JSON.stringify(value));
	}

	t.like(wishes[0], {amountText: null, currency: null, way: null, buyer: []});
});

test('the id of a payment is kept as it is', async t => {
	const {post, wishes} = await withCreate(t);
	const ids = ['a', ' a ', 'x'.repeat(512), '7ee64e51-a0d3-4405-874c-d7497ab84572', 'ñ/%2F?#'];

	for (const paymentId of ids) {
		t.like((await post({paymentId})).json, {paymentId});
	}

	t.deepEqual(
		wishes.map(({paymentId}) => paymentId),
		ids,
	);
});

const refuses = test.macro({
	async exec(t, body: unknown, message: RegExp) {
		const {post, wishes} = await withCreate(t);

		const {status, json} = await post(body);

		t.is(status, 400);
		t.like(json, {status: 'error'});
		t.regex((json as {message: string}).message, message);
		t.is(typeof (json as {code: unknown}).code, 'string');
		t.is(wishes.length, 0);
	},
	title: given => `${given} is answered 400 with status error`,
});

test('no id', refuses, {value: 30}, /paymentId: is missing/);
test('an empty id', refuses, {paymentId: ''}, /paymentId: is empty/);
test('an id of 513 characters', refuses, {paymentId: 'x'.repeat(513)}, /longer than 512/);
test('an id that cannot be printed', refuses, {paymentId: 'a\nb'}, /cannot be printed/);
test('an object for an id', refuses, {paymentId: {}}, /must be text/);
test(
	'a currency that is none',
	refuses,
	{paymentId: 'a', currency: 'ABC'},
	/currency: is not a currency in use/,
);
test('a list', refuses, [], /body: /);
test('half a body', refuses, '{"paymentId": "a"', /not a JSON object/);

test('an overloaded writer is answered as not decided yet, under the ids that the payment will have (B4)', async t => {
	const {gateway} = await withCreate(t, () => {
		throw new OverloadedError('full');
	});

	const first = await gateway.create({paymentId: 'P1'});
	const second = await gateway.create({paymentId: 'P1'});

	t.is(first.status, 200);
	t.is(first.text, second.text);
	t.like(first.json, {paymentId: 'P1', status: 'undefined', delayToCancel: 86_400});
	t.is((first.json as {tid: string}).tid, tidOf(1, 'P1').replaceAll('-', ''));
});

test('a database that is away is answered as not decided yet as well (B4)', async t => {
	const {gateway} = await withCreate(t, () => {
		throw Object.assign(new Error('connect ECONNREFUSED'), {code: 'ECONNREFUSED'});
	});

	const {status, json} = await gateway.create({paymentId: 'P1'});

	t.is(status, 200);
	t.like(json, {paymentId: 'P1', status: 'undefined'});
});

test('what breaks on our side is a 500 with status error, and says nothing of why', async t => {
	const {gateway} = await withCreate(t, () => {
		throw new Error('a secret of ours');
	});

	const {status, json, text} = await gateway.create();

	t.is(status, 500);
	t.like(json, {status: 'error', code: 'internal'});
	t.false(text.includes('secret'));
});
