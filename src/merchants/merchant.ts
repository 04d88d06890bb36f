import {type PrismaClient} from '../db/client.ts';
import {currency as currencyOf} from '../money/asset.ts';
import {oneByOne} from './starting.ts';

/** A VTEX account. It owns everything else; nothing crosses merchants. */
export type Merchant = {
	readonly id: number;
	/** The VTEX account's name. */
	readonly name: string;
	/** IANA name; cards expire at the end of its local day. */
	readonly timeZone: string;
	/** ISO 4217, of cards that name none. */
	readonly currency: string;
	/** Selectors of the homologation act for it. */
	readonly sandbox: boolean;
	/** Migrated cards keep codes that are not of our form. */
	readonly foreignCodes: boolean;
};

type Merchants = Pick<PrismaClient, 'merchant'>;

export type NewMerchant = Omit<Merchant, 'id' | 'foreignCodes'>;

/** No merchant has this name; the message says what to do. */
export class UnknownMerchantError extends Error {
	constructor(name: string | undefined) {
		super(
			name === undefined
				? 'There is no merchant yet. Start the service once: it makes the first one.'
				: `There is no merchant "${name}". Give the name of one that exists; without a name the first one is meant.`,
		);
		this.name = 'UnknownMerchantError';
	}
}

/** The columns of `Merchant`, for queries that join it. */
export const merchantColumns = {
	id: true,
	name: true,
	timeZone: true,
	currency: true,
	sandbox: true,
	foreignCodes: true,
} as const;

/**
 * A merchant by its name, or the first one.
 * @throws UnknownMerchantError
 */
export async function findMerchant(prisma: PrismaClient, name?: string): Promise<Merchant> {
	const merchant =
		name === undefined
			? await findFirst(prisma)
			: await prisma.merchant.findUnique({select: merchantColumns, where: {name}});
	if (merchant === null) {
		throw new UnknownMerchantError(name);
	}

	return merchant;
}

/**
 * Make a merchant. Its name must not be taken: the unique index refuses it.
 * @throws RangeError for a currency that is not in use
 */
export async function createMerchant(prisma: Merchants, merchant: NewMerchant): Promise<Merchant> {
	const {code} = currencyOf(merchant.currency);
	const {name, timeZone, sandbox} = merchant;
	return prisma.merchant.create({data: {name, timeZone, sandbox, currency: code}, select: merchantColumns});
}

/**
 * The first merchant, made as configured when there is none; of several processes that start at once, one makes it. Once it is there, the
 * configuration changes nothing of it: its cards and books already count in its currency and zone.
 * @throws RangeError for a currency that is not in use
 */
export async function ensureFirstMerchant(
	prisma: PrismaClient,
	configured: FirstMerchant,
): Promise<Merchant> {
	return (await findFirst(prisma)) ?? oneByOne(prisma, 'first merchant', tx => makeFirst(tx, configured));
}

async function makeFirst(tx: Merchants, configured: FirstMerchant): Promise<Merchant> {
	const {merchant: name, timeZone, currency, sandbox} = configured;
	return (await findFirst(tx)) ?? createMerchant(tx, {name, timeZone, currency, sandbox});
}

async function findFirst(prisma: Merchants): Promise<Merchant | null> {
	return prisma.merchant.findFirst({select: merchantColumns, orderBy: {id: 'asc'}});
}

/** What the configuration says of the first merchant. */
export type FirstMerchant = {
	readonly merchant: string;
	readonly timeZone: string;
	readonly currency: string;
	readonly sandbox: boolean;
};
