import {type Identifier} from './identity.ts';
import {type Owed} from './owed.ts';

/** What is still going on with a customer. */
export type Unsettled = {
	/** On all cards, by asset. */
	readonly totals: ReadonlyMap<number, Owed>;
	/** Payments that nobody has answered yet. */
	readonly openPayments: number;
	/** Callbacks that VTEX has not been given yet. */
	readonly openCallbacks: number;
};

/** Why a customer cannot be erased yet, the weightiest first. */
export type Obstacle = 'held' | 'openPayments' | 'openCallbacks' | 'debt' | 'value';

/**
 * What stands in the way of erasing a customer (A13). What is past its date is owed no more, and in nobody's way.
 * @param isForfeited - whether what remains was given up by name
 */
export function obstaclesTo(
	{totals, openPayments, openCallbacks}: Unsettled,
	isForfeited: boolean,
): Obstacle[] {
	const owed = [...totals.values()];
	return [
		...(owed.some(({held}) => held > 0n) ? (['held'] as const) : []),
		...(openPayments > 0 ? (['openPayments'] as const) : []),
		...(openCallbacks > 0 ? (['openCallbacks'] as const) : []),
		...(owed.some(({debt}) => debt > 0n) ? (['debt'] as const) : []),
		...(!isForfeited && owed.some(one => remaining(one) > 0n) ? (['value'] as const) : []),
	];
}

/** What the customer would lose: all that is owed and not held. Minor units. */
export function remaining({balance, pending, barred}: Owed): bigint {
	return balance + pending + barred;
}

// Shorter texts stand in other words by chance.
const tellingLength = 4;

/** Whether a text that is kept, such as a reason, would say who the customer was. */
export function namesSomebody(text: string, identifiers: readonly Identifier[]): boolean {
	const plain = text.toLowerCase();
	const compact = text.toUpperCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
	return identifiers.some(
		({kind, value}) =>
			value.length >= tellingLength && (kind === 'document' ? compact : plain).includes(value),
	);
}
