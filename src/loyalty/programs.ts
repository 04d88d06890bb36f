import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {type Program} from './program.ts';
import {readPrograms} from './program-rows.ts';

/** The loyalty programs of all merchants, as what serves requests sees them. */
export type Programs = {
	/** The program whose points an asset is; undefined for money. */
	readonly byAsset: (merchantId: number, assetId: number) => Promise<Program | undefined>;
	readonly byName: (merchantId: number, name: string) => Promise<Program | undefined>;
	/** The oldest first. */
	readonly list: (merchantId: number) => Promise<readonly Program[]>;
	/** The merchant's one program, meant where none is named. @throws UnknownProgramError where there are none or several */
	readonly only: (merchantId: number) => Promise<Program>;
};

/** No program is meant; the message says what to do. */
export class UnknownProgramError extends Error {
	constructor(programs: readonly Program[], name?: string) {
		const names = programs.map(program => `"${program.name}"`).join(', ');
		super(
			programs.length === 0
				? 'There is no loyalty program yet. programs:create makes one.'
				: name === undefined
					? `There are several loyalty programs: ${names}. Name the one that is meant.`
					: `There is no loyalty program "${name}". There are: ${names}.`,
		);
		this.name = 'UnknownProgramError';
	}
}

/** The program of a name among all of a merchant's, or without a name the only one. @throws UnknownProgramError */
export function programNamed(programs: readonly Program[], name: string | undefined): Program {
	const [found, ...others] =
		name === undefined ? programs : programs.filter(program => program.name === name);
	if (found === undefined || others.length > 0) {
		throw new UnknownProgramError(programs, name);
	}

	return found;
}

type Snapshot = {readonly at: Instant; readonly programs: readonly Program[]};

// A change holds within 10 seconds in every process.
const ageMaxMs = 5000;
// The next snapshot is fetched before the present one is too old, so that checkout does not wait for it.
const refreshAfterMs = 2000;
// A new program is found after a second, and whoever asks for one that is not there causes one query a second.
const retryUnknownAfterMs = 1000;

/**
 * Programs from a copy of each merchant's, at most 5 seconds old: a handful of rows that nearly every request of a wallet needs. Of
 * those who ask at the same time for the same merchant, all share one query.
 *
 * @param clock - in milliseconds
 */
export function openPrograms(prisma: PrismaClient, clock: () => Instant): Programs {
	const snapshots = new Map<number, Snapshot>();
	const fetching = new Map<number, Promise<Snapshot>>();

	const refresh = async (merchantId: number): Promise<Snapshot> => {
		let fetch = fetching.get(merchantId);
		if (fetch === undefined) {
			const at = clock();
			fetch = readPrograms(prisma, merchantId)
				.then(programs => {
					const snapshot = {at, programs};
					snapshots.set(merchantId, snapshot);
					return snapshot;
				})
				.finally(() => fetching.delete(merchantId));
			fetching.set(merchantId, fetch);
		}

		return fetch;
	};

	const list = async (merchantId: number, staleAfterMs = ageMaxMs): Promise<readonly Program[]> => {
		const known = snapshots.get(merchantId);
		const age = known === undefined ? Number.POSITIVE_INFINITY : clock() - known.at;
		// After a clock was set back, nobody knows how old the copy is.
		if (known === undefined || age < 0 || age > staleAfterMs) {
			const fresh = await refresh(merchantId);
			// We may have joined a query that had begun long before, on a database that hardly answers.
			return (clock() - fresh.at > ageMaxMs ? await refresh(merchantId) : fresh).programs;
		}

		if (age > refreshAfterMs) {
			// When it fails, whoever comes later, and finds the copy too old, learns why.
			refresh(merchantId).catch(() => undefined);
		}

		return known.programs;
	};

	const find = async (merchantId: number, isMeant: (program: Program) => boolean) =>
		(await list(merchantId)).find(isMeant) ?? (await list(merchantId, retryUnknownAfterMs)).find(isMeant);

	return {
		byAsset: async (merchantId, assetId) => find(merchantId, ({asset}) => asset.id === assetId),
		byName: async (merchantId, name) => find(merchantId, program => program.name === name),
		list: async merchantId => list(merchantId),
		async only(merchantId) {
			const programs = await list(merchantId);
			return programNamed(
				programs.length === 0 ? await list(merchantId, retryUnknownAfterMs) : programs,
				undefined,
			);
		},
	};
}
