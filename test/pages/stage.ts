import Router from '@koa/router';
import Koa from 'koa';
import {createServer} from 'node:http';
import {type AddressInfo} from 'node:net';
import {currency} from '../../src/money/asset.ts';
import {type Preview} from '../../src/pages/pay-page.ts';
import {type FoundPayment, type PagePayments, payRoutes} from '../../src/pages/pay.ts';
import {type Payment} from '../../src/payments/payment.ts';
import {type TestContext} from '../helpers/test-context.ts';

/** The page's secret of the one payment that the stage knows, and its PIN. */
export const secret = 'secret_of-the-one-payment-that-this-stage-has';
export const rightPin = '482913';

export type Stage = {
	readonly origin: string;
	readonly pageUrl: string;
	/** The payment as it stands; a test may change it. */
	readonly found: FoundPayment;
	/** Which of the payments' functions were called, in order, without looking up and preview. */
	readonly calls: string[];
	readonly states: readonly {route: string | undefined; failure: unknown}[];
	/** How the next confirmations end, in place of judging the PIN. */
	readonly outcomes: ('pinLocked' | 'pageOver' | 'denied' | 'crash')[];
	readonly preview: {value: Preview};
};

export type StageOptions = {
	readonly returnUrl?: string | null;
	/** In place of one that allows loopback. */
	readonly mayReturn?: (url: string) => boolean;
	readonly payment?: Partial<Payment>;
};

type Changeable<T> = {-readonly [K in keyof T]: T[K]};

export const brl = currency('BRL');
export const twoCards: Preview = {
	currency: brl,
	balance: 175_050n,
	parts: [
		{caption: 'Gift card', last4: 'K7QX', taken: 5000n, left: 0n},
		{caption: null, last4: '9M2P', taken: 123_456n, left: 46_594n},
	],
};
export const emptyWallet: Preview = {currency: brl, balance: 1050n, parts: []};

/** The page's routes on a free port, over payments that are only played. */
export async function withStage(t: TestContext, options: StageOptions = {}): Promise<Stage> {
	const found = {payment: paymentOf(options), merchant: {...merchant}};
	const states: {route: string | undefined; failure: unknown}[] = [];
	const stage = {
		found,
		states,
		calls: [] as string[],
		outcomes: [] as Stage['outcomes'][number][],
		preview: {value: twoCards},
	};
	const router = new Router<{route: string | undefined; failure: unknown}>();
	const {mayReturn = (url: string) => new URL(url).hostname === '127.0.0.1'} = options;
	const app = new Koa<{route: string | undefined; failure: unknown}>();
	app.use((ctx, next) => {
		states.push(ctx.state);
		return next();
	});
	const server = createServer();
	await new Promise<void>(resolve => {
		server.listen(0, '127.0.0.1', resolve);
	});
	const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	payRoutes(router, {
		payments: playedPayments(stage),
		secretsKey: 's'.repeat(48),
		publicUrl: origin,
		mayReturn,
	});
	const handle = app.use(router.routes()).callback();
	server.on('request', (request, response) => void handle(request, response));
	t.teardown(() => {
		server.closeAllConnections();
		server.close();
	});
	return {...stage, origin, pageUrl: `${origin}/pay/${secret}`};
}

function playedPayments(
	stage: Pick<Stage, 'calls' | 'outcomes' | 'preview'> & {found: FoundPayment},
): PagePayments {
	const payment = stage.found.payment as Changeable<Payment>;
	const conclude = (status: 'approved' | 'denied') => {
		payment.status = status;
		return {kind: 'concluded', payment} as const;
	};
	return {
		findByPage: asked => Promise.resolve(asked === secret ? stage.found : undefined),
		preview: () => Promise.resolve(stage.preview.value),
		confirm(_found, pin) {
			stage.calls.push(`confirm ${pin}`);
			const outcome = stage.outcomes.shift();
			switch (outcome) {
				case undefined:
					return Promise.resolve(pin === rightPin ? conclude('approved') : {kind: 'pinWrong'});
				case 'denied':
					return Promise.resolve(conclude('denied'));
				case 'crash':
					return Promise.reject(new Error('the database is away'));
				case 'pinLocked':
				case 'pageOver':
					return Promise.resolve({kind: outcome});
			}
		},
		decline() {
			stage.calls.push('decline');
			return Promise.resolve(conclude('denied'));
		},
	};
}

const merchant = {
	id: 1,
	name: 'livraria-aurora',
	timeZone: 'America/Sao_Paulo',
	currency: 'BRL',
	sandbox: false,
	foreignCodes: false,
};

function paymentOf({returnUrl = null, payment}: StageOptions): Payment {
	return {
		merchantId: 1,
		paymentId: 'F5C1A4E20D3B4E07B7E871F5B5BC9F91',
		tid: '00000000-0000-8000-8000-000000000001',
		status: 'pending',
		refusal: null,
		way: 'confirmed',
		assetId: 1,
		value: 128_456n,
		holdId: null,
		cardIds: [],
		captured: 0n,
		released: 0n,
		refunded: 0n,
		cancellationId: null,
		concludeAt: null,
		concludeApproved: null,
		createdAt: Date.UTC(2027, 2, 14, 12),
		particulars: {
			method: 'Promissories',
			orderId: 'v5234981lvr-01',
			reference: '5234981',
			transactionId: 'D3AA1FC8372E430E8236649DB5EBD08E',
			callbackUrl: null,
			returnUrl,
			delayToAutoSettle: 432_000,
			delayAfterAntifraud: 432_000,
			delayToCancel: 86_400,
			customerId: null,
			pageHash: null,
			pageUntil: Date.UTC(2027, 2, 14, 12, 30),
			particulars: '{}',
		},
		...payment,
	};
}

export type Answer = {readonly status: number; readonly text: string; readonly headers: Headers};

/** As a browser asks for a page, without following redirects. */
export async function get(url: string, language = 'en'): Promise<Answer> {
	return answerOf(await fetch(url, {headers: {'Accept-Language': language}, redirect: 'manual'}));
}

/** As a browser sends a form of the page at this address. */
export async function post(
	url: string,
	fields: Readonly<Record<string, string>>,
	headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
	const body = new URLSearchParams(fields);
	return answerOf(
		await fetch(url, {
			method: 'POST',
			body,
			headers: {'Accept-Language': 'en', ...headers},
			redirect: 'manual',
		}),
	);
}

/** The hidden token of the form at this address. */
export async function tokenAt(url: string): Promise<string> {
	const {text} = await get(url);
	const [, token = ''] = /name="token" value="([^"]*)"/.exec(text) ?? [];
	return token;
}

async function answerOf(response: Response): Promise<Answer> {
	return {status: response.status, text: await response.text(), headers: response.headers};
}
