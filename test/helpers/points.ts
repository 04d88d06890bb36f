import {randomUUID} from 'node:crypto';
import {type PrismaClient} from '../../src/db/client.ts';
import {identifierNumbers} from '../../src/customers/customers.ts';
import {type Identifier} from '../../src/customers/identity.ts';
import {noNote, scriptScope} from '../../src/ledger/commands.ts';
import {type Instant} from '../../src/ledger/calendar.ts';
import {type MerchantClock, type Outcome} from '../../src/ledger/batch.ts';
import {type Writer} from '../../src/ledger/writer.ts';
import {assetNumbers} from '../../src/merchants/assets.ts';

/* Points as rows: what programs and wallets are to the ledger. */

export type PointsWish = {
	/** Minor units of the currency for one minor unit of the points. */
	readonly rate: readonly [numerator: number, denominator: number];
	readonly currencyId: number;
	readonly least: number;
	readonly most: number | null;
	readonly graceDays: number;
};

export type TestPoints = {readonly assetId: number; readonly programId: number};

let programs = 0;

/** A program of points without decimals: a point is worth a cent unless it is said otherwise. */
export async function openTestPoints(
	prisma: PrismaClient,
	merchantId: number,
	{
		rate: [numerator, denominator] = [1, 1],
		currencyId,
		least = 1,
		most = null,
		graceDays = 30,
	}: Partial<PointsWish> & Pick<PointsWish, 'currencyId'>,
): Promise<TestPoints> {
	const name = `PTS${++programs}`;
	const {id: assetId} = await prisma.asset.create({
		data: {merchantId, code: name, scale: 0, kind: assetNumbers.points},
	});
	const program = await prisma.program.create({
		data: {
			...{merchantId, name, assetId, caption: 'Points', expiryKind: 1, purchasedExpiryKind: 1, clawback: 1},
			...{redemptionMin: least, redemptionMax: most, graceDays},
		},
	});
	await addTestRate(prisma, {merchantId, programId: program.id, currencyId, rate: [numerator, denominator]});
	return {assetId, programId: program.id};
}

export async function addTestRate(
	prisma: PrismaClient,
	{
		merchantId,
		programId,
		currencyId,
		rate: [numerator, denominator],
		from = Date.parse('2020-01-01T00:00:00Z'),
	}: {
		readonly merchantId: number;
		readonly programId: number;
		readonly currencyId: number;
		readonly rate: readonly [numerator: number, denominator: number];
		readonly from?: Instant;
	},
): Promise<void> {
	const effectiveFrom = new Date(from);
	await prisma.programRate.create({
		data: {merchantId, programId, currencyId, effectiveFrom, numerator, denominator},
	});
}

export type TestWallet = {
	readonly cardId: string;
	readonly publicId: string;
	readonly assetId: number;
	readonly customerId: string;
};

/** A new customer with a wallet. */
export async function openTestWallet(
	prisma: PrismaClient,
	merchantId: number,
	{assetId}: {readonly assetId: number},
	identifiers: readonly Identifier[] = [],
): Promise<TestWallet> {
	const customer = await prisma.customer.create({data: {merchantId}});
	await prisma.customerIdentifier.createMany({
		data: identifiers.map(({kind, value}) => ({
			...{merchantId, kind: identifierNumbers[kind], value, customerId: customer.id},
		})),
	});
	const publicId = randomUUID();
	const emittedAt = new Date('2020-01-01T00:00:00Z');
	const card = await prisma.card.create({
		data: {
			...{merchantId, publicId, assetId, isWallet: true, ownerId: customer.id},
			...{caption: 'Points', emittedAt},
		},
	});
	return {cardId: String(card.id), publicId, assetId, customerId: String(customer.id)};
}

/** Give a wallet points, in a lot of their own. */
export async function grantPoints(
	writer: Pick<Writer, 'submit'>,
	merchant: MerchantClock,
	{cardId, assetId}: Pick<TestWallet, 'cardId' | 'assetId'>,
	{amount, actorId, expiresAt = null}: {amount: bigint; actorId: number; expiresAt?: Instant | null},
): Promise<Outcome> {
	return writer.submit(merchant, {
		...{verb: 'adjust', cardId, assetId, amount, actorId, expiresAt},
		key: {scope: scriptScope, space: 'adjustment', key: randomUUID()},
		note: {...noNote, reason: 'a test'},
	});
}
