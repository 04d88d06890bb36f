import {type VtexAccess} from '../../merchants/vtex-keys.ts';
import {OrderSourceError} from '../../orders/source.ts';
import {type Hub} from './client.ts';
import {type ListedProvider, type ProviderKeys} from './contracts.ts';
import {aftermathOf, differencesOf, entryOf, type HubProvider, isNative} from './entry.ts';

/** What became of a Hub after an entry of ours was changed or removed. */
export type Outcome = {
	/** The entries that are there now. */
	readonly after: readonly ListedProvider[];
	/** Entries of others that are gone or changed and were not put back, as they were. */
	readonly lost: readonly ListedProvider[];
	/** The native entry, where it had gone or changed and was put back. */
	readonly restored: ListedProvider | null;
	/** Why the native entry could not be put back; null where it was, or was never lost. */
	readonly restoreProblem: string | null;
	/** What VTEX said instead of doing what it was asked for; it may have done it all the same. Null where it was done. */
	readonly problem: string | null;
};

/**
 * Register an entry, see what became of the others, and put the native one back where it was lost: the first entry that an account
 * registers can replace it (KI-768954).
 * @param before - the list as it was; what was in it and is no more counts as lost
 * @throws OrderSourceError when VTEX refused and nothing has changed, and when the list cannot be had again, which the message says
 */
export async function register(
	hub: Hub,
	access: VtexAccess,
	{
		wanted,
		keys,
		before,
	}: {
		readonly wanted: HubProvider;
		readonly keys: ProviderKeys;
		readonly before: readonly ListedProvider[];
	},
): Promise<Outcome> {
	const problem = await problemOf(() => hub.put(access, wanted, keys));
	return settle(hub, access, {before, ourId: wanted.id, problem});
}

/** Remove our entry, and see what became of the others. @throws as `register` */
export async function unregister(
	hub: Hub,
	access: VtexAccess,
	{id, before}: {readonly id: string; readonly before: readonly ListedProvider[]},
): Promise<Outcome> {
	const problem = await problemOf(() => hub.remove(access, id));
	return settle(hub, access, {before, ourId: id, problem});
}

/** Whether our entry is listed as wanted. Its caption is no part of what VTEX documents to be kept, so it decides nothing. */
export function isRegistered({after}: Pick<Outcome, 'after'>, wanted: HubProvider): boolean {
	const found = entryOf(after, wanted.id);
	return found !== undefined && differencesOf(found, {...wanted, caption: found.caption}).length === 0;
}

async function settle(
	hub: Hub,
	access: VtexAccess,
	{
		before,
		ourId,
		problem,
	}: {
		readonly before: readonly ListedProvider[];
		readonly ourId: string;
		readonly problem: string | null;
	},
): Promise<Outcome> {
	const after = await listAgain(hub, access, problem);
	const {gone, changed} = aftermathOf(before, after, ourId);
	const native = [...gone, ...changed].find(isNative);
	const others = [...gone, ...changed].filter(entry => entry !== native);
	if (native === undefined) {
		return {after, lost: others, restored: null, restoreProblem: null, problem};
	}

	const restoreProblem = await problemOf(() => hub.putNative(access, native), true);
	const last = restoreProblem === null ? await listAgain(hub, access, problem) : after;
	// What was put back may be listed otherwise, or take another one's place in its turn.
	const rest = aftermathOf(before, last, ourId);
	const isBack = ![...rest.gone, ...rest.changed].some(isNative);
	return {
		after: last,
		lost: [...rest.gone, ...rest.changed],
		restored: isBack ? native : null,
		restoreProblem: isBack ? null : (restoreProblem ?? 'VTEX took it, and lists it otherwise.'),
		problem,
	};
}

/**
 * What went wrong, where VTEX may have done it all the same: no answer, or one of trouble on its side.
 * @param isAny - also what it certainly has not done
 * @throws OrderSourceError for a refusal, which changes nothing
 */
async function problemOf(work: () => Promise<void>, isAny = false): Promise<string | null> {
	try {
		await work();
		return null;
	} catch (error) {
		if (error instanceof OrderSourceError && (isAny || mayHaveDone.has(error.problem))) {
			return error.message;
		}

		throw error;
	}
}

const mayHaveDone: ReadonlySet<OrderSourceError['problem']> = new Set(['unreachable', 'failed']);

async function listAgain(hub: Hub, access: VtexAccess, problem: string | null): Promise<ListedProvider[]> {
	try {
		return await hub.list(access);
	} catch (error) {
		const {message} = error as Error;
		throw new OrderSourceError(
			'failed',
			`${problem ?? 'VTEX took the change.'} The list of providers could not be had afterwards: ${message} So nobody knows how it stands: compare vtex:show with the list that was saved.`,
			{cause: error},
		);
	}
}

/** How often a search through the Hub is tried, and after how long: a credential that was made just now works within seconds. */
export type ProofLimits = {readonly attempts: number; readonly waitMs: number};

/**
 * Have VTEX search through its Hub with the keys that it has: the one proof that it reaches us, and has a pair that we take.
 * @returns what went wrong the last time; null when it was answered
 */
export async function proveSearch(
	hub: Pick<Hub, 'search'>,
	access: VtexAccess,
	id: string,
	{attempts, waitMs}: ProofLimits,
): Promise<string | null> {
	let problem: string | null = null;
	for (let attempt = 1; attempt <= attempts; attempt++) {
		problem = await problemOf(async () => {
			await hub.search(access, id);
		}, true);
		if (problem === null || attempt === attempts) {
			break;
		}

		await new Promise(resolve => setTimeout(resolve, waitMs));
	}

	return problem;
}
