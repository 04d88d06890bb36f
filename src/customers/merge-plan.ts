import {type CardStatus} from '../ledger/card-state.ts';

/** A wallet of one of two customers, by the number of its row. Those that were merged into others are not among them. */
export type MergingWallet = {
	readonly cardId: string;
	readonly assetId: number;
	readonly status: CardStatus;
};

/** What becomes of the wallets when one customer becomes the other. All other cards change owner. */
export type WalletPlan = {
	/** Those that stay on the old name, because the other has a wallet for the asset, to which their value moves. */
	readonly merging: readonly {readonly fromCardId: string; readonly toCardId: string}[];
	/** Closed ones, of either: they are wallets no more, and in nobody's way. */
	readonly retired: readonly string[];
	/** Of those that stay: what a block keeps from being spent must not become free on the other wallet. */
	readonly blocked: readonly string[];
};

/** Decide it: of each asset the survivor has one wallet afterwards (A16). */
export function planWallets(from: readonly MergingWallet[], into: readonly MergingWallet[]): WalletPlan {
	const open = (wallets: readonly MergingWallet[]) => wallets.filter(({status}) => status !== 'closed');
	const pairs = open(from).flatMap(source => {
		const target = open(into).find(({assetId}) => assetId === source.assetId);
		return target === undefined ? [] : [{source, target}];
	});
	return {
		merging: pairs.map(({source, target}) => ({fromCardId: source.cardId, toCardId: target.cardId})),
		retired: [...from, ...into].filter(({status}) => status === 'closed').map(({cardId}) => cardId),
		blocked: pairs.filter(({source}) => source.status === 'blocked').map(({source}) => source.cardId),
	};
}
