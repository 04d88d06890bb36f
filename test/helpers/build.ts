import {randomUUID} from 'node:crypto';
import {type Parts} from '../../src/assemble.ts';
import {issueCards} from '../../src/cards/issue.ts';
import {wireIdOf} from '../../src/cards/public-id.ts';
import {formatCode} from '../../src/cards/redemption-code.ts';
import {findOrCreateCustomer} from '../../src/customers/customers.ts';
import {type ClientFields, identifiersOf} from '../../src/customers/identity.ts';
import {endOfLocalDay, type LocalDate} from '../../src/ledger/calendar.ts';
import {type FundingAccount} from '../../src/ledger/chart.ts';
import {actorId} from '../../src/merchants/actors.ts';
import {type Merchant} from '../../src/merchants/merchant.ts';
import {parseAmount} from '../../src/money/amount.ts';

export type CardWish = {
	/** '100.00' */
	readonly amount: string;
	/** The merchant's. */
	readonly currency: string;
	/** Never. A date that has passed needs the funding `fundingMigrated`, which is then assumed. */
	readonly expires: LocalDate | null;
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

/** A card of 100.00 that everybody may use for ever, issued through the ledger as `cards:issue` does it; wishes over that. */
export async function buildCard(parts: Parts, wish: Partial<CardWish> = {}): Promise<BuiltCard> {
	const {prisma, writer, peppers, secretsKey, clock, assets, directory} = parts;
	const merchant = wish.merchant ?? parts.firstMerchant;
	const asset = await assets.ofCurrency(merchant.id, wish.currency ?? merchant.currency);
	const expiresAt = wish.expires == null ? null : endOfLocalDay(wish.expires, merchant.timeZone);
	const owner = identifiersOf(wish.owner ?? {});
	let publicId = '';
	let code = '';
	await issueCards(
		{prisma, writer, secretsKey, clock, pepper: peppers.current},
		merchant,
		{
			key: randomUUID(),
			count: 1,
			amount: parseAmount(wish.amount ?? (asset.scale === 0 ? '100' : '100.00'), asset),
			asset,
			origin: wish.funding ?? (expiresAt !== null && expiresAt <= clock() ? 'fundingMigrated' : 'fundingSold'),
			expiresAt,
			ownerId: owner.length === 0 ? null : await findOrCreateCustomer(prisma, merchant.id, owner),
			restricted: wish.restricted ?? false,
			singleUse: wish.singleUse ?? false,
			rechargeable: wish.rechargeable ?? true,
			caption: wish.caption ?? null,
			relationName: wish.relationName ?? null,
			actorId: await actorId(prisma, merchant.id, 'person', 'tester'),
		},
		{
			onChunk([card]) {
				publicId = card?.publicId ?? '';
				code = formatCode(card?.code ?? '');
			},
		},
	);
	const address = await directory.find(merchant.id, publicId);
	return {id: wireIdOf(publicId), code, publicId, cardId: address?.cardId ?? ''};
}
