import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {
	type Capture,
	type Cancel,
	explained,
	handKey,
	type HandVerb,
	keySpaces,
	type Refund,
	type Settle,
	type Undo,
} from '../ledger/commands.ts';
import {type Why} from '../ledger/reasons.ts';
import {type Writer} from '../ledger/writer.ts';
import {typedTwiceMs} from '../cards/made-lately.ts';
import {type Moved, ValueRefusedError} from '../cards/value-moves.ts';
import {type Merchant} from '../merchants/merchant.ts';
import {type MerchantAsset} from '../merchants/assets.ts';
import {formatMoney} from '../money/amount.ts';
import {leftOf, type ListedHold, type PaymentOfHold} from './hold.ts';
import {findHold} from './list.ts';

/** What a person wants done to a hold. */
export type HandWish = Why & {
	readonly verb: HandVerb;
	/** Minor units of the hold's currency; zero for all that is left. */
	readonly amount: bigint;
	readonly actorId: number;
	/** Under which it happens once: each hold, or payment, has keys of its own for each of the three verbs. */
	readonly key: string;
};

export type HandTools = {readonly prisma: PrismaClient; readonly writer: Pick<Writer, 'submit'>};

/**
 * Capture, release or refund by hand what VTEX forgot or cannot send: exactly the amount or nothing, never beyond the hold, and never
 * something else because VTEX was there first. A hold of a payment changes with its payment (A1), which tells VTEX the truth afterwards.
 * @throws {ValueRefusedError} when it is not left, and then nothing changed; the message says what is
 * @throws {OverloadedError} when the database is too busy; repeating it under the same key is safe
 */
export async function changeByHand(
	{prisma, writer}: HandTools,
	merchant: Pick<Merchant, 'id' | 'timeZone'>,
	{hold, asset}: {readonly hold: ListedHold; readonly asset: MerchantAsset},
	wish: HandWish,
): Promise<Moved> {
	const outcome = await writer.submit(merchant, commandOf(hold, wish));
	if (outcome.kind === 'done') {
		const {id, moved, at, isReplay} = outcome;
		return {entryId: id, moved, at, isReplay};
	}

	if (outcome.refusal === 'keyConflict') {
		throw new ValueRefusedError(
			'The key was used for another amount. Take a new key for another command.',
			'keyConflict',
		);
	}

	const now = (await findHold({prisma, merchantId: merchant.id}, hold.id)) ?? hold;
	throw new ValueRefusedError(whyNot(now, asset, wish), outcome.refusal);
}

function commandOf(hold: ListedHold, wish: HandWish): Capture | Undo | Settle | Cancel | Refund {
	return hold.payment === null ? commandOfCard(hold, wish) : commandOfPayment(hold, hold.payment, wish);
}

/** A hold of the Gift Card Provider Protocol is on one card. */
function commandOfCard(
	{id, legs, assetId}: ListedHold,
	{verb, amount, actorId, key, ...why}: HandWish,
): Capture | Undo {
	const common = {
		cardId: legs[0]?.cardId ?? '0',
		...{assetId, amount, actorId, note: explained(why)},
		key: handKey(id, verb, key),
	};
	return verb === 'capture'
		? {...common, verb: 'capture', holdId: id, byHand: true}
		: {...common, verb: 'undo', operationId: id, byHand: verb};
}

/** By the hold that was named: where the payment has another one by now, it is refused under the lock. */
function commandOfPayment(
	{id, legs, assetId}: ListedHold,
	{paymentId, tid}: PaymentOfHold,
	{verb, amount, actorId, key, ...why}: HandWish,
): Settle | Cancel | Refund {
	const common = {
		payment: {paymentId, tid},
		cardIds: [...new Set(legs.map(({cardId}) => cardId))],
		holdId: id,
		...{assetId, amount, actorId, note: explained(why)},
		key: handKey(tid, verb, key),
		byHand: true,
	} as const;
	switch (verb) {
		case 'capture':
			return {...common, verb: 'settle'};
		case 'release':
			return {...common, verb: 'cancel', isTimeOut: false};
		case 'refund':
			return {...common, verb: 'refund'};
	}
}

const nothingLeft = {
	capture: 'Nothing is held of it, so there is nothing to capture. What was released is the card’s again.',
	release: 'Nothing is held of it, so there is nothing to release. What was captured can be refunded.',
	refund: 'Nothing of it was captured and not refunded yet, so there is nothing to refund.',
} as const satisfies Record<HandVerb, string>;

const toDo = {capture: 'to capture', release: 'to release', refund: 'to refund'} as const;

/** Why it was refused, by the hold as it stands now. */
function whyNot(hold: ListedHold, asset: MerchantAsset, {verb, amount}: HandWish): string {
	const left = leftOf(hold, verb);
	if (left === 0n) {
		return nothingLeft[verb];
	}

	const isPart = amount > 0n && amount < left;
	if (isPart && verb === 'release' && hold.payment !== null) {
		return `A payment is released as a whole, because that ends it: ${formatMoney(left, asset)} is held. Leave --amount out, and holds:capture first what is to be kept.`;
	}

	return amount > left
		? `Only ${formatMoney(left, asset)} is left ${toDo[verb]}. Nothing was done.`
		: `The hold changed at this very moment; ${formatMoney(left, asset)} is left ${toDo[verb]}. Nothing was done.`;
}

/** The same, done to a hold by the same actor in the last minutes (A17): its entry (a UUID) and when; the latest, or nothing. */
export async function doneLately(
	prisma: PrismaClient,
	merchantId: number,
	hold: ListedHold,
	{verb, amount, actorId}: Pick<HandWish, 'verb' | 'amount' | 'actorId'>,
	now: Instant,
): Promise<{readonly entryId: string; readonly at: Instant} | undefined> {
	const scope = hold.payment?.tid ?? hold.id;
	const rows = await prisma.$queryRaw<{entryId: string; at: Date}[]>`
		SELECT e.id::text AS "entryId", c.decided_at AS at
		FROM commands c JOIN entries e ON e.merchant_id = c.merchant_id AND e.id = c.outcome_id
		WHERE c.merchant_id = ${merchantId}::int AND c.scope = ${scope}::uuid AND c.space = ${keySpaces.byHand}::smallint
			AND starts_with(c.key, ${`${verb} `}) AND c.moved = ${amount}::bigint AND e.actor_id = ${actorId}::int
			AND c.decided_at > ${new Date(now - typedTwiceMs)}::timestamptz
		ORDER BY c.decided_at DESC LIMIT 1`;
	return rows[0] && {entryId: rows[0].entryId, at: rows[0].at.getTime()};
}
