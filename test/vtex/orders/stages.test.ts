import test from 'ava';
import {originOf, stageOf} from '../../../src/vtex/orders/stages.ts';
import {timeZoneOf, windowsTimeZones} from '../../../src/vtex/orders/time-zones.ts';

for (const [stage, states] of [
	['open', ['payment-approved', 'invoice', 'handling', 'ready-for-invoicing', 'window-to-cancel']],
	['invoiced', ['invoiced', 'Invoiced']],
	['canceled', ['canceled']],
	['replaced', ['replaced']],
	['cancelling', ['cancel', 'request-cancel', 'cancellation-requested', 'invoice-after-cancellation-deny']],
	['unknown', [null, '', 'cancelled', 'detail.state.null', 'order-create-error', 'constructor']],
] as const) {
	test(`an order is ${stage} in the states ${states.join(', ')}`, t => {
		for (const state of states) {
			t.is(stageOf(state), stage);
		}
	});
}

test('a document is a sale only where its origin is the marketplace', t => {
	t.is(originOf('Marketplace'), 'sale');
	t.is(originOf('Fulfillment'), 'delivery');
	t.is(originOf('chain'), 'chain');
	t.is(originOf('Franchise'), 'unknown');
	t.is(originOf(null), 'unknown');
});

test('every time zone of the table is known to this machine', t => {
	for (const name of windowsTimeZones) {
		t.notThrows(() => new Intl.DateTimeFormat('en', {timeZone: timeZoneOf(name) ?? 'none'}), name);
	}
});

for (const [windowsName, ianaName] of [
	['E. South America Standard Time', 'America/Sao_Paulo'],
	['Pacific SA Standard Time', 'America/Santiago'],
	['SA Pacific Standard Time', 'America/Bogota'],
	['Argentina Standard Time', 'America/Argentina/Buenos_Aires'],
	['Central Standard Time (Mexico)', 'America/Mexico_City'],
	['Mars Standard Time', null],
	['constructor', null],
	[null, null],
] as const) {
	test(`${windowsName ?? 'no name'} is ${ianaName ?? 'no zone'}`, t => {
		t.is(timeZoneOf(windowsName), ianaName);
	});
}
