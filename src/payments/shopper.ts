import {type PinnedCard, type PinVerdict} from '../cards/pins.ts';
import {standingOf} from '../customers/survivor.ts';
import {type MerchantAsset} from '../merchants/assets.ts';
import {actorId} from '../merchants/actors.ts';
import {type Merchant} from '../merchants/merchant.ts';
import {concludePayment, sandboxAnswer} from './conclude.ts';
import {isPageLate} from './page.ts';
import {type Payment} from './payment.ts';
import {type PaymentTools} from './tools.ts';
import {shares, sumOf, type WalletCard} from './wallet.ts';

/** A payment that the shopper looks at. */
export type FoundPage = {readonly payment: Payment; readonly merchant: Merchant};

/** What would be taken from which card, in minor units of `currency`. `parts` is empty when the balance does not suffice. */
export type Preview = {
	readonly currency: MerchantAsset;
	readonly parts: readonly {
		readonly caption: string | null;
		readonly last4: string | null;
		readonly taken: bigint;
		readonly left: bigint;
	}[];
	readonly balance: bigint;
};

/** `pageOver`: the payment had another end already, or its time is over. */
export type Declined = {readonly kind: 'concluded'; readonly payment: Payment} | {readonly kind: 'pageOver'};
export type Confirmed = Declined | {readonly kind: 'pinWrong' | 'pinLocked'};

export async function previewPayment(tools: PaymentTools, payment: Payment): Promise<Preview> {
	const {merchantId, assetId, value} = payment;
	if (assetId === null || value === null) {
		throw new Error('A payment that was never created has nothing to show.');
	}

	const currency = await tools.assets.byId(merchantId, assetId);
	if (payment.way === 'sandbox') {
		return {
			currency,
			parts: [{caption: 'Sandbox', last4: null, taken: value, left: 0n}],
			balance: value,
		};
	}

	const cards = await cardsOf(tools, payment);
	const parts = shares(cards, value).map(({card: {caption, codeLast4: last4}, taken, left}) => {
		return {caption, last4, taken, left};
	});
	return {currency, parts, balance: sumOf(cards)};
}

/** Take the value from the shopper's cards if the PIN is right; a sandbox payment needs none. */
export async function confirmPayment(
	tools: PaymentTools,
	{payment: {paymentId}, merchant}: FoundPage,
	pin: string,
): Promise<Confirmed> {
	const payment = await openPage(tools, merchant, paymentId);
	if (payment === undefined) {
		return {kind: 'pageOver'};
	}

	const actor = await shopperId(tools, merchant);
	if (payment.way === 'sandbox') {
		const answer = await sandboxAnswer(tools, merchant, payment, actor);
		return ended(await concludePayment(tools, merchant, payment, {answer, actorId: actor}));
	}

	const cards = (await cardsOf(tools, payment)).map(({card}) => card);
	const answer = await tryPin(tools, payment, cards, pin);
	if (answer !== 'right') {
		return {kind: answer === 'locked' ? 'pinLocked' : 'pinWrong'};
	}

	const cardIds = cards.map(({cardId}) => cardId);
	return ended(
		await concludePayment(tools, merchant, payment, {answer: {kind: 'pay', cardIds}, actorId: actor}),
	);
}

/** The lock of a PIN opens again after a quarter of an hour; who goes on guessing then finds the wallet locked for longer (B12). */
async function tryPin(
	{pins, guesses}: PaymentTools,
	{merchantId, particulars}: Payment,
	cards: readonly PinnedCard[],
	pin: string,
): Promise<PinVerdict> {
	const keys = guesses.keysOfWallet(merchantId, particulars?.customerId ?? '');
	if (guesses.isOver(keys, await guesses.counted(keys))) {
		return 'locked';
	}

	const verdict = await pins.check(merchantId, cards, pin);
	if (verdict === 'wrong') {
		await guesses.miss(merchantId, keys, `PIN ${pin}`);
	}

	return verdict;
}

export async function declinePayment(
	tools: PaymentTools,
	{payment: {paymentId}, merchant}: FoundPage,
): Promise<Declined> {
	const payment = await openPage(tools, merchant, paymentId);
	if (payment === undefined) {
		return {kind: 'pageOver'};
	}

	const actor = await shopperId(tools, merchant);
	const answer = {kind: 'refuse', refusal: 'declined'} as const;
	return ended(await concludePayment(tools, merchant, payment, {answer, actorId: actor}));
}

/** The payment as it stands now, while the shopper can answer. */
async function openPage(
	{reader, clock}: PaymentTools,
	merchant: Merchant,
	paymentId: string,
): Promise<Payment | undefined> {
	const payment = await reader.find(merchant.id, paymentId);
	return payment?.status === 'pending' && !isPageLate(payment, clock()) ? payment : undefined;
}

/** VTEX may have cancelled in the meantime. */
function ended(payment: Payment): Declined {
	return payment.status === 'cancelled' ? {kind: 'pageOver'} : {kind: 'concluded', payment};
}

/** Of whoever the customer is now: shoppers look at the page for an hour, in which two customers may turn out to be one. */
async function cardsOf(
	{prisma, assets, wallets}: PaymentTools,
	{merchantId, assetId, particulars}: Payment,
): Promise<WalletCard[]> {
	const known = particulars?.customerId ?? null;
	const customer = known === null ? undefined : await standingOf(prisma, merchantId, known);
	return assetId === null || customer === undefined
		? []
		: wallets.cards(merchantId, customer.customerId, await assets.byId(merchantId, assetId));
}

async function shopperId({prisma}: PaymentTools, {id}: Merchant): Promise<number> {
	return actorId(prisma, id, 'person', 'shopper');
}
