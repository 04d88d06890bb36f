import {type Instant} from '../ledger/calendar.ts';
import {type PaymentPlan, type PaymentWay} from '../ledger/commands.ts';
import {type Refusal} from '../ledger/refusals.ts';
import {type Merchant} from '../merchants/merchant.ts';
import {type Tender, unusable} from './means.ts';
import {tidOf} from './payment.ts';
import {issueSandboxCard, sandboxDelayMs} from './sandbox.ts';
import {type PaymentTools} from './tools.ts';
import {sumOf} from './wallet.ts';
import {type PaymentWish} from './wish.ts';

/** How long a shopper may look at the page, unless VTEX gives up sooner. */
const pageMs = 3_600_000;

/** What the writer is asked for: where it pays from, and what the payment's row says. */
export type Intent = {
	readonly plan: PaymentPlan;
	readonly way: PaymentWay;
	readonly cardIds: readonly string[];
	readonly customerId: string | null;
	readonly hasPage: boolean;
	readonly concludeAt: Instant | null;
	readonly isApprovedLater: boolean | null;
};

const nothing = {
	cardIds: [],
	customerId: null,
	hasPage: false,
	concludeAt: null,
	isApprovedLater: null,
} as const;

/** Decide how a payment pays: here its PIN is counted, and a sandbox's card issued. */
export async function intentOf(
	tools: PaymentTools,
	merchant: Merchant,
	wish: PaymentWish,
	tender: Tender,
): Promise<Intent> {
	const {means} = tender;
	switch (means.kind) {
		case 'none': {
			return refuse(wish.way === 'wallet' || wish.way === 'confirmed' ? wish.way : 'code', means.refusal);
		}

		case 'card': {
			return cardIntent(tools, merchant, wish, tender, means);
		}

		case 'wallet':
		case 'confirmed': {
			return walletIntent(tools, merchant, wish, tender, means);
		}

		case 'sandbox': {
			return sandboxIntent(tools, merchant, wish, tender, means);
		}
	}
}

type MeansOf<Kind> = Extract<Tender['means'], {readonly kind: Kind}>;

async function cardIntent(
	{pins, search, clock}: PaymentTools,
	merchant: Merchant,
	{code, pin, buyer, verificationOnly}: PaymentWish,
	{asset}: Tender,
	{card}: MeansOf<'card'>,
): Promise<Intent> {
	const answer = card.hasPin ? await pins.check(merchant.id, [card], pin) : 'none';
	if (answer === 'wrong' || answer === 'locked') {
		return refuse('code', answer === 'wrong' ? 'codeUnknown' : 'pinLocked');
	}

	if (verificationOnly) {
		const stored = await search.findByCode(merchant, code ?? '');
		const refusal = stored === undefined ? 'codeUnknown' : unusable(stored, {asset, buyer}, clock());
		return refusal === undefined
			? {...nothing, way: 'code', plan: {kind: 'verify'}}
			: refuse('code', refusal);
	}

	return {...nothing, way: 'code', plan: {kind: 'hold'}, cardIds: [card.cardId]};
}

/** Without a PIN nobody could ever confirm, so such a wallet is nobody's for a page. */
async function walletIntent(
	{pins, clock, options}: PaymentTools,
	merchant: Merchant,
	{verificationOnly}: PaymentWish,
	{amount}: Tender,
	{kind: way, customerId, cards}: MeansOf<'wallet' | 'confirmed'>,
): Promise<Intent> {
	if (verificationOnly) {
		return {...nothing, way, customerId, plan: {kind: 'verify'}};
	}

	if (sumOf(cards) < amount) {
		return {...refuse(way, 'insufficientBalance'), customerId};
	}

	const stored = cards.map(({card}) => card);
	if (way === 'wallet') {
		return {...nothing, way, customerId, plan: {kind: 'hold'}, cardIds: stored.map(({cardId}) => cardId)};
	}

	if ((await pins.check(merchant.id, stored, null)) === 'none') {
		return refuse(way, 'walletUnknown');
	}

	const concludeAt = clock() + Math.min(pageMs, options.delayToCancel * 1000);
	return {
		...nothing,
		way,
		customerId,
		plan: {kind: 'wait'},
		hasPage: true,
		concludeAt,
		isApprovedLater: false,
	};
}

async function sandboxIntent(
	tools: PaymentTools,
	merchant: Merchant,
	{paymentId, actorId, verificationOnly}: PaymentWish,
	{asset, amount}: Tender,
	{isApproved, isLater, hasPage}: MeansOf<'sandbox'>,
): Promise<Intent> {
	const way = 'sandbox';
	if (isLater) {
		const concludeAt = tools.clock() + sandboxDelayMs;
		return {...nothing, way, plan: {kind: 'wait'}, hasPage, concludeAt, isApprovedLater: isApproved};
	}

	if (!isApproved) {
		return refuse(way, 'sandboxDenied');
	}

	if (verificationOnly) {
		return {...nothing, way, plan: {kind: 'verify'}};
	}

	const tid = tidOf(merchant.id, paymentId);
	const issued = await issueSandboxCard(tools, merchant, {tid, value: amount, assetId: asset.id, actorId});
	return 'refusal' in issued
		? refuse(way, issued.refusal)
		: {...nothing, way, plan: {kind: 'hold'}, cardIds: [issued.cardId]};
}

function refuse(way: PaymentWay, refusal: Refusal): Intent {
	return {...nothing, way, plan: {kind: 'refuse', refusal}};
}
