import {type ListedHold} from '../holds/hold.ts';
import {type Instant} from '../ledger/calendar.ts';
import {OrderSourceError} from '../orders/source.ts';
import {purchaseNamed, purchaseOf} from './at-vtex.ts';
import {type Absence} from './compare.ts';
import {compareAlone, comparePayment, type Finding} from './finding.ts';
import {type Holds, holdsFor} from './ours.ts';
import {groupOf, isCanceled, isExactly, matched, type Purchase} from './purchase.ts';
import {incomplete, IncompleteError, type RunTools, type Step} from './step.ts';

const failuresMax = 3;
const doubtfulMax = 1000;
const wrongAccount =
	'VTEX knows none of the orders that we know. See with credentials:vtex whether these are the keys of this store.';

const absenceFrom = (purchase: Purchase): Absence => (isCanceled(purchase) ? 'canceled' : 'payment');

/**
 * The comparisons of one run, and what it remembers: which purchases were compared lately, whether VTEX still answers, and whether it is
 * the right account.
 */
export class Comparisons {
	readonly #tools: RunTools;
	#before = new Set<string>();
	#done = new Set<string>();
	#failures = 0;
	/** Where the slice at hand begins, and where the first one did. */
	begin: Instant;
	readonly #from: Instant;
	/** VTEX has known one of the purchases that we know. */
	#isRightAccount = false;
	readonly #doubtful: Finding[] = [];

	constructor(tools: RunTools, from: Instant = 0) {
		this.#tools = tools;
		this.#from = from;
		this.begin = from;
	}

	/** An order from VTEX's list. */
	async *listedOrder(orderId: string, near: Holds): AsyncGenerator<Step> {
		if (!this.#isDone(groupOf(orderId))) {
			const purchase = yield* this.#asked(orderId, () => purchaseOf(this.#tools, orderId));
			if (purchase !== undefined && purchase !== 'failed') {
				yield* this.#compare(purchase, near);
			}
		}
	}

	/** A hold of ours that no order of the list was for. */
	async *ownHold(hold: ListedHold, near: Holds): AsyncGenerator<Step> {
		const {orderId} = hold;
		if (orderId === null) {
			if (!this.#isDone(hold.id)) {
				yield* this.#alone(hold, 'unnamed');
			}
		} else if (!this.#isDone(groupOf(orderId)) && !this.#isDone(hold.id)) {
			const purchase = yield* this.#asked(orderId, () => purchaseNamed(this.#tools, orderId));
			if (purchase === undefined) {
				yield* this.#allAlone(near.ofGroup(groupOf(orderId)), 'order');
			} else if (purchase !== 'failed') {
				yield* this.#wasCompared(purchase) ? this.#late(purchase, hold) : this.#compare(purchase, near);
			}
		}
	}

	/** An order that a person named. */
	async *namedOrder(orderId: string, near: Holds, holds: readonly ListedHold[]): AsyncGenerator<Step> {
		if (this.#isDone(groupOf(orderId))) {
			return;
		}

		const purchase = yield* this.#asked(orderId, () => purchaseNamed(this.#tools, orderId));
		if (purchase === undefined && holds.length === 0) {
			yield {kind: 'skipped', orderId, problem: 'Neither VTEX nor we know this order.'};
		} else if (purchase === undefined) {
			yield* this.#allAlone(holds, 'order');
		} else if (purchase !== 'failed') {
			yield* this.#compare(purchase, near);
		}
	}

	/** What was compared in this slice is remembered for one more: an order and its hold may lie on both sides of midnight. */
	turnOver(): void {
		this.#before = this.#done;
		this.#done = new Set();
	}

	/** VTEX has known nothing of all that we know: the keys may be those of another store, and then nothing must be released. */
	*end(): Generator<Step> {
		for (const finding of this.#doubtful) {
			yield {kind: 'found', finding: {...finding, remedy: null, why: wrongAccount}};
		}
	}

	#doubt(finding: Finding): void {
		if (this.#doubtful.push(finding) > doubtfulMax) {
			throw new IncompleteError(wrongAccount);
		}
	}

	#isDone(name: string): boolean {
		return this.#before.has(name) || this.#done.has(name);
	}

	/** A purchase of an earlier day of this run was compared then, with the holds that its payments have by their ids. */
	#wasCompared({orders, payments}: Purchase): boolean {
		return (
			payments.length > 0 &&
			orders.some(({createdAt}) => {
				const at = createdAt === null ? Number.NaN : Date.parse(createdAt);
				return at >= this.#from && at < this.begin;
			})
		);
	}

	/** A hold that was opened a day or more after its order: of a payment that was settled late, or of none. */
	async *#late(purchase: Purchase, hold: ListedHold): AsyncGenerator<Step> {
		if (!purchase.payments.some(payment => isExactly(hold, payment))) {
			yield* this.#alone(hold, absenceFrom(purchase));
		}
	}

	async *#asked<Answer>(
		orderId: string,
		ask: () => Promise<Answer>,
	): AsyncGenerator<Step, Answer | 'failed'> {
		this.#tools.signal.throwIfAborted();
		try {
			const answer = await ask();
			this.#failures = 0;
			yield {kind: 'asked'};
			return answer;
		} catch (error) {
			const problem = this.#problemOf(error);
			this.#done.add(groupOf(orderId));
			yield {kind: 'skipped', orderId, problem};
			return 'failed';
		}
	}

	/** @throws IncompleteError where to go on would be of no use */
	#problemOf(error: unknown): string {
		if (!(error instanceof OrderSourceError) || error.problem === 'refused' || error.problem === 'busy') {
			throw incomplete(error);
		}

		const isAboutAll = error.problem === 'unreachable' || error.problem === 'failed';
		this.#failures = isAboutAll ? this.#failures + 1 : 0;
		if (this.#failures >= failuresMax) {
			throw incomplete(error);
		}

		return error.message;
	}

	async *#compare(purchase: Purchase, near: Holds): AsyncGenerator<Step> {
		const {assets, merchantId, patience} = this.#tools;
		purchase.orders.forEach(({id}) => this.#done.add(groupOf(id)));
		const holds = await holdsFor(this.#tools, purchase, near);
		const matches = matched(purchase, holds);
		const paired = new Set(matches.flatMap(match => match.holds));
		if (holds.length > 0) {
			yield* this.#trust();
		}

		for (const match of matches) {
			match.holds.forEach(({id}) => this.#done.add(id));
			const [hold] = match.holds;
			const asset = hold === undefined ? purchase.asset : await assets.byId(merchantId, hold.assetId);
			yield comparePayment(purchase, match, asset, patience);
		}

		yield* this.#allAlone(
			holds.filter(hold => !paired.has(hold)),
			absenceFrom(purchase),
		);
	}

	/** From now on what VTEX does not know is not there. */
	*#trust(): Generator<Step> {
		this.#isRightAccount = true;
		for (const finding of this.#doubtful.splice(0)) {
			yield {kind: 'found', finding};
		}
	}

	async *#allAlone(holds: readonly ListedHold[], absence: Absence): AsyncGenerator<Step> {
		for (const hold of holds) {
			yield* this.#alone(hold, absence);
		}
	}

	async *#alone(hold: ListedHold, absence: Absence): AsyncGenerator<Step> {
		const {assets, merchantId, patience} = this.#tools;
		this.#done.add(hold.id);
		const outcome = compareAlone(hold, absence, await assets.byId(merchantId, hold.assetId), patience);
		if (outcome.kind === 'found' && absence === 'order' && !this.#isRightAccount) {
			this.#doubt(outcome.finding);
		} else {
			yield outcome;
		}
	}
}
