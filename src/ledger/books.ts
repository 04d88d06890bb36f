import {
	type CardState,
	changedPayment,
	type CreditState,
	type HoldState,
	type LedgerState,
	type Leg,
	type Lot,
	type LotShare,
	newPayment,
	type PaymentState,
	type Use,
} from './card-state.ts';
import {type Instant} from './calendar.ts';
import {type Account, type BoundedAccount} from './chart.ts';
import {
	type Effect,
	type JournalEntry,
	type LegOpening,
	type LotOpening,
	type Movement,
	type PaymentChange,
	type Posting,
} from './entry.ts';
import {type Changes, type PostedEntry, type PostedPosting} from './changes.ts';
import {recordShare} from './lot-shares.ts';
import {type LotLosses, noLosses, type OrderState} from './order-state.ts';

type Mutable<T> = {-readonly [Key in keyof T]: T[Key]};
export type OpenCard = Mutable<Omit<CardState, 'lots' | 'uses'>> & {
	readonly lots: Map<string, Mutable<Lot>>;
	readonly uses: Mutable<Use>[];
};
type OpenLeg = Mutable<Omit<Leg, 'shares'>> & {readonly shares: Mutable<LotShare>[]};
type OpenHold = Omit<HoldState, 'legs'> & {readonly legs: readonly OpenLeg[]};

export type {PostedEntry} from './changes.ts';

/**
 * The books of a batch: the state that decisions read, moved on in memory by each accepted command, and what must be
 * written at the end. Holds opened in the batch are in it too, with the counters of their last image.
 */
export class Books implements LedgerState {
	readonly cards = new Map<string, OpenCard>();
	readonly holds = new Map<string, OpenHold>();
	readonly credits = new Map<string, Mutable<CreditState>>();
	readonly payments = new Map<string, PaymentState>();
	readonly orders = new Map<string, OrderState>();
	readonly losses = new Map<string, LotLosses>();
	readonly earned = new Map<string, bigint>();
	readonly #entries: PostedEntry[] = [];
	readonly #changedCards = new Set<OpenCard>();
	readonly #openedLots = new Map<string, LotOpening>();
	readonly #changedLots = new Map<string, Lot>();
	readonly #openedHolds = new Map<string, {readonly id: string; readonly legs: readonly LegOpening[]}>();
	readonly #changedLegs = new Set<OpenLeg & {holdId: string}>();
	readonly #openedPayments = new Set<string>();
	readonly #changedPayments = new Set<string>();
	readonly #ordersBefore = new Map<string, OrderState>();
	readonly #changedOrders = new Set<string>();

	/** Book what an accepted command does. The effect must come from a decision on this very state. */
	post(effect: Effect, at: Instant, actorId: number): void {
		for (const lot of effect.lots) {
			this.#card(lot.cardId).lots.set(lot.id, openedLot(lot));
			this.#openedLots.set(lot.id, lot);
		}

		if (effect.hold !== null) {
			this.#open(effect.hold);
		}

		for (const entry of effect.entries) {
			for (const movement of entry.movements) {
				this.#move(entry, movement);
			}

			this.#entries.push(this.#posted(entry, at, actorId));
			if (entry.kind === 'earn') {
				this.#earn(entry);
			}
		}

		for (const {cardId, lotId, delta} of effect.owed) {
			const lot = this.#lot(cardId, lotId);
			lot.owed += delta;
			this.#change(lot);
		}

		this.#step(effect);
		if (effect.forward !== null) {
			const card = this.#card(effect.forward.cardId);
			card.forwardsTo = effect.forward.to;
			this.#changedCards.add(card);
		}

		if (effect.extension !== null) {
			const card = this.#card(effect.extension.cardId);
			card.expiresAt = effect.extension.to;
			this.#changedCards.add(card);
		}

		if (effect.order !== null) {
			this.orders.set(effect.order.orderId, effect.order);
			this.#changedOrders.add(effect.order.orderId);
		}

		if (effect.status !== null) {
			const card = this.#card(effect.status.cardId);
			card.status = effect.status.to;
			this.#changedCards.add(card);
		}
	}

	/** Change a payment's row: alone where the payment is denied, and otherwise together with what holds or moves its value. */
	change(payment: PaymentChange, tid: string): void {
		const {paymentId} = payment;
		const known = this.payments.get(paymentId);
		this.payments.set(paymentId, changedPayment(known ?? newPayment({paymentId, tid}), payment));
		if (known === undefined) {
			this.#openedPayments.add(paymentId);
		} else if (!this.#openedPayments.has(paymentId)) {
			this.#changedPayments.add(paymentId);
		}
	}

	/** An order as it was locked. */
	addOrder(order: OrderState): void {
		this.orders.set(order.orderId, order);
		this.#ordersBefore.set(order.orderId, order);
	}

	changes(): Changes {
		return {
			entries: this.#entries,
			cards: this.#changedCards,
			openedLots: [...this.#openedLots.values()],
			lots: this.#changedLots,
			openedHolds: [...this.#openedHolds.values()].map(({id, legs}) => ({
				id,
				legs: legs.map((leg, index) => this.#openedLeg(id, leg, index)),
			})),
			legs: new Set([...this.#changedLegs].filter(({holdId}) => !this.#openedHolds.has(holdId))),
			openedPayments: this.#paymentsOf(this.#openedPayments),
			payments: this.#paymentsOf(this.#changedPayments),
			orders: [...this.#changedOrders].flatMap(id => this.orders.get(id) ?? []),
			ordersBefore: this.#ordersBefore,
		};
	}

	/** A leg that the batch opened, with the counters of its last image. */
	#openedLeg(
		holdId: string,
		{number, cardId, assetId, currencyId, value, units, rate, singleUse}: LegOpening,
		index: number,
	): LegOpening & Leg {
		const leg = this.holds.get(holdId)?.legs[index];
		if (leg === undefined) {
			throw new Error(`Leg ${number} of hold ${holdId} is not in the books of this batch.`);
		}

		const {captured, released, refunded, shares} = leg;
		return {
			number,
			cardId,
			assetId,
			currencyId,
			value,
			units,
			rate,
			singleUse,
			captured,
			released,
			refunded,
			shares,
		};
	}

	#paymentsOf(ids: ReadonlySet<string>): PaymentState[] {
		return [...ids].flatMap(id => this.payments.get(id) ?? []);
	}

	#card(id: string): OpenCard {
		const card = this.cards.get(id);
		if (card === undefined) {
			throw new Error(`Card ${id} is not in the books of this batch.`);
		}

		return card;
	}

	#lot(cardId: string, lotId: string): Mutable<Lot> {
		const lot = this.#card(cardId).lots.get(lotId);
		if (lot === undefined) {
			throw new Error(`Lot ${lotId} is not in the books of this batch.`);
		}

		return lot;
	}

	#change(lot: Lot): void {
		if (!this.#openedLots.has(lot.id)) {
			this.#changedLots.set(lot.id, lot);
		}
	}

	#open(hold: {readonly id: string; readonly legs: readonly LegOpening[]}): void {
		const legs = hold.legs.map(({number, cardId, currencyId, value, units, rate}) => ({
			number,
			cardId,
			currencyId,
			value,
			units,
			rate,
			captured: 0n,
			released: 0n,
			refunded: 0n,
			shares: [],
		}));
		this.holds.set(hold.id, {id: hold.id, legs});
		this.#openedHolds.set(hold.id, hold);
		for (const {cardId, value, singleUse} of hold.legs) {
			if (singleUse) {
				this.#card(cardId).uses.push({holdId: hold.id, value, released: 0n, refunded: 0n});
			}
		}
	}

	// Field by field, here and below: an object that another is spread into is several times as large, and these are most of what a batch makes.
	#posted(
		{id, kind, answers, operationId, postings, movements}: JournalEntry,
		at: Instant,
		actorId: number,
	): PostedEntry {
		return {id, kind, answers, operationId, postings: this.#postings(postings), movements, at, actorId};
	}

	#postings(postings: readonly Posting[]): PostedPosting[] {
		const touched = new Set<OpenCard>();
		return postings.map(({account, cardId, assetId, amount}) => {
			if (cardId === null) {
				return {account, cardId, assetId, amount, balanceAfter: null, version: null};
			}

			const card = this.#card(cardId);
			if (!touched.has(card)) {
				touched.add(card);
				this.#changedCards.add(card);
				card.version += 1n;
			}

			const bounded = boundedAccountOf(account);
			card[bounded] += amount;
			return {account, cardId, assetId, amount, balanceAfter: card[bounded], version: card.version};
		});
	}

	#move(entry: JournalEntry, {cardId, lotId, leg, remainingDelta, heldDelta}: Movement): void {
		const lot = this.#lot(cardId, lotId);
		lot.remaining += remainingDelta;
		lot.held += heldDelta;
		this.#change(lot);
		this.#lose(entry, lotId, remainingDelta);

		const operation = entry.answers ?? entry.id;
		const openLeg = this.holds.get(operation)?.legs.find(({number}) => number === leg);
		if (openLeg !== undefined) {
			recordShare(openLeg.shares, entry.kind, lot, {remainingDelta, heldDelta});
		} else if (entry.kind === 'credit') {
			const isGrant = lot.origin !== 'fundingCredit';
			this.credits.set(entry.id, {id: entry.id, cardId, isGrant, amount: remainingDelta, reversed: 0n});
		} else if (entry.kind === 'reverseCredit') {
			const credit = this.credits.get(operation);
			if (credit !== undefined) {
				credit.reversed -= remainingDelta;
			}
		}
	}

	/** Value that leaves a lot unspent is looked at when an order's points are taken back. */
	#lose({kind}: JournalEntry, lotId: string, remainingDelta: bigint): void {
		const counter = lossCounters[kind];
		if (counter !== undefined && remainingDelta < 0n) {
			const losses = this.losses.get(lotId) ?? noLosses;
			this.losses.set(lotId, {...losses, [counter]: losses[counter] - remainingDelta});
		}
	}

	/** What a wallet has earned today, for those that ask. */
	#earn({postings}: JournalEntry): void {
		for (const {cardId, amount} of postings.filter(posting => posting.cardId !== null)) {
			for (const [key, units] of this.earned) {
				if (key.startsWith(`${cardId ?? ''}/`)) {
					this.earned.set(key, units + amount);
				}
			}
		}
	}

	#step({legSteps}: Effect): void {
		for (const step of legSteps) {
			const leg = this.holds.get(step.holdId)?.legs.find(({number}) => number === step.leg);
			if (leg === undefined) {
				throw new Error(`Leg ${step.leg} of hold ${step.holdId} is not in the books of this batch.`);
			}

			leg.captured += step.captured;
			leg.released += step.released;
			leg.refunded += step.refunded;
			const use = this.#card(leg.cardId).uses.find(({holdId}) => holdId === step.holdId);
			if (use !== undefined) {
				use.released = leg.released;
				use.refunded = leg.refunded;
			}

			this.#changedLegs.add(Object.assign(leg, {holdId: step.holdId}));
		}
	}
}

function openedLot(lot: LotOpening): Mutable<Lot> {
	const {id, origin, issued, spendableFrom, expiresAt, parentId, rootId, rootExpiresAt} = lot;
	return {
		id,
		origin,
		issued,
		remaining: 0n,
		held: 0n,
		spendableFrom,
		expiresAt,
		parentId,
		rootId,
		rootExpiresAt,
		owed: 0n,
	};
}

const lossCounters: Readonly<Partial<Record<JournalEntry['kind'], keyof LotLosses>>> = {
	expire: 'expired',
	close: 'adjusted',
	adjust: 'adjusted',
	clawback: 'clawedBack',
};

function boundedAccountOf(account: Account): BoundedAccount {
	if (account !== 'available' && account !== 'held' && account !== 'debt') {
		throw new Error(`The account ${account} belongs to no card.`);
	}

	return account;
}
