import test, {type ExecutionContext} from 'ava';
import {setPin} from '../../src/cards/pins.ts';
import {type BuiltCard, buildCard} from '../helpers/build.ts';
import {columnsHolding} from '../helpers/columns.ts';
import {fromWallet, type Gateway, openGateway, withCode} from '../helpers/gateway.ts';
import {resultOf} from '../helpers/hub.ts';
import {type TestServer, withServer} from '../helpers/server.ts';

// As long as they may be, so that no number of the database or of a log looks like them by chance.
const pin = '839204175613';
const wrongPin = '174920385561';
const csc = '615093847';
const creditCard = '4539578763621486';
const password = 'Senha-do-lojista-9481';
const shopper = {
	id: 'profile-0a1b2c3d',
	email: 'maria.souza@correio.example',
	document: '390.533.447-05',
	firstName: 'Mariazinha',
	lastName: 'Souza-Lima',
	phone: '+5511912345678',
};
const orderId = 'v7654321-payments';

/** Whatever a shopper may type where a card is asked for, and what a buyer is; each on every way that a payment can take. */
async function livePurchases({call}: TestServer, gateway: Gateway, {code}: BuiltCard): Promise<string[]> {
	const {miniCart} = fromWallet(shopper);
	const typed = (number: string, secret: string | null) => {
		const {card, ...members} = withCode(number, secret);
		const holder = `${shopper.firstName} ${shopper.lastName}`;
		const settings = [{name: 'gatewayPassword', type: 'password', value: password}];
		const more = {miniCart, orderId, merchantSettings: settings};
		return {...members, ...more, card: {...(card as object), holder, document: shopper.document}};
	};
	const statusOf = async (members: Record<string, unknown>) =>
		resultOf<{status: string}>(await gateway.create({value: 20, ...members})).status;

	const paymentId = await gateway.pay(code, 60, typed(code, pin));
	const settings = {merchantSettings: [{name: 'gatewayPassword', type: 'password', value: password}]};
	resultOf(await gateway.settle(paymentId, 40, settings));
	resultOf(await gateway.refund(paymentId, 10, settings));
	resultOf(await gateway.cancel(paymentId, settings));
	resultOf(
		await call('POST', `/payments/${paymentId}/inbound/notify`, {
			body: {requestId: 'i1', paymentId, requestData: {body: `${code} ${pin} ${shopper.email}`}},
			headers: {'Content-Type': 'application/json'},
		}),
	);
	return [
		await statusOf({...typed(code, pin), paymentId}),
		await statusOf(typed(code, wrongPin)),
		await statusOf(typed(code, null)),
		await statusOf(typed(creditCard, csc)),
		await statusOf({...typed(creditCard, csc), paymentMethod: 'Visa'}),
		await statusOf({...fromWallet(shopper), orderId, value: 5}),
		await statusOf({...fromWallet(shopper), orderId, value: 5000}),
	];
}

async function goWrong({call, database, appToken}: TestServer, gateway: Gateway, {code}: BuiltCard) {
	const json = {'Content-Type': 'application/json'};
	const members = {...withCode(code, pin), ...fromWallet(shopper), ...withCode(code, pin), value: 20};
	const answers = [
		await gateway.create({...members, paymentId: null}),
		await call('POST', '/payments', {body: `{"card": {"number": "${code}", "csc": "${pin}"`, headers: json}),
		await call('POST', `/payments?number=${code}&csc=${pin}&email=${shopper.email}`, {
			body: members,
			headers: {...json, 'X-PROVIDER-API-AppToken': `${appToken}x`},
		}),
		await call('GET', `/payments/${code}/${shopper.email}`),
	];
	await database.asOwner('ALTER TABLE card_pins RENAME TO gone');
	answers.push(await gateway.create(members));
	await database.asOwner('ALTER TABLE gone RENAME TO card_pins');
	await database.asOwner('ALTER TABLE payments RENAME COLUMN order_id TO gone');
	answers.push(await gateway.create({...members, orderId}));
	await database.asOwner('ALTER TABLE payments RENAME COLUMN gone TO order_id');
	return answers.map(({status}) => status);
}

function secretsOf({appToken}: TestServer, {code}: BuiltCard): string[] {
	return [code, code.replaceAll('-', ''), pin, password, appToken];
}

async function standNowhere(t: ExecutionContext, server: TestServer, secrets: readonly string[]) {
	for (const secret of secrets) {
		t.deepEqual((await columnsHolding(server.database, secret)).found, [], secret);
	}
}

function assertLogSilent(t: ExecutionContext, server: TestServer, secrets: readonly string[]) {
	const log = JSON.stringify(server.logged()).toLowerCase();
	const personal = [...Object.values(shopper), shopper.document.replaceAll(/\D/g, ''), orderId];
	for (const secret of [...secrets, ...personal]) {
		t.false(log.includes(secret.toLowerCase()), secret);
	}
}

async function withPinnedCard(t: ExecutionContext, env: Readonly<Record<string, string>> = {}) {
	const server = await withServer(t, {env: {LOG_LEVEL: 'trace', ...env}});
	const {prisma, peppers} = server.parts;
	const card = await buildCard(server.parts, {owner: {document: shopper.document}});
	await setPin(prisma, peppers.current, {merchantId: server.merchant.id, ...card}, pin);
	return {server, card, gateway: openGateway(server)};
}

test('after whole purchases no card number, CSC or PIN stands in the database or the log, and no buyer in the log', async t => {
	const {server, card, gateway} = await withPinnedCard(t);

	const outcomes = await livePurchases(server, gateway, card);
	const statuses = await goWrong(server, gateway, card);

	t.deepEqual(outcomes, ['approved', 'denied', 'denied', 'denied', 'denied', 'approved', 'denied']);
	t.deepEqual(statuses, [400, 400, 403, 404, 500, 500]);
	await standNowhere(t, server, [...secretsOf(server, card), wrongPin, csc, creditCard]);
	assertLogSilent(t, server, [...secretsOf(server, card), wrongPin, csc, creditCard]);
	t.true(server.logged().length > 15);
	t.true(server.logged().some(({error}) => (error as {sqlState?: string} | undefined)?.sqlState === '42P01'));
	// What is looked for so is found where it stands.
	t.true((await columnsHolding(server.database, orderId)).found.includes('payments.order_id'));
	const {asked, found} = await columnsHolding(server.database, shopper.document.replaceAll(/\D/g, ''));
	t.deepEqual(found, ['customer_identifiers.value']);
	t.true(asked > 40, `${asked} columns`);
});

test('a shopper who confirms on the page leaves neither PIN nor the address of the page behind', async t => {
	const {server, card, gateway} = await withPinnedCard(t, {PAYMENT_METHODS: 'Promissories:confirmed'});
	const created = await gateway.create({...fromWallet(shopper), orderId, value: 30});
	const {paymentId, paymentUrl} = resultOf<{paymentId: string; paymentUrl: string}>(created);
	const {origin, pathname} = new URL(paymentUrl);
	const page = async (form?: Record<string, string>) => {
		const body = form && new URLSearchParams(form);
		const sent = {method: body ? 'POST' : 'GET', headers: {origin}, redirect: 'manual', ...(body && {body})};
		const response = await fetch(server.origin + pathname, sent as RequestInit);
		return {status: response.status, html: await response.text()};
	};
	const shown = await page();
	const [, token = ''] = /name="token" value="([^"]+)"/.exec(shown.html) ?? [];

	const wrong = await page({token, action: 'confirm', pin: wrongPin});
	const right = await page({token, action: 'confirm', pin});
	const again = await page({token, action: 'confirm', pin});

	t.deepEqual([shown.status, wrong.status, right.status < 400, again.status], [200, 422, true, 410]);
	const {status} = resultOf<{status: string}>(
		await gateway.create({...fromWallet(shopper), paymentId, value: 30}),
	);
	t.is(status, 'approved');
	const secrets = [...secretsOf(server, card), wrongPin, pathname.slice('/pay/'.length), token];
	await standNowhere(t, server, secrets);
	assertLogSilent(t, server, secrets);
});
