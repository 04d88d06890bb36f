import test from 'ava';
import {
	connectorMetadataIn,
	operationParticularsOf,
	pairsOf,
	particularsOf,
} from '../../../src/vtex/payments/particulars.ts';
import {paymentSample} from '../../helpers/payments.ts';

const kept = (body: Record<string, unknown>) => JSON.parse(particularsOf(body)) as Record<string, unknown>;

test('settings, metadata, recipients, instalments and the cart are kept', t => {
	const published = paymentSample('oas-create-payment-bankinvoice-success-approved.request');

	const particulars = kept({...published, connectorMetadata: [{name: 'Shelf', value: 'A7'}]});

	t.like(particulars, {
		merchantName: 'mystore',
		shopperInteraction: 'ecommerce',
		installments: 1,
		merchantSettings: [
			{name: 'field1', value: 'value1'},
			{name: 'field2', value: 'value2'},
		],
		connectorMetadata: [{name: 'Shelf', value: 'A7'}],
		recipients: {0: {id: 'mymarketplace', role: 'marketplace', chargeProcessingFee: true, amount: 31.9}},
		miniCart: {shippingValue: 11.44, taxValue: 10.01, items: {0: {id: '8', name: 'Tenis Preto I'}}},
	});
});

test('no card, buyer or address is kept, wherever it stands', t => {
	const published = paymentSample('oas-create-payment-success-denied.request');

	const text = particularsOf({...published, items: 'none', cardNumber: '4682185088924788'});

	for (const secret of [
		...['4682185088924788', '021', 'John', 'Doe', '01234567890', 'john.doe', '+5521987654321'],
		...['Botafogo', '22250040', '12ade389087fe'],
	]) {
		t.false(text.includes(secret), secret);
	}
});

test('what looks like a secret is dropped from settings, whatever it is called', t => {
	const named = ['password', 'Merchant Secret', 'ACCESS_TOKEN', 'appKey', 'senha', 'Contraseña', 'pin'];
	const secrets = named.map(name => ({name, value: 'x1'}));

	t.deepEqual(
		pairsOf([
			...secrets,
			{name: 'Login', type: 'password', value: 'x1'},
			{name: 'Shop', type: 'text', value: 7},
		]),
		[{name: 'Shop', value: '7'}],
	);
	t.false(operationParticularsOf({merchantSettings: secrets}).includes('x1'));
});

test('whatever is sent in place of a list counts as none', t => {
	for (const value of [null, 'none', {}, 7, [null, 7, [], {}], [{name: null, value: 'x'}]]) {
		t.deepEqual(
			kept({merchantSettings: value, connectorMetadata: value, miniCart: value, recipients: 'x'}),
			typeof value === 'object' && value !== null && !Array.isArray(value) ? {miniCart: {items: []}} : {},
		);
	}
});

test('text that a database cannot store does not get there', t => {
	t.deepEqual(kept({merchantName: 'a\u0000b', url: '\uDC00'}), {merchantName: 'a b'});
});

test('particulars have at most 64 kB: the cart goes first, the metadata last', t => {
	const items = Array.from({length: 400}, (_, index) => ({id: String(index), name: 'x'.repeat(300)}));
	const connectorMetadata = [{name: 'Shelf', value: 'A7'}];
	const recipients = Array.from({length: 400}, (_, index) => ({id: String(index), name: 'ñ'.repeat(300)}));

	const withoutCart = particularsOf({merchantName: 'store', connectorMetadata, miniCart: {items}});
	const withoutMore = particularsOf({merchantName: 'store', connectorMetadata, recipients});

	t.deepEqual(JSON.parse(withoutCart), {merchantName: 'store', connectorMetadata, isShortened: true});
	t.deepEqual(JSON.parse(withoutMore), {connectorMetadata, isShortened: true});
	t.deepEqual(connectorMetadataIn(withoutMore), connectorMetadata);
});

test('an operation keeps the split in the spelling that it came with', t => {
	const settle = JSON.parse(operationParticularsOf(paymentSample('oas-settle.request'))) as unknown;
	const refund = JSON.parse(operationParticularsOf(paymentSample('oas-refund.request'))) as unknown;

	t.like(settle, {value: 45, recipients: {1: {id: 'sellerA', amount: 37.8, commissionAmount: 7.2}}});
	t.like(refund, {
		settleId: 'Q5C1A4E20D3B4E07B7E871F5B5BC9F91',
		recipients: {1: {id: 'sellerA', amount: 16.8, comissionAmount: 3}},
	});
});
