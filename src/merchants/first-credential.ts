import {type Prisma, type PrismaClient} from '../db/client.ts';
import {addCredential, type Credential, CredentialError} from './credentials.ts';
import {type Merchant} from './merchant.ts';
import {oneByOne} from './starting.ts';
import {isHidden, tokenCheck} from './token.ts';

/** What the configuration says: both, or neither. */
export type ConfiguredCredential = {
	readonly providerAppKey: string | undefined;
	readonly providerAppToken: string | undefined;
};

/**
 * See that the first merchant can be called: with the configured pair or else, where the merchant never had a credential, with one that
 * is generated now. Returns the generated one, to be shown this once. Of several processes that start at once, one makes it.
 * @throws CredentialError when the configured pair cannot be used
 */
export async function ensureFirstCredential(
	prisma: PrismaClient,
	merchant: Merchant,
	{providerAppKey: appKey, providerAppToken: appToken}: ConfiguredCredential,
): Promise<Credential | undefined> {
	return oneByOne(prisma, 'first credential', async tx => {
		if (appKey !== undefined && appToken !== undefined) {
			await ensureConfigured(tx, merchant, {appKey, appToken});
			return undefined;
		}

		const any = await tx.credential.findFirst({where: {merchantId: merchant.id}, select: {appKey: true}});
		return any === null ? addCredential(tx, merchant, {}) : undefined;
	});
}

async function ensureConfigured(
	tx: Prisma.TransactionClient,
	merchant: Merchant,
	{appKey, appToken}: Credential,
): Promise<void> {
	const stored = await tx.credential.findUnique({where: {appKey}});
	if (stored === null) {
		await addCredential(tx, merchant, {appKey, appToken});
		return;
	}

	const isOurs = stored.merchantId === merchant.id && stored.revokedAt === null;
	if (!isOurs || !isHidden(tokenCheck(stored), appToken)) {
		throw new CredentialError(
			'PROVIDER_APP_KEY is in use already: revoked, of another merchant, or with another token. Set a new pair of PROVIDER_APP_KEY ' +
				'and PROVIDER_APP_TOKEN, or remove both.',
		);
	}
}
