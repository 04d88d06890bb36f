import test from 'ava';
import {adminRoles} from '../../../src/admins/admins.ts';
import {hidePassword, type HiddenPassword} from '../../../src/admins/password.ts';
import {openCredentialCheck} from '../../../src/merchants/credential-check.ts';
import {listCredentials, revokeCredential} from '../../../src/merchants/credentials.ts';
import {type Merchant} from '../../../src/merchants/merchant.ts';
import {untilAnswered} from '../../helpers/ask.ts';
import {openTestDatabase, type TestDatabase} from '../../helpers/database.ts';
import {newMerchant} from '../../helpers/merchant.ts';
import {
	askCredentials,
	askToken,
	codeOf,
	newToken,
	openPage,
	returnUrl,
	sendForm,
	type SignUpApp,
	withSignUpApp,
} from '../../helpers/sign-up.ts';

let database: TestDatabase;
let merchant: Merchant;
// One after the other: passwords are expensive to check, and requests have a deadline.
test.before(async () => {
	database = await openTestDatabase();
	const {prisma} = database.general;
	merchant = await newMerchant(prisma);
});
test.after.always(() => database.close());

const password = 'correct horse battery';
let template: HiddenPassword | undefined;
let count = 0;

/** What an admin of this test's own types: those of one admin would be counted together. One hash does for all of them. */
async function newAdmin(role: number = adminRoles.length): Promise<{name: string; password: string}> {
	template ??= await hidePassword(password);
	const name = `ana${++count}`;
	await database.general.prisma.admin.create({data: {name, merchantId: merchant.id, role, ...template}});
	return {name, password};
}

/** An admin has agreed: the code. */
async function agree(app: SignUpApp): Promise<string> {
	return codeOf(await sendForm(app, {...(await newAdmin()), token: await newToken(app)}));
}

test.serial(
	'a token leads to a page, the page to a code, and the code to credentials that work until they are revoked',
	async t => {
		const {prisma} = database.general;
		const ana = await newAdmin();
		const app = await withSignUpApp(t, database);

		const begun = await askToken(app);
		const {applicationId, token} = begun.json as Record<string, string>;
		const page = await openPage(app, token ?? '');
		const sent = await sendForm(app, {...ana, token: token ?? ''});
		const credentials = await askCredentials(app, codeOf(sent));

		t.is(begun.status, 200);
		t.is(applicationId, 'vtex');
		t.regex(token ?? '', /^[\w-]{43}$/);
		t.is(page.status, 200);
		t.is(sent.status, 302);
		t.true(sent.location?.startsWith(returnUrl));
		t.regex(codeOf(sent), /^[\w-]{43}$/);
		t.is(credentials.status, 200);
		t.is(credentials.headers.get('cache-control'), 'no-store');
		const {appKey = '', appToken = ''} = credentials.json as Record<string, string>;
		t.deepEqual(credentials.json, {applicationId: 'vtex', appKey, appToken});
		t.true(appKey.startsWith(`${merchant.name}-vtex-`));
		const caller = await openCredentialCheck(prisma, Date.now).check(appKey, appToken);
		t.like(caller, {merchant, role: 'provider', appKey});

		await revokeCredential(prisma, merchant.id, appKey, new Date());
		t.is(await openCredentialCheck(prisma, Date.now).check(appKey, appToken), undefined);
	},
);

test.serial(
	'the page is in the language of the browser, names where it leads, and may neither be framed nor stored',
	async t => {
		const app = await withSignUpApp(t, database);
		const token = await newToken(app);

		for (const [language, word] of [
			['en-US,en;q=0.9', 'Password'],
			['es-CL', 'Contraseña'],
			['pt-BR', 'Senha'],
		] as const) {
			const {text, headers} = await openPage(app, token, {'Accept-Language': language});

			t.true(text.includes(word), language);
			t.true(text.includes('store.myvtex.com'));
			t.true(text.includes(`value="${token}"`));
			t.regex(headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/);
			t.regex(headers.get('content-security-policy') ?? '', /form-action 'self' https:/);
			t.is(headers.get('cache-control'), 'no-store');
		}
	},
);

test.serial('what was typed is shown again as text, and the password is not', async t => {
	const ana = await newAdmin();
	const app = await withSignUpApp(t, database);
	const token = await newToken(app);

	const {status, text} = await sendForm(app, {name: '"><b>x</b>', password: 'typed-wrongly-1', token});

	t.is(status, 401);
	t.regex(text, /role="alert"/);
	t.false(text.includes('<b>'));
	t.true(text.includes('&quot;&gt;&lt;b&gt;'));
	t.false(text.includes('typed-wrongly-1'));
	t.is((await sendForm(app, {...ana, token})).status, 302, 'the token is still good');
});

for (const [index, role] of adminRoles.slice(0, 2).entries()) {
	test.serial(
		`an admin of the role ${role} is told that only an admin may, and gives nothing away`,
		async t => {
			const ana = await newAdmin();
			const app = await withSignUpApp(t, database);
			const token = await newToken(app);

			const {status, text, location} = await sendForm(app, {...(await newAdmin(index + 1)), token});

			t.is(status, 403);
			t.regex(text, /only the role admin may/);
			t.is(location, null);
			t.is((await sendForm(app, {...ana, token})).status, 302, 'the token is still good');
		},
	);
}

test.serial('of six forms sent at once with one token, one gets a code', async t => {
	const ana = await newAdmin();
	const app = await withSignUpApp(t, database, {logIns: {missesMax: 1000}});
	const token = await newToken(app);

	const sent = await Promise.all(
		Array.from({length: 6}, () => untilAnswered(() => sendForm(app, {...ana, token}))),
	);

	t.is(sent.filter(({status}) => status === 302).length, 1);
	t.is(sent.filter(({status}) => status === 410).length, 5);
});

test.serial('of twenty that show one code at once, one gets credentials', async t => {
	const {prisma} = database.general;
	const app = await withSignUpApp(t, database);
	const code = await agree(app);
	const before = await listCredentials(prisma, merchant.id);

	const answers = await Promise.all(
		Array.from({length: 20}, () => untilAnswered(() => askCredentials(app, code))),
	);

	t.is(answers.filter(({status}) => status === 200).length, 1);
	const refused = answers.filter(({status}) => status === 400);
	t.is(refused.length, 19);
	t.like(refused[0]?.json, {error: {code: 'authorization_code_not_valid'}});
	t.deepEqual(Object.keys((refused[0]?.json as {error: object}).error), ['code', 'message']);
	// Other tests of this file may have made some meanwhile.
	const after = await listCredentials(prisma, merchant.id);
	t.true(after.length > before.length);
});

test.serial('whoever only asks for the headers of credentials uses no code up', async t => {
	const app = await withSignUpApp(t, database);
	const code = await agree(app);

	const query = new URLSearchParams({applicationId: 'vtex', authorizationCode: code}).toString();
	t.is((await fetch(`${app.url}/authorization/credentials?${query}`, {method: 'HEAD'})).status, 405);
	t.is((await askCredentials(app, code)).status, 200);
});

test.serial('a token works until its last millisecond, and not after ten minutes', async t => {
	const ana = await newAdmin();
	const app = await withSignUpApp(t, database);
	const [first, second] = [await newToken(app), await newToken(app)];

	app.clock.advance(10 * 60_000 - 1);
	t.is((await openPage(app, first)).status, 200);
	t.is((await sendForm(app, {...ana, token: first})).status, 302);
	app.clock.advance(1);

	t.is((await openPage(app, second)).status, 410);
	t.is((await sendForm(app, {...ana, token: second})).status, 410);
});

test.serial('a code works until its last millisecond, and not after five minutes', async t => {
	const app = await withSignUpApp(t, database);
	const [first, second] = [await agree(app), await agree(app)];

	app.clock.advance(5 * 60_000 - 1);
	t.is((await askCredentials(app, first)).status, 200);
	app.clock.advance(1);
	t.is((await askCredentials(app, second)).status, 400);
});

test.serial('token and code work for the application that asked for them only', async t => {
	const ana = await newAdmin();
	const app = await withSignUpApp(t, database);
	const token = await newToken(app);

	t.is((await sendForm(app, {...ana, token, applicationId: 'other'})).status, 410);
	const code = codeOf(await sendForm(app, {...ana, token}));
	t.is((await askCredentials(app, code, 'other')).status, 400);
	t.is((await askCredentials(app, code)).status, 200);
});

test.serial('a token is no code, a code is no token, and a used token shows no form', async t => {
	const ana = await newAdmin();
	const app = await withSignUpApp(t, database);
	const token = await newToken(app);
	const code = codeOf(await sendForm(app, {...ana, token}));

	t.is((await askCredentials(app, token)).status, 400);
	t.is((await openPage(app, code)).status, 410);
	t.is((await openPage(app, token)).status, 410);
	t.is((await sendForm(app, {...ana, token})).status, 410);
});

for (const [what, url] of [
	['another host', 'https://evil.example/?authorizationCode='],
	['no TLS', 'http://store.myvtex.com/?authorizationCode='],
	['a script', 'javascript:alert(1)//'],
	['a path', '/provider-return?authorizationCode='],
	['a host hidden behind a user name', String.raw`https://evil.example\@store.myvtex.com/`],
	['an address above 2000 characters', `https://store.myvtex.com/${'x'.repeat(2000)}`],
] as const) {
	test.serial(`a returnUrl with ${what} is refused`, async t => {
		const app = await withSignUpApp(t, database);

		const {status, json} = await askToken(app, {applicationId: 'vtex', returnUrl: url});

		t.is(status, 400);
		t.deepEqual(Object.keys((json as {error: object}).error), ['code', 'message']);
	});
}

test.serial('a code can never become a part of the host', async t => {
	const ana = await newAdmin();
	const app = await withSignUpApp(t, database);
	const begun = await askToken(app, {applicationId: 'vtex', returnUrl: 'https://store.myvtex.com'});
	const {token = ''} = begun.json as Record<string, string>;

	const {location} = await sendForm(app, {...ana, token});

	t.is(new URL(location ?? '').host, 'store.myvtex.com');
});

test.serial('nobody is sent to a host that was taken out of the configuration meanwhile', async t => {
	const ana = await newAdmin();
	let isAllowed = true;
	const app = await withSignUpApp(t, database, {mayReturn: () => isAllowed});
	const token = await newToken(app);
	isAllowed = false;

	t.is((await sendForm(app, {...ana, token})).status, 410);
});

test.serial(
	'a form that another site sends is not taken, one of ours and one of a browser without these headers are',
	async t => {
		const ana = await newAdmin();
		const app = await withSignUpApp(t, database);
		const {origin} = new URL(app.url);
		const send = async (headers: Record<string, string>) =>
			(await sendForm(app, {...ana, token: await newToken(app)}, headers)).status;

		t.is(await send({Origin: 'https://evil.example'}), 410);
		t.is(await send({'Sec-Fetch-Site': 'cross-site'}), 410);
		t.is(await send({Origin: origin}), 302);
		t.is(await send({}), 302);
	},
);

for (const [what, body] of [
	['no applicationId', {returnUrl}],
	['no returnUrl', {applicationId: 'vtex'}],
	['an applicationId with a line break', {applicationId: 'v\ntex', returnUrl}],
	['an applicationId of 101 characters', {applicationId: 'v'.repeat(101), returnUrl}],
	['a list', []],
] as const) {
	test.serial(`a token request with ${what} is answered 400 with code and message`, async t => {
		const app = await withSignUpApp(t, database);

		const {status, json} = await askToken(app, body);

		t.is(status, 400);
		t.like(json, {error: {code: 'invalid_request'}});
	});
}

for (const query of [
	'',
	'?applicationId=vtex',
	'?applicationId=%00&token=%00',
	'?token=a&token=b',
	`?applicationId=vtex&token=${'x'.repeat(300)}`,
]) {
	test.serial(
		`the page without a usable query (${query.slice(0, 40)}) says that it is over, and credentials are refused`,
		async t => {
			const app = await withSignUpApp(t, database);

			const page = await fetch(`${app.url}/authorization/redirect${query}`);
			const credentials = await fetch(
				`${app.url}/authorization/credentials${query.replaceAll('token', 'authorizationCode')}`,
			);

			t.is(page.status, 410);
			t.regex(await page.text(), /<h1>/);
			t.is(credentials.status, 400);
			await credentials.text();
		},
	);
}

test.serial('one client may begin so many sign-ups and no more, and learns when it may again', async t => {
	const app = await withSignUpApp(t, database, {signUps: {byAddress: {times: 3, seconds: 60}}});
	const answers = [await askToken(app), await askToken(app), await askToken(app), await askToken(app)];

	t.deepEqual(
		answers.map(({status}) => status),
		[200, 200, 200, 429],
	);
	t.like(answers[3]?.json, {error: {code: 'too_many_sign_ups'}});
	t.regex(answers[3]?.headers.get('retry-after') ?? '', /^\d+$/);
});

test.serial(
	'one client may try so many passwords and no more, whatever names it types; right ones do not count',
	async t => {
		const ana = await newAdmin();
		const app = await withSignUpApp(t, database, {logIns: {byAddress: {times: 2, seconds: 60}}});
		const token = await newToken(app);
		const wrong = (name: string) => sendForm(app, {name, password: 'not the password', token});

		t.is((await sendForm(app, {...(await newAdmin(1)), token})).status, 403);
		t.is((await wrong('nobody-1')).status, 401);
		t.is((await wrong('nobody-2')).status, 401);
		t.is((await wrong('nobody-3')).status, 429);
		t.is((await sendForm(app, {...ana, token})).status, 429);
	},
);

test.serial(
	'neither passwords nor tokens, codes, names and addresses stand in the log or in the database',
	async t => {
		const ana = await newAdmin();
		const app = await withSignUpApp(t, database);
		const token = await newToken(app);
		await openPage(app, token);
		await sendForm(app, {...ana, password: 'typed-wrongly-2', token});
		const code = codeOf(await sendForm(app, {...ana, token}));
		const {appToken = ''} = (await askCredentials(app, code)).json as Record<string, string>;

		const log = app.lines.join('\n');
		t.true(app.lines.length >= 5);
		for (const secret of [ana.password, 'typed-wrongly-2', token, code, appToken, 'provider-return']) {
			t.false(log.includes(secret));
			t.false(log.includes(encodeURIComponent(secret)));
		}

		const {rows} = await database.general.pool.query(
			'SELECT (SELECT json_agg(a)::text FROM admins a) || (SELECT json_agg(s)::text FROM sign_ups s) || (SELECT json_agg(c)::text FROM credentials c) AS stored',
		);
		const {stored} = rows[0] as {stored: string};
		t.true(stored.includes(ana.name));
		for (const secret of [ana.password, token, code, appToken]) {
			t.false(stored.includes(secret));
			t.false(stored.includes(Buffer.from(secret).toString('hex')));
		}
	},
);
