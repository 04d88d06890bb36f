import {randomUUID} from 'node:crypto';
import {type MergeWallets} from '../cards/merge-wallets.ts';
import {wireIdOf} from '../cards/public-id.ts';
import {ValueRefusedError} from '../cards/value-moves.ts';
import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {type Why} from '../ledger/reasons.ts';
import {plainArray} from '../ledger/store/arrays.ts';
import {statusNumbers} from '../ledger/store/lock.ts';
import {joinCustomers, type Joined, MergeRefusedError} from './join.ts';
import {familyOf, type Standing, standingOf} from './survivor.ts';

export {MergeRefusedError} from './join.ts';

export type CustomerMerge = Why & {
	/** Who becomes the other, by number. */
	readonly fromId: string;
	/** Who stays, by number. */
	readonly intoId: string;
	readonly actorId: number;
};

export type Merged = {
	/** The number of who stays. */
	readonly customerId: string;
	/** Of those that changed owner. */
	readonly movedCards: number;
	/** Of those whose value moved to another wallet. */
	readonly mergedWallets: number;
	/** They were one customer before. */
	readonly isReplay: boolean;
};

type Tools = {
	readonly prisma: PrismaClient;
	readonly mergeWallets: MergeWallets;
	readonly clock: () => Instant;
};

// Two rounds settle whatever a merge of the same customers elsewhere has changed; a third tells that it is something else.
const roundsMax = 3;

type Merchant = {readonly id: number; readonly timeZone: string};

/**
 * Make two customers one, when they turn out to be the same person (A13). First the names and the cards change hands, in one transaction:
 * from then on whoever is looked up under either name is the one who stays. Then the value of wallets of which there are two for an asset
 * moves, each by an entry of its own. Interrupted it is repeated, and goes on; repeated it changes nothing; crossing merges end with one.
 * @throws {MergeRefusedError} for somebody who was erased, and while a wallet whose value would move is blocked
 */
export async function mergeCustomers(
	tools: Tools,
	merchant: Merchant,
	merge: CustomerMerge,
): Promise<Merged> {
	const joined = await join(tools, merchant.id, merge);
	const customerId = joined?.customerId ?? (await living(tools, merchant.id, merge.intoId)).customerId;
	const mergedWallets = await moveValue(tools, merchant, customerId, merge);
	return {customerId, movedCards: joined?.movedCards ?? 0, mergedWallets, isReplay: joined === undefined};
}

/** Returns undefined for two who are one already. */
async function join(
	tools: Tools,
	merchantId: number,
	{fromId, intoId, ...rest}: CustomerMerge,
): Promise<Joined | undefined> {
	for (;;) {
		const [from, into] = [await living(tools, merchantId, fromId), await living(tools, merchantId, intoId)];
		if (from.customerId === into.customerId) {
			return undefined;
		}

		const joined = await joinCustomers(tools.prisma, {
			...{...rest, merchantId, fromId: from.customerId, intoId: into.customerId},
			now: tools.clock(),
		});
		// Somebody else has merged or erased one of them since they were looked up.
		if (joined !== 'changed') {
			return joined;
		}
	}
}

/** @throws {MergeRefusedError} */
async function living({prisma}: Tools, merchantId: number, customerId: string): Promise<Standing> {
	const standing = await standingOf(prisma, merchantId, customerId);
	if (standing?.erasedAt !== null) {
		throw new MergeRefusedError(
			standing === undefined
				? `There is no customer ${customerId}.`
				: `Customer ${customerId} was erased: nobody can become them, and there is nothing of them to be merged.`,
		);
	}

	return standing;
}

type StrayWallet = {readonly fromCardId: string; readonly publicId: string; readonly toCardId: string};

/** Wallets on former names whose value has not moved yet, whoever began to move it, and where it belongs. */
async function strayWallets(
	prisma: PrismaClient,
	merchantId: number,
	customerId: string,
): Promise<StrayWallet[]> {
	const family = await familyOf(prisma, merchantId, customerId);
	return prisma.$queryRawUnsafe<StrayWallet[]>(
		`SELECT f.id::text AS "fromCardId", f.public_id::text AS "publicId", t.id::text AS "toCardId"
		FROM cards f JOIN cards t ON t.merchant_id = f.merchant_id AND t.owner_id = $3::bigint AND t.asset_id = f.asset_id AND t.is_wallet
		WHERE f.merchant_id = $1::int AND f.owner_id = ANY ($2::bigint[]) AND f.owner_id <> $3::bigint
			AND f.is_wallet AND f.forwards_to IS NULL AND f.status <> ${statusNumbers.closed}
		ORDER BY f.id`,
		merchantId,
		plainArray(family),
		BigInt(customerId),
	);
}

/**
 * One wallet after the other; one that is refused keeps no other from moving. Where somebody merges the same customers at the same time, a
 * wallet may be gone, or have moved on, since it was looked up: then it is looked for again.
 * @returns how many have moved
 */
async function moveValue(
	tools: Tools,
	merchant: Merchant,
	customerId: string,
	merge: CustomerMerge,
): Promise<number> {
	let moved = 0;
	for (let round = 1; ; round++) {
		const standing = await living(tools, merchant.id, customerId);
		const wallets = await strayWallets(tools.prisma, merchant.id, standing.customerId);
		const refusals = await moveEach(tools, merchant, wallets, merge);
		moved += wallets.length - refusals.length;
		if (refusals.length === 0) {
			return moved;
		}

		if (round === roundsMax) {
			throw new MergeRefusedError(
				`They are one customer now, but not all value could move to the wallet that stays. Repeat the command when it can. ${refusals.join(' ')}`,
			);
		}
	}
}

/** Returns what was refused, and why. */
async function moveEach(
	{mergeWallets}: Tools,
	merchant: Merchant,
	wallets: readonly StrayWallet[],
	{actorId, reason, reasonCode}: CustomerMerge,
): Promise<string[]> {
	const refusals: string[] = [];
	for (const {fromCardId, toCardId, publicId} of wallets) {
		// A key of its own each time: the wallet itself knows that it was merged, and a refusal must not be remembered.
		const key = `customers:merge ${randomUUID()}`;
		try {
			await mergeWallets(merchant, {fromCardId, toCardId, actorId, reason, reasonCode, key});
		} catch (error) {
			if (!(error instanceof ValueRefusedError)) {
				throw error;
			}

			refusals.push(`Wallet ${wireIdOf(publicId)}: ${error.message}`);
		}
	}

	return refusals;
}
