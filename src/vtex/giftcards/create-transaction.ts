import {type z} from 'zod';
import {wireIdOf} from '../../cards/public-id.ts';
import {identifiersOf} from '../../customers/identity.ts';
import {type Authorize, type Credit} from '../../ledger/commands.ts';
import {type MerchantAsset} from '../../merchants/assets.ts';
import {isCurrencyCode} from '../../money/asset.ts';
import {type Merchant} from '../../merchants/merchant.ts';
import {type Call, endpoint, type Reply, type Signal} from '../endpoint.ts';
import {CardPath, CreateTransactionRequest, currencyNamed, TransactionLink} from './contracts.ts';
import {refused, unknownCard} from './documented.ts';
import {examples} from './examples.ts';
import {refusalError} from './error-replies.ts';
import {findCard, type NamedCard} from './find.ts';
import {noteOf} from './notes.ts';
import {type GiftCardParts} from './parts.ts';
import {transactionLink} from './replies.ts';
import {positiveUnits} from './values.ts';

/**
 * Reserve value of a card (`Debit`) or add value to it (`Credit`), once for each request id (Gift Card Provider Protocol,
 * 9.4 and 11). A debit lowers the balance at once; settling it later makes it final.
 */
export const createTransaction = endpoint(
	{
		method: 'post',
		path: '/giftcards/:giftCardId/transactions',
		summary: 'Debit or credit a card.',
		access: 'write',
		params: CardPath,
		body: CreateTransactionRequest,
		reply: TransactionLink,
		documented: {
			operationId: 'createTransaction',
			description:
				'A `Debit` reserves value: the balance falls at once, and a settlement makes it final. A `Credit` adds value. Each happens once for its `requestId`, of which a card has one space for both; a refusal for want of balance stays one.',
			statuses: {...unknownCard, ...refused},
			example: {body: examples.debit, reply: examples.transactionLink},
		},
	},
	(parts: GiftCardParts, call) => execute(parts, call.caller.merchant, commandFor(parts, call), call.signal),
);

type Request = z.output<typeof CreateTransactionRequest>;
type TransactionCall = Call<z.output<typeof CardPath>, Request>;

/** Holds the command alone while it waits for its batch, hundreds at a time: the order that it came with is long. */
async function execute(
	{writer}: GiftCardParts,
	merchant: Merchant,
	resolving: Promise<Authorize | Credit>,
	signal: Signal,
): Promise<Reply<z.input<typeof TransactionLink>>> {
	const command = await resolving;
	const outcome = await writer.submit(merchant, command, signal);
	if (outcome.kind === 'refused') {
		throw refusalError(outcome.refusal);
	}

	return {body: transactionLink(merchant, wireIdOf(command.key.scope), outcome.id)};
}

async function commandFor(
	parts: GiftCardParts,
	{caller: {merchant, actorId}, params, body}: TransactionCall,
): Promise<Authorize | Credit> {
	const card = await findCard(parts, merchant, params);
	const asset = await assetOf(parts, merchant, card, body);
	const amount = positiveUnits(body.value, asset);
	return commandOf(body, {card, asset, amount, actorId});
}

/**
 * The currency which the request names, or else the card's own, and for a wallet of points the merchant's. The ledger refuses one that the
 * card cannot pay in (C4).
 */
async function assetOf(
	{assets}: GiftCardParts,
	merchant: Merchant,
	card: NamedCard,
	body: Request,
): Promise<MerchantAsset> {
	const asset = await assets.byId(merchant.id, card.assetId);
	const {orderInfo} = body;
	const named = currencyNamed(body, orderInfo, orderInfo?.cart);
	if (named === null || named === asset.code) {
		return asset.kind === 'money' ? asset : assets.ofCurrency(merchant.id, merchant.currency);
	}

	if (!isCurrencyCode(named)) {
		throw refusalError('currencyMismatch');
	}

	return assets.ofCurrency(merchant.id, named);
}

type Wish = {
	readonly card: NamedCard;
	readonly asset: MerchantAsset;
	readonly amount: bigint;
	readonly actorId: number;
};

/** Debits and credits of a card share one key space, so that one request id never means both. */
function commandOf(body: Request, {card, asset, amount, actorId}: Wish): Authorize | Credit {
	const {operation, requestId, description, orderInfo} = body;
	const common = {
		cardId: card.cardId,
		assetId: asset.id,
		actorId,
		amount,
		key: {scope: card.publicId, space: 'transaction', key: requestId},
		note: noteOf({requestId, description, orderId: orderInfo?.orderId}),
	} as const;
	return operation === 'credit'
		? {...common, verb: 'credit', origin: 'fundingCredit'}
		: {
				...common,
				verb: 'authorize',
				source: 'giftCard',
				presented: identifiersOf(orderInfo?.clientProfile ?? {}),
			};
}
