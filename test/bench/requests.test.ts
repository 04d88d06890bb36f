import test from 'ava';
import type {RenderRequest} from '../../scripts/bench/load.ts';
import {
	creditRequests,
	debitRequests,
	paymentRequests,
	readRequests,
	searchRequests,
	type SeededCard,
} from '../../scripts/bench/requests.ts';

const caller = {appKey: 'key', appToken: 'token', basePath: '/v1'};
const cards: readonly SeededCard[] = [{id: 'card-1', redemptionCode: 'ABCD-EFGH-JKLM-NPQR'}];

/** What a server would understand of the n-th request. */
function parse(request: RenderRequest, n = 0) {
	const [head = '', body = ''] = request(n).split('\r\n\r\n');
	const [line = '', ...fields] = head.split('\r\n');
	const headers = new Map(fields.map(field => field.split(': ') as [string, string]));
	return {
		line,
		headers,
		statedLength: Number(headers.get('content-length') ?? 0),
		length: Buffer.byteLength(body),
		body: (body === '' ? {} : JSON.parse(body)) as Record<string, unknown>,
	};
}

test('a debit is the published body with a request id of its own, about 1.2 kB and as long as it says', t => {
	const debits = debitRequests(caller, cards);
	const [first, second] = [parse(debits), parse(debits, 1)];

	t.is(first.line, 'POST /v1/giftcards/card-1/transactions HTTP/1.1');
	t.is(first.headers.get('content-type'), 'application/vnd.vtex.giftcards.v1+json');
	t.is(first.headers.get('x-provider-api-appkey'), 'key');
	t.is(first.headers.get('x-provider-api-apptoken'), 'token');
	t.is(first.statedLength, first.length);
	t.true(first.length > 1000 && first.length < 1400);
	t.like(first.body, {operation: 'Debit', value: 0.01});
	t.like(first.body, {orderInfo: {orderId: 'v500', clientProfile: {document: '02906792063'}}});
	t.regex(String(first.body['requestId']), /^[0-9A-F]{32}$/);
	t.not(first.body['requestId'], second.body['requestId']);
});

test('a payment is the published body with an id of its own and a code as card number, as long as it says', t => {
	const payments = paymentRequests(caller, cards);
	const [first, second] = [parse(payments), parse(payments, 1)];

	t.is(first.line, 'POST /v1/payments HTTP/1.1');
	t.is(first.headers.get('content-type'), 'application/json');
	t.is(first.headers.get('accept'), 'application/json');
	t.is(first.headers.get('x-provider-api-appkey'), 'key');
	t.is(first.statedLength, first.length);
	t.like(first.body, {paymentMethod: 'Privatelabels', value: 0.01, currency: 'BRL'});
	t.like(first.body, {card: {number: 'ABCD-EFGH-JKLM-NPQR', csc: '021'}});
	t.like(first.body, {miniCart: {billingAddress: {city: 'São Paulo'}}});
	t.regex(String(first.body['paymentId']), /^[0-9A-F]{32}$/);
	t.not(first.body['paymentId'], second.body['paymentId']);
});

test('request ids do not repeat when the supply of random digits is renewed', t => {
	const debits = debitRequests(caller, cards);
	const ids = new Set(Array.from({length: 3000}, () => parse(debits).body['requestId']));

	t.is(ids.size, 3000);
});

test('the n-th credit goes to the n-th card', t => {
	const credits = creditRequests(caller, [...cards, {id: 'card-2', redemptionCode: ''}], 1000);
	const credit = parse(credits, 1);

	t.is(credit.line, 'POST /v1/giftcards/card-2/transactions HTTP/1.1');
	t.like(credit.body, {operation: 'Credit', value: 1000});
	t.is(credit.statedLength, credit.length);
	t.throws(() => credits(2));
});

test('a search names the card by its code', t => {
	const search = parse(searchRequests(caller, cards));

	t.is(search.line, 'POST /v1/giftcards/_search HTTP/1.1');
	t.like(search.body, {client: {id: '3b1abc17'}, cart: {redemptionCode: 'ABCD-EFGH-JKLM-NPQR'}});
	t.is(search.statedLength, search.length);
});

test('a read has no body and a cache buster', t => {
	const read = parse(readRequests(caller, cards), 7);

	t.is(read.line, 'GET /v1/giftcards/card-1?ts=7 HTTP/1.1');
	t.is(read.length, 0);
});

test('without cards there is nothing to ask', t => {
	t.throws(() => debitRequests(caller, [])(0), {message: /tell the load process its cards/});
});
