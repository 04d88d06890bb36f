import fc from 'fast-check';
import {type FundingAccount} from '../../../src/ledger/chart.ts';
import {type HandVerb} from '../../../src/ledger/commands.ts';

/*
 * What may happen to cards and wallets, as plain data: a failing sequence can be read, shrunk and run again. Amounts are named
 * by what they are compared with, so that most of them lie right at a limit.
 */

/** A number of minor units, or the limit that the command will meet: `rest` is exactly what it may move, `half` of that, `whole` all. */
export type Amount = number | 'rest' | 'half' | 'oneMoreThanRest' | 'whole';

export type CardKind = {
	readonly amount: number;
	readonly singleUse: boolean;
	readonly restricted: boolean;
	readonly rechargeable: boolean;
	/** Days from the start; null for never. */
	readonly lastsDays: number | null;
	readonly startsInDays: number;
};

/** The operation that was begun last. */
export const latest = -1;

/** What a program says: a point is worth `worth` minor units for every `points` of them. */
export type ProgramKind = {
	readonly rate: {readonly worth: number; readonly points: number};
	readonly least: number;
	readonly most: number | null;
	readonly graceDays: number;
	readonly graceCapDays: number;
};

/** How points are earned: days from the day of the command, null for no limit. */
export type EarnKind = {
	readonly pendingDays: number;
	readonly lastsDays: number | null;
	readonly balanceMax: number | null;
	readonly dayMax: number | null;
	readonly orderMax: number | null;
	readonly clawback: 'debt' | 'owed';
};

/** What an order should have earned by then, in units of the points. */
export type Earned = EarnKind & {readonly target: number};

export type WalletKind = {readonly program: number; readonly first: Earned};

/** An asset of the story, or the one that the (giving) card has: 1 is the shop's currency, 2 another one, and points follow from 3 on. */
export type AssetName = number | 'own';

type OnCard = {readonly card: number};
type Keyed = {readonly amount: Amount; readonly key: number};

export type Step =
	| ({readonly do: 'credit'; readonly origin: FundingAccount; readonly assetId: AssetName} & OnCard & Keyed)
	| ({
			readonly do: 'authorize';
			readonly by: 'owner' | 'other' | 'nobody';
			readonly assetId: AssetName;
	  } & OnCard &
			Keyed)
	/** `operation` counts the holds and credits of all cards in the order of their making, round and round; or it is `latest`. */
	| ({readonly do: 'capture' | 'undo'; readonly operation: number} & Keyed)
	/** A person does one of the three to a hold, by a part of it or all that is left; or to what is no hold. */
	| ({
			readonly do: 'mend';
			readonly how: HandVerb;
			readonly everything: boolean;
			readonly operation: number;
	  } & Keyed)
	| ({
			readonly do: 'mendPayment';
			readonly how: HandVerb;
			readonly everything: boolean;
			readonly payment: number;
	  } & Keyed)
	/** The same command as an earlier one, or the same key for another amount. */
	| {readonly do: 'repeat'; readonly command: number; readonly addedAmount: 0 | 1}
	/** From card to card, which may be the same; `everything` asks for what the card can spend now or later. */
	| ({
			readonly do: 'transfer';
			readonly to: number;
			readonly everything: boolean;
			readonly assetId: AssetName;
	  } & OnCard &
			Keyed)
	/** An administrator corrects a balance; value that is added gets a date of its own, so many days from now, or the card's. */
	| ({readonly do: 'adjust'; readonly takes: boolean; readonly days: number | undefined} & OnCard & Keyed)
	/** An administrator lets the card and what is on it last until so many days from now. */
	| ({readonly do: 'extend'; readonly days: number; readonly key: number} & OnCard)
	| ({readonly do: 'expire' | 'close'} & OnCard)
	| ({readonly do: 'block' | 'unblock'} & OnCard)
	/** An administrator gives the card another date, so many days from now. */
	| ({readonly do: 'redate'; readonly days: number | null} & OnCard)
	| {readonly do: 'pass'; readonly ms: number}
	/** To the end of a lot, or its beginning, or right before or after it. Lots that wait and end are counted round and round. */
	| {readonly do: 'passTo'; readonly lot: number; readonly ms: -1 | 0 | 1}
	/** A document of an order: how much newer than the one that was applied last, if anybody is known to have ordered. */
	| ({
			readonly do: 'earn';
			readonly order: number;
			readonly newer: -1 | 0 | 1;
			readonly isKnown: boolean;
	  } & OnCard &
			Earned)
	/** A wallet into another one, which may be the same, or no wallet at all. */
	| ({readonly do: 'merge'; readonly to: number; readonly assetId: AssetName; readonly key: number} & OnCard)
	| {readonly do: 'reprice'; readonly program: number; readonly terms: ProgramKind}
	/** A payment over some cards in their order, by the number of the payment. */
	| {
			readonly do: 'pay';
			readonly payment: number;
			readonly cards: readonly number[];
			readonly amount: Amount;
	  }
	| ({readonly do: 'settle' | 'refund'; readonly payment: number} & Keyed)
	| {
			readonly do: 'cancel';
			readonly payment: number;
			readonly key: number;
			readonly isTimeOut: boolean;
	  };

/** Steps count cards first and then wallets, round and round. */
export type Story = {
	readonly cards: readonly CardKind[];
	readonly programs: readonly ProgramKind[];
	readonly wallets: readonly WalletKind[];
	readonly steps: readonly Step[];
};

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
const assetId = mostly<AssetName>(1, 2);
const operation = fc.nat(9);
const mending = {
	how: fc.constantFrom<HandVerb>('capture', 'release', 'refund'),
	everything: mostly(false, true),
	key,
};

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
	[2, fc.record({do: fc.constant('mend'), operation, amount, ...mending})],
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
	[0.5, fc.record({do: fc.constant('extend'), card, days: fc.constantFrom(0, 2, 3, 41, 500), key})],
	[1, fc.record({do: fc.constant('redate'), card, days: fc.constantFrom(null, 0, 2, 40)})],
	[2, fc.record({do: fc.constant('pass'), ms: fc.constantFrom(0, 1, day, 2 * day, 31 * day, 400 * day)})],
	[1, fc.record({do: fc.constantFrom('block', 'unblock', 'unblock'), card})],
	[0.3, fc.record({do: fc.constant('close'), card})],
];
const oneOf = (choices: typeof weighted) =>
	fc.oneof(...choices.map(([weight, arbitrary]) => ({weight: Math.round(100 * weight), arbitrary})));

const kind: fc.Arbitrary<CardKind> = fc.record({
	amount: fc.integer({min: 1, max: 60}),
	singleUse: fc.constantFrom(false, false, true),
	restricted: mostly(false, true),
	rechargeable: mostly(true, false),
	lastsDays: fc.constantFrom(null, 2, 40),
	startsInDays: mostly(0, 1),
});

/** What may happen to two cards of money. */
export function stories(maxLength: number): fc.Arbitrary<Story> {
	return fc.record({
		cards: fc.tuple(kind, kind),
		programs: fc.constant([]),
		wallets: fc.constant([]),
		steps: fc.array(oneOf(weighted), {maxLength, size: 'max'}),
	});
}

// Points worth more and less than a minor unit, and such that hardly any value is a whole number of them.
const program: fc.Arbitrary<ProgramKind> = fc
	.record({
		rate: fc.constantFrom(
			...[
				{worth: 1, points: 1},
				{worth: 1, points: 3},
				{worth: 3, points: 7},
				{worth: 7, points: 3},
			],
			...[
				{worth: 25, points: 1},
				{worth: 1, points: 10},
			],
		),
		least: fc.constantFrom(1, 1, 4, 12),
		more: fc.constantFrom(null, null, 0, 9, 30),
		graceDays: fc.constantFrom(0, 2, 30, 60),
		graceCapDays: fc.constantFrom(0, 5, 365, 500),
	})
	.map(({least, more, ...rest}) => ({...rest, least, most: more === null ? null : least + more}));

const earned = {
	target: fc.oneof(fc.integer({min: 0, max: 30}), fc.integer({min: 0, max: 150})),
	pendingDays: fc.constantFrom(0, 0, 0, 1, 3),
	lastsDays: fc.constantFrom(null, 0, 2, 2, 40),
	balanceMax: mostly(null, 50, 120),
	dayMax: mostly(null, 40, 100),
	orderMax: mostly(null, 60),
	clawback: fc.constantFrom('debt' as const, 'owed'),
};

// One card of money, three wallets of the first program and one of the second. Now and then the card is not what is asked for.
const any = fc.nat(4);
const wallet = fc.oneof({weight: 9, arbitrary: fc.integer({min: 1, max: 4})}, {weight: 1, arbitrary: any});
const ofFirst = fc.oneof({weight: 9, arbitrary: fc.integer({min: 1, max: 3})}, {weight: 1, arbitrary: any});
const own = mostly<AssetName>('own', 1, 4);
const payment = fc.nat(7);
const toPay = fc.oneof(amount, fc.constantFrom<Amount>('half', 'half', 'rest'));
const part = fc.oneof(amount, fc.constant<Amount>('half'));
const by = mostly<'owner' | 'other' | 'nobody'>('owner', 'other', 'nobody');

const earning = {
	do: fc.constant('earn' as const),
	card: wallet,
	order: fc.nat(3),
	newer: mostly<-1 | 0 | 1>(1, 0, -1),
	isKnown: mostly(true, false),
	...earned,
};

const weightedOfWallets: typeof weighted = [
	[
		5,
		fc.record({
			do: fc.constant('authorize'),
			by,
			card: wallet,
			amount,
			key,
			assetId: mostly<AssetName>(1, 2, 'own'),
		}),
	],
	[8, fc.record({do: fc.constantFrom('capture', 'undo'), operation, amount: part, key})],
	[
		4,
		fc.record({
			do: fc.constant('pay'),
			payment,
			cards: fc.oneof(
				{
					weight: 3,
					arbitrary: fc.shuffledSubarray([0, 1, 2, 3, 4], {minLength: 2}),
				},
				{weight: 1, arbitrary: wallet.map(one => [one])},
			),
			amount: toPay,
		}),
	],
	[7, fc.record({do: fc.constantFrom('settle', 'refund'), payment, amount: part, key})],
	[1.5, fc.record({do: fc.constant('cancel'), payment, key, isTimeOut: fc.boolean()})],
	[1, fc.record({do: fc.constant('mend'), operation, amount: part, ...mending})],
	[1, fc.record({do: fc.constant('mendPayment'), payment, amount: part, ...mending})],
	[
		1,
		fc.record({
			do: fc.constant('credit'),
			origin: fc.constantFrom<FundingAccount>('fundingCredit', 'fundingCourtesy', 'fundingSold'),
			card: wallet,
			amount,
			key,
			assetId: own,
		}),
	],
	[
		1.5,
		fc.record({
			do: fc.constant('adjust'),
			takes: mostly(false, true),
			days: fc.constantFrom(undefined, 1, 1, 60),
			card: wallet,
			amount,
			key,
		}),
	],
	[4, fc.record(earning)],
	[
		1.5,
		fc.record({
			do: fc.constant('transfer'),
			card: ofFirst,
			to: ofFirst,
			everything: mostly(false, true),
			amount,
			key,
			assetId: own,
		}),
	],
	[1.5, fc.record({do: fc.constant('merge'), card: ofFirst, to: ofFirst, assetId: own, key})],
	[0.8, fc.record({do: fc.constant('reprice'), program: fc.nat(1), terms: program})],
	[1.5, fc.record({do: fc.constant('repeat'), command: fc.nat(20), addedAmount: mostly<0 | 1>(0, 1)})],
	[1.5, fc.record({do: fc.constant('expire'), card: wallet})],
	[1.5, fc.record({do: fc.constant('extend'), card: wallet, days: fc.constantFrom(0, 2, 3, 41, 500), key})],
	[0.4, fc.record({do: fc.constant('redate'), card: any, days: fc.constantFrom(null, 0, 2, 40)})],
	[0.6, fc.record({do: fc.constant('pass'), ms: fc.constantFrom(1, day, 2 * day, 31 * day, 400 * day)})],
	[3, fc.record({do: fc.constant('passTo'), lot: fc.nat(9), ms: fc.constantFrom(-1 as const, 0, 1)})],
	[1, fc.record({do: fc.constantFrom('block', 'unblock', 'unblock'), card: any})],
	[0.25, fc.record({do: fc.constant('close'), card: any})],
];

const step = oneOf(weightedOfWallets);

/** The same key never twice: what belongs together is not to be answered from memory. */
const freshKey = fc.integer({min: 100, max: 1_000_000});
const withLatest = (verb: 'capture' | 'undo', how: fc.Arbitrary<Amount>): fc.Arbitrary<Step> =>
	fc.record({do: fc.constant(verb), operation: fc.constant(latest), amount: how, key: freshKey});
const debitOf = (one: number): fc.Arbitrary<Step> =>
	fc.record({
		...{do: fc.constant('authorize'), by: fc.constant('owner'), card: fc.constant(one)},
		...{amount: fc.constantFrom<Amount>('half', 'rest'), key: freshKey, assetId: fc.constant(1)},
	});

const documentOf = (one: number, order: number, target: fc.Arbitrary<number>): fc.Arbitrary<Step> =>
	fc.record({
		...earning,
		...{card: fc.constant(one), order: fc.constant(order), newer: fc.constant(1)},
		target,
	});

// What has to happen in a row to matter, and hardly ever does by chance.
const inARow: readonly fc.Arbitrary<readonly Step[]>[] = [
	// Points of an order are extended, some of them are spent, and further documents give and take back.
	fc.tuple(wallet, fc.nat(3)).chain(([one, order]) =>
		fc.tuple(
			documentOf(one, order, fc.integer({min: 20, max: 90})),
			fc.record({
				...{do: fc.constant('extend'), card: fc.constant(one)},
				...{days: fc.constantFrom(3, 41), key: freshKey},
			}),
			debitOf(one),
			withLatest('capture', fc.constant('half')),
			fc.record({do: fc.constant('pass'), ms: fc.constantFrom(1, 3 * day, 50 * day)}),
			documentOf(one, order, fc.integer({min: 0, max: 40})),
			withLatest('undo', part),
		),
	),
	// A wallet is merged into another one while something of it is held and captured, and then that comes back.
	fc.tuple(fc.integer({min: 1, max: 3}), fc.integer({min: 1, max: 3})).chain(([from, to]) =>
		fc.tuple(
			debitOf(from),
			withLatest('capture', fc.constant('half')),
			fc.record({
				...{do: fc.constant('merge'), card: fc.constant(from), to: fc.constant(to)},
				...{assetId: fc.constant('own'), key: freshKey},
			}),
			withLatest('undo', part),
		),
	),
	// What is held of points that end comes back when they have ended.
	wallet.chain(one =>
		fc.tuple(
			fc.record({
				...{do: fc.constant('adjust'), takes: fc.constant(false), days: fc.constant(1)},
				...{card: fc.constant(one), amount, key: freshKey},
			}),
			debitOf(one),
			fc.record({do: fc.constant('pass'), ms: fc.constantFrom(day - 1, day, 2 * day)}),
			withLatest('undo', part),
		),
	),
	// A payment over several wallets and the card is captured and given back in parts.
	payment.chain(one =>
		fc.tuple(
			fc.record({
				...{do: fc.constant('pay'), payment: fc.constant(one)},
				...{cards: fc.shuffledSubarray([0, 1, 2, 3, 4], {minLength: 3}), amount: fc.constant<Amount>('rest')},
			}),
			fc.record({
				...{do: fc.constant('settle'), payment: fc.constant(one)},
				...{amount: fc.constantFrom<Amount>('half', 'rest'), key: freshKey},
			}),
			fc.record({
				...{do: fc.constant('refund'), payment: fc.constant(one)},
				...{amount: fc.constantFrom<Amount>('half', 7), key: freshKey},
			}),
		),
	),
	// A payment is captured in part by VTEX or by hand, ended by hand, and VTEX comes for the rest.
	payment.chain(one =>
		fc.tuple(
			fc.record({
				...{do: fc.constant('pay'), payment: fc.constant(one)},
				...{cards: fc.shuffledSubarray([0, 1, 2, 3, 4], {minLength: 2}), amount: fc.constant<Amount>('half')},
			}),
			fc.record({
				...{do: fc.constantFrom('mendPayment', 'settle'), payment: fc.constant(one)},
				...{how: fc.constant<HandVerb>('capture'), everything: fc.constant(false)},
				...{amount: fc.constantFrom<Amount>('half', 3), key: freshKey},
			}),
			fc.record({
				...{do: fc.constant('mendPayment'), payment: fc.constant(one), how: fc.constant<HandVerb>('release')},
				...{everything: fc.boolean(), amount: fc.constantFrom<Amount>('rest', 'half'), key: freshKey},
			}),
			fc.record({
				...{do: fc.constantFrom('cancel', 'settle', 'refund'), payment: fc.constant(one)},
				...{amount: part, isTimeOut: fc.constant(false), key: freshKey},
			}),
		),
	),
	// Two documents give points, most of them are spent, and further ones take back what is not there; then some come back.
	fc
		.tuple(wallet, fc.nat(3))
		.chain(([one, order]) =>
			fc.tuple(
				documentOf(one, order, fc.integer({min: 1, max: 40})),
				documentOf(one, order, fc.integer({min: 41, max: 90})),
				debitOf(one),
				withLatest('capture', fc.constant('half')),
				documentOf(one, order, fc.integer({min: 0, max: 40})),
				withLatest('undo', part),
				documentOf(one, order, earned.target),
			),
		),
	// Points end unspent, and documents come after that.
	fc
		.tuple(wallet, fc.nat(3))
		.chain(([one, order]) =>
			fc.tuple(
				documentOf(one, order, fc.integer({min: 20, max: 90})),
				fc.record({do: fc.constant('pass'), ms: fc.constantFrom(day, 5 * day)}),
				fc.record({do: fc.constant('expire'), card: fc.constant(one)}),
				...[earned.target, earned.target, earned.target].map(target => documentOf(one, order, target)),
			),
		),
	// A payment is forgotten, its points are worth something else by now, and it is settled after all.
	payment.chain(one =>
		fc.tuple(
			fc.record({
				...{do: fc.constant('pay'), payment: fc.constant(one)},
				...{cards: fc.shuffledSubarray([1, 2, 3, 4], {minLength: 1}), amount: toPay},
			}),
			fc.record({
				...{do: fc.constant('cancel'), payment: fc.constant(one)},
				...{key: freshKey, isTimeOut: fc.constant(true)},
			}),
			fc.record({do: fc.constant('reprice'), program: fc.nat(1), terms: program}),
			fc.record({
				...{do: fc.constant('settle'), payment: fc.constant(one)},
				...{amount: part, key: freshKey},
			}),
		),
	),
];
const occurrence: fc.Arbitrary<readonly Step[]> = fc.oneof(
	{weight: 20, arbitrary: step.map(one => [one])},
	{weight: 1, arbitrary: fc.oneof(...inARow)},
);

const walletOf = (number: number): fc.Arbitrary<WalletKind> =>
	fc.record({program: fc.constant(number), first: fc.record(earned)});

/** What may happen to wallets of two programs and a card of money. */
export function walletStories(maxLength: number): fc.Arbitrary<Story> {
	return fc.record({
		cards: fc.tuple(kind),
		programs: fc.tuple(program, program),
		wallets: fc.tuple(walletOf(0), walletOf(0), walletOf(0), walletOf(1)),
		steps: fc.array(occurrence, {maxLength, size: 'max'}).map(all => all.flat()),
	});
}
