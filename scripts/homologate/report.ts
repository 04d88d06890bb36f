import {type Protocol, type Result} from './check.ts';

/** A run that is over, or was stopped. Nothing secret is in it. */
export type Report = {
	/** The provider's service URL. */
	readonly url: string;
	readonly startedAt: Date;
	readonly ms: number;
	/** Whether it was ended before all checks had run. */
	readonly isStopped: boolean;
	/** In the order in which the checks ran. */
	readonly parts: readonly {
		readonly protocol: Protocol;
		/** `Gift cards`. */
		readonly title: string;
		readonly results: readonly Result[];
	}[];
};

/** Where a check is explained. */
export function ruleLink(id: string): string {
	return `docs/homologation.md#${id.toLowerCase()}`;
}

export type Counts = Readonly<Record<Result['outcome'], number>>;

/** How many results of each kind there are. */
export function countsOf(results: readonly Result[]): Counts {
	const of = (outcome: Result['outcome']) => results.filter(result => result.outcome === outcome).length;
	return {passed: of('passed'), failed: of('failed'), skipped: of('skipped')};
}

export function resultsOf({parts}: Report): readonly Result[] {
	return parts.flatMap(({results}) => results);
}

/** `54 passed, 1 failed, 1 skipped` */
export function countsText({passed, failed, skipped}: Counts): string {
	return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
