import {type PrismaClient} from '../db/client.ts';
import {explained} from '../ledger/commands.ts';
import {type MerchantClock} from '../ledger/batch.ts';
import {type Why} from '../ledger/reasons.ts';
import {type Writer} from '../ledger/writer.ts';
import {valueRefused} from './value-moves.ts';

export type WalletMerge = Why & {
	/** The rows of two wallets of the same points. */
	readonly fromCardId: string;
	readonly toCardId: string;
	readonly actorId: number;
	/** Under which it happens once; belongs to the wallet that is merged. */
	readonly key: string;
};

/** Merge a wallet into another (A13): what it has moves now, and what comes back to it later follows. */
export type MergeWallets = (merchant: MerchantClock, merge: WalletMerge) => Promise<void>;

/**
 * @throws {ValueRefusedError} when the ledger refuses it: one of the wallets is closed, the one that gives is blocked, or was merged into
 * another one already
 * @throws {OverloadedError} when the database is too busy; repeating it under the same key is safe
 */
export function openMergeWallets({
	prisma,
	writer,
}: {
	readonly prisma: PrismaClient;
	readonly writer: Pick<Writer, 'submit'>;
}): MergeWallets {
	return async (merchant, {fromCardId, toCardId, actorId, key, ...why}) => {
		const {publicId, assetId} = await prisma.card.findUniqueOrThrow({
			where: {merchantId_id: {merchantId: merchant.id, id: BigInt(fromCardId)}},
			select: {publicId: true, assetId: true},
		});
		const outcome = await writer.submit(merchant, {
			verb: 'merge',
			cardId: fromCardId,
			targetId: toCardId,
			assetId,
			amount: 0n,
			actorId,
			key: {scope: publicId, space: 'merge', key},
			note: explained(why),
		});
		if (outcome.kind === 'refused') {
			throw valueRefused(outcome.refusal, outcome.isReplay);
		}
	};
}
