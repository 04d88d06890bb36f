import {randomUUID} from 'node:crypto';
import {type PrismaClient} from '../../src/db/client.ts';
import {type Earn, type EarnTerms, type Merge, noNote} from '../../src/ledger/commands.ts';
import {day, noon} from './state.ts';

/* Programs, wallets and what orders earn, as simple as they can be. */

/** A program whose points are worth a cent each. */
export type TestProgram = {
	/** The points. */
	readonly assetId: number;
	/** An empty wallet of a customer of its own. */
	readonly openWallet: () => Promise<TestWallet>;
};

export type TestWallet = {readonly cardId: string; readonly publicId: string};

export type ProgramTerms = {
	/** Days of grace for what comes back to an expired lot. */
	readonly graceDays: number;
	/** Points of which three are worth two cents, so that parts are rounded. */
	readonly rate: {readonly numerator: bigint; readonly denominator: bigint};
};

export async function openTestProgram(
	prisma: PrismaClient,
	{merchantId, currencyId}: {readonly merchantId: number; readonly currencyId: number},
	{graceDays = 30, rate = {numerator: 1n, denominator: 1n}}: Partial<ProgramTerms> = {},
): Promise<TestProgram> {
	const code = `P${randomUUID().slice(0, 7)}`;
	const {id: assetId} = await prisma.asset.create({data: {merchantId, code, scale: 0, kind: 2}});
	const {id: programId} = await prisma.program.create({
		data: {
			...{merchantId, assetId, name: code, caption: 'Points'},
			...{expiryKind: 1, purchasedExpiryKind: 1, clawback: 1, graceDays},
		},
	});
	await prisma.programRate.create({
		data: {merchantId, programId, currencyId, effectiveFrom: new Date(noon - 99 * day), ...rate},
	});
	return {
		assetId,
		async openWallet() {
			const publicId = randomUUID();
			const {id: ownerId} = await prisma.customer.create({data: {merchantId}});
			const {id} = await prisma.card.create({
				data: {
					...{merchantId, publicId, assetId, ownerId, isWallet: true, restricted: true},
					emittedAt: new Date(noon - day),
				},
			});
			return {cardId: String(id), publicId};
		},
	};
}

/** Merge a wallet into another, once. */
export function mergeOf(
	{actorId, assetId}: {readonly actorId: number; readonly assetId: number},
	{cardId, publicId}: TestWallet,
	to: TestWallet,
): Merge {
	return {
		...{verb: 'merge', cardId, targetId: to.cardId, actorId, assetId, amount: 0n},
		key: {scope: publicId, space: 'merge', key: to.publicId},
		note: {...noNote, reason: 'the same person'},
	};
}

/** The version of an order's document: later ones have a greater number. */
export function versionOf(number: number): string {
	return `2026-06-15T12:00:00.${String(number).padStart(7, '0')}Z`;
}

export const freeTerms: EarnTerms = {
	...{spendableFrom: noon - day, expiresAt: null, balanceMax: null, dayMax: null, dayStart: noon - day / 2},
	...{orderMax: null, clawback: 'debt'},
};

/** What an order should have earned by some version of it: without caps, spendable at once and for ever, unless the terms say otherwise. */
export function earn(
	{actorId, assetId}: {readonly actorId: number; readonly assetId: number},
	wallet: {readonly cardId: string} | null,
	{
		order = 'o',
		version,
		target,
	}: {readonly order?: string; readonly version: number; readonly target: bigint},
	terms: Partial<EarnTerms> = {},
): Earn {
	return {
		...{verb: 'earn', key: null, orderId: order, version: versionOf(version), target, assetId, actorId},
		cardId: wallet?.cardId ?? null,
		terms: {...freeTerms, ...terms},
		note: {...noNote, orderId: order},
	};
}
