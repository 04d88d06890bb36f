import test from 'ava';
import {assertAuditClean} from '../helpers/audit.ts';
import {buildCard} from '../helpers/build.ts';
import {fromWallet, openGateway} from '../helpers/gateway.ts';
import {openHub, resultOf} from '../helpers/hub.ts';
import {withServer} from '../helpers/server.ts';
import {newRequestId} from '../helpers/vtex.ts';
import {launchChromium, openWindow} from './chromium.ts';
import {withStore} from './store.ts';

type Created = {readonly status: string; readonly paymentUrl: string};

const email = 'ana.prado@example.com';
const pin = '482913';

test('a shopper pays from the real wallet, with the real PIN, and the store settles', async t => {
	const {returnUrl} = await withStore(t);
	const server = await withServer(t, {
		env: {PAYMENT_METHODS: 'Promissories:confirmed', SANDBOX: 'true'},
	});
	const gateway = openGateway(server);
	const hub = openHub(server);
	const card = await buildCard(server.parts, {owner: {email}, amount: '100'});
	await server.parts.pins.set(server.merchant.id, card, pin);
	const members = {
		...fromWallet({email}),
		paymentId: newRequestId(),
		value: 30,
		currency: 'BRL',
		returnUrl,
		callbackUrl: null,
	};
	const created = resultOf<Created>(await gateway.create(members));
	t.is(created.status, 'undefined');

	const browser = await launchChromium();
	t.teardown(() => browser.close());
	const {page} = await openWindow(browser, {locale: 'pt-BR', javaScriptEnabled: false});
	await page.goto(created.paymentUrl);
	t.regex(await page.getByRole('listitem').innerText(), /R\$\s30,00[^]*R\$\s70,00/);
	await page.getByLabel('Seu PIN').fill('000000');
	await page.getByRole('button', {name: /^Pagar/}).click();
	await page.getByRole('alert').waitFor();
	t.is(await hub.balance(card.id), 100);
	await page.getByLabel('Seu PIN').fill(pin);
	await page.getByRole('button', {name: /^Pagar/}).click();
	await page.waitForURL(returnUrl);

	t.is(await hub.balance(card.id), 70);
	t.is(resultOf<Created>(await gateway.create(members)).status, 'approved');
	t.is(resultOf<{value: number}>(await gateway.settle(members.paymentId, 30)).value, 30);
	await page.goto(created.paymentUrl);
	t.is(await page.getByRole('heading').innerText(), 'Pagamento confirmado');
	const logged = JSON.stringify(server.logged());
	t.true(logged.includes('/pay/:secret'));
	t.false(logged.includes(new URL(created.paymentUrl).pathname.slice('/pay/'.length)));
	t.false(logged.includes(pin));
	await assertAuditClean(t, server.database);
});
