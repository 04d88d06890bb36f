import {readFileSync} from 'node:fs';
import test, {type ExecutionContext} from 'ava';
import {openBooks} from '../../scripts/demo/books.ts';
import {type Gateway, openGateway} from '../../scripts/demo/gateway.ts';
import {type Hub, newPaymentId, openHub} from '../../scripts/demo/hub.ts';
import {openStage, StoryError} from '../../scripts/demo/stage.ts';
import {tellStory, type World} from '../../scripts/demo/story.ts';
import {openPrint} from '../../scripts/lib/print.ts';
import {runHere} from '../helpers/script.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';

let server: TestServer;

test.before(async () => {
	server = await openTestServer();
});

test.after.always(() => server.close());

/** Tell the story of the demo with something changed in its world; returns what was printed. */
async function tell(
	change: {
		readonly hub?: (hub: Hub) => Partial<Hub>;
		readonly gateway?: (gateway: Gateway) => Partial<Gateway>;
		readonly command?: World['command'];
	} = {},
) {
	let printed = '';
	const write = (text: string) => {
		printed += text;
		return true;
	};
	const {url: serviceUrl, appKey, appToken, parts} = server;
	const world: World = {
		openHub(options) {
			const hub = openHub({serviceUrl, appKey, appToken, ...options});
			return {...hub, ...change.hub?.(hub)};
		},
		openGateway(options) {
			const gateway = openGateway({serviceUrl, appKey, appToken, ...options});
			return {...gateway, ...change.gateway?.(gateway)};
		},
		openBooks: cardId => openBooks(parts, cardId),
		command: change.command ?? command,
	};
	const stream = {write, isTTY: false} as unknown as NodeJS.WriteStream;
	await tellStory(openStage(openPrint({stdout: stream, stderr: stream}, false)), world);
	return printed;
}

async function command(name: string, ...args: readonly string[]): Promise<string> {
	return (await runHere(server.parts, name, args)).stdout;
}

async function isNoticed(t: ExecutionContext, change: Parameters<typeof tell>[0], message: RegExp) {
	await t.throwsAsync(tell(change), {instanceOf: StoryError, message});
}

test('the story of the demo holds', async t => {
	const printed = await tell();

	t.regex(printed, /^ 1 {2}The store issues a gift card of 100\.00 BRL\.$/m);
	t.regex(printed, /the books {9}authorize {3}available −60\.00, held \+60\.00$/m);
	t.regex(printed, /the card {10}█{16}▒{12}·{12} {2}40\.00 BRL, 30\.00 held$/m);
	t.regex(printed, /^ 9 {2}Another order: the card pays 50\.00 BRL as a private label\. VTEX asks twice\.$/m);
	t.is(printed.match(/POST \/payments +200 approved$/gm)?.length, 2);
	t.regex(printed, /the card {10}█{24}·{16} {2}60\.00 BRL$/m);
	t.regex(printed, /^13 {2}The audit/m);
});

test('what the README shows of the demo is what it tells', async t => {
	const withoutIds = (text: string) => text.replaceAll(/…[0-9a-f]{4}/g, '…');
	const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
	const [, transcript = ''] = /<!-- transcript -->\n```text\n([^]*?)```/.exec(readme) ?? [];
	const told = withoutIds(await tell()).split('\n');
	const shown = withoutIds(transcript).trimEnd().split('\n');

	t.is(shown.length, 15);
	t.deepEqual(
		shown.filter(line => !told.includes(line)),
		[],
	);
});

test('the story notices a balance that VTEX would read wrong', async t => {
	await isNoticed(
		t,
		{hub: hub => ({card: async id => ({...(await hub.card(id)), balance: 99.99})})},
		/balance that VTEX reads should be 100\.00, but is 99\.99/,
	);
});

test('the story notices that a repeated debit got another id', async t => {
	let debits = 0;
	const debit =
		({debit: real}: Hub): Hub['debit'] =>
		async (...args) => {
			const transaction = await real(...args);
			return ++debits > 1 ? {...transaction, id: '0'.repeat(32)} : transaction;
		};

	await isNoticed(t, {hub: hub => ({debit: debit(hub)})}, /id of the repeated debit/);
});

test('the story notices a repeated debit that moves value again', async t => {
	let debits = 0;
	const debit =
		({debit: real}: Hub): Hub['debit'] =>
		async (cardId, purchase) => {
			if (++debits > 1) {
				await real(cardId, {...purchase, value: 1, requestId: newPaymentId()});
			}

			return real(cardId, purchase);
		};

	await isNoticed(t, {hub: hub => ({debit: debit(hub)})}, /transactions of the card should be/);
});

test('the story notices a repeated payment that moves value again', async t => {
	const createAnew =
		({create}: Gateway): Gateway['create'] =>
		wish =>
			create({...wish, paymentId: newPaymentId(), value: wish.value / 2});

	await isNoticed(
		t,
		{gateway: gateway => ({create: createAnew(gateway)})},
		/ids of the repeated payment should be/,
	);
});

test('the story notices a cancellation that released nothing', async t => {
	await isNoticed(
		t,
		{gateway: () => ({cancel: () => Promise.resolve({cancellationId: 'done'})})},
		/new entries should be release, but is \./,
	);
});

test('the story notices an impostor who is answered', async t => {
	await isNoticed(
		t,
		{hub: () => ({verify: () => Promise.resolve({status: 200, text: '[]'})})},
		/status should be 403, but is 200/,
	);
});

test('the story notices an audit that finds something', async t => {
	const report = JSON.stringify({
		ok: false,
		checks: [{name: 'x', ok: false, checked: 1, found: 1, findings: []}],
	});

	await isNoticed(
		t,
		{
			command: (name, ...args) =>
				name === 'ledger:audit' ? Promise.resolve(report) : command(name, ...args),
		},
		/audit should be true, but is false/,
	);
});
