import test from 'ava';
import {type Browser} from 'playwright-core';
import {emptyWallet, rightPin, withStage} from '../pages/stage.ts';
import {desk, launchChromium, openWindow, telephone} from './chromium.ts';
import {withStore} from './store.ts';

let browser: Browser;
test.before(async () => {
	browser = await launchChromium();
});
test.after.always(async () => {
	await browser.close();
});

test('in each language the page is whole, complains of nothing, and is as wide as its window', async t => {
	const {pageUrl} = await withStage(t);
	const headings = {
		'en-US': 'Confirm your payment',
		'es-AR': 'Confirme su pago',
		'pt-BR': 'Confirme seu pagamento',
	};
	for (const [locale, heading] of Object.entries(headings)) {
		for (const viewport of [{width: 320, height: 568}, telephone, desk]) {
			const {page, complaints} = await openWindow(browser, {locale, viewport});

			await page.goto(pageUrl);

			t.is(await page.getByRole('heading', {level: 1}).innerText(), heading);
			t.is(await page.getByRole('listitem').count(), 2);
			t.is(await page.evaluate('document.documentElement.scrollWidth'), viewport.width);
			// The style has passed the policy.
			t.is(await page.evaluate('getComputedStyle(document.querySelector("main")).maxWidth'), '480px');
			t.deepEqual(complaints, []);
			await page.context().close();
		}
	}
});

test('without scripts and by the keyboard alone a shopper pays and is back in the store', async t => {
	// As VTEX's return page does, which leads on to the store's own domain.
	const store = await withStore(t);
	const {returnUrl} = await withStore(t, {leadsOnTo: store.returnUrl});
	const {pageUrl, calls} = await withStage(t, {returnUrl});
	const {page} = await openWindow(browser, {javaScriptEnabled: false});

	await page.goto(pageUrl);
	await page.keyboard.press('Tab');
	await page.keyboard.type(rightPin);
	await page.keyboard.press('Enter');
	await page.waitForURL(store.returnUrl);

	t.is(await page.getByRole('heading').innerText(), 'Thank you for your order');
	t.deepEqual(calls, [`confirm ${rightPin}`]);
	await page.context().close();
});

test('a wrong PIN is told where it is typed, and the right one pays then', async t => {
	const {returnUrl, referrers} = await withStore(t);
	const {pageUrl, calls} = await withStage(t, {returnUrl});
	const {page} = await openWindow(browser);
	await page.goto(pageUrl);

	await page.getByLabel('Your PIN').fill('000000');
	await page.getByRole('button', {name: 'Pay R$1,284.56'}).click();
	t.regex(await page.getByRole('alert').innerText(), /This PIN is not right, and nothing was taken/);
	t.is(await page.getByLabel('Your PIN').inputValue(), '');
	// The field has the focus again.
	await page.keyboard.type(rightPin);
	await page.keyboard.press('Enter');
	await page.waitForURL(returnUrl);

	t.deepEqual(calls, ['confirm 000000', `confirm ${rightPin}`]);
	t.deepEqual(referrers, [undefined]);
	await page.context().close();
});

test('no PIN does not leave the page, and a PIN is digits', async t => {
	const {pageUrl, calls} = await withStage(t);
	const {page} = await openWindow(browser);
	await page.goto(pageUrl);
	const pin = page.getByLabel('Your PIN');
	const confirm = page.getByRole('button', {name: /^Pay/});

	await confirm.click();
	await pin.fill('12ab');
	await confirm.click();

	t.deepEqual(calls, []);
	t.is(await pin.getAttribute('inputmode'), 'numeric');
	t.is(await pin.getAttribute('type'), 'password');
	await page.context().close();
});

test('declining takes one press and no PIN', async t => {
	const {returnUrl} = await withStore(t);
	const {pageUrl, calls} = await withStage(t, {returnUrl});
	const {page, complaints} = await openWindow(browser);
	await page.goto(pageUrl);

	await page.getByRole('button', {name: 'Decline'}).click();
	await page.waitForURL(returnUrl);

	t.deepEqual(calls, ['decline']);
	t.deepEqual(complaints, []);
	await page.context().close();
});

test('pressing twice pays once', async t => {
	const {pageUrl, calls} = await withStage(t);
	const {page} = await openWindow(browser);
	await page.goto(pageUrl);

	await page.getByLabel('Your PIN').fill(rightPin);
	await page.getByRole('button', {name: /^Pay/}).dblclick();
	await page.getByRole('heading', {name: 'Payment confirmed'}).waitFor();

	t.deepEqual(calls, [`confirm ${rightPin}`]);
	await page.context().close();
});

test('going back after paying shows that it is done, not the form', async t => {
	const {returnUrl} = await withStore(t);
	const {pageUrl} = await withStage(t, {returnUrl});
	const {page} = await openWindow(browser);
	await page.goto(pageUrl);
	await page.getByLabel('Your PIN').fill(rightPin);
	await page.keyboard.press('Enter');
	await page.waitForURL(returnUrl);

	await page.goBack();

	t.is(await page.getByRole('heading').innerText(), 'Payment confirmed');
	await page.getByRole('link', {name: 'Back to the store'}).click();
	await page.waitForURL(returnUrl);
	t.pass();
	await page.context().close();
});

test('a balance that does not suffice leaves only the way out', async t => {
	const {pageUrl, preview} = await withStage(t);
	preview.value = emptyWallet;
	const {page, complaints} = await openWindow(browser, {locale: 'es-CL'});
	await page.goto(pageUrl);

	t.is(await page.getByRole('button').count(), 1);
	await page.getByRole('button', {name: 'Rechazar'}).click();

	t.is(await page.getByRole('heading').innerText(), 'Pago rechazado');
	t.deepEqual(complaints, []);
	await page.context().close();
});

test('no page of another origin can frame it, or send its form', async t => {
	const {pageUrl, calls} = await withStage(t);
	const framed = await withStore(t, {body: `<iframe src="${pageUrl}"></iframe>`});
	const {page, complaints} = await openWindow(browser);
	await page.goto(framed.returnUrl);
	t.true(
		complaints.some(text => text.includes('frame-ancestors')),
		complaints.join('\n'),
	);
	t.false(page.frames().some(frame => frame.url().startsWith(pageUrl)));

	const token = await (await openWindow(browser)).page.goto(pageUrl).then(async answer => {
		const [, found = ''] = /name="token" value="([^"]*)"/.exec((await answer?.text()) ?? '') ?? [];
		return found;
	});
	const fields = `<input name="token" value="${token}"><input name="action" value="decline"><button>Win</button>`;
	const forged = await withStore(t, {body: `<form method="post" action="${pageUrl}">${fields}</form>`});
	await page.goto(forged.returnUrl);
	await page.getByRole('button').click();
	await page.getByRole('heading', {name: 'Please confirm on our page'}).waitFor();
	t.deepEqual(calls, []);
	await page.getByRole('link', {name: 'Open the payment again'}).click();
	await page.getByRole('heading', {name: 'Confirm your payment'}).waitFor();
	await page.context().close();
});
