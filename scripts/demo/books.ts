import {type Parts} from '../../src/assemble.ts';
import {uuidOf} from '../../src/cards/public-id.ts';
import {type Account, accountOf} from '../../src/ledger/chart.ts';
import {type EntryKind} from '../../src/ledger/entry.ts';
import {type MerchantAsset} from '../../src/merchants/assets.ts';
import {statement} from '../../src/reports/statement.ts';

export type BookedEntry = {
	readonly kind: EntryKind;
	/** Minor units: − out of an account, + into it. */
	readonly postings: readonly {readonly account: Account; readonly amount: bigint}[];
};

/** What stands on the card now, in minor units, and the entries that came since it was looked at last. */
export type Glance = {
	readonly balance: bigint;
	readonly held: bigint;
	readonly entries: readonly BookedEntry[];
};

/** The journal of one card, as it lies in the database. */
export type Books = {readonly asset: MerchantAsset; readonly look: () => Promise<Glance>};

/** @param cardId - as it travels @throws Error when there is no such card */
export async function openBooks(
	{
		prisma,
		directory,
		assets,
		firstMerchant,
	}: Pick<Parts, 'prisma' | 'directory' | 'assets' | 'firstMerchant'>,
	cardId: string,
): Promise<Books> {
	const {id: merchantId} = firstMerchant;
	const address = await directory.find(merchantId, uuidOf(cardId) ?? '');
	if (address === undefined) {
		throw new Error(`The books have no card ${cardId}.`);
	}

	const seen = new Set<string>();
	return {
		asset: await assets.byId(merchantId, address.assetId),
		async look() {
			let balance = 0n;
			let held = 0n;
			const entries: BookedEntry[] = [];
			for await (const line of statement(prisma, {merchantId, cardId: address.cardId}, null)) {
				({balance, held} = line);
				if (!seen.has(line.entryId)) {
					seen.add(line.entryId);
					const where = {merchantId, entryId: line.entryId};
					const postings = await prisma.posting.findMany({where, orderBy: {amount: 'asc'}});
					entries.push({
						kind: line.kind,
						postings: postings.map(({account, amount}) => ({account: accountOf(account), amount})),
					});
				}
			}

			return {balance, held, entries};
		},
	};
}
