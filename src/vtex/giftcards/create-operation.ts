import {type z} from 'zod';
import {type Capture, type Undo} from '../../ledger/commands.ts';
import {type Call, type Reply} from '../endpoint.ts';
import {type OperationReply, type OperationRequest, type TransactionPath} from './contracts.ts';
import {refusalError} from './error-replies.ts';
import {findTransaction} from './find.ts';
import {noteOf} from './notes.ts';
import {type GiftCardParts} from './parts.ts';
import {operationReply} from './replies.ts';
import {positiveUnits} from './values.ts';

type OperationCall = Call<z.output<typeof TransactionPath>, z.output<typeof OperationRequest>>;

/**
 * Settle or cancel a part of a transaction, once for each request id; both have key spaces of their own, because VTEX may
 * send the payment's id to both (Gift Card Provider Protocol, 11). The value answered is what really moved (A9).
 */
export async function createOperation(
	parts: GiftCardParts,
	{caller: {merchant, actorId}, params, body, signal}: OperationCall,
	kind: 'settlement' | 'cancellation',
): Promise<Reply<z.input<typeof OperationReply>>> {
	const {id, card, asset} = await findTransaction(parts, merchant, params);
	const common = {
		cardId: card.cardId,
		assetId: asset.id,
		actorId,
		amount: positiveUnits(body.value, asset),
		note: noteOf(body),
	};
	const key = {scope: id, key: body.requestId} as const;
	const command: Capture | Undo =
		kind === 'settlement'
			? {...common, verb: 'capture', holdId: id, key: {...key, space: 'capture'}}
			: {...common, verb: 'undo', operationId: id, key: {...key, space: 'undo'}};
	const outcome = await parts.writer.submit(merchant, command, signal);
	if (outcome.kind === 'refused') {
		throw refusalError(outcome.refusal);
	}

	return {body: operationReply({id: outcome.id, value: outcome.moved, at: outcome.at}, asset)};
}
