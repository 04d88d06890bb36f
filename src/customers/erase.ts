import {CardChangeRefusedError} from '../cards/block.ts';
import {closeCard} from '../cards/close.ts';
import {type Prisma, type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {noNote} from '../ledger/commands.ts';
import {storedWhy, type Why} from '../ledger/reasons.ts';
import {plainArray} from '../ledger/store/arrays.ts';
import {statusNumbers} from '../ledger/store/lock.ts';
import {type Writer} from '../ledger/writer.ts';
import {customerChangeNumbers} from './changes.ts';
import {namesSomebody, type Obstacle, obstaclesTo, type Unsettled} from './erasable.ts';
import {forget, openPaymentsSql} from './forget.ts';
import {type CustomerView, showCustomer} from './show.ts';
import {familyOf} from './survivor.ts';

/** The reason is kept, so it must not say who the customer was. */
export type Erasure = Why & {
	/** The customer's number. */
	readonly customerId: string;
	readonly actorId: number;
	/** Whether what remains is given up by name. */
	readonly isForfeited: boolean;
};

export type Erased = {
	readonly erasedAt: Instant;
	/** Minor units by the asset's row that went to the adjustment account. */
	readonly forfeited: ReadonlyMap<number, bigint>;
	readonly closedCards: number;
	/** It had been done before. */
	readonly isReplay: boolean;
};

/** The customer is still somebody to whom something is owed, or whose orders are under way; or the reason would say who it was. */
export class ErasureRefusedError extends Error {
	override readonly name = 'ErasureRefusedError';
}

type Tools = {
	readonly prisma: PrismaClient;
	readonly writer: Writer;
	readonly clock: () => Instant;
};

type Merchant = {readonly id: number; readonly timeZone: string};

// Cards that are closed in one batch of the writer.
const chunkSize = 50;
// A customer of many years has many notes.
const waitMs = 10_000;
const timeoutMs = 120_000;

/**
 * Forget who a customer was, and keep the books (B9): the cards are closed, what remains on them goes to the adjustment account, and all
 * that names the customer is removed, in every table. It cannot be undone. Interrupted it is repeated, and goes on.
 * @throws {ErasureRefusedError} while something is held, open or owed (A13)
 */
export async function eraseCustomer(tools: Tools, merchant: Merchant, erasure: Erasure): Promise<Erased> {
	const {prisma, clock} = tools;
	const view = await showCustomer(prisma, merchant.id, erasure.customerId, clock());
	if (view === undefined) {
		throw new RangeError(`There is no customer ${erasure.customerId}.`);
	}

	if (view.erasedAt !== null) {
		return {erasedAt: view.erasedAt, forfeited: new Map(), closedCards: 0, isReplay: true};
	}

	const {obstacles} = await whyNotErasable(prisma, merchant.id, view, erasure.isForfeited);
	refuse(obstacles);
	if (namesSomebody(erasure.reason, view.identifiers)) {
		throw new ErasureRefusedError(
			'The reason is kept, and says who the customer was. Give one without their e-mail address, document or profile id.',
		);
	}

	const closed = await closeCards(tools, merchant, view, erasure);
	const erasedAt = await seal(tools, merchant, view.customerId, erasure);
	return {erasedAt, ...closed, isReplay: false};
}

/** What stands in the way of erasing a customer, and what is unsettled. */
export async function whyNotErasable(
	prisma: Pick<PrismaClient, '$queryRawUnsafe'>,
	merchantId: number,
	{customerId, formerIds, totals}: CustomerView,
	isForfeited: boolean,
): Promise<{readonly obstacles: readonly Obstacle[]; readonly unsettled: Unsettled}> {
	const {payments, callbacks} = await countOpen(prisma, merchantId, [customerId, ...formerIds]);
	const unsettled = {totals, openPayments: payments, openCallbacks: callbacks};
	return {obstacles: obstaclesTo(unsettled, isForfeited), unsettled};
}

const sentences: Readonly<Record<Obstacle, string>> = {
	held: 'Something is held for orders that are neither settled nor cancelled.',
	openPayments: 'A payment waits for an answer.',
	openCallbacks: 'A callback waits to be delivered: callbacks:list shows it.',
	debt: 'The customer owes points that were taken back.',
	value: 'Value remains. Give it up by name with --forfeit, or let it be spent first.',
};

/** @throws {ErasureRefusedError} that says all of it */
function refuse(obstacles: readonly Obstacle[]): void {
	if (obstacles.length > 0) {
		throw new ErasureRefusedError(
			`The customer cannot be erased yet. ${obstacles.map(one => sentences[one]).join(' ')}`,
		);
	}
}

async function countOpen(
	prisma: Pick<PrismaClient, '$queryRawUnsafe'>,
	merchantId: number,
	family: readonly string[],
): Promise<{payments: number; callbacks: number}> {
	const [row] = await prisma.$queryRawUnsafe<[{payments: number; callbacks: number}]>(
		openPaymentsSql,
		merchantId,
		plainArray(family),
	);
	return row;
}

/** What is past its date goes to breakage first: nobody gives it up. */
async function closeCards(
	{prisma, writer}: Tools,
	merchant: Merchant,
	{customerId, formerIds}: CustomerView,
	{actorId, reason, reasonCode}: Erasure,
): Promise<Pick<Erased, 'forfeited' | 'closedCards'>> {
	const cards = await openCards(prisma, merchant.id, [customerId, ...formerIds]);
	const forfeited = new Map<number, bigint>();
	const close = async ({cardId, assetId, hasValue}: OpenCard) => {
		if (hasValue) {
			await writer.submit(merchant, {verb: 'expire', cardId, actorId, key: null, note: noNote});
		}

		const {remainder} = await closeCard(writer, merchant, {cardId, actorId, reason, reasonCode});
		forfeited.set(assetId, (forfeited.get(assetId) ?? 0n) + remainder);
	};
	for (let from = 0; from < cards.length; from += chunkSize) {
		const results = await Promise.allSettled(cards.slice(from, from + chunkSize).map(close));
		const failed = results.find(({status}) => status === 'rejected') as PromiseRejectedResult | undefined;
		if (failed !== undefined) {
			throw failed.reason instanceof CardChangeRefusedError
				? new ErasureRefusedError(
						`A card could not be closed, and the customer is not erased yet. ${failed.reason.message}`,
					)
				: failed.reason;
		}
	}

	return {forfeited, closedCards: cards.length};
}

type OpenCard = {readonly cardId: string; readonly assetId: number; readonly hasValue: boolean};

/** A wallet that was merged into another is over, and is no card to be closed. */
async function openCards(
	prisma: Pick<PrismaClient, '$queryRawUnsafe'>,
	merchantId: number,
	family: readonly string[],
): Promise<OpenCard[]> {
	return prisma.$queryRawUnsafe<OpenCard[]>(
		`SELECT id::text AS "cardId", asset_id AS "assetId", available > 0 AS "hasValue" FROM cards
		WHERE merchant_id = $1::int AND owner_id = ANY ($2::bigint[]) AND status <> ${statusNumbers.closed} AND forwards_to IS NULL
		ORDER BY id`,
		merchantId,
		plainArray(family),
	);
}

/** Remove what names the customer, in one transaction. The customer's rows are locked first: whoever gives them a card or a name waits. */
async function seal(
	{prisma, clock}: Tools,
	merchant: Merchant,
	customerId: string,
	erasure: Erasure,
): Promise<Instant> {
	const merchantId = merchant.id;
	return prisma.$transaction(
		async tx => {
			const family = await lockFamily(tx, merchantId, customerId);
			const open = await openCards(tx, merchantId, family);
			const {payments, callbacks} = await countOpen(tx, merchantId, family);
			if (open.length + payments + callbacks > 0) {
				throw new ErasureRefusedError(
					'The customer got a card or a payment in this moment, and is not erased yet. Repeat the command.',
				);
			}

			await forget(tx, {merchantId, family, reason: erasure.reason});
			const now = clock();
			await tx.customer.updateMany({
				where: {merchantId, id: {in: family.map(BigInt)}},
				data: {erasedAt: new Date(now)},
			});
			const kind = customerChangeNumbers.erase;
			await tx.customerChange.create({
				data: {
					...{merchantId, customerId: BigInt(customerId), kind},
					...{at: new Date(now), actorId: erasure.actorId, ...storedWhy(erasure)},
				},
			});
			return now;
		},
		{maxWait: waitMs, timeout: timeoutMs},
	);
}

/** @throws {ErasureRefusedError} when the customer has just become another one, or was erased by somebody else */
async function lockFamily(
	tx: Prisma.TransactionClient,
	merchantId: number,
	customerId: string,
): Promise<string[]> {
	await tx.$executeRaw`SET LOCAL statement_timeout = '60s'`;
	const [row] = await tx.$queryRaw<{isThere: boolean}[]>`
		SELECT merged_into IS NULL AND erased_at IS NULL AS "isThere" FROM customers
		WHERE merchant_id = ${merchantId}::int AND id = ${BigInt(customerId)}::bigint FOR UPDATE`;
	if (row?.isThere !== true) {
		throw new ErasureRefusedError(
			'Somebody else has just merged or erased the customer. Look again with customers:show.',
		);
	}

	// Nobody becomes this customer any more, so these are all.
	return familyOf(tx, merchantId, customerId);
}
