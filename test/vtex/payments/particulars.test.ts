import test from 'ava';
import {
	connectorMetadataIn,
	operationParticularsOf,
	pairsOf,
	particularsOf,
} from '../../../src/vtex/payments/particulars.ts';
import {paymentSample} from '../../helpers/payments.ts';

const kept = (body: Record<string, unknown>) => JSON.parse(particularsOf(body)) as Record<string, unknown>;

test('settings, metadata, recipients and instalments are kept', t => {
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
	});
});

test('no card, buyer, address or cart is kept, wherever it stands', t => {
	const published = paymentSample('oas-create-payment-success-denied.request');

	const text = particularsOf({...published, items: 'none', cardNumber: '4682185088924788'});

	for (const secret of [
		...['4682185088924788', '021', 'John', 'Doe', '01234567890', 'john.doe', '+5521987654321'],
		...['Botafogo', '22250040', '12ade389087fe', 'Tenis'],
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
			kept({merchantSettings: value, connectorMetadata: value, customFields: value, recipients: 'x'}),
			{},
		);
	}
});

test('text that a database cannot store does not get there', t => {
	t.deepEqual(kept({merchantName: 'a\u0000b', url: '\uDC00'}), {merchantName: 'a b'});
});

test('particulars have at most 64 kB: of longer ones only the metadata stays, and that only where it fits', t => {
	const connectorMetadata = [{name: 'Shelf', value: 'A7'}];
	const recipients = Array.from({length: 400}, (_, index) => ({id: String(index), name: 'ñ'.repeat(300)}));
	const long = Array.from({length: 400}, (_, index) => ({name: String(index), value: 'x'.repeat(300)}));

	const shortened = particularsOf({merchantName: 'store', connectorMetadata, recipients});

	t.deepEqual(JSON.parse(shortened), {connectorMetadata, isShortened: true});
	t.deepEqual(connectorMetadataIn(shortened), connectorMetadata);
	t.deepEqual(kept({connectorMetadata: long}), {isShortened: true});
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
