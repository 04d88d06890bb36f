import {type Browser} from 'playwright-core';
import test from 'ava';
import {createAdmin} from '../../src/admins/admins.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {newMerchant} from '../helpers/merchant.ts';
import {askCredentials, newToken, withSignUpApp} from '../helpers/sign-up.ts';
import {desk, launchChromium, openWindow, telephone} from './chromium.ts';
import {withStore} from './store.ts';

let browser: Browser;
let database: TestDatabase;
const admin = {name: 'ana', password: 'correct horse battery'};

test.before(async () => {
	browser = await launchChromium();
	database = await openTestDatabase();
	const {prisma} = database.general;
	await createAdmin(prisma, await newMerchant(prisma), admin);
});
test.after.always(async () => {
	await browser.close();
	await database.close();
});

for (const [device, viewport, locale] of [
	['a telephone', telephone, 'pt-BR'],
	['a desk', desk, 'es-CL'],
] as const) {
	test.serial(
		`an admin with ${device} mistypes, logs in, agrees, and is back at VTEX with a code`,
		async t => {
			const store = await withStore(t, {body: '<h1>Back</h1>'});
			const app = await withSignUpApp(t, database, {mayReturn: () => true});
			const token = await newToken(app, {
				applicationId: 'vtex',
				returnUrl: `${store.returnUrl}&authorizationCode=`,
			});
			const {page, complaints} = await openWindow(browser, {viewport, locale, javaScriptEnabled: false});
			t.teardown(() => page.context().close());

			await page.goto(`${app.url}/authorization/redirect?applicationId=vtex&token=${token}`);
			const width = await page.evaluate('document.documentElement.scrollWidth');
			await page.fill('#name', admin.name);
			await page.fill('#password', 'not the password');
			await page.click('button');
			t.is(await page.locator('[role=alert]').count(), 1);
			t.is(await page.inputValue('#name'), admin.name);
			t.is(await page.inputValue('#password'), '');
			await page.fill('#password', admin.password);
			await page.click('button');

			t.is(await page.textContent('h1'), 'Back');
			const code = new URL(page.url()).searchParams.get('authorizationCode') ?? '';
			t.is((await askCredentials(app, code)).status, 200);
			t.is(width, viewport.width, 'nothing is wider than the window');
			t.deepEqual(store.referrers, [undefined], 'the token stays with us');
			// That the wrong password was answered 401 is no fault of the page.
			t.deepEqual(
				complaints.filter(complaint => !complaint.includes('401')),
				[],
			);
		},
	);
}
