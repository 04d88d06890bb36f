import {type Instant} from '../ledger/calendar.ts';

/** What became of value here, in minor units of its currency. `held` is what is neither captured nor released. */
export type Here = {
	readonly authorized: bigint;
	readonly captured: bigint;
	/** Of what was captured. */
	readonly refunded: bigint;
	readonly held: bigint;
};

/** What became of the same value at VTEX. */
export type There = {
	readonly authorized: bigint;
	readonly captured: bigint;
	/** One by one, because VTEX may lose the second of two that are alike. */
	readonly refunds: readonly bigint[];
	/** Whether VTEX asks nothing more of it: the payment has ended, or its orders were canceled. */
	readonly isOver: boolean;
	/** Whether an order of it was invoiced, so that goods have left the shop. */
	readonly isInvoiced: boolean;
};

/**
 * Why VTEX has nothing for a hold: it knows no such order, its order was paid without it, the same and was canceled, or the hold names no order.
 */
export type Absence = 'order' | 'payment' | 'canceled' | 'unnamed';

/** In which ways the two sides can differ. `There` is VTEX. */
export const kinds = [
	'closed-there',
	'captured-there',
	'captured-here',
	'refund-owed',
	'refund-repeated',
	'refunded-here',
	'released-here',
	'amount-differs',
	'unit-mixed-up',
	'unknown-here',
	'unknown-there',
] as const;
export type Kind = (typeof kinds)[number];

/** What mends a difference: a command of the same name on the hold. */
export type Remedy = 'capture' | 'release' | 'refund';

/** How the two sides differ. The amount is what it is about, in minor units, above zero. */
export type Difference = {
	readonly kind: Kind;
	readonly amount: bigint;
	/** Null where nothing is safe to do by command; `why` says why. */
	readonly remedy: Remedy | null;
	/** For people: what it means, and what to do where no command does it. */
	readonly why: string;
};

/**
 * How the two sides of a payment differ; undefined where they agree. What counts is what the shopper paid in the end, captured less
 * refunded: a settlement that VTEX takes for failed and cancels is captured and refunded here, neither there, and nobody is owed anything.
 * One difference is told at a time; mended, the next run tells the next.
 */
export function differenceOf(there: There, here: Here): Difference | undefined {
	const refunded = sumOf(there.refunds);
	const mixed = mixedUp([
		[there.authorized, here.authorized],
		[there.captured, here.captured],
		[refunded, here.refunded],
	]);
	if (mixed !== undefined) {
		return mixed;
	}

	if (there.authorized !== here.authorized) {
		return {
			kind: 'amount-differs',
			amount: magnitude(there.authorized - here.authorized),
			remedy: null,
			why: 'VTEX has another amount for the payment than was asked of us. Find out which of the two the shopper agreed to before anything moves.',
		};
	}

	const gap = there.captured - refunded - (here.captured - here.refunded);
	if (gap > 0n) {
		return paidMoreThere(there, here, gap);
	}

	if (gap < 0n) {
		return paidMoreHere(there, here, -gap);
	}

	return openEnd(there, here);
}

/** The shopper has paid more by VTEX's books than by ours. */
function paidMoreThere(there: There, here: Here, gap: bigint): Difference {
	const missing = there.captured - here.captured;
	if (missing <= 0n) {
		return {
			kind: 'refunded-here',
			amount: gap,
			remedy: null,
			why: 'Refunded here, and VTEX knows nothing of it. If somebody refunded it by hand, nothing is to be done; else take it back with cards:adjust.',
		};
	}

	const amount = missing < gap ? missing : gap;
	return here.held >= amount
		? {
				...{kind: 'captured-there', amount, remedy: 'capture'},
				why: 'VTEX has captured it, and its settlement never arrived here.',
			}
		: {
				...{kind: 'captured-there', amount, remedy: null},
				why: 'VTEX has captured it, but it is not held here any more: it was released and may be spent. If the shop is owed it, take it with cards:adjust.',
			};
}

/** The shopper has paid more by our books than by VTEX's. */
function paidMoreHere(there: There, here: Here, gap: bigint): Difference {
	const owed = sumOf(there.refunds) - here.refunded;
	if (owed > 0n) {
		const amount = owed < gap ? owed : gap;
		return isOfRepeats(amount, there.refunds)
			? {
					...{kind: 'refund-repeated', amount, remedy: 'refund'},
					why: 'VTEX has refunded the same amount more than once, and its Hub does not send such a refund again.',
				}
			: {
					...{kind: 'refund-owed', amount, remedy: 'refund'},
					why: 'VTEX has refunded it, and its refund never arrived here.',
				};
	}

	return there.isOver
		? {
				...{kind: 'captured-here', amount: gap, remedy: 'refund'},
				why: 'Captured here, and VTEX has ended the payment without it: the shopper paid for nothing.',
			}
		: {
				...{kind: 'captured-here', amount: gap, remedy: null},
				why: 'Captured here, and not by VTEX, where the payment is still open: it may settle yet. Look at the order in the Admin.',
			};
}

/** Whether an amount is what is missing when refunds that have been made before are not made again. */
function isOfRepeats(amount: bigint, refunds: readonly bigint[]): boolean {
	return refunds.some(one => {
		const repeats = refunds.filter(other => other === one).length - 1;
		return one > 0n && amount % one === 0n && amount / one <= BigInt(repeats);
	});
}

/** Both have moved the same; what is left of it is held here, or is not. */
function openEnd(there: There, here: Here): Difference | undefined {
	if (there.isOver && here.held > 0n) {
		return there.isInvoiced && there.captured === 0n
			? {
					...{kind: 'closed-there', amount: here.held, remedy: null},
					why: 'VTEX has ended the payment and captured nothing, although the order was invoiced. Capture or release it, as the shop says.',
				}
			: {
					...{kind: 'closed-there', amount: here.held, remedy: 'release'},
					why: 'VTEX has ended the payment and asks nothing more of it; it is still held here.',
				};
	}

	const isReleased = here.held === 0n && here.captured === 0n && here.authorized > 0n;
	return !there.isOver && there.captured === 0n && isReleased
		? {
				kind: 'released-here',
				amount: here.authorized,
				remedy: null,
				why: 'Released here, and still open at VTEX: the shop may send goods that nobody pays. A settlement takes the value again if it is still there.',
			}
		: undefined;
}

/** The two sides count in different currencies, so that nothing else can be compared. */
export function inOtherCurrency({authorized: amount}: Here): Difference {
	return {
		...{kind: 'amount-differs', amount, remedy: null},
		why: 'VTEX has the order in another currency than was asked of us. No command is safe before it is known which of the two is right.',
	};
}

/** What VTEX has as paid with value of ours, and no hold of ours is for; undefined where nobody has paid anything. */
export function unknownHere(there: There): Difference | undefined {
	const paid = there.captured - sumOf(there.refunds);
	return there.isOver && paid <= 0n
		? undefined
		: {
				kind: 'unknown-here',
				amount: there.isOver ? paid : there.authorized,
				remedy: null,
				why: 'VTEX says that it was paid here, and nothing was taken for it. Find out whether the shopper got the goods; cards:adjust takes value.',
			};
}

const absences: Readonly<Record<Absence, string>> = {
	order: 'VTEX knows no such order',
	payment: 'VTEX has the order as paid without it',
	canceled: 'VTEX has canceled the order, which was not paid with it',
	unnamed: 'It names no order by which VTEX could be asked',
};
const endless: ReadonlySet<Absence> = new Set(['order', 'canceled']);

/** What is held or was taken here, and VTEX has nothing for; undefined where nothing was taken in the end. */
export function unknownThere(here: Here, absence: Absence): Difference | undefined {
	const paid = here.captured - here.refunded;
	if (here.held + paid <= 0n) {
		return undefined;
	}

	const common = {kind: 'unknown-there', amount: here.held + paid} as const;
	if (endless.has(absence) && here.captured === 0n) {
		return {...common, remedy: 'release', why: `${absences[absence]}, so that nothing will ever end it.`};
	}

	// A store may use gift cards as discounts; its orders then do not name them as payments.
	return {
		...common,
		remedy: null,
		why: `${absences[absence]}${here.captured > 0n ? ', and something was captured' : ''}. Look for it in the Admin before anything moves.`,
	};
}

/**
 * Whether a difference may still be on its way: VTEX repeats settlements and cancellations for a day (Payment Provider Protocol, 7).
 * @param lastMovedAt - when either side last changed, as far as is known
 */
export function isInFlight(lastMovedAt: Instant, now: Instant, graceMs: number): boolean {
	return now - lastMovedAt < graceMs;
}

const factors = [10n, 100n];

/** Two amounts that differ by exactly a factor of ten or a hundred were hardly both read in the right unit. */
function mixedUp(pairs: readonly (readonly [there: bigint, here: bigint])[]): Difference | undefined {
	const wrong = pairs.find(
		([there, here]) =>
			there > 0n && here > 0n && factors.some(factor => there === here * factor || here === there * factor),
	);
	return (
		wrong && {
			kind: 'unit-mixed-up',
			amount: magnitude(wrong[0] - wrong[1]),
			remedy: null,
			why: 'Looks like cents read as units, or the other way round. No command is safe: compare the amounts with the order by eye.',
		}
	);
}

const sumOf = (amounts: readonly bigint[]) => amounts.reduce((sum, amount) => sum + amount, 0n);
const magnitude = (amount: bigint) => (amount < 0n ? -amount : amount);
