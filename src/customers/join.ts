import {setTimeout as delay} from 'node:timers/promises';
import {storedOwner} from '../cards/issue-run.ts';
import {type Prisma, type PrismaClient} from '../db/client.ts';
import {isRetryable, sqlStateOf} from '../db/sql-state.ts';
import {type Instant} from '../ledger/calendar.ts';
import {storedWhy, type Why} from '../ledger/reasons.ts';
import {plainArray} from '../ledger/store/arrays.ts';
import {cardStatusOf} from '../ledger/store/lock.ts';
import {customerChangeNumbers} from './changes.ts';
import {type MergingWallet, planWallets} from './merge-plan.ts';

/** Two customers cannot become one, or not yet. */
export class MergeRefusedError extends Error {
	override readonly name = 'MergeRefusedError';
}

export type Joining = Why & {
	readonly merchantId: number;
	/** Numbers of two different customers. */
	readonly fromId: string;
	readonly intoId: string;
	readonly actorId: number;
	readonly now: Instant;
};

export type Joined = {
	/** The number of who stays. */
	readonly customerId: string;
	readonly movedCards: number;
};

// Cards that are being spent are locked for milliseconds at a time.
const attemptsMax = 20;
const pauseMs = 100;
// A customer of many years has many cards.
const waitMs = 10_000;
const timeoutMs = 60_000;

/**
 * Let one customer take over from another: all names, and all cards but those wallets whose value has to move to one of the other's. With
 * who and why.
 * @returns `changed` when one of them is not there any more, and has to be looked up again
 * @throws {MergeRefusedError} while a wallet whose value would move is blocked
 */
export async function joinCustomers(prisma: PrismaClient, joining: Joining): Promise<Joined | 'changed'> {
	for (let attempt = 1; ; attempt++) {
		try {
			return await prisma.$transaction(tx => join(tx, joining), {maxWait: waitMs, timeout: timeoutMs});
		} catch (error) {
			// 55P03: a card was locked all the time. A deadlock with a batch of the writer is one of us having to wait.
			if ((sqlStateOf(error) !== '55P03' && !isRetryable(error)) || attempt === attemptsMax) {
				throw error;
			}

			await delay(Math.random() * pauseMs);
		}
	}
}

async function join(tx: Prisma.TransactionClient, joining: Joining): Promise<Joined | 'changed'> {
	const {merchantId, fromId, intoId, actorId, now} = joining;
	const from = BigInt(fromId);
	const into = BigInt(intoId);
	if (!(await areThere(tx, joining))) {
		return 'changed';
	}

	const plan = planWallets(...(await lockWallets(tx, joining)));
	if (plan.blocked.length > 0) {
		throw new MergeRefusedError(
			`A wallet of customer ${fromId} is blocked, and its value would be free on the wallet of customer ${intoId}. Unblock it, or close it.`,
		);
	}

	const staying = plainArray(plan.merging.map(({fromCardId}) => fromCardId));
	await tx.$executeRaw`UPDATE cards SET is_wallet = false
		WHERE merchant_id = ${merchantId}::int AND id = ANY (${plainArray(plan.retired)}::bigint[])`;
	const movedCards = await tx.$executeRaw`UPDATE cards SET owner_id = ${into}::bigint
		WHERE merchant_id = ${merchantId}::int AND owner_id = ${from}::bigint AND id <> ALL (${staying}::bigint[])
			AND forwards_to IS NULL`;
	await tx.$executeRaw`UPDATE customer_identifiers SET customer_id = ${into}::bigint
		WHERE merchant_id = ${merchantId}::int AND customer_id = ${from}::bigint`;
	await renameRuns(tx, joining);
	await tx.customer.update({where: {merchantId_id: {merchantId, id: from}}, data: {mergedInto: into}});
	const kind = customerChangeNumbers.merge;
	await tx.customerChange.create({
		data: {
			...{merchantId, customerId: into, kind, otherId: from},
			...{at: new Date(now), actorId, ...storedWhy(joining)},
		},
	});
	return {customerId: intoId, movedCards};
}

/** Lock both, so that nobody gives them a name or a card, merges or erases them meanwhile; in one order, so that crossing merges queue up. */
async function areThere(
	tx: Prisma.TransactionClient,
	{merchantId, fromId, intoId}: Joining,
): Promise<boolean> {
	const rows = await tx.$queryRaw<{lives: boolean}[]>`
		SELECT merged_into IS NULL AND erased_at IS NULL AS lives FROM customers
		WHERE merchant_id = ${merchantId}::int AND id = ANY (${plainArray([fromId, intoId])}::bigint[]) ORDER BY id FOR UPDATE`;
	return rows.length === 2 && rows.every(({lives}) => lives);
}

type WalletRow = {
	readonly ownerId: string;
	readonly cardId: string;
	readonly assetId: number;
	readonly status: number;
};

/** Lock the cards that change hands, in the writer's order, and the wallets of both; the wallets are returned. */
async function lockWallets(
	tx: Prisma.TransactionClient,
	{merchantId, fromId, intoId}: Joining,
): Promise<[from: MergingWallet[], into: MergingWallet[]]> {
	const rows = await tx.$queryRaw<(WalletRow & {readonly isWallet: boolean})[]>`
		SELECT owner_id::text AS "ownerId", id::text AS "cardId", asset_id AS "assetId", status,
			is_wallet AND forwards_to IS NULL AS "isWallet"
		FROM cards WHERE merchant_id = ${merchantId}::int AND (owner_id = ${BigInt(fromId)}::bigint OR (owner_id = ${BigInt(intoId)}::bigint AND is_wallet))
		ORDER BY id FOR NO KEY UPDATE`;
	const walletsOf = (customerId: string) =>
		rows
			.filter(({ownerId, isWallet}) => isWallet && ownerId === customerId)
			.map(({cardId, assetId, status}) => ({cardId, assetId, status: cardStatusOf(status)}));
	return [walletsOf(fromId), walletsOf(intoId)];
}

/** A run of cards for the customer is repeated with the same flags, which lead to the other now. */
async function renameRuns(
	tx: Prisma.TransactionClient,
	{merchantId, fromId, intoId}: Joining,
): Promise<void> {
	const before = storedOwner(fromId);
	await tx.$executeRaw`UPDATE issue_runs SET parameters = replace(parameters, ${before}, ${storedOwner(intoId)})
		WHERE merchant_id = ${merchantId}::int AND strpos(parameters, ${before}) > 0`;
}
