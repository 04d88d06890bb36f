/*
 * Errands: work outside of this process that a table remembers, such as calling back or fetching an order. Any number of processes take it
 * from there; what a process does at once, and for whom, has its limits.
 */

export type ErrandLimits = {
	/** Errands under way at once in this process, and of them for one party: who hangs must not take all places. */
	readonly parallelMax: number;
	readonly perPartyMax: number;
};

export type Errands<Claim, Result extends string, Party> = {
	/** The next that is due, for none of the parties that have enough already; claimed, so that nobody else takes it. */
	readonly claimNext: (busy: readonly Party[]) => Promise<Claim | undefined>;
	readonly partyOf: (claim: Claim) => Party;
	/** Must not throw: what became of it is a result. */
	readonly run: (claim: Claim) => Promise<Result>;
	/** With which counting begins: zeros. */
	readonly counts: Readonly<Record<Result, number>>;
};

/**
 * Work off whatever is due, until nothing is, and count the results. The function may be called while an earlier call is under way: they
 * share the places. On abort nothing more is begun, and what is under way is finished.
 */
export function openErrands<Claim, Result extends string, Party>(
	{claimNext, partyOf, run, counts}: Errands<Claim, Result, Party>,
	{parallelMax, perPartyMax}: ErrandLimits,
): (signal?: AbortSignal) => Promise<Record<Result, number>> {
	const underWay = new Map<Party, number>();
	let places = parallelMax;
	let finished = 0;

	const take = (party: Party, change: 1 | -1) => {
		const count = (underWay.get(party) ?? 0) + change;
		if (count === 0) {
			underWay.delete(party);
		} else {
			underWay.set(party, count);
		}
	};

	/** Claims an errand, and returns it begun. */
	const begin = async (): Promise<{readonly running: Promise<Result>} | undefined> => {
		places--;
		let claim: Claim | undefined;
		try {
			const busy = [...underWay].filter(([, count]) => count >= perPartyMax);
			claim = await claimNext(busy.map(([party]) => party));
		} finally {
			places += claim === undefined ? 1 : 0;
		}

		if (claim === undefined) {
			return undefined;
		}

		const party = partyOf(claim);
		take(party, 1);
		const running = run(claim).finally(() => {
			places++;
			finished++;
			take(party, -1);
		});
		return {running};
	};

	return async signal => {
		const found: Record<Result, number> = {...counts};
		const underWayHere = new Set<Promise<void>>();
		while (signal?.aborted !== true) {
			const before = finished;
			const begun = places > 0 ? await begin() : undefined;
			if (begun !== undefined) {
				const counted: Promise<void> = begun.running.then(result => {
					found[result]++;
					underWayHere.delete(counted);
				});
				underWayHere.add(counted);
			} else if (underWayHere.size > 0) {
				await Promise.race(underWayHere);
			} else if (finished === before) {
				break;
			}
			// Else somebody's place came free while we asked, and there may be something for that party.
		}

		await Promise.all(underWayHere);
		return found;
	};
}

export type ErrandLoop = {
	/** Begin nothing more, and wait for what is under way, which takes as long as its time-out at most. */
	readonly stop: () => Promise<void>;
};

export type ErrandLoopOptions = {
	readonly everyMs?: number;
	/** Told once when looking for work begins to fail, and not again until it worked in between. */
	readonly onFailure: (error: unknown) => void;
};

/** Work off what is due, again and again. A round that is still busy with somebody slow does not keep the next one from finding work. */
export function repeatErrands(
	workOff: (signal: AbortSignal) => Promise<unknown>,
	{everyMs = 1000, onFailure}: ErrandLoopOptions,
): ErrandLoop {
	const stopping = new AbortController();
	const rounds = new Set<Promise<void>>();
	let isFailing = false;

	const round = async (): Promise<void> => {
		try {
			await workOff(stopping.signal);
			isFailing = false;
		} catch (error) {
			if (!isFailing) {
				onFailure(error);
			}

			isFailing = true;
		}
	};

	const timer = setInterval(() => {
		const running = round().finally(() => rounds.delete(running));
		rounds.add(running);
	}, everyMs);

	return {
		async stop() {
			clearInterval(timer);
			stopping.abort();
			await Promise.all(rounds);
		},
	};
}
