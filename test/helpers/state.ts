import {type Identifier} from '../../src/ledger/owner.ts';
import {
	type CardState,
	type CreditState,
	type HoldState,
	type LedgerState,
	type Lot,
	type LotShare,
	type Use,
} from '../../src/ledger/card-state.ts';
import {type Instant} from '../../src/ledger/calendar.ts';
import {
	type Adjust,
	type Authorize,
	type Capture,
	type Close,
	type Command,
	type Credit,
	type Earn,
	type EarnTerms,
	type Expire,
	type Extend,
	type Issue,
	noNote,
	scriptScope,
	type Transfer,
	type Undo,
} from '../../src/ledger/commands.ts';
import {type Circumstances} from '../../src/ledger/decide/decision.ts';
import {decide} from '../../src/ledger/decide/index.ts';
import {type Effect} from '../../src/ledger/entry.ts';
import {
	earnedKey,
	type LotLosses,
	newOrder,
	noLosses,
	type OrderState,
} from '../../src/ledger/order-state.ts';
import {type Refusal} from '../../src/ledger/refusals.ts';

/*
 * The smallest valid card, lot, hold and command, overrides last, and what `decide` makes of them. Nothing here knows
 * a rule: whatever a test depends on, it says itself.
 */

export const noon: Instant = Date.parse('2026-06-15T15:00:00Z');
export const day = 86_400_000;

/** A live lot of 100.00 without a date. What is not held remains, unless it is said otherwise. */
export function buildLot(overrides: Partial<Lot> = {}): Lot {
	const {issued = 100_00n, held = 0n, expiresAt = null} = overrides;
	return {
		id: 'lot',
		origin: 'fundingSold',
		issued,
		remaining: issued - held,
		held,
		spendableFrom: noon - day,
		expiresAt,
		parentId: null,
		rootId: null,
		rootExpiresAt: expiresAt,
		owed: 0n,
		...overrides,
	};
}

export type CardOverrides = Partial<Omit<CardState, 'lots'>> & {readonly lots?: readonly Lot[]};

/** An active card without owner or date, with one lot. Its balances are those of its lots. */
export function buildCard({lots = [buildLot()], ...overrides}: CardOverrides = {}): CardState {
	const sum = (amount: (lot: Lot) => bigint) => lots.reduce((total, lot) => total + amount(lot), 0n);
	return {
		id: '1',
		assetId: 1,
		status: 'active',
		available: sum(({remaining}) => remaining),
		held: sum(({held}) => held),
		debt: 0n,
		version: 1n,
		restricted: false,
		singleUse: false,
		rechargeable: true,
		owner: [],
		emittedAt: noon - day,
		expiresAt: null,
		lots: new Map(lots.map(lot => [lot.id, lot])),
		uses: [],
		forwardsTo: null,
		program: null,
		...overrides,
	};
}

/** What a hold took from one lot. */
export function buildShare(lotId: string, taken: bigint, counters: Partial<LotShare> = {}): LotShare {
	return {lotId, taken, captured: 0n, released: 0n, refunded: 0n, ...counters};
}

/** A hold of one leg. Its counters are those of its shares, in the order of taking. */
export function buildHold(
	shares: readonly LotShare[] = [buildShare('lot', 100_00n)],
	cardId = '1',
): HoldState {
	const sum = (amount: (share: LotShare) => bigint) =>
		shares.reduce((total, share) => total + amount(share), 0n);
	const value = sum(({taken}) => taken);
	return {
		id: 'hold',
		legs: [
			{
				number: 1,
				cardId,
				currencyId: 1,
				value,
				units: value,
				rate: null,
				captured: sum(({captured}) => captured),
				released: sum(({released}) => released),
				refunded: sum(({refunded}) => refunded),
				shares,
			},
		],
	};
}

/** A hold of 100.00 on a single-use card. */
export function buildUse(overrides: Partial<Use> = {}): Use {
	return {holdId: 'hold', value: 100_00n, released: 0n, refunded: 0n, ...overrides};
}

/** A credit of 100.00; its lot is named `credit`. */
export function buildCredit(overrides: Partial<CreditState> = {}): CreditState {
	return {id: 'credit', cardId: '1', isGrant: false, amount: 100_00n, reversed: 0n, ...overrides};
}

/** Order `o`, which gave wallet 1 some units by the earning `lot`. */
export function buildOrder(units: bigint, overrides: Partial<OrderState> = {}): OrderState {
	return {
		...newOrder('o'),
		appliedVersion: '2026-06-15T14:00:00.0000000Z',
		earningId: 'lot',
		bookings: new Map([['1', {units, forgone: 0n}]]),
		lotIds: ['lot'],
		...overrides,
	};
}

export type StateParts = {
	readonly card?: CardState;
	/** A second card, for transfers. */
	readonly target?: CardState;
	readonly hold?: HoldState;
	readonly credit?: CreditState;
	readonly order?: OrderState;
	/** By lot. */
	readonly losses?: Readonly<Record<string, Partial<LotLosses>>>;
	/** Units that wallet 1 has earned since midnight. */
	readonly earnedToday?: bigint;
};

export function buildState({
	card = buildCard(),
	target,
	hold,
	credit,
	order,
	losses = {},
	earnedToday = 0n,
}: StateParts = {}): LedgerState {
	return {
		cards: new Map([card, ...(target === undefined ? [] : [target])].map(one => [one.id, one])),
		holds: new Map(hold === undefined ? [] : [[hold.id, hold]]),
		credits: new Map(credit === undefined ? [] : [[credit.id, credit]]),
		payments: new Map(),
		orders: new Map(order === undefined ? [] : [[order.orderId, order]]),
		losses: new Map(Object.entries(losses).map(([id, lost]) => [id, {...noLosses, ...lost}])),
		earned: new Map([[earnedKey('1', noon - day / 2), earnedToday]]),
	};
}

const common = {cardId: '1', actorId: 1, note: noNote};
const keyed = {...common, amount: 1_00n, assetId: 1};

export function authorizing(overrides: Partial<Authorize> = {}): Authorize {
	const key = {scope: 'card', space: 'transaction', key: 'r1'} as const;
	return {verb: 'authorize', ...keyed, key, source: 'giftCard', presented: [], ...overrides};
}

export function crediting(overrides: Partial<Credit> = {}): Credit {
	const key = {scope: 'card', space: 'transaction', key: 'r1'} as const;
	return {verb: 'credit', ...keyed, key, origin: 'fundingCredit', ...overrides};
}

export function capturing(overrides: Partial<Capture> = {}): Capture {
	const key = {scope: 'hold', space: 'capture', key: 's1'} as const;
	return {verb: 'capture', ...keyed, key, holdId: 'hold', ...overrides};
}

export function undoing(overrides: Partial<Undo> = {}): Undo {
	const key = {scope: 'hold', space: 'undo', key: 'c1'} as const;
	return {verb: 'undo', ...keyed, key, operationId: 'hold', ...overrides};
}

export function issuing(overrides: Partial<Issue> = {}): Issue {
	return {
		verb: 'issue',
		...keyed,
		key: {scope: scriptScope, space: 'issue', key: 'i1'},
		origin: 'fundingSold',
		card: {
			publicId: '7d8a4c1e-90b1-4f6e-8d3b-2f5a6c7e8091',
			restricted: false,
			singleUse: false,
			rechargeable: true,
			ownerId: null,
			pepperId: 1,
			codeHash: Buffer.alloc(32),
			codeLast4: 'TEST',
			caption: null,
			relationName: null,
			emittedAt: noon - day,
			expiresAt: null,
			status: 'active',
		},
		...overrides,
	};
}

export function expiring(): Expire {
	return {verb: 'expire', ...common, key: null};
}

export function closing(): Close {
	return {verb: 'close', ...common, key: null};
}

const explained = {...noNote, reason: 'mended'};

/** From card 1 to card 2. */
export function transferring(overrides: Partial<Transfer> = {}): Transfer {
	const key = {scope: 'card', space: 'transfer', key: 't1'} as const;
	return {verb: 'transfer', ...keyed, note: explained, key, targetId: '2', ...overrides};
}

export function adjusting(overrides: Partial<Adjust> = {}): Adjust {
	const key = {scope: 'card', space: 'adjustment', key: 'a1'} as const;
	return {verb: 'adjust', ...keyed, note: explained, key, expiresAt: undefined, ...overrides};
}

/** Until thirty days from noon. */
export function extending(overrides: Partial<Extend> = {}): Extend {
	const key = {scope: 'card', space: 'extension', key: 'e1'} as const;
	return {
		...{verb: 'extend', ...keyed, amount: 0n, note: explained, key, expiresAt: noon + 30 * day},
		...overrides,
	};
}

/** Of order `o` on wallet 1: 100 points, spendable at once and for ever, without caps; what was spent becomes a debt. */
export function earning(overrides: Partial<Omit<Earn, 'terms'>> = {}, terms: Partial<EarnTerms> = {}): Earn {
	const free = {balanceMax: null, dayMax: null, dayStart: noon - day / 2, orderMax: null} as const;
	return {
		...{verb: 'earn', key: null, orderId: 'o', version: '2026-06-15T15:00:00.0000000Z'},
		...{cardId: '1', assetId: 1, target: 100n, actorId: 1, note: noNote},
		terms: {spendableFrom: noon, expiresAt: null, ...free, clawback: 'debt', ...terms},
		...overrides,
	};
}

export function person(kind: Identifier['kind'], value: string): Identifier {
	return {kind, value};
}

/** At noon in São Paulo; ids are `new-1`, `new-2` and so on. */
export function circumstances(now: Instant = noon): Circumstances {
	let count = 0;
	return {now, timeZone: 'America/Sao_Paulo', newId: () => `new-${++count}`};
}

/** The refusal that a command gets, or `accepted`. */
export function answer(state: LedgerState, command: Command, now: Instant = noon): Refusal | 'accepted' {
	const decision = decide(state, command, circumstances(now));
	return decision.kind === 'refused' ? decision.refusal : 'accepted';
}

/** What an accepted command does. @throws {Error} when it is refused */
export function effectOf(
	state: LedgerState,
	command: Command,
	now: Instant = noon,
): Effect & {readonly id: string; readonly moved: bigint} {
	const decision = decide(state, command, circumstances(now));
	if (decision.kind === 'refused') {
		throw new Error(`The command ${command.verb} was refused: ${decision.refusal}`);
	}

	return {...decision.effect, id: decision.id, moved: decision.moved};
}

/** Postings as lines that can be compared: `available -500`, `redeemed +500`. */
export function lines(effect: Effect, entry = 0): string[] {
	return (effect.entries[entry]?.postings ?? []).map(({account, amount}) => `${account} ${signed(amount)}`);
}

/** Movements as lines that can be compared: `lot: remaining -500, held +500`. */
export function movements(effect: Effect, entry = 0): string[] {
	return (effect.entries[entry]?.movements ?? []).map(
		({lotId, remainingDelta, heldDelta}) =>
			`${lotId}: remaining ${signed(remainingDelta)}, held ${signed(heldDelta)}`,
	);
}

function signed(amount: bigint): string {
	return amount > 0n ? `+${amount}` : String(amount);
}
