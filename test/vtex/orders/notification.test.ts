import {readFileSync} from 'node:fs';
import test from 'ava';
import {readNotification} from '../../../src/vtex/orders/notification.ts';

const sample = (name: string) =>
	JSON.parse(
		readFileSync(new URL(`../../fixtures/vtex/orders/hook-${name}.json`, import.meta.url), 'utf8'),
	) as Record<string, unknown>;

const ring = (orderId: string, atLeast: string | null) => ({
	kind: 'ring',
	account: 'lojamonedero',
	ring: {orderId, atLeast},
});

test('the published ping and notifications of both filters are read', t => {
	t.deepEqual<unknown, unknown>(
		['ping', 'notification-invoiced', 'notification-canceled', 'notification-short'].map(name =>
			readNotification(sample(name)),
		),
		[
			{kind: 'ping'},
			ring('1530241870044-01', '2026-03-12T14:02:12.9051144Z'),
			ring('1530241870052-01', '2026-03-11T18:40:31.5120087Z'),
			ring('1530241870044-01', null),
		],
	);
});

test('a changed document has no time of its change, and the one who delivers another clock', t => {
	t.deepEqual<unknown, unknown>(
		['notification-from-orders', 'notification-invoiced-fulfillment'].map(name =>
			readNotification(sample(name)),
		),
		[ring('1530241870061-01', null), ring('1530241870044-01', null)],
	);
});

test('whatever else is missing, null or new, an order id is enough', t => {
	for (const body of [
		{OrderId: 'v1-01'},
		{OrderId: 'v1-01', Origin: null, Domain: null, CurrentChange: null, State: null},
		{OrderId: ' v1-01 ', Origin: 'acme', CurrentChange: 'soon', Domain: 'Marketplace'},
		{OrderId: 'v1-01', Origin: {Account: 7}, News: {deep: []}},
	]) {
		t.like(readNotification(body), {kind: 'ring', ring: {orderId: 'v1-01', atLeast: null}});
	}

	t.like(readNotification({OrderId: 'v1-01', Origin: {Account: 'LojaMonedero'}}), {account: 'lojamonedero'});
});

test('what names no order that could be fetched is unreadable', t => {
	for (const body of [
		...[undefined, null, [], '', 7, {}, {orderId: 'v1-01'}, {OrderId: null}, {OrderId: {}}],
		...['', '..', '../hook', 'a/b', 'a?b', 'a b', 'ä', 'a'.repeat(101), '-'].map(id => ({OrderId: id})),
		{hookConfig: 'pong'},
	]) {
		t.is(readNotification(body).kind, 'unreadable', JSON.stringify(body));
	}
});
