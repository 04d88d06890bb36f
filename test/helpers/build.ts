import {randomBytes} from 'node:crypto';
import {type Parts} from '../../src/assemble.ts';
import {hashCode} from '../../src/cards/pepper.ts';
import {newPublicId, wireIdOf} from '../../src/cards/public-id.ts';
import {formatCode, lastFour, makeRedemptionCode} from '../../src/cards/redemption-code.ts';
import {findOrCreateCustomer} from '../../src/customers/customers.ts';
import {type ClientFields, identifiersOf} from '../../src/customers/identity.ts';
import {endOfLocalDay, type Instant, type LocalDate} from '../../src/ledger/calendar.ts';
import {type FundingAccount} from '../../src/ledger/chart.ts';
import {noNote, scriptScope} from '../../src/ledger/commands.ts';
import {actorId} from '../../src/merchants/actors.ts';
import {type Merchant} from '../../src/merchants/merchant.ts';
import {parseAmount} from '../../src/money/amount.ts';

export type CardWish = {
	/** '100.00' */
	readonly amount: string;
	/** The merchant's. */
	readonly currency: string;
	/** Never. */
	readonly expires: LocalDate | null;
	/** Now. */
	readonly emittedAt: Instant;
	/** Nobody. */
	readonly owner: ClientFields;
	readonly restricted: boolean;
	readonly singleUse: boolean;
	readonly rechargeable: boolean;
	readonly caption: string | null;
	readonly relationName: string | null;
	readonly funding: FundingAccount;
	/** The first merchant. */
	readonly merchant: Merchant;
};

export type BuiltCard = {
	/** As it travels: 32 hexadecimal digits. */
	readonly id: string;
	/** XXXX-XXXX-XXXX-XXXX */
	readonly code: string;
	/** A UUID. */
	readonly publicId: string;
	/** The number of its row. */
	readonly cardId: string;
};

/** A card of 100.00 that everybody may use for ever, opened by the writer; wishes over that. */
export async function buildCard(parts: Parts, wish: Partial<CardWish> = {}): Promise<BuiltCard> {
	const {prisma, writer, clock, assets} = parts;
	const merchant = wish.merchant ?? parts.firstMerchant;
	const asset = await assets.ofCurrency(merchant.id, wish.currency ?? merchant.currency);
	const publicId = newPublicId();
	const code = makeRedemptionCode(randomBytes);
	const [{cardId}] = await prisma.$queryRaw<
		[{cardId: string}]
	>`SELECT nextval(pg_get_serial_sequence('cards', 'id'))::text AS "cardId"`;
	const outcome = await writer.submit(merchant, {
		verb: 'issue',
		cardId,
		assetId: asset.id,
		amount: parseAmount(wish.amount ?? '100', asset),
		origin: wish.funding ?? 'fundingSold',
		actorId: await actorId(prisma, merchant.id, 'person', 'tester'),
		key: {scope: scriptScope, space: 'issue', key: publicId},
		note: noNote,
		card: {
			publicId,
			status: 'active',
			...(await openingOf(parts, merchant, code, wish)),
			emittedAt: wish.emittedAt ?? clock(),
		},
	});
	if (outcome.kind === 'refused') {
		throw new Error(`The test's card was refused: ${outcome.refusal}`);
	}

	return {id: wireIdOf(publicId), code: formatCode(code), publicId, cardId};
}

async function openingOf(
	{prisma, peppers: {current}}: Parts,
	merchant: Merchant,
	code: string,
	wish: Partial<CardWish>,
) {
	const owner = identifiersOf(wish.owner ?? {});
	return {
		pepperId: current.id,
		codeHash: hashCode(code, current.key),
		codeLast4: lastFour(code),
		ownerId: owner.length === 0 ? null : await findOrCreateCustomer(prisma, merchant.id, owner),
		expiresAt:
			wish.expires === undefined || wish.expires === null
				? null
				: endOfLocalDay(wish.expires, merchant.timeZone),
		restricted: wish.restricted ?? false,
		singleUse: wish.singleUse ?? false,
		rechargeable: wish.rechargeable ?? true,
		caption: wish.caption ?? null,
		relationName: wish.relationName ?? null,
	};
}
