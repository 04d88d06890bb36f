import fc from 'fast-check';
import {type FundingAccount} from '../../../src/ledger/chart.ts';

/*
 * What may happen to two cards, as plain data: a failing sequence can be read, shrunk and run again. Amounts are named
 * by what they are compared with, so that most of them lie right at a limit.
 */

/** A number of minor units, or the limit that the command will meet: `rest` is exactly what it may move, `whole` all. */
export type Amount = number | 'rest' | 'oneMoreThanRest' | 'whole';

export type CardKind = {
	readonly amount: number;
	readonly singleUse: boolean;
	readonly restricted: boolean;
	readonly rechargeable: boolean;
	/** Days from the start; null for never. */
	readonly lastsDays: number | null;
	readonly startsInDays: number;
};

type OnCard = {readonly card: number};
type Keyed = {readonly amount: Amount; readonly key: number};

export type Step =
	| ({readonly do: 'credit'; readonly origin: FundingAccount; readonly assetId: number} & OnCard & Keyed)
	| ({
			readonly do: 'authorize';
			readonly by: 'owner' | 'other' | 'nobody';
			readonly assetId: number;
	  } & OnCard &
			Keyed)
	/** `operation` counts the holds and credits of all cards in the order of their making, round and round. */
	| ({readonly do: 'capture' | 'undo'; readonly operation: number} & Keyed)
	/** The same command as an earlier one, or the same key for another amount. */
	| {readonly do: 'repeat'; readonly command: number; readonly addedAmount: 0 | 1}
	/** From card to card, which may be the same; `everything` asks for what the card can spend now or later. */
	| ({
			readonly do: 'transfer';
			readonly to: number;
			readonly everything: boolean;
			readonly assetId: number;
	  } & OnCard &
			Keyed)
	/** An administrator corrects a balance; value that is added gets a date of its own, so many days from now, or the card's. */
	| ({readonly do: 'adjust'; readonly takes: boolean; readonly days: number | undefined} & OnCard & Keyed)
	| ({readonly do: 'expire' | 'close'} & OnCard)
	| ({readonly do: 'block' | 'unblock'} & OnCard)
	/** An administrator gives the card another date, so many days from now. */
	| ({readonly do: 'redate'; readonly days: number | null} & OnCard)
	| {readonly do: 'pass'; readonly ms: number};

export type Story = {readonly cards: readonly [CardKind, CardKind]; readonly steps: readonly Step[]};

const day = 86_400_000;
const mostly = <Value>(usual: Value, ...others: readonly Value[]) =>
	fc.oneof(
		{weight: 6, arbitrary: fc.constant(usual)},
		{weight: 1, arbitrary: fc.constantFrom(usual, ...others)},
	);

const card = fc.nat(1);
const amount = fc.oneof(
	{weight: 4, arbitrary: fc.integer({min: 1, max: 30})},
	{weight: 4, arbitrary: fc.constantFrom<Amount>('rest', 'oneMoreThanRest', 'whole')},
);
// Few keys, so that they collide.
const key = fc.nat(7);
const assetId = mostly(1, 2);
const operation = fc.nat(9);

const weighted: readonly (readonly [weight: number, step: fc.Arbitrary<Step>])[] = [
	[
		6,
		fc.record({
			do: fc.constant('authorize'),
			by: mostly<'owner' | 'other' | 'nobody'>('owner', 'other', 'nobody'),
			card,
			amount,
			key,
			assetId,
		}),
	],
	[
		2,
		fc.record({
			do: fc.constant('credit'),
			origin: mostly<FundingAccount>('fundingCredit', 'fundingPromotional'),
			card,
			amount,
			key,
			assetId,
		}),
	],
	[6, fc.record({do: fc.constantFrom('capture', 'undo', 'undo'), operation, amount, key})],
	[
		2,
		fc.record({
			do: fc.constant('transfer'),
			card,
			to: card,
			everything: mostly(false, true),
			amount,
			key,
			assetId,
		}),
	],
	[
		1.5,
		fc.record({
			do: fc.constant('adjust'),
			takes: fc.boolean(),
			days: fc.constantFrom(undefined, 1, 60),
			card,
			amount,
			key,
		}),
	],
	[2, fc.record({do: fc.constant('repeat'), command: fc.nat(20), addedAmount: mostly<0 | 1>(0, 1)})],
	[1, fc.record({do: fc.constant('expire'), card})],
	[1, fc.record({do: fc.constant('redate'), card, days: fc.constantFrom(null, 0, 2, 40)})],
	[2, fc.record({do: fc.constant('pass'), ms: fc.constantFrom(0, 1, day, 2 * day, 31 * day, 400 * day)})],
	[1, fc.record({do: fc.constantFrom('block', 'unblock', 'unblock'), card})],
	[0.3, fc.record({do: fc.constant('close'), card})],
];
const step = fc.oneof(
	...weighted.map(([weight, arbitrary]) => ({weight: Math.round(10 * weight), arbitrary})),
);

const kind: fc.Arbitrary<CardKind> = fc.record({
	amount: fc.integer({min: 1, max: 60}),
	singleUse: fc.constantFrom(false, false, true),
	restricted: mostly(false, true),
	rechargeable: mostly(true, false),
	lastsDays: fc.constantFrom(null, 2, 40),
	startsInDays: mostly(0, 1),
});

export function stories(maxLength: number): fc.Arbitrary<Story> {
	return fc.record({cards: fc.tuple(kind, kind), steps: fc.array(step, {maxLength, size: 'max'})});
}
