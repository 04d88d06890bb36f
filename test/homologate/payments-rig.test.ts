import test, {type ExecutionContext} from 'ava';
import {Skip} from '../../scripts/homologate/check.ts';
import {openListener} from '../../scripts/homologate/payments/listener.ts';
import {openPaymentsRig} from '../../scripts/homologate/payments/rig.ts';
import {payments} from '../../scripts/homologate/payments/suite.ts';
import {openWire} from '../../scripts/homologate/wire.ts';
import {UsageError} from '../../scripts/lib/command.ts';
import {type PaymentsOptions} from '../../scripts/homologate/payments/options.ts';

const keys = {appKey: 'key', appToken: 'token-0123456789'};

/** The rig for a provider that nobody calls here. */
async function openRig(t: ExecutionContext, options: Partial<PaymentsOptions>) {
	const url = options.url ?? 'https://pay.example.com';
	const wire = openWire({url, ...keys, timeoutMs: 1000});
	const rig = await openPaymentsRig(wire, {
		...{url, currency: 'BRL', isLater: false, callbackSeconds: 1},
		pause: () => Promise.resolve(),
		...options,
	});
	t.teardown(rig.close);
	return rig;
}

test('callbacks of a provider elsewhere are skipped until there is a way in', async t => {
	const rig = await openRig(t, {});

	const error = t.throws(() => rig.mailbox([200]), {instanceOf: Skip});
	t.regex(error.message, /--callback-url .*--callback-port/);
});

test('through a tunnel callbacks go to its address, and count with its path or without', async t => {
	const rig = await openRig(t, {callbackUrl: 'https://a1b2.tunnel.example/in/'});

	const {url, addresses} = rig.mailbox([200]);

	t.true(url.startsWith('https://a1b2.tunnel.example/in/api/pvt/payment-provider/'));
	const path = url.slice('https://a1b2.tunnel.example/in'.length);
	t.deepEqual(addresses, [path, `/in${path}`]);
});

test('a provider on this machine needs no tunnel', async t => {
	for (const host of ['127.0.0.1:3000', 'localhost:3000', '[::1]:3000']) {
		const rig = await openRig(t, {url: `http://${host}/v1`});

		t.regex(rig.mailbox([200]).url, /^http:\/\/127\.0\.0\.1:\d+\/api\//, host);
	}
});

test('the listener answers as it was told, keeps the address byte for byte, and knows what is nobody’s', async t => {
	const listener = await openListener();
	t.teardown(listener.close);
	const box = listener.openMailbox([500, 200]);

	const statuses = [];
	for (let place = 0; place < 3; place++) {
		const {status} = await fetch(box.url, {method: 'POST', body: '{}'});
		statuses.push(status);
	}

	const stray = await fetch(`http://127.0.0.1:${listener.port}/elsewhere`, {method: 'POST', body: 'x'});

	t.deepEqual(statuses, [500, 200, 200]);
	t.true(box.received.every(({address, body}) => address === box.addresses[0] && body === '{}'));
	t.is(stray.status, 404);
	t.deepEqual(
		listener.strays.map(({address}) => address),
		['/elsewhere'],
	);
});

test('waiting ends with what was looked for, or with the time', async t => {
	const rig = await openRig(t, {});
	let looked = 0;
	const lookUntil = (found: number) => () => {
		looked++;
		return looked === found ? 'there' : undefined;
	};

	t.is(await rig.wait(lookUntil(3)), 'there');
	looked = 0;
	t.is(await rig.wait(lookUntil(100), 1), undefined);
	t.is(looked, 5);
});

test('a callback address that is none is a usage error', async t => {
	for (const typed of ['tunnel.example', 'https://tunnel.example/?a=1', 'ftp://tunnel.example']) {
		const settings = {
			...{url: 'https://pay.example.com', ...keys, currency: 'BRL'},
			values: {'callback-url': typed},
			signal: new AbortController().signal,
		};

		await t.throwsAsync(payments.open(settings), {instanceOf: UsageError, message: /--callback-url/}, typed);
	}
});
