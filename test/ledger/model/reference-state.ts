/* What the reference of the model remembers: see reference.ts. */

export type ReferenceLot = {
	/** Unknown for a new lot until the ledger has named it. */
	id: string | null;
	readonly card: ReferenceCard;
	readonly parent: ReferenceLot | null;
	readonly issued: number;
	readonly isPromotional: boolean;
	readonly spendableFrom: number;
	readonly expiresAt: number;
	remaining: number;
	held: number;
	/** What was to be taken back of it and had been spent: paid first from what comes back. */
	owed: number;
	/** What left it unspent, by where it went. */
	expired: number;
	adjusted: number;
	takenBack: number;
};

export type Unit = {readonly lot: ReferenceLot; state: 'held' | 'captured' | 'released' | 'refunded'};

/** What a hold took of one card: every unit of it, and how much of its value in the currency has gone which way. */
export type ReferenceLeg = {
	readonly card: ReferenceCard;
	readonly price: Price;
	readonly value: number;
	readonly units: readonly Unit[];
	readonly isFirstUse: boolean;
	captured: number;
	released: number;
	refunded: number;
};

export type ReferenceOperation =
	| {readonly kind: 'hold'; readonly legs: readonly ReferenceLeg[]}
	| {readonly kind: 'credit'; readonly card: ReferenceCard; readonly lot: ReferenceLot; reversed: number};

/** So many minor units of a currency for so many points. */
export type ReferenceRate = {readonly worth: number; readonly points: number};

/** How a card pays in a currency: money one for one and without limits, and points as their program says at that time. */
export type Price = ReferenceRate & {
	readonly least: number;
	readonly most: number;
	readonly isPoints: boolean;
};

/** What a program says at the moment; a story may change all but its points. */
export type ReferenceProgram = {
	readonly assetId: number;
	/** By currency. */
	rates: Readonly<Record<number, ReferenceRate>>;
	least: number;
	most: number;
	graceDays: number;
	graceCapDays: number;
};

export type ReferenceCard = {
	/** Of its row. */
	readonly number: number;
	status: 'active' | 'blocked' | 'closed';
	readonly assetId: number;
	/** Of a wallet. */
	readonly program: ReferenceProgram | null;
	/** The wallet that took over from this one. */
	mergedInto: ReferenceCard | null;
	readonly isSingleUse: boolean;
	readonly isRestricted: boolean;
	readonly isRechargeable: boolean;
	readonly startsAt: number;
	expiresAt: number;
	entries: number;
	readonly lots: ReferenceLot[];
	/** What the shopper owes after spending what had to be taken back, as a positive number. */
	debt: number;
	/** What was earned, whatever became of it. */
	readonly earnings: {readonly at: number; readonly amount: number}[];
	/** Of a used single-use card: what refunds opened and nobody has spent again. */
	opened: number | null;
};

/** What orders have earned: every unit was given to a wallet, or kept away from it by a cap, until it was taken back. */
export type ReferenceOrder = {
	version: number | null;
	/** By wallet, in the order in which they came. */
	readonly given: Map<ReferenceCard, number>;
	readonly forgone: Map<ReferenceCard, number>;
	/** That its earnings opened; others go on of them. */
	readonly lots: ReferenceLot[];
	/** By asset: what was taken back from where it had gone without being spent. */
	readonly fromBreakage: Map<number, number>;
	readonly fromAdjustment: Map<number, number>;
};

/** What an order should have earned by a version of it. */
export type ReferenceEarn = {
	readonly card: ReferenceCard | null;
	readonly assetId: number;
	readonly version: number;
	readonly target: number;
	readonly spendableFrom: number;
	readonly expiresAt: number;
	readonly balanceMax: number;
	readonly dayMax: number;
	readonly dayStart: number;
	readonly orderMax: number;
	readonly clawback: 'debt' | 'owed';
};

/** A payment as somebody sees it who knows only what it was told and what became of it. */
export type ReferencePayment = {
	status: 'new' | 'approved' | 'denied' | 'cancelled';
	/** Whether it was ever created: a cancellation may come first. */
	isCreated: boolean;
	isCancelled: boolean;
	/** Whether its hold was released because nobody had asked for it for long. */
	isForgotten: boolean;
	refusal: string | null;
	value: number;
	hold: ReferenceHold | null;
};

export type Buyer = 'owner' | 'other' | 'nobody';

export type ReferenceCommand =
	| {
			readonly verb: 'authorize';
			readonly card: ReferenceCard;
			readonly amount: number;
			readonly assetId: number;
			readonly by: Buyer;
	  }
	| {
			readonly verb: 'credit';
			readonly card: ReferenceCard;
			readonly amount: number;
			readonly assetId: number;
			readonly isPromotional: boolean;
	  }
	| {readonly verb: 'capture' | 'undo'; readonly operation: ReferenceOperation; readonly amount: number}
	| {
			readonly verb: 'mend';
			readonly how: 'capture' | 'release' | 'refund';
			readonly operation: ReferenceOperation;
			/** Zero for all that is left. */
			readonly amount: number;
	  }
	| {
			readonly verb: 'transfer';
			readonly card: ReferenceCard;
			readonly target: ReferenceCard;
			/** Zero for everything. */
			readonly amount: number;
			readonly assetId: number;
	  }
	| {
			readonly verb: 'merge';
			readonly card: ReferenceCard;
			readonly target: ReferenceCard;
			readonly amount: 0;
			readonly assetId: number;
	  }
	| {
			readonly verb: 'adjust';
			readonly card: ReferenceCard;
			readonly amount: number;
			readonly expiresAt: number;
	  }
	| {
			readonly verb: 'extend';
			readonly card: ReferenceCard;
			readonly amount: 0;
			readonly until: number;
	  }
	| {readonly verb: 'expire' | 'close'; readonly card: ReferenceCard};

export type ReferencePaymentCommand =
	| {readonly verb: 'pay'; readonly cards: readonly ReferenceCard[]; readonly amount: number}
	| {readonly verb: 'settle' | 'refund'; readonly amount: number}
	| {readonly verb: 'cancel'; readonly isTimeOut: boolean}
	/** A person does it; zero for all that is left. */
	| {readonly verb: 'mend'; readonly how: 'capture' | 'release' | 'refund'; readonly amount: number};

/** What moved, with the operation that began; or the name of the refusal. */
export type ReferenceOutcome = string | {readonly moved: number; readonly operation?: ReferenceOperation};
export type ReferenceHold = Extract<ReferenceOperation, {kind: 'hold'}>;
export type ReferenceCredit = Extract<ReferenceOperation, {kind: 'credit'}>;

export function addLot(
	card: ReferenceCard,
	born: Pick<ReferenceLot, 'parent' | 'issued' | 'isPromotional' | 'spendableFrom' | 'expiresAt'>,
): ReferenceLot {
	const untouched = {held: 0, owed: 0, expired: 0, adjusted: 0, takenBack: 0};
	const lot = {...born, card, id: null, remaining: born.issued, ...untouched};
	card.lots.push(lot);
	return lot;
}

/** A part of a lot goes on as a lot of another card, under the same dates. */
export function continueLot(card: ReferenceCard, parent: ReferenceLot, issued: number): void {
	const {isPromotional, spendableFrom, expiresAt} = parent;
	addLot(card, {parent, issued, isPromotional, spendableFrom, expiresAt});
}

export function total(lots: readonly ReferenceLot[]): number {
	return lots.reduce((sum, {remaining}) => sum + remaining, 0);
}

/** The lots that can be spent, the next one first. */
export function spendable(card: ReferenceCard, now: number): ReferenceLot[] {
	return card.lots
		.filter(lot => lot.remaining > 0 && now >= lot.spendableFrom && now < lot.expiresAt)
		.sort(bySpending);
}

export function bySpending(a: ReferenceLot, b: ReferenceLot): number {
	const key = (lot: ReferenceLot) => [lot.expiresAt, lot.isPromotional ? 0 : 1, lot.id ?? ''] as const;
	const [x, y] = [key(a), key(b)];
	return x[0] === y[0] ? x[1] - y[1] || (x[2] < y[2] ? -1 : 1) : x[0] < y[0] ? -1 : 1;
}

/** Units taken one by one, the ones that end first before the others. */
export function takeUnits(card: ReferenceCard, amount: number, now: number): ReferenceLot[] {
	const taken: ReferenceLot[] = [];
	for (const lot of spendable(card, now)) {
		while (lot.remaining > 0 && taken.length < amount) {
			lot.remaining--;
			taken.push(lot);
		}
	}

	if (taken.length < amount) {
		throw new Error('The reference believes in a balance that its lots do not have.');
	}

	return taken;
}

/** A card whose date has passed, unless something of it can still be spent. */
export function isOver(card: ReferenceCard, now: number): boolean {
	return now >= card.expiresAt && spendable(card, now).length === 0;
}

/** Closed by somebody, or merged into another. */
export function isGone({status, mergedInto}: ReferenceCard): boolean {
	return status === 'closed' || mergedInto !== null;
}

/** A wallet and those that took over from it, one after the other. */
export function lineOf(card: ReferenceCard): ReferenceCard[] {
	return card.mergedInto === null ? [card] : [card, ...lineOf(card.mergedInto)];
}

export function rootOf(lot: ReferenceLot): ReferenceLot {
	return lot.parent === null ? lot : rootOf(lot.parent);
}

export function referenceBalance(card: ReferenceCard, now: number): number {
	if (card.status !== 'active' || isGone(card) || now < card.startsAt) {
		return 0;
	}

	return Math.min(total(spendable(card, now)), card.opened ?? Infinity);
}

/** All of it when the value of the whole is asked for again and something is left (A9); null where it is too much. */
export function portionOf(
	amount: number,
	{rest, whole}: {readonly rest: number; readonly whole: number},
): number | null {
	if (amount === whole && rest > 0) {
		return rest;
	}

	return amount <= rest ? amount : null;
}

/** What somebody typed, neither more nor less, or for zero all there is; null where that is not there. */
export function typedOf(amount: number, rest: number): number | null {
	return rest === 0 || amount > rest ? null : amount === 0 ? rest : amount;
}
