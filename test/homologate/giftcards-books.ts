import {randomUUID} from 'node:crypto';
import {setTimeout as pause} from 'node:timers/promises';
import {choosesOtherwise, type Planted} from './giftcards-faults.ts';

/* The cards of an in-memory gift card provider, and the faults that can be planted into how it keeps them. Amounts are in cents. */

export type Operation = {readonly oid: string; readonly value: number; readonly date: string};

export type Transaction = {
	readonly id: string;
	readonly operation: 'Debit' | 'Credit';
	readonly value: number;
	readonly requestId: string;
	readonly description: unknown;
	readonly date: string;
	readonly settlements: Operation[];
	readonly cancellations: Operation[];
};

export type Card = {
	readonly id: string;
	readonly code: string;
	readonly asked: Readonly<Record<string, unknown>>;
	readonly transactions: Transaction[];
	/** What was put on it, whatever became of it. */
	credited: number;
	balance: number;
};

/** What a request came to: a result, or the status of a refusal. */
export type Outcome<Result> = {readonly done: Result} | {readonly status: number};

export type Books = {
	readonly cards: ReadonlyMap<string, Card>;
	readonly issue: (asked: Card['asked']) => Card;
	readonly transact: (card: Card, wish: TransactionWish) => Promise<Outcome<Transaction>>;
	readonly operate: (kind: OperationKind, place: Place, wish: Wish) => Promise<Outcome<Operation>>;
	/** As if it had never been asked, until what is returned is called. */
	readonly forget: (card: Card, requestId: string) => () => void;
	/** As if something else had been asked under it. */
	readonly remember: (card: Card, requestId: string) => void;
};

export type OperationKind = 'settlements' | 'cancellations';
type Place = {readonly card: Card; readonly transaction: Transaction};
type Wish = {readonly value: number; readonly requestId: string};
export type TransactionWish = Wish & {
	readonly operation: Transaction['operation'];
	readonly description: unknown;
	readonly email: unknown;
};

type Kept = {readonly print: string; readonly outcome: Outcome<unknown>};

export function openBooks(has: (planted: Planted) => boolean): Books {
	const cards = new Map<string, Card>();
	const keys = new Map<string, Kept>();
	const now = () => new Date().toISOString();

	const keyOf = (card: Card, kind: string, requestId: string) =>
		[
			has('keeps request ids of all cards together') ? '' : card.id,
			has('keeps request ids of all kinds together') ? '' : kind,
			requestId,
		].join(' ');

	const alone = new Map<string, () => void>();

	/** Until another request comes under the same key, or has had time to come, on a slow machine too. */
	const untilAnotherComes = async (key: string): Promise<void> => {
		const first = alone.get(key);
		if (first !== undefined) {
			first();
			return;
		}

		await new Promise<void>(resolve => {
			alone.set(key, resolve);
			setTimeout(resolve, 500).unref();
		});
		alone.delete(key);
	};

	/** Do something once under its key. */
	const once = async <Result>(
		key: string,
		{print, ignores, refusal}: {print: string; ignores: boolean; refusal?: () => number | undefined},
		act: () => Promise<Outcome<Result>>,
	): Promise<Outcome<Result>> => {
		const early = refusal?.();
		if (early !== undefined) {
			return {status: early};
		}

		const kept = keys.get(key);
		if (kept !== undefined && !ignores) {
			const isOther = kept.print !== print;
			if (isOther && has('counts a used request id with another value')) {
				return act();
			}

			return isOther && !has('answers another value as the first')
				? {status: 409}
				: (kept.outcome as Outcome<Result>);
		}

		if (has('remembers request ids when it is done')) {
			await untilAnotherComes(key);
		}

		const outcome = await act();
		if ('done' in outcome) {
			keys.set(key, {print, outcome});
		}

		return outcome;
	};

	const refusalOfDebit = (card: Card, {value, email}: TransactionWish): number | undefined => {
		const {expiringDate, restrictedToOwner, profileId, multipleRedemptions} = card.asked;
		const isExpired = typeof expiringDate === 'string' && Date.parse(expiringDate) < Date.now();
		const isForeign = restrictedToOwner === true && email !== profileId;
		const isUsed =
			multipleRedemptions === false && card.transactions.some(({operation}) => operation === 'Debit');
		const isRefused =
			(isExpired && !has('debits expired cards')) ||
			(isForeign && !has('debits restricted cards for strangers')) ||
			(isUsed && !has('ignores multipleRedemptions')) ||
			(value > card.balance && !has('debits more than there is'));
		return isRefused ? 422 : undefined;
	};

	const refusalOfCredit = ({asked, transactions}: Card): number | undefined => {
		const isSecond = asked['multipleCredits'] === false && transactions.length > 0;
		return isSecond && !has('ignores multipleCredits') ? 422 : undefined;
	};

	const transact: Books['transact'] = (card, wish) => {
		const {operation, value, requestId, description} = wish;
		const isDebit = operation === 'Debit';
		const tooMuch = () => (isDebit && value > card.balance ? 422 : undefined);
		return once(
			keyOf(card, 'transactions', requestId),
			{
				print: `${operation} ${value}`,
				ignores: has('ignores request ids') || (!isDebit && has('counts repeated credits')),
				...(has('looks at the balance before the request id') && {refusal: tooMuch}),
			},
			async () => {
				const status = isDebit ? refusalOfDebit(card, wish) : refusalOfCredit(card);
				if (status !== undefined) {
					return {status};
				}

				await between();
				if (isDebit && !has('lowers the balance at settlement')) {
					card.balance -= value;
				} else if (!isDebit) {
					card.balance += value;
					card.credited += value;
				}

				const id = randomUUID();
				const made = {
					id,
					operation,
					value,
					requestId,
					description,
					date: now(),
					settlements: [],
					cancellations: [],
				};
				card.transactions.push(made);
				return {done: made};
			},
		);
	};

	/** Where another request may come between looking and writing. */
	const between = async () => {
		if (has('looks and writes in two steps')) {
			await pause(50);
		}
	};

	const refusalOfOperation = (
		kind: OperationKind,
		{transaction}: Place,
		value: number,
	): number | undefined => {
		const settled = sumOf(transaction.settlements);
		const cancelled = sumOf(transaction.cancellations);
		if (kind === 'cancellations') {
			const isLate = settled > 0 && has('gives nothing back after settlement');
			const isTooMuch = cancelled + value > transaction.value && !has('gives back more than the debit');
			return isLate || isTooMuch ? 422 : undefined;
		}

		const released = has('settles what was cancelled') ? 0 : Math.max(0, cancelled - settled);
		const isTooMuch = settled + released + value > transaction.value;
		return isTooMuch && !has('settles more than the debit') ? 422 : undefined;
	};

	/** Of the whole after a part, the rest, where that is chosen. */
	const movedValue = (kind: OperationKind, {transaction}: Place, value: number): number => {
		const left = transaction.value - sumOf(transaction.cancellations);
		const isRest = kind === 'cancellations' && value === transaction.value && left > 0;
		return isRest && choosesOtherwise(has) ? left : value;
	};

	const moveOperation = (kind: OperationKind, {card, transaction}: Place, value: number) => {
		if (kind === 'settlements') {
			const takes = has('takes the value again at settlement') || has('lowers the balance at settlement');
			card.balance -= takes ? value : 0;
			return;
		}

		const back = has('gives everything back for a part') ? transaction.value : value;
		if (transaction.operation === 'Credit') {
			card.balance -= has('keeps cancelled credits') ? 0 : back;
		} else {
			card.balance += has('loses refunds') ? 0 : back;
		}
	};

	const operate: Books['operate'] = (kind, place, {value, requestId}) => {
		const list = place.transaction[kind];
		return once(
			keyOf(place.card, `${kind} ${place.transaction.id}`, requestId),
			{print: String(value), ignores: has('ignores request ids of operations')},
			async () => {
				const same = list.find(one => one.value === value);
				if (same !== undefined && has('counts the same value once')) {
					return {done: same};
				}

				const moved = movedValue(kind, place, value);
				const status = refusalOfOperation(kind, place, moved);
				if (status !== undefined) {
					return {status};
				}

				await between();
				moveOperation(kind, place, moved);
				const made = {oid: randomUUID(), value: moved, date: now()};
				list.push(made);
				return {done: made};
			},
		);
	};

	return {
		cards,
		issue(asked) {
			const id = `card_${randomUUID()}`;
			const card = {id, code: randomUUID().toUpperCase(), asked, transactions: [], credited: 0, balance: 0};
			cards.set(id, card);
			return card;
		},
		transact,
		operate,
		forget(card, requestId) {
			const known = [...keys].filter(([key]) => key.includes(requestId) && key.includes(card.id));
			known.forEach(([key]) => keys.delete(key));
			return () => {
				known.forEach(([key, kept]) => keys.set(key, kept));
			};
		},
		remember(card, requestId) {
			keys.set(keyOf(card, 'transactions', requestId), {print: 'probe', outcome: {status: 409}});
		},
	};
}

function sumOf(operations: readonly Operation[]): number {
	return operations.reduce((sum, {value}) => sum + value, 0);
}
