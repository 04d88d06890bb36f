import {type ProviderKeys} from '../../src/assemble-setup.ts';
import {openCredentialCheck} from '../../src/merchants/credential-check.ts';
import {createCredential, revokeCredential} from '../../src/merchants/credentials.ts';
import {type Context} from './command.ts';
import {askSecret} from './secret-input.ts';

/** The app token that belongs to an app key of ours, from whoever types it. @throws Error when nothing comes */
export async function askProviderToken(appKey: string): Promise<string> {
	const appToken = (await askSecret(`App token of ${appKey}: `)).trim();
	if (appToken === '') {
		throw new Error('There was no app token: type it when asked, or give it on standard input.');
	}

	return appToken;
}

/** A pair with which VTEX is to call us. */
export type NewProviderKeys = ProviderKeys & {
	/** Take it away again, because VTEX never got it; nothing for one that was there before. */
	readonly discard: () => Promise<void>;
};

/** A pair that is made now. Its token is shown to nobody: only VTEX needs it. */
export async function freshKeys({parts, merchant}: Context): Promise<NewProviderKeys> {
	const {prisma, clock} = parts;
	const made = await createCredential(prisma, merchant);
	return {
		...made,
		async discard() {
			await revokeCredential(prisma, merchant.id, made.appKey, new Date(clock()));
		},
	};
}

/**
 * A pair that is there.
 * @throws Error for one that VTEX could not pay with
 */
export async function givenKeys({parts, merchant}: Context, appKey: string): Promise<NewProviderKeys> {
	const appToken = await askProviderToken(appKey);
	const caller = await openCredentialCheck(parts.prisma, parts.clock).check(appKey, appToken);
	if (caller?.merchant.id !== merchant.id || caller.role !== 'provider') {
		throw new Error(
			`Nothing was done: this pair may not pay for ${merchant.name}. The token is another one, or the key is revoked, a viewer's or another merchant's: see credentials:list.`,
		);
	}

	return {appKey, appToken, discard: () => Promise.resolve()};
}
