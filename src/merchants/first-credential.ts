import {type PrismaClient} from '../db/client.ts';
import {createCredential, type Credential, CredentialError, isTokenOf} from './credentials.ts';
import {type Merchant} from './merchant.ts';

export type ConfiguredCredential = {
	readonly providerAppKey: string | undefined;
	readonly providerAppToken: string | undefined;
};

/**
 * See that the first merchant can be called: with the configured pair, or else, where it never had a credential, with one generated
 * now. Returns the generated one, to be shown this once.
 * @throws CredentialError when the configured pair cannot be used
 */
export async function ensureFirstCredential(
	prisma: PrismaClient,
	merchant: Merchant,
	{providerAppKey: appKey, providerAppToken: appToken}: ConfiguredCredential,
): Promise<Credential | undefined> {
	if (appKey !== undefined && appToken !== undefined) {
		await ensureConfigured(prisma, merchant, {appKey, appToken});
		return undefined;
	}

	const any = await prisma.credential.findFirst({where: {merchantId: merchant.id}, select: {appKey: true}});
	return any === null ? createCredential(prisma, merchant) : undefined;
}

async function ensureConfigured(prisma: PrismaClient, merchant: Merchant, pair: Credential): Promise<void> {
	const {appKey, appToken} = pair;
	const stored = await prisma.credential.findUnique({where: {appKey}});
	if (stored === null) {
		await createCredential(prisma, merchant, pair);
		return;
	}

	if (stored.merchantId !== merchant.id || stored.revokedAt !== null || !isTokenOf(stored, appToken)) {
		throw new CredentialError(
			'PROVIDER_APP_KEY is in use already: revoked, of another merchant or with another token. Set a new pair of PROVIDER_APP_KEY ' +
				'and PROVIDER_APP_TOKEN, or neither.',
		);
	}
}
