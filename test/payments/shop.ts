import {randomBytes} from 'node:crypto';
import {v7} from 'uuid';
import {openGuesses} from '../../src/cards/guesses.ts';
import {reserveCardIds} from '../../src/cards/issued.ts';
import {hashCode} from '../../src/cards/pepper.ts';
import {openPeppers} from '../../src/cards/peppers.ts';
import {openPins, type Pins} from '../../src/cards/pins.ts';
import {newPublicId} from '../../src/cards/public-id.ts';
import {lastFour, makeRedemptionCode} from '../../src/cards/redemption-code.ts';
import {openCardPricing} from '../../src/cards/pricing.ts';
import {openCardSearch} from '../../src/cards/search.ts';
import {findOrCreateCustomer} from '../../src/customers/customers.ts';
import {type ClientFields, identifiersOf} from '../../src/customers/identity.ts';
import {noNote, scriptScope} from '../../src/ledger/commands.ts';
import {type Writer} from '../../src/ledger/writer.ts';
import {openTestWriter} from '../helpers/ledger.ts';
import {actorId} from '../../src/merchants/actors.ts';
import {openPrograms} from '../../src/loyalty/programs.ts';
import {openAssets} from '../../src/merchants/assets.ts';
import {createMerchant, type Merchant} from '../../src/merchants/merchant.ts';
import {
	openPayments,
	type PaymentOperation,
	type PaymentOptions,
	type PaymentOutcome,
	type Payments,
	type PaymentWish,
} from '../../src/payments/payments.ts';
import {type Payment} from '../../src/payments/payment.ts';
import {type Clock, makeClock} from '../helpers/clock.ts';
import {type TestDatabase} from '../helpers/database.ts';

export type ShopCard = {readonly cardId: string; readonly publicId: string; readonly code: string};

export type CardWish = {
	readonly amount?: bigint;
	readonly owner?: ClientFields;
	readonly restricted?: boolean;
	readonly expiresInDays?: number;
	readonly currency?: string;
	readonly pin?: string;
};

/** A merchant whose shoppers pay, with a clock of its own. */
export type Shop = {
	readonly merchant: Merchant;
	readonly payments: Payments;
	readonly writer: Writer;
	readonly pins: Pins;
	readonly clock: Clock;
	/** Payments that were asked for again with other content. */
	readonly changed: readonly string[];
	readonly issue: (wish?: CardWish) => Promise<ShopCard>;
	/** Available and held, in minor units. */
	readonly balance: (card: ShopCard) => Promise<[available: bigint, held: bigint]>;
	readonly wish: (wish: Partial<PaymentWish> & {readonly paymentId: string}) => PaymentWish;
	readonly create: (wish: Partial<PaymentWish> & {readonly paymentId: string}) => Promise<Payment>;
	readonly operate: (
		verb: 'settle' | 'cancel' | 'refund',
		operation: Partial<PaymentOperation> & {readonly paymentId: string},
	) => Promise<PaymentOutcome>;
};

export const minuteMs = 60_000;
export const dayMs = 86_400_000;

type Submit = Pick<Writer, 'submit'>;

export type ShopOptions = Partial<PaymentOptions> & {
	readonly sandbox?: boolean;
	readonly guessLimit?: number;
	/** Stands between the payments and their writer. */
	readonly interfere?: (writer: Submit) => Submit;
};

let shops = 0;

export async function openShop(
	{general, writer: forWriter}: TestDatabase,
	{sandbox = false, guessLimit = 10, interfere = one => one, ...options}: ShopOptions = {},
): Promise<Shop> {
	const {prisma} = general;
	const merchant = await createMerchant(prisma, {
		name: `payments${++shops}`,
		timeZone: 'America/Sao_Paulo',
		currency: 'BRL',
		sandbox,
	});
	const clock = makeClock();
	const {now} = clock;
	const peppers = await openPeppers(prisma, ['a pepper of thirty-two characters']);
	const assets = openAssets(prisma);
	const writer = openTestWriter({prisma: forWriter.prisma, clock: now, newId: v7});
	const pricing = openCardPricing({assets, programs: openPrograms(prisma, now), clock: now});
	const guesses = openGuesses({pool: general.pool, secretsKey: 'a key for secrets'}, {missesMax: guessLimit});
	const search = openCardSearch(prisma, {peppers, pricing, guesses, clock: now});
	const pins = openPins(prisma, peppers, now);
	const changed: string[] = [];
	const payments = openPayments(
		{
			prisma,
			readerPrisma: prisma,
			writer: interfere(writer),
			assets,
			pricing,
			search,
			peppers,
			pins,
			guesses,
			clock: now,
		},
		{
			secretsKey: 'a key for secrets',
			publicUrl: 'https://pay.example',
			walletIdentity: 'document',
			delayToAutoSettle: 432_000,
			delayToAutoSettleAfterAntifraud: 432_000,
			delayToCancel: 86_400,
			onChanged: (_merchantId, paymentId) => changed.push(paymentId),
			...options,
		},
	);
	const actor = await actorId(prisma, merchant.id, 'credential', 'vtex');
	const wish: Shop['wish'] = given => ({
		method: 'Privatelabels',
		way: 'code',
		code: null,
		pin: null,
		amountText: '30.00',
		currency: 'BRL',
		verificationOnly: false,
		buyer: [],
		address: null,
		orderId: 'v1',
		reference: null,
		transactionId: null,
		callbackUrl: 'https://store.example/callback?id=1&x=%20',
		returnUrl: null,
		particulars: '{}',
		actorId: actor,
		...given,
	});

	return {
		merchant,
		payments,
		writer,
		pins,
		clock,
		changed,
		async issue({amount = 100_00n, owner, restricted = false, expiresInDays, currency = 'BRL', pin} = {}) {
			const [cardId = ''] = await reserveCardIds(prisma, 1);
			const code = makeRedemptionCode(randomBytes);
			const publicId = newPublicId();
			const {current} = peppers;
			const outcome = await writer.submit(merchant, {
				verb: 'issue',
				cardId,
				actorId: actor,
				assetId: (await assets.ofCurrency(merchant.id, currency)).id,
				amount,
				origin: 'fundingSold',
				key: {scope: scriptScope, space: 'issue', key: publicId},
				note: noNote,
				card: {
					publicId,
					restricted,
					singleUse: false,
					rechargeable: true,
					ownerId:
						owner === undefined
							? null
							: await findOrCreateCustomer(prisma, merchant.id, identifiersOf(owner)),
					pepperId: current.id,
					codeHash: hashCode(code, current.key),
					codeLast4: lastFour(code),
					caption: null,
					relationName: null,
					emittedAt: now() - dayMs,
					expiresAt: expiresInDays === undefined ? null : now() + expiresInDays * dayMs,
					status: 'active',
				},
			});
			if (outcome.kind === 'refused') {
				throw new Error(`The test's card was refused: ${outcome.refusal}`);
			}

			if (pin !== undefined) {
				await pins.set(merchant.id, {cardId, publicId}, pin);
			}

			return {cardId, publicId, code};
		},
		async balance({cardId}) {
			const {available, held} = await prisma.card.findFirstOrThrow({where: {id: BigInt(cardId)}});
			return [available, held];
		},
		wish,
		create: given => payments.create(merchant, wish(given)),
		operate: (verb, given) =>
			payments[verb](merchant, {
				requestId: null,
				amountText: null,
				particulars: '{}',
				actorId: actor,
				...given,
			}),
	};
}

/** An outcome as text: what moved, or why nothing did. */
export function said(outcome: PaymentOutcome): string {
	return outcome.kind === 'refused' ? outcome.refusal : String(outcome.moved);
}
