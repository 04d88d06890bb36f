import type Router from '@koa/router';
import {type RouterContext} from '@koa/router';
import {pinLockMs, pinMissesMax} from '../cards/pins.ts';
import {isConnectionLost} from '../db/sql-state.ts';
import {OverloadedError} from '../ledger/writer.ts';
import {type Merchant} from '../merchants/merchant.ts';
import {type Payment} from '../payments/payment.ts';
import {formToken, isFormToken, isOwnForm, readForm} from './form.ts';
import {languageOf, localeOf} from './language.ts';
import {redirectAway, sendPage} from './page.ts';
import {messageBody, payPageBody, type PinProblem, type Preview} from './pay-page.ts';
import {payTexts, type PayTexts} from './texts.ts';

export type FoundPayment = {readonly payment: Payment; readonly merchant: Merchant};

/** What the shopper's page needs of the payments. */
export type PagePayments = {
	readonly findByPage: (secret: string) => Promise<FoundPayment | undefined>;
	readonly preview: (payment: Payment) => Promise<Preview>;
	readonly confirm: (
		found: FoundPayment,
		pin: string,
	) => Promise<
		| {readonly kind: 'concluded'; readonly payment: Payment}
		| {readonly kind: 'pinWrong' | 'pinLocked' | 'pageOver'}
	>;
	readonly decline: (
		found: FoundPayment,
	) => Promise<{readonly kind: 'concluded'; readonly payment: Payment} | {readonly kind: 'pageOver'}>;
};

export type PayParts = {
	readonly payments: PagePayments;
	/** Makes the tokens of forms. */
	readonly secretsKey: string;
	readonly publicUrl: string;
	/** Whether a shopper may be sent to this address, which came with a request. */
	readonly mayReturn: (url: string) => boolean;
};

/** What the pages use of a request's state. */
type PageState = {route: string | undefined; failure: unknown};
type Context = RouterContext<PageState>;
type Message = Exclude<
	{[K in keyof PayTexts]: PayTexts[K] extends {title: string} ? K : never}[keyof PayTexts],
	never
>;

/** Where it stands, at the root. */
export const payPath = '/pay/:secret';
const secretText = /^[\w-]{16,128}$/;
const patience = {misses: pinMissesMax, minutes: pinLockMs / 60_000};
const pinProblemStatuses: Readonly<Record<PinProblem, number>> = {
	pinMissing: 422,
	pinWrong: 422,
	pinLocked: 429,
};

/**
 * The page on which a shopper confirms or declines a payment with their wallet (`paymentUrl` of the Payment Provider Protocol). Its address is all that is needed to see
 * it, so the address stands in no log; to pay takes the wallet's PIN as well.
 */
export function payRoutes<State extends PageState>(router: Router<State>, parts: PayParts): void {
	const routes = router as unknown as Router<PageState>;
	routes.get(payPath, ctx => answer(ctx, () => show(ctx, parts)));
	routes.post(payPath, ctx => answer(ctx, () => take(ctx, parts)));
}

/** A shopper gets a page, whatever happens. */
async function answer(ctx: Context, handle: () => Promise<void>): Promise<void> {
	ctx.state.route = payPath;
	try {
		await handle();
	} catch (error) {
		const {status} = error as {status?: unknown};
		if (typeof status === 'number' && status >= 400 && status < 500) {
			sendMessage(ctx, 'unreadable', status, openAgain(ctx));
			return;
		}

		ctx.state.failure = error;
		sendMessage(ctx, 'failure', isPassing(error) ? 503 : 500, openAgain(ctx));
	}
}

function isPassing(error: unknown): boolean {
	return error instanceof OverloadedError || isConnectionLost(error);
}

async function show(ctx: Context, parts: PayParts): Promise<void> {
	const found = await find(ctx, parts);
	if (found?.payment.status === 'pending') {
		await sendForm(ctx, parts, found);
	} else {
		sendOver(ctx, parts, found);
	}
}

async function take(ctx: Context, parts: PayParts): Promise<void> {
	const {token, action, pin = ''} = await readForm(ctx);
	if (!isOwnForm(ctx, parts.publicUrl) || !isFormToken(parts.secretsKey, secretOf(ctx), token)) {
		sendMessage(ctx, 'foreignForm', 403, openAgain(ctx));
		return;
	}

	const found = await find(ctx, parts);
	if (found?.payment.status !== 'pending') {
		sendOver(ctx, parts, found);
	} else if (action === 'confirm') {
		await confirm(ctx, parts, found, pin.trim());
	} else if (action === 'decline') {
		await decline(ctx, parts, found);
	} else {
		sendMessage(ctx, 'unreadable', 400, openAgain(ctx));
	}
}

async function confirm(ctx: Context, parts: PayParts, found: FoundPayment, pin: string): Promise<void> {
	if (pin === '' && needsPin(found.payment)) {
		await sendForm(ctx, parts, found, 'pinMissing');
		return;
	}

	const outcome = await parts.payments.confirm(found, pin);
	switch (outcome.kind) {
		case 'concluded':
			leave(ctx, parts, outcome.payment, outcome.payment.status === 'approved' ? 'approved' : 'ended');
			break;
		case 'pageOver':
			sendOver(ctx, parts, await find(ctx, parts));
			break;
		case 'pinWrong':
		case 'pinLocked':
			await sendForm(ctx, parts, found, outcome.kind);
			break;
	}
}

async function decline(ctx: Context, parts: PayParts, found: FoundPayment): Promise<void> {
	const outcome = await parts.payments.decline(found);
	if (outcome.kind === 'concluded') {
		leave(ctx, parts, outcome.payment, 'declined');
	} else {
		sendOver(ctx, parts, await find(ctx, parts));
	}
}

/** A sandbox payment is nobody's, so nobody has to prove anything. */
function needsPin({way}: Payment): boolean {
	return way !== 'sandbox';
}

/** Back to the store; where that may not be, tell the outcome here. */
function leave(ctx: Context, parts: PayParts, payment: Payment, message: Message): void {
	const returnUrl = returnOf(payment, parts);
	if (returnUrl === undefined) {
		sendMessage(ctx, message, 200);
	} else {
		redirectAway(ctx, returnUrl);
	}
}

async function sendForm(
	ctx: Context,
	parts: PayParts,
	{payment, merchant}: FoundPayment,
	problem?: PinProblem,
): Promise<void> {
	const {language, texts} = textsOf(ctx);
	const title = texts.title(merchant.name);
	const page = {
		texts,
		locale: localeOf(ctx, language),
		store: merchant.name,
		timeZone: merchant.timeZone,
		order: payment.particulars?.orderId ?? null,
		value: payment.value ?? 0n,
		preview: await parts.payments.preview(payment),
		until: payment.particulars?.pageUntil ?? null,
		token: formToken(parts.secretsKey, secretOf(ctx)),
		needsPin: needsPin(payment),
		problem,
	};
	sendPage(ctx, {
		language,
		title: problem === undefined ? title : `${texts.problem} – ${title}`,
		body: payPageBody(page, patience),
		status: problem === undefined ? 200 : pinProblemStatuses[problem],
		leadsTo: returnOf(payment, parts),
	});
}

/** A page that was used says how it ended, to whoever holds its address; an unknown one looks like one whose time is over. */
function sendOver(ctx: Context, parts: PayParts, found: FoundPayment | undefined): void {
	if (found === undefined || found.payment.status === 'pending') {
		sendMessage(ctx, 'unknown', 404);
		return;
	}

	const {payment} = found;
	const returnUrl = returnOf(payment, parts);
	const link = returnUrl === undefined ? null : {text: textsOf(ctx).texts.backToStore, href: returnUrl};
	sendMessage(ctx, payment.status === 'approved' ? 'approved' : 'ended', 410, link);
}

function sendMessage(
	ctx: Context,
	message: Message,
	status: number,
	link: {text: string; href: string} | null = null,
): void {
	const {language, texts} = textsOf(ctx);
	const {title, body} = texts[message];
	sendPage(ctx, {language, title, body: messageBody({title, body, link}), status});
}

function textsOf(ctx: Context) {
	const language = languageOf(ctx);
	return {language, texts: payTexts[language]};
}

/** A link from the answer to a form to the form's page: both have the same address, which an empty link means. */
function openAgain(ctx: Context) {
	return {text: textsOf(ctx).texts.openAgain, href: ''};
}

function secretOf(ctx: Context): string {
	return ctx.params['secret'] ?? '';
}

async function find(ctx: Context, {payments}: PayParts): Promise<FoundPayment | undefined> {
	const secret = secretOf(ctx);
	return secretText.test(secret) ? payments.findByPage(secret) : undefined;
}

function returnOf({particulars}: Payment, {mayReturn}: PayParts): string | undefined {
	const returnUrl = particulars?.returnUrl ?? null;
	return returnUrl !== null && URL.canParse(returnUrl) && mayReturn(returnUrl) ? returnUrl : undefined;
}
