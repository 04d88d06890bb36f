import {type Instant} from '../ledger/calendar.ts';
import {type Assets} from '../merchants/assets.ts';
import {OrderSourceError} from '../orders/source.ts';
import {type VtexSide} from './at-vtex.ts';
import {type Outcome, type Patience} from './finding.ts';

/** Something that a run has to say. */
export type Step =
	| Outcome
	/** Orders that were made in a time are done, and so are our holds of it. */
	| {readonly kind: 'slice'; readonly from: Instant; readonly to: Instant}
	/** So many of the orders that were named are done. */
	| {readonly kind: 'batch'; readonly done: number; readonly all: number}
	/** An order that VTEX was asked for. */
	| {readonly kind: 'asked'}
	/** What could not be compared, and why; null for orders that were not even named. */
	| {readonly kind: 'skipped'; readonly orderId: string | null; readonly problem: string};

export type RunTools = VtexSide & {
	readonly assets: Assets;
	readonly patience: Patience;
	readonly signal: AbortSignal;
};

/** The run ended early: what was not compared is not known to agree. */
export class IncompleteError extends Error {
	override readonly name = 'IncompleteError';
}

const permissions =
	'The keys need "List Orders" and "View order" (OMS) and "View Payment Data" (PCI Gateway) in a role of the store.';

/** What VTEX did not answer, as the end of a run; any other error as it is. */
export function incomplete(error: unknown): unknown {
	if (!(error instanceof OrderSourceError)) {
		return error;
	}

	const more = error.problem === 'refused' ? ` ${permissions}` : '';
	return new IncompleteError(error.message + more, {cause: error});
}
