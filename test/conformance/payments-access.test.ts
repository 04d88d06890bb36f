import test from 'ava';
import {ManifestReply} from '../../src/vtex/payments/contracts.ts';
import {paymentEndpoints} from '../../src/vtex/payments/endpoints.ts';
import {resultOf} from '../helpers/hub.ts';
import {
	approved,
	cardMember,
	createBody,
	type Gateway,
	openGateway,
	type PaymentAnswer,
	selectors,
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

const answerWithinMs = 5000;

/** Every endpoint with a path and a body that would succeed. */
function everyCall(paymentId: string): {path: string; body: unknown}[] {
	return paymentEndpoints.map(({contract: {path}}) => ({
		path: path.replace(':paymentId', paymentId).replace(':action', 'status'),
		body:
			path === '/payments'
				? createBody({paymentId, card: cardMember(selectors.approve)})
				: {paymentId, requestId: newRequestId(), value: 1},
	}));
}

/** How many rows a request could have left behind. */
async function traces(): Promise<unknown> {
	const {rows} = await server.database.general.pool.query(
		'SELECT (SELECT count(*) FROM payments) AS payments, (SELECT count(*) FROM payment_requests) AS requests, (SELECT count(*) FROM entries) AS entries',
	);
	return rows[0];
}

test('P01: the manifest is served without credentials, with methods that VTEX knows', async t => {
	const headers = {'X-PROVIDER-API-AppKey': null, 'X-PROVIDER-API-AppToken': null};

	const startedAt = performance.now();
	const answer = await server.call('GET', '/manifest', {headers});
	const tookMs = performance.now() - startedAt;

	t.is(answer.status, 200);
	t.regex(answer.headers.get('content-type') ?? '', /^application\/json/);
	t.deepEqual(ManifestReply.parse(answer.json), {
		paymentMethods: [
			{name: 'Privatelabels', allowsSplit: 'disabled'},
			{name: 'Promissories', allowsSplit: 'disabled'},
			{name: 'BankInvoice', allowsSplit: 'disabled'},
		],
		customFields: [],
		autoSettleDelay: {minimum: '0', maximum: '120'},
	});
	t.true(tookMs < answerWithinMs);
});

test.serial(
	'P22: wrong credentials are refused with 403, missing ones with 401, without a body and without an effect',
	async t => {
		const paymentId = await approved(gateway, 30);
		const fresh = newRequestId();
		const before = await traces();
		const cases = [
			[401, {'X-PROVIDER-API-AppKey': null, 'X-PROVIDER-API-AppToken': null}],
			[401, {'X-PROVIDER-API-AppKey': '', 'X-PROVIDER-API-AppToken': ''}],
			[401, {'X-PROVIDER-API-AppToken': null}],
			[403, {'X-PROVIDER-API-AppToken': 'wrong'}],
			[403, {'X-PROVIDER-API-AppKey': 'nobody', 'X-PROVIDER-API-AppToken': 'wrong'}],
			// Anybody can say so.
			[403, {'X-PROVIDER-API-AppToken': 'wrong', 'X-VTEX-API-Is-TestSuite': 'true'}],
		] as const;

		for (const [status, headers] of cases) {
			for (const {path, body} of [...everyCall(paymentId), ...everyCall(fresh)]) {
				const answer = await gateway.post(path, body, headers);

				t.is(answer.status, status, path);
				t.is(answer.text, '', path);
			}
		}

		t.deepEqual(await traces(), before);
	},
);

test('P23: both families of headers are accepted, their names in any case', async t => {
	const {appKey, appToken, url} = server;
	const spellings = ['X-VTEX-API-', 'X-PROVIDER-API-', 'x-vtex-api-', 'x-provider-api-', 'X-Vtex-Api-'];

	for (const prefix of spellings) {
		const {status} = await fetch(`${url}/payments`, {
			method: 'POST',
			headers: {
				[`${prefix}AppKey`]: appKey,
				[`${prefix}APPTOKEN`]: appToken,
				'Content-Type': 'application/json',
			},
			body: JSON.stringify(createBody()),
		});

		t.is(status, 200, prefix);
	}
});

test.serial('P31: every call is answered within 5 seconds, and nearly all far sooner', async t => {
	const durations: number[] = [];
	const timed = async <Result>(work: Promise<Result>): Promise<Result> => {
		const startedAt = performance.now();
		const result = await work;
		durations.push(performance.now() - startedAt);
		return result;
	};

	for (let round = 0; round < 25; round++) {
		const {paymentId} = resultOf<PaymentAnswer>(
			await timed(gateway.create({card: cardMember(selectors.approve)})),
		);
		await timed(gateway.settle(paymentId, 30));
		await timed(gateway.refund(paymentId, 10));
		await timed(gateway.cancel(paymentId));
		await timed(gateway.inbound(paymentId, 'status'));
	}

	durations.sort((one, other) => one - other);
	t.true((durations.at(-1) ?? Infinity) < answerWithinMs);
	t.true((durations[Math.floor(durations.length * 0.9)] ?? Infinity) < answerWithinMs / 5);
});
