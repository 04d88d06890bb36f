import test from 'ava';
import {
	cardBody,
	publishedCard,
	publishedSearch,
	publishedTransaction,
	searchBody,
	transactionBody,
} from '../../scripts/homologate/giftcards/bodies.ts';
import {openMoney} from '../../scripts/homologate/giftcards/money.ts';
import {sampleText} from '../helpers/vtex.ts';

for (const [name, body] of [
	['oas-search.request', publishedSearch],
	['oas-create-card.request', publishedCard],
	['oas-create-transaction.request', publishedTransaction],
] as const) {
	test(`the kit sends ${name} as it is published, member by member and in its order`, t => {
		t.is(JSON.stringify(body), JSON.stringify(JSON.parse(sampleText(name))));
	});
}

test('what the kit sends has every member that is published', t => {
	const members = (body: object) => Object.keys(body).sort();

	t.deepEqual(members(searchBody()), members(publishedSearch));
	t.deepEqual(members(searchBody()['cart'] as object), members(publishedSearch.cart));
	t.deepEqual(members(cardBody({})), members(publishedCard));
	t.deepEqual(members(transactionBody('a@example.com', {})), members(publishedTransaction));
	t.not(transactionBody('a', {})['requestId'], transactionBody('a', {})['requestId']);
});

test('amounts have the decimals of their currency, and what has more is told', t => {
	for (const [currency, minor, wire] of [
		['BRL', 330, 3.3],
		['CLP', 330, 330],
		['KWD', 330, 0.33],
	] as const) {
		const money = openMoney(currency);

		t.is(money.toWire(minor), wire);
		t.is(money.fromWire(wire, 'balance'), minor);
	}

	const {fromWire} = openMoney('BRL');
	t.is(fromWire(2.3000000000000003, 'balance'), 230);
	t.throws(() => fromWire(2.305, 'balance'), {message: /at most 2 decimals in the balance; got 2\.305/});
	t.throws(() => fromWire('2.30', 'balance'), {message: /a JSON number as balance; got "2\.30"/});
});
