import {type Outcome} from './batch.ts';
import {cardsOf, type Command} from './commands.ts';

/** The service cannot take the command now, or could not finish it in time. Sending it again is safe and right. */
export class OverloadedError extends Error {
	/** For the header Retry-After. */
	readonly retryAfterSeconds: number;

	constructor(message: string, options: ErrorOptions & {readonly retryAfterSeconds?: number} = {}) {
		super(message, options);
		this.name = 'OverloadedError';
		this.retryAfterSeconds = options.retryAfterSeconds ?? 1;
	}
}

/** A command on its way through the writer, and how to answer it. */
export type Waiting = {
	readonly command: Command;
	readonly deadline: number;
	/** An AbortSignal, or whatever else says that nobody waits any more. */
	readonly signal: {readonly aborted: boolean} | undefined;
	readonly resolve: (outcome: Outcome) => void;
	readonly reject: (error: unknown) => void;
};

/** Those that are still worth doing; the others are told so. Nobody waits for a client that is gone (B3). */
export function withoutLate(batch: readonly Waiting[]): Waiting[] {
	const now = performance.now();
	return batch.filter(({deadline, signal, reject}) => {
		const isLate = now > deadline || signal?.aborted === true;
		if (isLate) {
			reject(
				new OverloadedError('The request could not be finished in time; send it again under the same id.'),
			);
		}

		return !isLate;
	});
}

/** The rows that a command locks, as text that tells cards, payments and orders apart. */
export function rowsOf(command: Command): string[] {
	const cards = cardsOf(command).map(rowOfCard);
	if (command.verb === 'earn') {
		return [rowOfOrder(command.orderId), ...cards];
	}

	return 'payment' in command ? [rowOfPayment(command.payment.paymentId), ...cards] : cards;
}

export function rowOfCard(id: string): string {
	return `card ${id}`;
}

export function rowOfOrder(orderId: string): string {
	return `order ${orderId}`;
}

export function rowOfPayment(paymentId: string): string {
	return `payment ${paymentId}`;
}

/** Whether a command wants a card, payment or order that one of those wants, too. */
export function meetsAny(command: Command, others: readonly Waiting[]): boolean {
	const rows = others.length === 0 ? [] : rowsOf(command);
	return others.some(other => rowsOf(other.command).some(row => rows.includes(row)));
}

/**
 * Which commands of a batch that met a lock may go on. When everything looks free, somebody is making a payment's or an order's row
 * that nobody can see yet: then all commands of payments and orders wait, and hold nobody else up.
 */
export function freeAmong(
	free: ReadonlySet<string>,
	batch: readonly Waiting[],
): (waiting: Waiting) => boolean {
	const isFree = ({command}: Waiting) => rowsOf(command).every(row => free.has(row));
	return batch.every(isFree) ? ({command}) => !hasRoot(command) : isFree;
}

function hasRoot(command: Command): boolean {
	return 'payment' in command || command.verb === 'earn';
}

/** Groups of commands that have no card and no root in common, each in the order of arrival. */
export function groupByRow(batch: readonly Waiting[]): Waiting[][] {
	const groups = new Map<string, Set<Waiting>>();
	for (const waiting of batch) {
		const rows = rowsOf(waiting.command);
		const met = new Set(rows.flatMap(row => groups.get(row) ?? []));
		const group = new Set([waiting, ...[...met].flatMap(other => [...other])]);
		for (const row of [...group].flatMap(({command}) => rowsOf(command))) {
			groups.set(row, group);
		}
	}

	return [...new Set(groups.values())].map(group => batch.filter(waiting => group.has(waiting)));
}
