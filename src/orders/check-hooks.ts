import {type Merchant} from '../merchants/merchant.ts';
import {findVtexAccess, type KeyPurpose} from '../merchants/vtex-keys.ts';
import {findHook, hooksToCheck, recordHookCheck, recordHookProblem} from './hooks.ts';
import {type LookParts} from './look.ts';
import {OrderSourceError} from './source.ts';

// Daily, and a little sooner. VTEX drops a hook that has had nothing to announce for three days, and tells nobody (Orders, 1.6).
const everyMs = 23 * 3_600_000;

export type HookChecks = {
	/** Hooks that stood as wanted, and those that were made anew. */
	readonly unchanged: number;
	readonly renewed: number;
	/** Hooks that could not be checked or made; the next run tries again. */
	readonly failed: number;
};

/** See that VTEX still has the hooks that merchants want, each once a day, and make those anew that it dropped or somebody changed. */
export async function checkHooks(parts: LookParts, signal?: AbortSignal): Promise<HookChecks> {
	const counts = {unchanged: 0, renewed: 0, failed: 0};
	for (const {merchant, purpose} of await hooksToCheck(parts.prisma, parts.clock() - everyMs)) {
		if (signal?.aborted === true) {
			break;
		}

		counts[await checkHook(parts, merchant, purpose)]++;
	}

	return counts;
}

async function checkHook(
	parts: LookParts,
	merchant: Merchant,
	purpose: KeyPurpose,
): Promise<keyof HookChecks> {
	const {prisma, clock, log} = parts;
	const whose = {merchantId: merchant.id, purpose};
	try {
		const isRenewed = await renew(parts, merchant, purpose);
		await recordHookCheck(prisma, whose, {isConfigured: isRenewed, now: clock()});
		return isRenewed ? 'renewed' : 'unchanged';
	} catch (error) {
		if (!(error instanceof OrderSourceError)) {
			throw error;
		}

		const problem = error.message;
		await recordHookProblem(prisma, whose, problem);
		log.warn({merchant: merchant.id, purpose, problem}, 'The order hook of a merchant could not be checked');
		return 'failed';
	}
}

/** @returns whether the hook had to be made anew */
async function renew(parts: LookParts, merchant: Merchant, purpose: KeyPurpose): Promise<boolean> {
	const {source, log} = parts;
	const access = await findVtexAccess(parts, merchant, purpose);
	const wanted = await findHook(parts, merchant.id, purpose);
	// Removed since it was found.
	if (access === undefined || wanted === undefined) {
		return false;
	}

	const state = await source.hookState(access, wanted);
	if (state === 'asWanted') {
		return false;
	}

	log.warn({merchant: merchant.id, purpose, state}, 'VTEX has another order hook than is wanted, or none');
	await source.configureHook(access, wanted);
	return true;
}
