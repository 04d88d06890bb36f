import {uuidOf} from '../../cards/public-id.ts';
import {type CardAddress} from '../../cards/resolve.ts';
import {type CardTransaction} from '../../cards/transactions.ts';
import {type MerchantAsset} from '../../merchants/assets.ts';
import {type Merchant} from '../../merchants/merchant.ts';
import {refusalError} from './error-replies.ts';
import {type GiftCardParts} from './parts.ts';

/** A card that a path names. */
export type NamedCard = CardAddress & {
	/** A UUID. */
	readonly publicId: string;
};

/** A transaction that a path names, on its card and in its asset. */
export type NamedTransaction = CardTransaction & {readonly card: NamedCard; readonly asset: MerchantAsset};

type CardParams = {readonly giftCardId: string};
type TransactionParams = CardParams & {readonly transactionId: string};

/** @throws {ProtocolError} 404 for what is no id of ours, and for another merchant's card */
export async function findCard(
	{directory}: GiftCardParts,
	merchant: Merchant,
	{giftCardId}: CardParams,
): Promise<NamedCard> {
	const publicId = uuidOf(giftCardId);
	const address = publicId === undefined ? undefined : await directory.find(merchant.id, publicId);
	if (publicId === undefined || address === undefined) {
		throw refusalError('cardNotFound');
	}

	return {...address, publicId};
}

/** @throws {ProtocolError} 404 when that card has no such transaction, even if another card has it */
export async function findTransaction(
	parts: GiftCardParts,
	merchant: Merchant,
	params: TransactionParams,
): Promise<NamedTransaction> {
	const card = await findCard(parts, merchant, params);
	const id = uuidOf(params.transactionId);
	const transaction =
		id === undefined ? undefined : await parts.transactions.find(merchant.id, card.cardId, id);
	if (transaction === undefined) {
		throw refusalError('operationNotFound');
	}

	return {...transaction, card, asset: await parts.assets.byId(merchant.id, transaction.assetId)};
}
