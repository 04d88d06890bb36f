import test from 'ava';
import {assertAuditClean} from '../helpers/audit.ts';
import {buildCard} from '../helpers/build.ts';
import {openHub, resultOf} from '../helpers/hub.ts';
import {
	answerMembers,
	cardMember,
	type Gateway,
	openGateway,
	type PaymentAnswer,
	paymentSampleText,
	selectors,
} from '../helpers/payments.ts';
import {openTestServer, type TestServer, withServer} from '../helpers/server.ts';
import {newRequestId} from '../helpers/vtex.ts';

let server: TestServer;
let gateway: Gateway;

test.before(async () => {
	server = await openTestServer({env: {SANDBOX: 'true'}});
	gateway = openGateway(server);
});
test.after.always(async () => server.close());

const answered = async (members: Record<string, unknown>) =>
	resultOf<PaymentAnswer>(await gateway.create(members));

test('P02: the approving card number is approved, with ids and delays', async t => {
	const answer = await answered({card: cardMember(selectors.approve), value: 45.5});

	t.deepEqual(Object.keys(answer).sort(), [...answerMembers, 'maxValue'].sort());
	t.like(answer, {status: 'approved', code: null, message: null, maxValue: 45.5});
	for (const id of [answer.authorizationId, answer.tid, answer.nsu]) {
		t.is(typeof id, 'string');
		t.not(id, '');
	}

	for (const delay of ['delayToAutoSettle', 'delayToAutoSettleAfterAntifraud', 'delayToCancel']) {
		t.true(Number.isInteger(answer[delay]), delay);
	}
});

test('P03: a create that is repeated answers the same ids, and holds once', async t => {
	const {id, code} = await buildCard(server.parts);
	const paymentId = newRequestId();
	const members = {paymentId, card: cardMember(code), value: 30};

	const first = await gateway.create(members);
	const second = await gateway.create(members);

	t.like(first.json, {status: 'approved'});
	t.is(second.text, first.text);
	t.is(await openHub(server).balance(id), 70);
});

test('P04: a create that is repeated with another value gets the original answer, holds nothing more, and is logged', async t => {
	const {id, code} = await buildCard(server.parts);
	const paymentId = newRequestId();

	const first = await gateway.create({paymentId, card: cardMember(code), value: 30});
	const second = await gateway.create({paymentId, card: cardMember(code), value: 31});

	t.is(second.status, 200);
	t.is(second.text, first.text);
	t.is(await openHub(server).balance(id), 70);
	t.true(server.logged().some(line => line['payment'] === paymentId));
});

test('P05: the denying card number is denied, with ids that are text', async t => {
	const answer = await answered({card: cardMember(selectors.deny)});

	t.deepEqual(Object.keys(answer).sort(), [...answerMembers].sort());
	t.like(answer, {status: 'denied', code: 'sandbox_denied', authorizationId: ''});
	t.truthy(answer.tid);
	t.truthy(answer.nsu);
	t.truthy(answer.message);
});

test('P24: the value "29,90" is 29.90, and instalments "0" do no harm', async t => {
	const {id, code} = await buildCard(server.parts);

	const answer = await answered({card: cardMember(code), value: '29,90', installments: '0'});

	t.like(answer, {status: 'approved', maxValue: 29.9});
	t.is(await openHub(server).balance(id), 70.1);
	for (const value of ['1.234', 'ten', null, 29.905, -1, 0]) {
		t.like(await answered({card: cardMember(code), value}), {status: 'denied', code: 'amount_unusable'});
	}
});

test('P25: a payment without a card is accepted with the card null, absent or of words', async t => {
	const owner = {document: '52998224725'};
	const {id} = await buildCard(server.parts, {owner});
	const members = {paymentMethod: 'promissories', value: 1, miniCart: {buyer: owner}};
	const blanks = [
		null,
		undefined,
		{holder: null, number: null, csc: null, expiration: {month: null, year: null}},
		{holder: 'null', number: 'null', csc: 'null', expiration: {month: 'null', year: 'null'}},
		{holder: '{{cardHolder}}', number: '{{cardNumber}}', csc: '{{cardSecurityCode}}'},
	];

	for (const card of blanks) {
		t.like(await answered({...members, card}), {status: 'approved'}, JSON.stringify(card));
	}

	t.is(await openHub(server).balance(id), 95);
});

test('P27: a method that is not offered is denied with a code and a message', async t => {
	for (const paymentMethod of ['Bitcoin', 'cash', '', null]) {
		const answer = await answered({paymentMethod, card: cardMember(selectors.approve)});

		t.like(answer, {status: 'denied', code: 'method_not_offered'}, String(paymentMethod));
		t.truthy(answer.message);
	}
});

test('P28: equal creates in parallel are one payment', async t => {
	const {id, code} = await buildCard(server.parts);
	const members = {paymentId: newRequestId(), card: cardMember(code), value: 30};

	const answers = await Promise.all(Array.from({length: 20}, () => gateway.create(members)));

	t.true(answers.every(({status}) => status === 200));
	t.is(new Set(answers.map(({text}) => text)).size, 1);
	t.is(await openHub(server).balance(id), 70);
});

test('equal creates of the approving card number in parallel are one payment too', async t => {
	const members = {paymentId: newRequestId(), card: cardMember(selectors.approve), value: 30};

	const answers = await Promise.all(Array.from({length: 10}, () => gateway.create(members)));

	t.is(new Set(answers.map(({text}) => text)).size, 1);
	t.like(answers[0]?.json, {status: 'approved'});
	await assertAuditClean(t, server.database);
});

test('the selectors are ordinary unknown codes for a shop, whatever the test suite header says', async t => {
	const shop = await withServer(t);
	const {post, create} = openGateway(shop);

	for (const number of Object.values(selectors)) {
		t.like(resultOf(await create({card: cardMember(number)})), {status: 'denied', code: 'card_not_accepted'});
	}

	const body = {
		paymentId: newRequestId(),
		paymentMethod: 'Privatelabels',
		value: 1,
		card: cardMember(selectors.approve),
	};
	const suite = await post('/payments', body, {'X-VTEX-API-Is-TestSuite': 'true'});
	t.like(suite.json, {status: 'denied'});
	t.like(resultOf(await create({paymentMethod: 'BankInvoice'})), {
		status: 'denied',
		code: 'method_not_offered',
	});
});

test('the create of the 2022 guide is denied where cash is not offered, and approved where it is', async t => {
	const body = paymentSampleText('seed-create-payment.request');
	const shop = await withServer(t, {env: {PAYMENT_METHODS: 'Cash:wallet'}});
	const {id} = await buildCard(shop.parts, {owner: {document: '01234567890'}});

	t.like(resultOf(await gateway.post('/payments', body)), {status: 'denied', code: 'method_not_offered'});
	t.like(resultOf(await openGateway(shop).post('/payments', body)), {status: 'approved', maxValue: 29.9});
	t.is(await openHub(shop).balance(id), 70.1);
	const settled = await openGateway(shop).post(
		'/payments/5B127F1E0C944EF9ACE264FEC1FC0E91/settlements',
		paymentSampleText('seed-settle.request'),
	);
	t.like(resultOf(settled), {value: 20, requestId: '5678'});
});
