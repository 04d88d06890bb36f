import {randomUUID} from 'node:crypto';
import {openParts, type Parts} from '../../src/assemble.ts';
import {newPublicId, wireIdOf} from '../../src/cards/public-id.ts';
import {loadConfig} from '../../src/config.ts';
import {noNote} from '../../src/ledger/commands.ts';
import {createProgram} from '../../src/loyalty/program-changes.ts';
import {defaultSettings} from '../../src/loyalty/program-settings.ts';
import {actorId} from '../../src/merchants/actors.ts';
import {rate} from '../../src/money/convert.ts';
import type {SeededCard} from './requests.ts';

const wallets = 10_000;
// As many as one statement takes.
const walletsAtOnce = 2000;
const lotsEach = 2;
const lotUnits = 1_000_000n;
// Enough to fill the writer's batches.
const atOnce = 512;

type Wallet = {readonly cardId: string; readonly publicId: string};

/**
 * 10,000 wallets of two lots each, of restricted points that are worth a third of a cent: every debit is rounded. Everything passes the
 * writer, as it does for everybody; the rows of the wallets are made in bulk.
 */
export async function seedWallets(env: NodeJS.ProcessEnv): Promise<SeededCard[]> {
	const log = {info: () => undefined, warn: console.error, error: console.error};
	const parts = await openParts(loadConfig(env), {purpose: 'script', log});
	try {
		const assetId = await openProgram(parts);
		const seeded = await openWallets(parts, assetId);
		const actor = await actorId(parts.prisma, parts.firstMerchant.id, 'person', 'bench');
		const grants = seeded.flatMap(wallet => Array<Wallet>(lotsEach).fill(wallet));
		for (let from = 0; from < grants.length; from += atOnce) {
			await Promise.all(
				grants.slice(from, from + atOnce).map(wallet => grant(parts, assetId, wallet, actor)),
			);
		}

		return seeded.map(({publicId}) => ({id: wireIdOf(publicId), redemptionCode: ''}));
	} finally {
		await parts.close();
	}
}

async function openProgram({prisma, assets, firstMerchant, clock}: Parts): Promise<number> {
	const currency = await assets.ofCurrency(firstMerchant.id, firstMerchant.currency);
	const program = await createProgram(
		prisma,
		firstMerchant.id,
		{
			asset: {code: 'BENCH', scale: 0},
			settings: defaultSettings('Bench'),
			rates: [{currencyId: currency.id, rate: rate(1n, 3n)}],
		},
		clock,
	);
	return program.asset.id;
}

async function openWallets(parts: Parts, assetId: number): Promise<Wallet[]> {
	const opened: Wallet[] = [];
	while (opened.length < wallets) {
		opened.push(...(await openSome(parts, assetId)));
	}

	return opened;
}

async function openSome({prisma, firstMerchant}: Parts, assetId: number): Promise<Wallet[]> {
	const merchantId = firstMerchant.id;
	const owners = await prisma.customer.createManyAndReturn({
		data: Array.from({length: walletsAtOnce}, () => ({merchantId})),
		select: {id: true},
	});
	const cards = await prisma.card.createManyAndReturn({
		data: owners.map(({id: ownerId}) => ({
			...{merchantId, assetId, ownerId, publicId: newPublicId()},
			...{isWallet: true, restricted: true, caption: 'Bench', emittedAt: new Date()},
		})),
		select: {id: true, publicId: true},
	});
	return cards.map(({id, publicId}) => ({cardId: String(id), publicId}));
}

async function grant(
	{writer, firstMerchant}: Parts,
	assetId: number,
	{cardId, publicId}: Wallet,
	actor: number,
) {
	const outcome = await writer.submit(firstMerchant, {
		...{verb: 'credit', cardId, assetId, amount: lotUnits, actorId: actor, origin: 'fundingPromotional'},
		key: {scope: publicId, space: 'transaction', key: randomUUID()},
		note: noNote,
	});
	if (outcome.kind === 'refused') {
		throw new Error(`A wallet got no points: ${outcome.refusal}`);
	}
}
