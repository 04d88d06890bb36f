import test from 'ava';
import {assertAuditClean} from '../../helpers/audit.ts';
import {createBody, openGateway, type PaymentAnswer} from '../../helpers/payments.ts';
import {openTestServer, type TestServer} from '../../helpers/server.ts';
import {newRequestId} from '../../helpers/vtex.ts';

let server: TestServer;

test.before(async () => {
	server = await openTestServer({
		env: {SANDBOX: 'true', PAYMENT_METHODS: 'Privatelabels:code,Promissories:wallet'},
	});
});
test.after.always(() => server.close());

const odd = [
	...[
		null,
		true,
		0,
		-1,
		1e308,
		1e-300,
		'',
		' ',
		'null',
		'{{x}}',
		'a\u0000b',
		'\uD800',
		'\u{1F600}'.repeat(3000),
	],
	...["'; DROP TABLE payments; --", '9'.repeat(5000), [], {}, [[[]]], {a: {b: {c: null}}}, [null, 7, 'x']],
];

// Goal: nothing that is sent can be an error of ours, because errors put the integration into contingency mode. Method: each member of
// a create in turn is replaced by each odd value, over the real service and database.
test('whatever stands in a create, it is answered as a payment or refused as malformed', async t => {
	const {post} = openGateway(server);
	const card = {number: 'ABCD', csc: '1', expiration: {month: '1', year: '2030'}};
	const buyer = {id: null, email: 'ana@example.com', document: '52998224725'};
	const whole = createBody({card, miniCart: {buyer, items: []}, merchantSettings: [], connectorMetadata: []});
	const statuses = new Set<number>();

	for (const paymentMethod of ['Privatelabels', 'Promissories']) {
		for (const value of odd) {
			const bodies = Object.keys(whole).map(name => ({
				...whole,
				paymentMethod,
				paymentId: newRequestId(),
				[name]: value,
			}));
			const inside = [
				{...whole, paymentId: newRequestId(), card: {number: value, csc: value}},
				{...whole, paymentId: newRequestId(), miniCart: {buyer: {id: value, email: value, document: value}}},
				{...whole, paymentId: newRequestId(), miniCart: {buyer, items: [value, {id: value}]}},
				{...whole, paymentId: newRequestId(), recipients: [value, {id: value, amount: value}]},
				{...whole, paymentId: newRequestId(), connectorMetadata: [value, {name: value, value}]},
			];
			const answers = await Promise.all([...bodies, ...inside].map(body => post('/payments', body)));
			for (const {status, json, text} of answers) {
				statuses.add(status);
				const isAnswer = status === 200 && typeof (json as PaymentAnswer).tid === 'string';
				const isError = status === 400 && (json as PaymentAnswer).status === 'error';
				t.true(isAnswer || isError, text);
			}
		}
	}

	t.deepEqual(statuses, new Set([200, 400]));
});

test('whatever stands in an operation, it is done, refused or malformed, and always of its form', async t => {
	const {post} = openGateway(server);
	const names = ['requestId', 'settleId', 'tid', 'nsu', 'authorizationId', 'recipients', 'merchantSettings'];

	for (const value of odd) {
		for (const [kind, id] of [
			['settlements', 'settleId'],
			['refunds', 'refundId'],
			['cancellations', 'cancellationId'],
		]) {
			const bodies = [...names, 'value', 'connectorMetadata'].map(name => ({value: 1, [name]: value}));
			const answers = await Promise.all(
				bodies.map(body => post(`/payments/${newRequestId()}/${kind}`, body)),
			);
			for (const {status, json, text} of answers) {
				const {[id ?? '']: answeredId, code} = json as Record<string, unknown>;
				t.true(
					(status === 200 && typeof answeredId === 'string') ||
						([400, 500].includes(status) && answeredId === null && code !== 'internal'),
					text,
				);
			}
		}
	}

	await assertAuditClean(t, server.database);
});
