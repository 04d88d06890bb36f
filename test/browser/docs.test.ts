import {type Browser, type Request} from 'playwright-core';
import test from 'ava';
import {openApiDocument} from '../../src/http/openapi.ts';
import {routeGroups} from '../../src/http/openapi/routes.ts';
import {type TestApp, withApp} from '../helpers/app.ts';
import {type TestContext} from '../helpers/test-context.ts';
import {desk, launchChromium, openWindow, telephone} from './chromium.ts';

let browser: Browser;
test.before(async () => {
	browser = await launchChromium();
});
test.after.always(() => browser.close());

/** The page over a service without a database, and all that it asked for. */
async function open(
	t: TestContext,
	{canTry = false, viewport = desk}: {canTry?: boolean; viewport?: {width: number; height: number}} = {},
) {
	const place = {publicUrl: '', basePath: '/v1'};
	const app: TestApp = await withApp(t, {
		docs: {document: () => openApiDocument({...place, publicUrl: app.origin}), canTry},
	});
	const window = await openWindow(browser, {viewport});
	// A megabyte and a half of scripts, which a busy machine takes its time for.
	window.page.setDefaultTimeout(30_000);
	t.teardown(() => window.page.context().close());
	const asked: Request[] = [];
	window.page.on('request', request => asked.push(request));
	await window.page.goto(`${app.origin}/docs`);
	await window.page.locator('.opblock').first().waitFor();
	return {...window, app, asked};
}

test.serial('the page shows every operation under its heading, and asks nobody but us', async t => {
	const {page, app, asked, complaints} = await open(t);

	const shown = await page.locator('.opblock-summary-path').allTextContents();
	const headings = await page.locator('.opblock-tag').allTextContents();
	await page.locator('#operations-Gift_cards-searchGiftCards .opblock-summary-control').click();
	const body = await page.locator('#operations-Gift_cards-searchGiftCards').innerText();

	t.is(shown.length, routeGroups.flatMap(({routes}) => routes).length);
	t.true(shown.some(path => path.replaceAll('\u200B', '') === '/giftcards/_search'));
	t.is(headings.length, routeGroups.length);
	t.regex(body, /REST-Range/);
	t.regex(body, /resources=0-9/);
	t.regex(body, /P4TZ-9HXM-2WQD-K7QX/, 'the example');
	t.deepEqual(
		asked
			.map(request => request.url())
			.filter(url => !url.startsWith(app.origin) && !url.startsWith('data:')),
		[],
	);
	t.deepEqual(complaints, [], 'neither a violation of the Content-Security-Policy nor an error');
});

test.serial('where nothing can be tried, nothing can be sent and no credentials can be typed', async t => {
	const {page} = await open(t);
	await page.locator('#operations-Gift_cards-searchGiftCards .opblock-summary-control').click();
	await page.locator('.opblock-body').first().waitFor();

	t.is(await page.locator('.try-out').count(), 0);
	t.is(await page.locator('.authorize').count(), 0);
	t.is(await page.locator('input:not([disabled]), textarea:not([disabled])').count(), 0);
});

test.serial('in a sandbox a request can be tried, with credentials that the page forgets', async t => {
	const {page, complaints, asked} = await open(t, {canTry: true});
	await page.locator('.btn.authorize').first().click();
	const inputs = page.locator('.auth-container input');
	t.true((await inputs.count()) >= 4);
	await inputs.nth(0).fill('provider');
	await page.locator('.auth-container').nth(0).locator('button.authorize').click();
	await page.locator('.btn-done').first().click();

	await page.locator('#operations-Health-isReady .opblock-summary-control').click();
	await page.locator('#operations-Health-isReady .try-out__btn').click();
	await page.locator('#operations-Health-isReady .execute').click();
	const answer = page.locator(
		'#operations-Health-isReady .live-responses-table .microlight, .live-responses-table code',
	);
	await answer.first().waitFor();

	t.true(asked.some(request => request.url().endsWith('/health/ready')));
	t.is(await page.evaluate('localStorage.length + sessionStorage.length + document.cookie.length'), 0);
	t.deepEqual(complaints, []);
});

test.serial('nothing of it is wider than a telephone', async t => {
	const {page, complaints} = await open(t, {viewport: telephone});

	t.is(await page.evaluate('document.documentElement.scrollWidth'), telephone.width);
	t.deepEqual(complaints, []);
});
