import test from 'ava';
import {openOtlpTracing} from '../../src/tracing/otlp.ts';
import {buildCard} from '../helpers/build.ts';
import {openHub} from '../helpers/hub.ts';
import {cardMember, createBody, openGateway, selectors} from '../helpers/payments.ts';
import {openReceiver, type Receiver} from '../helpers/receiver.ts';
import {withServer} from '../helpers/server.ts';
import {until} from '../helpers/until.ts';

type Value = {readonly stringValue?: string; readonly intValue?: number; readonly doubleValue?: number};
type Span = {
	readonly name: string;
	readonly traceId: string;
	readonly spanId: string;
	readonly parentSpanId?: string;
	readonly kind: number;
	readonly startTimeUnixNano: string;
	readonly endTimeUnixNano: string;
	readonly attributes: readonly {readonly key: string; readonly value: Value}[];
	readonly status: {readonly code?: number};
};
type Export = {
	readonly resourceSpans: readonly {
		readonly resource: {readonly attributes: Span['attributes']};
		readonly scopeSpans: readonly {readonly spans: readonly Span[]}[];
	}[];
};

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parentId = '00f067aa0ba902b7';
const sampled = {traceparent: `00-${traceId}-${parentId}-01`};

const exportsOf = ({received}: Receiver) => received.map(({body}) => JSON.parse(body || '{}') as Export);
const spansOf = (receiver: Receiver): Span[] =>
	exportsOf(receiver).flatMap(({resourceSpans = []}) =>
		resourceSpans.flatMap(({scopeSpans}) => scopeSpans.flatMap(({spans}) => spans)),
	);
const attribute = ({attributes}: Span, key: string) => {
	const value = attributes.find(one => one.key === key)?.value;
	return value?.stringValue ?? value?.intValue ?? value?.doubleValue;
};

test('requests, batches and callbacks are traced, as parts of their caller’s trace, and nothing secret with them', async t => {
	const collector = await openReceiver(t);
	const gatewayOfVtex = await openReceiver(t);
	const server = await withServer(t, {
		env: {
			SANDBOX: 'true',
			OTEL_EXPORTER_OTLP_ENDPOINT: collector.at('/'),
			OTEL_EXPORTER_OTLP_HEADERS: 'X-Collector-Key=secret%20of%20ours',
			OTEL_SERVICE_NAME: 'cards',
		},
	});
	const card = await buildCard(server.parts);
	const hub = openHub(server);
	const email = 'ana.prado@example.com';
	const search = {client: {email}, cart: {redemptionCode: card.code}};
	await hub.search(search, {headers: {...sampled, tracestate: 'rojo=1'}});
	await hub.debit(card.id, 10);
	await server.call('GET', '/giftcards/nothing', {headers: sampled});
	const callbackUrl = gatewayOfVtex.at('/callback?X-VTEX-signature=signed');
	const create = createBody({callbackUrl, card: cardMember(selectors.approveLater)});
	await openGateway(server).post('/payments', create, {...sampled, tracestate: 'rojo=1'});
	server.clock.advance(60_000);
	await server.parts.payments.concludeDue();
	server.clock.advance(60_000);
	await server.parts.callbacks.deliverDue();

	const find = (name: string) => spansOf(collector).find(span => span.name === name);
	await until('all spans have come', () =>
		[
			'POST /giftcards/_search',
			'ledger.batch',
			'callback',
			'POST /payments',
			'GET /giftcards/:giftCardId',
		].every(name => find(name) !== undefined),
	);

	const searched = find('POST /giftcards/_search');
	t.like(searched, {traceId, parentSpanId: parentId, kind: 2});
	t.is(searched && attribute(searched, 'http.response.status_code'), 200);
	t.is(searched && attribute(searched, 'monedero.merchant'), 'default');
	t.true(BigInt(searched?.endTimeUnixNano ?? 0) > BigInt(searched?.startTimeUnixNano ?? 0));
	t.like(find('POST /payments'), {traceId, parentSpanId: parentId});
	const batch = spansOf(collector).find(
		span => span.name === 'ledger.batch' && attribute(span, 'monedero.commands') === 1,
	);
	t.true(Number(batch && attribute(batch, 'monedero.commit_ms')) > 0);

	// Who was called back was told which span called, and that is a part of what the create came with.
	const callback = find('callback');
	t.like(callback, {traceId, parentSpanId: parentId});
	t.is(gatewayOfVtex.received[0]?.headers['tracestate'], 'rojo=1');
	t.is(callback && attribute(callback, 'monedero.outcome'), 'delivered');
	t.is(gatewayOfVtex.received[0]?.headers['traceparent'], `00-${callback?.traceId}-${callback?.spanId}-01`);

	// The log names the traces of its requests and attempts.
	const line = (message: Record<string, unknown>) =>
		server.logged().find(one => Object.entries(message).every(([key, value]) => one[key] === value));
	t.is(line({route: '/giftcards/_search'})?.['traceId'], traceId);
	t.is(line({route: '/payments'})?.['traceId'], find('POST /payments')?.traceId);
	t.is(line({msg: 'A callback was delivered'})?.['traceId'], callback?.traceId);

	const [first] = exportsOf(collector);
	t.deepEqual(first?.resourceSpans[0]?.resource.attributes, [
		{key: 'service.name', value: {stringValue: 'cards'}},
	]);
	t.is(collector.received[0]?.headers['x-collector-key'], 'secret of ours');
	t.is(collector.received[0]?.path, '/v1/traces');
	const told = collector.received.map(({body}) => body).join('\n');
	for (const secret of [
		...[card.code, card.code.slice(-4), card.id, card.publicId, email, 'ana', 'signed', 'secret of ours'],
		...[server.appKey, server.appToken, selectors.approveLater, '127.0.0.1', 'nothing'],
	]) {
		t.false(told.includes(secret), secret);
	}
});

test('a caller that records nothing is not recorded, and one that says nothing is by the ratio', async t => {
	const collector = await openReceiver(t);
	const tracing = openOtlpTracing({
		...{endpoint: collector.at(''), headers: {}, serviceName: 'cards', ratio: 0, everyMs: 5},
	});
	const request = {
		...{method: 'GET', route: '/giftcards/:giftCardId', status: 200, ms: 1, requestId: 'r'},
		...{caller: undefined, errorCode: undefined},
	};
	const context = {traceId, parentId, isSampled: false, state: ''};

	t.is(tracing.answered({...request, trace: context}), traceId);
	t.is(tracing.answered({...request, trace: undefined}), undefined);
	t.is(tracing.answered({...request, route: '/metrics', trace: {...context, isSampled: true}}), traceId);
	t.regex(tracing.beginTrace('callback').headers['traceparent'], /-00$/);
	tracing.answered({...request, method: 'POST', trace: {...context, isSampled: true}});
	await tracing.close();
	await until('what is left has come', () => spansOf(collector).length > 0);

	t.deepEqual(
		spansOf(collector).map(({name}) => name),
		['POST /giftcards/:giftCardId'],
	);
});

for (const [title, answer] of [
	['hangs', 'hang'],
	['fails', 500],
] as const) {
	test(`a collector that ${title} holds up neither requests nor the end of the service`, async t => {
		const collector = await openReceiver(t, [answer]);
		const tracing = openOtlpTracing({
			...{endpoint: collector.at(''), headers: {}, serviceName: 'cards', ratio: 1, everyMs: 5},
		});
		const request = {
			...{method: 'GET', route: undefined, status: 200, ms: 1, requestId: 'r', trace: undefined},
			...{caller: undefined, errorCode: undefined},
		};

		// Twice what may wait.
		const begunAt = performance.now();
		for (let count = 0; count < 8192; count++) {
			tracing.answered(request);
		}

		const countedMs = performance.now() - begunAt;
		await until('something has reached it', () => collector.received.length > 0);
		const closingAt = performance.now();
		await tracing.close();

		t.true(performance.now() - closingAt < 10_000);
		t.log(`${((countedMs * 1000) / 8192).toFixed(1)} µs for each span`);
	});
}

test('where nobody listens, the service does not notice', async t => {
	const tracing = openOtlpTracing({
		...{endpoint: 'http://127.0.0.1:1', headers: {}, serviceName: 'cards', ratio: 1, everyMs: 5},
	});
	tracing.beginTrace('vtex').end('answered', false);

	await t.notThrowsAsync(tracing.close());
});
