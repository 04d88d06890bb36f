import {createHash, randomBytes} from 'node:crypto';
import {reserveCardIds} from '../cards/issued.ts';
import {hashCode} from '../cards/pepper.ts';
import {lastFour, makeRedemptionCode} from '../cards/redemption-code.ts';
import {noNote} from '../ledger/commands.ts';
import {type Refusal} from '../ledger/refusals.ts';
import {type Merchant} from '../merchants/merchant.ts';
import {type PaymentTools} from './tools.ts';
import {type PaymentWish} from './wish.ts';

/** What a selector asks for: the outcome, whether it comes later by itself, and whether there is a page until then. */
export type Selector = {
	readonly isApproved: boolean;
	readonly isLater: boolean;
	readonly hasPage: boolean;
};

/** A payment that is concluded by itself waits so long: VTEX's suite wants to see it pending first. */
export const sandboxDelayMs = 5000;

const byNumber: ReadonlyMap<string, Selector> = new Map([
	['4444333322221111', {isApproved: true, isLater: false, hasPage: false}],
	['4444333322221112', {isApproved: false, isLater: false, hasPage: false}],
	['4222222222222224', {isApproved: true, isLater: true, hasPage: false}],
	['4222222222222225', {isApproved: false, isLater: true, hasPage: false}],
]);

/** What the homologation's card numbers, and methods without a card, ask of a sandbox merchant. */
export function selectorOf({way, code}: Pick<PaymentWish, 'way' | 'code'>): Selector | undefined {
	if (way === 'sandboxBankInvoice' || way === 'sandboxRedirect') {
		return {isApproved: true, isLater: true, hasPage: true};
	}

	return way === 'code' ? byNumber.get(code?.replaceAll(/[\s-]/g, '') ?? '') : undefined;
}

/** The payment for which a card is to be made. `value` is minor units. */
export type SandboxPayment = {
	readonly tid: string;
	readonly value: bigint;
	readonly assetId: number;
	readonly actorId: number;
};

/**
 * Value to approve a sandbox payment with: a promotional card of exactly its amount, made once. Nobody knows its code.
 * @returns the number of the card's row, or why it could not be issued
 */
export async function issueSandboxCard(
	{prisma, writer, peppers: {current}, clock}: PaymentTools,
	merchant: Merchant,
	{tid, value, assetId, actorId}: SandboxPayment,
): Promise<{readonly cardId: string} | {readonly refusal: Refusal}> {
	const [cardId = ''] = await reserveCardIds(prisma, 1);
	const code = makeRedemptionCode(randomBytes);
	const publicId = publicIdOf(tid);
	const outcome = await writer.submit(merchant, {
		verb: 'issue',
		key: {scope: tid, space: 'issue', key: 'sandbox'},
		cardId,
		amount: value,
		assetId,
		origin: 'fundingPromotional',
		actorId,
		note: noNote,
		card: {
			publicId,
			restricted: false,
			singleUse: false,
			rechargeable: false,
			ownerId: null,
			pepperId: current.id,
			codeHash: hashCode(code, current.key),
			codeLast4: lastFour(code),
			caption: 'Sandbox',
			relationName: null,
			emittedAt: clock(),
			expiresAt: null,
			status: 'active',
		},
	});
	if (outcome.kind === 'refused') {
		return {refusal: outcome.refusal};
	}

	return {cardId: outcome.isReplay ? await issuedBefore(prisma, merchant.id, publicId) : cardId};
}

async function issuedBefore(
	prisma: PaymentTools['prisma'],
	merchantId: number,
	publicId: string,
): Promise<string> {
	const {id} = await prisma.card.findFirstOrThrow({where: {merchantId, publicId}, select: {id: true}});
	return String(id);
}

/** Derived, so that a second attempt finds the card of the first. */
function publicIdOf(tid: string): string {
	const digits = createHash('sha256').update(`sandbox card ${tid}`).digest('hex');
	return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}
