import {setTimeout as delay} from 'node:timers/promises';
import test from 'ava';
import {type Result} from '../../scripts/homologate/check.ts';
import {paymentChecks, paymentsSuite} from '../../scripts/homologate/payments/suite.ts';
import {vtexReturnUrl} from '../../scripts/homologate/payments/sign-up.ts';
import {openPaymentsRig} from '../../scripts/homologate/payments/rig.ts';
import {runSuite} from '../../scripts/homologate/run.ts';
import {openWire} from '../../scripts/homologate/wire.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {buildCard} from '../helpers/build.ts';
import {openHub} from '../helpers/hub.ts';
import {jsonLines, runHere} from '../helpers/script.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';
import {newToken, sendForm} from '../helpers/sign-up.ts';

let server: TestServer;

test.before(async () => {
	server = await openTestServer({
		env: {SANDBOX: 'true', VTEX_CALLBACK_APP_KEY: 'own-key', VTEX_CALLBACK_APP_TOKEN: 'own-token-0123456789'},
	});
});
test.after.always(() => server.close());

/** A callback that is not answered holds nobody up for longer. */
const deliveryMs = 1000;

/** The server's time passes, and the errands of that time are run. */
async function pass(ms: number): Promise<void> {
	server.clock.advance(ms);
	await server.parts.payments.concludeDue();
	await Promise.race([server.parts.callbacks.deliverDue(), delay(deliveryMs, undefined, {ref: false})]);
}

/** What the page of the sign-up gives an admin who agrees. */
async function agree(): Promise<string> {
	const {stdout} = await runHere(server.parts, 'admins:create', ['--name', 'ana', '--json']);
	const [{name, password} = {}] = jsonLines(stdout);
	const token = await newToken(server, {applicationId: 'vtex', returnUrl: vtexReturnUrl});
	const {location} = await sendForm(server, {name: String(name), password: String(password), token});
	return location?.slice(vtexReturnUrl.length) ?? '';
}

async function homologate(values: Readonly<Record<string, string>>, only?: readonly string[]) {
	const {url, appKey, appToken} = server;
	const signal = new AbortController().signal;
	return runSuite(
		paymentsSuite(pass),
		{url, appKey, appToken, currency: 'BRL', signal, values},
		{only: only === undefined ? undefined : new Set(only)},
	);
}

const shown = (results: readonly Result[]) =>
	results.flatMap(result =>
		result.outcome === 'passed'
			? []
			: [
					`${result.id} ${result.outcome === 'skipped' ? result.reason : `${result.expected}; got ${result.got}`}`,
				],
	);

test.serial('our own service passes every check of payments, and none is skipped', async t => {
	const results = await homologate({'sign-up-code': await agree()});

	t.deepEqual(shown(results), []);
	t.is(results.length, paymentChecks.length);
	await assertAuditClean(t, server.database);
});

test.serial('a real card has its value back when the kit has finished with it', async t => {
	const {id, code} = await buildCard(server.parts, {amount: '70'});

	const results = await homologate({'card-number': code}, ['P02', 'P11', 'P12', 'P15', 'P17', 'P40', 'P45']);

	t.deepEqual(shown(results), []);
	t.is(await openHub(server).balance(id), 70);
	t.false(JSON.stringify(results).includes(code));
});

test.serial('a real card has its value back also when the kit is stopped meanwhile', async t => {
	const {id, code} = await buildCard(server.parts, {amount: '70'});
	const {url, appKey, appToken} = server;
	const stop = new AbortController();
	const {signal} = stop;
	const wire = openWire({url, appKey, appToken, signal, timeoutMs: 5000, mediaType: 'application/json'});
	const options = {url, currency: 'BRL', isLater: false, callbackSeconds: 1};
	const rig = await openPaymentsRig(wire, {...options, code, signal});
	t.teardown(rig.close);
	const payment = await rig.approved();
	await rig.approved();
	await rig.gateway.settle(payment, 10);
	t.is(await openHub(server).balance(id), 10);

	stop.abort();
	await t.throwsAsync(rig.approved());
	await rig.tidy();

	t.is(await openHub(server).balance(id), 70);
});
