import test from 'ava';
import {currency} from '../../src/money/asset.ts';
import {emptyWallet, get, post, rightPin, secret, tokenAt, twoCards, withStage} from './stage.ts';

const returnUrl = 'http://127.0.0.1:1/checkout/return?order=v5234981lvr-01';

test('the page shows store, order, amount, and what is taken from which card and remains on it', async t => {
	const {pageUrl} = await withStage(t);

	const {status, text, headers} = await get(pageUrl, 'pt-BR');

	t.is(status, 200);
	t.is(headers.get('content-type'), 'text/html; charset=utf-8');
	const words = wordsOf(text);
	t.true(words.includes('Confirme seu pagamento R$ 1.284,56 Loja livraria-aurora Pedido v5234981lvr-01'));
	t.true(words.includes('Gift card com final K7QX Cobrado agora R$ 50,00 Resta depois R$ 0,00'));
	t.true(words.includes('Cartão com final 9M2P Cobrado agora R$ 1.234,56 Resta depois R$ 465,94'));
	t.true(words.includes('Confirme antes de 14 de mar., 09:30 BRT'), words);
	t.regex(text, /<html lang="pt">/);
});

test('amounts have all decimals of their currency, to the last digit', async t => {
	const {pageUrl, preview, found} = await withStage(t, {payment: {value: 999_999_999_999_999n}});
	const part = {caption: null, last4: null, taken: 999_999_999_999_999n, left: 1n};

	preview.value = {currency: currency('CLP'), balance: 1n, parts: [part]};
	t.true(wordsOf((await get(pageUrl, 'es-CL')).text).includes('$999.999.999.999.999'));
	preview.value = {currency: currency('KWD'), balance: 1n, parts: [part]};
	t.true(wordsOf((await get(pageUrl, 'en')).text).includes('KWD 999,999,999,999.999'));
	preview.value = {currency: {code: 'MILES', scale: 0, kind: 'points'}, balance: 1n, parts: [part]};
	t.true(wordsOf((await get(pageUrl, 'en')).text).includes('999,999,999,999,999 MILES'));
	t.is(found.payment.status, 'pending');
});

test('the address of the store is used as it was received', async t => {
	const odd = 'http://127.0.0.1:1?a=%C3%A9&b=[x]|y';
	const {pageUrl} = await withStage(t, {returnUrl: odd});
	t.is((await pay(pageUrl)).headers.get('location'), odd);

	const foreign = await withStage(t, {returnUrl: 'http://127.0.0.1:1/é✓'});
	t.is((await pay(foreign.pageUrl)).headers.get('location'), 'http://127.0.0.1:1/%C3%A9%E2%9C%93');
});

test('the right PIN pays, once, and leads back to the store; the page is over then', async t => {
	const {pageUrl, calls} = await withStage(t, {returnUrl});
	const token = await tokenAt(pageUrl);

	const paid = await post(pageUrl, {token, action: 'confirm', pin: rightPin});
	t.is(paid.status, 303);
	t.is(paid.headers.get('location'), returnUrl);
	t.is(paid.headers.get('referrer-policy'), 'no-referrer');

	const again = await post(pageUrl, {token, action: 'confirm', pin: rightPin});
	const seen = await get(pageUrl);
	t.deepEqual([again.status, seen.status], [410, 410]);
	t.regex(seen.text, /Payment confirmed/);
	t.true(seen.text.includes('href="http://127.0.0.1:1/checkout/return?order=v5234981lvr-01"'));
	t.deepEqual(calls, [`confirm ${rightPin}`]);
});

test('declining needs no PIN, and leads back to the store', async t => {
	const {pageUrl, calls} = await withStage(t, {returnUrl});

	const declined = await post(pageUrl, {token: await tokenAt(pageUrl), action: 'decline', pin: ''});

	t.is(declined.status, 303);
	t.is(declined.headers.get('location'), returnUrl);
	t.deepEqual(calls, ['decline']);
	const seen = await get(pageUrl);
	t.is(seen.status, 410);
	t.regex(seen.text, /This payment is over/);
});

test('where nobody may be sent back, the page says how it ended', async t => {
	const foreign = await withStage(t, {returnUrl: 'https://elsewhere.example/'});
	const paid = await post(foreign.pageUrl, {
		token: await tokenAt(foreign.pageUrl),
		action: 'confirm',
		pin: rightPin,
	});
	t.is(paid.status, 200);
	t.regex(paid.text, /Payment confirmed[^]*close this page/);
	t.false((await get(foreign.pageUrl)).text.includes('elsewhere.example'));

	const none = await withStage(t);
	const declined = await post(none.pageUrl, {token: await tokenAt(none.pageUrl), action: 'decline'});
	t.is(declined.status, 200);
	t.regex(declined.text, /You declined this payment/);
});

test('a payment that was refused at its confirmation leads back to the store, and is never called confirmed', async t => {
	const there = await withStage(t, {returnUrl});
	there.outcomes.push('denied');
	t.is((await pay(there.pageUrl)).status, 303);

	const here = await withStage(t);
	here.outcomes.push('denied');
	const {status, text} = await pay(here.pageUrl);
	t.is(status, 200);
	t.regex(text, /This payment is over[^]*was not made/);
});

test('a wrong PIN shows the form again, and the right one still pays', async t => {
	const {pageUrl, calls} = await withStage(t, {returnUrl});

	const wrong = await pay(pageUrl, '000000');
	t.is(wrong.status, 422);
	t.regex(wrong.text, /role="alert"[^>]*>This PIN is not right[^<]*after 5 wrong PINs[^<]*15 minutes/);
	t.regex(wrong.text, /<title>Not paid – Pay at livraria-aurora<\/title>/);
	t.false(wrong.text.includes('000000'));

	t.is((await pay(pageUrl)).status, 303);
	t.deepEqual(calls, ['confirm 000000', `confirm ${rightPin}`]);
});

test('no PIN is not a guess; too many wrong ones are told as such', async t => {
	const {pageUrl, calls, outcomes} = await withStage(t);

	const missing = await pay(pageUrl, '  ');
	t.is(missing.status, 422);
	t.regex(missing.text, /role="alert"[^>]*>Type your PIN/);
	t.deepEqual(calls, []);

	outcomes.push('pinLocked');
	const locked = await pay(pageUrl);
	t.is(locked.status, 429);
	t.regex(locked.text, /role="alert"[^>]*>Too many wrong PINs[^<]*15 minutes/);
});

test('a sandbox payment is confirmed without a PIN', async t => {
	const {pageUrl, outcomes, calls} = await withStage(t, {payment: {way: 'sandbox'}});
	t.notRegex((await get(pageUrl)).text, /name="pin"/);

	outcomes.push('denied');
	const {status} = await post(pageUrl, {token: await tokenAt(pageUrl), action: 'confirm'});

	t.is(status, 200);
	t.deepEqual(calls, ['confirm ']);
});

test('a balance that does not suffice can only be declined', async t => {
	const {pageUrl, preview} = await withStage(t);
	preview.value = emptyWallet;

	const {status, text} = await get(pageUrl);

	t.is(status, 200);
	t.true(wordsOf(text).includes('Your balance is R$10.50, which is not enough for R$1,284.56.'));
	t.notRegex(text, /value="confirm"|name="pin"/);
	t.regex(text, /value="decline"/);
});

test('unknown pages and pages whose time is over are one and the same, and nothing can be done on them', async t => {
	const {origin, pageUrl, calls, outcomes} = await withStage(t);
	const unknown = await get(`${origin}/pay/${'x'.repeat(43)}`);
	const odd = await get(`${origin}/pay/javascript:alert(1)`);

	outcomes.push('pageOver');
	const late = await pay(pageUrl);

	t.deepEqual([unknown.status, odd.status, late.status], [404, 404, 404]);
	t.is(odd.text, unknown.text);
	t.is(late.text, unknown.text);
	t.deepEqual(calls, [`confirm ${rightPin}`]);
});

test('a form is taken from our own page only', async t => {
	const {origin, pageUrl, calls} = await withStage(t);
	const token = await tokenAt(pageUrl);
	const fields = {token, action: 'confirm', pin: rightPin};
	const sent = async (headers: Record<string, string>, given: Record<string, string> = fields) =>
		(await post(pageUrl, given, headers)).status;

	t.is(await sent({'Sec-Fetch-Site': 'cross-site'}), 403);
	t.is(await sent({'Sec-Fetch-Site': 'same-site'}), 403);
	t.is(await sent({Origin: 'https://evil.example'}), 403);
	t.is(await sent({Origin: 'garbage'}), 403);
	t.is(await sent({}, {...fields, token: ''}), 403);
	t.is(await sent({}, {...fields, token: `${token.slice(0, -1)}_`}), 403);
	t.is(await sent({}, {action: 'confirm', pin: rightPin}), 403);
	t.deepEqual(calls, []);

	t.is(await sent({Origin: origin, 'Sec-Fetch-Site': 'same-origin'}), 200);
	t.deepEqual(calls, [`confirm ${rightPin}`]);
});

test('the token of another page does not do', async t => {
	const {origin, pageUrl, calls} = await withStage(t);
	const token = await tokenAt(pageUrl);

	const {status} = await post(`${origin}/pay/${'x'.repeat(43)}`, {token, action: 'decline'});

	t.is(status, 403);
	t.deepEqual(calls, []);
});

test('what no form of ours would send is told so, and does nothing', async t => {
	const {pageUrl, calls} = await withStage(t);
	const token = await tokenAt(pageUrl);

	t.is((await post(pageUrl, {token, action: 'destroy', pin: rightPin})).status, 400);
	t.is((await post(pageUrl, {token, action: 'confirm', pin: rightPin, more: 'x'.repeat(4096)})).status, 413);
	const json = await fetch(pageUrl, {
		method: 'POST',
		headers: {'Content-Type': 'application/json'},
		body: JSON.stringify({token, action: 'confirm', pin: rightPin}),
	});
	t.is(json.status, 403);
	t.deepEqual(calls, []);
});

test('a failure is a page that says how to go on, and the error goes to the log', async t => {
	const {pageUrl, outcomes, states} = await withStage(t);
	outcomes.push('crash');

	const {status, text, headers} = await pay(pageUrl);

	t.is(status, 500);
	t.regex(text, /We could not finish this[^]*nothing is ever taken twice/);
	t.regex(headers.get('content-security-policy') ?? '', /default-src 'none'/);
	t.is((states.at(-1)?.failure as Error).message, 'the database is away');
});

test('the log knows the route and not the secret', async t => {
	const {pageUrl, origin, states} = await withStage(t);

	await get(pageUrl);
	await pay(pageUrl);
	await get(`${origin}/pay/short`);

	t.deepEqual(new Set(states.map(({route}) => route)), new Set(['/pay/:secret']));
	t.false(JSON.stringify(states).includes(secret));
});

test('what the store and the card are called is text, whatever it looks like', async t => {
	const {pageUrl, found, preview} = await withStage(t);
	const markup = `<img src=x onerror="alert('1')">&amp;`;
	Object.assign(found.merchant, {name: markup});
	Object.assign(found.payment.particulars ?? {}, {orderId: markup});
	preview.value = {
		...twoCards,
		parts: twoCards.parts.map(part => ({...part, caption: markup, last4: markup})),
	};

	const {text} = await get(pageUrl);

	t.false(text.includes('<img'));
	t.false(text.includes(`"alert`));
	t.regex(text, /&lt;img src=x onerror=&quot;alert\(&#39;1&#39;\)&quot;&gt;&amp;amp;/);
});

async function pay(pageUrl: string, pin = rightPin) {
	return post(pageUrl, {token: await tokenAt(pageUrl), action: 'confirm', pin});
}

/** What somebody reads: without markup, any white space a single plain space. */
function wordsOf(html: string): string {
	return html.replaceAll(/<style>[^]*<\/style>|<[^>]*>/g, ' ').replaceAll(/[\s\u00A0\u202F]+/g, ' ');
}
