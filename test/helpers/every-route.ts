import {createAdmin} from '../../src/admins/admins.ts';
import {wantHook} from '../../src/orders/hooks.ts';
import {enterKeys} from '../orders/rows.ts';
import {ask} from './ask.ts';
import {buildCard} from './build.ts';
import {openGateway} from './gateway.ts';
import {openHub, resultOf} from './hub.ts';
import {type Published} from './published.ts';
import {type TestServer} from './server.ts';
import {askCredentials, askToken, newToken, openPage, returnUrl, sendForm} from './sign-up.ts';
import {cardBody, newRequestId, operationBody, transactionBody} from './vtex.ts';

/** What a test can name in a path. */
export type Known = {
	readonly cardId: string;
	readonly transactionId: string;
	readonly paymentId: string;
	/** Of a page that waits. */
	readonly secret: string;
	readonly hookToken: string;
};

const secretsKey = 's'.repeat(48);

/** Buy, refund, sign up, confirm and ring: every route of a sandbox's service answers well at least once. */
export async function playEveryRoute(server: TestServer): Promise<Known> {
	const cards = await playCards(server);
	const payments = await playPayments(server);
	const hookToken = await playHook(server);
	await playSignUp(server);
	for (const path of ['/health/live', '/health/ready', '/openapi.json', '/docs']) {
		await ask(`${server.origin}${path}`, 'GET', {});
	}

	await server.call('GET', '/manifest');
	return {...cards, ...payments, hookToken};
}

async function playCards(server: TestServer): Promise<Pick<Known, 'cardId' | 'transactionId'>> {
	const hub = openHub(server);
	const {id: cardId, code} = await buildCard(server.parts, {
		...{relationName: 'ana-2027', caption: 'Gift card', expires: '2027-12-31'},
		owner: {id: 'ana'},
	});
	const path = `/giftcards/${cardId}/transactions`;
	await server.call('POST', '/giftcards', {body: cardBody({expiringDate: '2027-12-31T00:00:00'})});
	await hub.search({cart: {redemptionCode: code}}, {headers: {'REST-Range': 'resources=0-9'}});
	await hub.search({client: {id: 'ana'}});
	await hub.search({cart: {redemptionCode: 'AAAA-BBBB-CCCC-DDDD'}});
	await hub.card(cardId);
	const transactionId = await hub.debit(cardId, 30.5, {description: 'Order 1'});
	await hub.credit(cardId, 10);
	await server.call('GET', path);
	await server.call('GET', `${path}/${transactionId}`);
	await server.call('GET', `${path}/${transactionId}/authorization`);
	await hub.settlements(cardId, transactionId);
	await hub.settle(cardId, transactionId, 20.25);
	await hub.settlements(cardId, transactionId);
	await hub.cancel(cardId, transactionId, 5);
	await hub.cancellations(cardId, transactionId);
	return {cardId, transactionId};
}

async function playPayments(server: TestServer): Promise<Pick<Known, 'paymentId' | 'secret'>> {
	const gateway = openGateway(server);
	const {code} = await buildCard(server.parts);
	const metadata = {connectorMetadata: [{name: 'Store', value: 'Centro'}]};
	const paymentId = await gateway.pay(code, 30, metadata);
	await gateway.ask(code, 500);
	await gateway.settle(paymentId, 20, metadata);
	await gateway.cancel(paymentId);
	await gateway.refund(paymentId, 7.5);
	for (const path of ['inbound/status', 'inbound-request/status', 'inbound/dance', 'cancelations']) {
		await gateway.post(`/payments/${paymentId}/${path}`, {requestId: newRequestId()});
	}

	await gateway.post('/payments/NEVER-CREATED/cancelations', {requestId: newRequestId()});
	await refuseOperations(server, code);
	return {paymentId, secret: await playPages(server)};
}

/** The answers of operations that move nothing. */
async function refuseOperations(server: TestServer, code: string): Promise<void> {
	const gateway = openGateway(server);
	const settled = await gateway.pay(code, 10);
	await gateway.settle(settled, 10);
	await gateway.settle(settled, 1);
	await gateway.cancel(settled);
	await gateway.post(`/payments/${settled}/cancelations`, {requestId: newRequestId()});
	await gateway.refund('NEVER-CREATED', 1);
}

/** One shopper confirms, one declines and goes back to the store, and one page still waits. */
async function playPages(server: TestServer): Promise<string> {
	const confirmed = await openedPage(server);
	await sendPage(confirmed, {action: 'confirm'});
	await sendPage(confirmed, {action: 'confirm'});
	await ask(confirmed.url, 'GET', {});
	await sendPage(await openedPage(server, `${server.origin}/health/live`), {action: 'decline'});
	await ask(`${server.origin}/pay/${'nobody'.repeat(5)}`, 'GET', {});
	const waiting = await openedPage(server);
	await sendPage(waiting, {action: 'confirm', token: 'forged'});
	await sendPage(waiting, {action: 'dance'});
	return new URL(waiting.url).pathname.slice('/pay/'.length);
}

type OpenedPage = {readonly url: string; readonly token: string};

async function openedPage(server: TestServer, returnUrl: string | null = null): Promise<OpenedPage> {
	const created = await openGateway(server).create({card: null, value: 12, returnUrl});
	const url = resultOf<{paymentUrl: string}>(created).paymentUrl;
	const {text} = await ask(url, 'GET', {});
	return {url, token: /name="token" value="([^"]*)"/.exec(text)?.[1] ?? ''};
}

async function sendPage({url, token}: OpenedPage, fields: Readonly<Record<string, string>>): Promise<void> {
	await fetch(url, {method: 'POST', body: new URLSearchParams({token, ...fields}), redirect: 'manual'});
}

async function playHook(server: TestServer): Promise<string> {
	const {parts, merchant, origin} = server;
	const {prisma} = parts;
	await enterKeys(prisma, merchant, {url: 'http://127.0.0.1:1'});
	const wish = {purpose: 'orders', url: 'http://127.0.0.1:1'} as const;
	const {token} = await wantHook({prisma, secretsKey}, merchant.id, wish);
	const headers = {'Content-Type': 'application/json', 'X-Monedero-Hook-Token': token};
	const bodies = [{OrderId: '1530241870044-01', Domain: 'Marketplace', Origin: null}, {hookConfig: 'ping'}];
	for (const body of bodies) {
		await ask(`${origin}/hooks/orders`, 'POST', headers, {body: JSON.stringify(body), headers});
	}

	return token;
}

async function playSignUp(server: TestServer): Promise<void> {
	const admin = {name: 'ana', password: 'correct horse battery'};
	await createAdmin(server.parts.prisma, server.merchant, admin);
	const token = await newToken(server);
	await openPage(server, token);
	await openPage(server, 'unknown');
	await sendForm(server, {...admin, password: 'wrong', token});
	const {location} = await sendForm(server, {...admin, token});
	await sendForm(server, {...admin, token});
	const code = location?.slice(returnUrl.length) ?? '';
	await askCredentials(server, code);
	await askCredentials(server, code);
	await askToken(server, {applicationId: 'vtex', returnUrl: 'https://elsewhere.example.com'});
	for (let {status} = await askToken(server); status === 200; {status} = await askToken(server)) {
		// Until it is too often.
	}
}

const tooLarge = `{"x":"${'y'.repeat(600_000)}"}`;
const wrong = {'X-PROVIDER-API-AppKey': 'nobody', 'X-PROVIDER-API-AppToken': 'wrong'};

/** Every operation is asked by strangers, for what is not there, and with bodies that are none. */
export async function playEveryMistake(
	server: TestServer,
	published: Published,
	known: Known,
): Promise<void> {
	const right = {'X-PROVIDER-API-AppKey': server.appKey, 'X-PROVIDER-API-AppToken': server.appToken};
	for (const {method, fullPath, description} of published.operations) {
		const url = server.origin + pathOf(fullPath, known);
		const isHook = fullPath === '/hooks/orders';
		const isOpen = (description['security'] as unknown[]).length === 0;
		const good = isOpen ? {} : isHook ? {'X-Monedero-Hook-Token': known.hookToken} : right;
		const bad = isHook ? {'X-Monedero-Hook-Token': 'wrong'} : wrong;
		const body = method === 'post' ? {body: JSON.stringify({OrderId: '1-01'})} : {};
		if (!isOpen) {
			await ask(url, method.toUpperCase(), {}, body);
			await ask(url, method.toUpperCase(), bad, body);
		}

		if (method === 'post') {
			await playBodies(url, good, Object.keys(contentOf(description)));
		}
	}

	await playMissing(server, known);
}

function contentOf(description: Readonly<Record<string, unknown>>): object {
	return (description['requestBody'] as {content: object}).content;
}

async function playBodies(url: string, headers: Readonly<Record<string, string>>, types: readonly string[]) {
	const type = types[0] ?? '';
	const send = (body: string | Uint8Array, more: Readonly<Record<string, string>> = {}) =>
		ask(url, 'POST', headers, {body, headers: {'Content-Type': type, ...more}});
	await send(type.includes('form') ? `x=${tooLarge}` : tooLarge);
	await send('{');
	await send('no gzip', {'Content-Encoding': 'gzip'});
	await send(
		'hello',
		type.includes('form') ? {'Content-Encoding': 'compress'} : {'Content-Type': 'text/plain'},
	);
}

/** Cards and transactions that are not there, requests that are refused, and request ids that were used. */
async function playMissing(server: TestServer, {cardId, transactionId}: Known): Promise<void> {
	const hub = openHub(server);
	const nobody = 'f'.repeat(32);
	const requestId = newRequestId();
	const transaction = `/giftcards/${cardId}/transactions`;
	for (const path of ['', '/authorization', '/settlements', '/cancellations']) {
		await server.call('GET', `${transaction}/${nobody}${path}`);
	}

	await server.call('GET', `/giftcards/${nobody}`);
	await server.call('GET', `/giftcards/${nobody}/transactions`);
	await hub.transact(nobody, {operation: 'Debit', value: 1});
	await hub.transact(cardId, {operation: 'Debit', value: 5000});
	await server.call('POST', transaction, {body: transactionBody({value: 1, requestId})});
	await server.call('POST', transaction, {body: transactionBody({value: 2, requestId})});
	for (const operation of ['settlements', 'cancellations']) {
		const path = `${transaction}/${transactionId}/${operation}`;
		await server.call('POST', `${transaction}/${nobody}/${operation}`, {body: operationBody(1)});
		await server.call('POST', path, {body: operationBody(9000)});
		await server.call('POST', path, {body: operationBody(1, requestId)});
		await server.call('POST', path, {body: operationBody(2, requestId)});
	}
}

function pathOf(fullPath: string, known: Known): string {
	return fullPath
		.replace('{giftCardId}', known.cardId)
		.replace('{transactionId}', known.transactionId)
		.replace('{paymentId}', known.paymentId)
		.replace('{action}', 'status')
		.replace('{secret}', known.secret);
}
