import test from 'ava';
import {wayOf} from '../../../src/vtex/payments/methods.ts';

const offered = new Map([
	['Privatelabels', 'code'],
	['Promissories', 'wallet'],
	['Mastercard', 'confirmed'],
] as const);
const shop = {isSandbox: false, hasCode: true};
const sandbox = {isSandbox: true, hasCode: true};

test('a method counts in any case and is kept as the manifest spells it', t => {
	for (const named of ['Promissories', 'promissories', ' PROMISSORIES ']) {
		t.deepEqual(wayOf(offered, named, shop), {method: 'Promissories', way: 'wallet'});
	}

	t.deepEqual(wayOf(offered, 'MasterCard', shop), {method: 'Mastercard', way: 'confirmed'});
});

test('a method that is not offered has no way', t => {
	for (const named of ['cash', 'BankInvoice', 'Boleto Bancário', '', 'x'.repeat(500)]) {
		t.deepEqual(wayOf(offered, named, shop), {method: named.slice(0, 100), way: null});
	}

	t.deepEqual(wayOf(offered, null, shop), {method: '', way: null});
});

test('only a sandbox has bank invoices, under both names, and redirects where a code is missing', t => {
	for (const named of ['BankInvoice', 'bankinvoice', 'Boleto Bancário', 'Boleto Banca\u0301rio']) {
		t.deepEqual(wayOf(offered, named, sandbox), {method: 'BankInvoice', way: 'sandboxBankInvoice'});
	}

	const withoutCode = {hasCode: false};
	t.is(wayOf(offered, 'Privatelabels', sandbox).way, 'code');
	t.is(wayOf(offered, 'Privatelabels', {...sandbox, ...withoutCode}).way, 'sandboxRedirect');
	t.is(wayOf(offered, 'Promissories', {...sandbox, ...withoutCode}).way, 'wallet');
	t.is(wayOf(offered, 'FakePay', {...sandbox, ...withoutCode}).way, null);
	t.is(wayOf(offered, 'Privatelabels', {...shop, ...withoutCode}).way, 'code');
});

test('a shop that offers bank invoices by itself is paid by them as it says', t => {
	const own = new Map([['BankInvoice', 'wallet']] as const);

	t.deepEqual(wayOf(own, 'bankinvoice', sandbox), {method: 'BankInvoice', way: 'wallet'});
});
