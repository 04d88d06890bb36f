import {type PrismaClient} from '../../../src/db/client.ts';
import {accountNumbers} from '../../../src/ledger/chart.ts';
import {keySpaces, verbs} from '../../../src/ledger/commands.ts';
import {entryKinds} from '../../../src/ledger/entry.ts';
import {paymentStatusNumbers} from '../../../src/ledger/store/lock-payments.ts';
import {refusals} from '../../../src/ledger/refusals.ts';
import {cardChangeNumbers} from '../../../src/ledger/store/write-cards.ts';
import {type MemoryLedger} from './memory.ts';

/** The rows of a ledger by table, each as one line of text, sorted: equal when the ledgers are. */
export type Rows = Readonly<Record<string, readonly string[]>>;

type Value = string | number | bigint | boolean | null;

const line = (...values: readonly Value[]) =>
	values.map(value => (value === null ? '-' : String(value))).join(' ');
const statuses = {active: 1, blocked: 2, closed: 3};

/** The rows that the books of a story should have become. */
export function rowsOfMemory({books, record}: MemoryLedger): Rows {
	const cards = [...books.cards.values()];
	const entries = [...books.changes().entries];
	const rows = {
		cards: cards.map(card =>
			line(
				...[card.id, statuses[card.status], card.available, card.held, card.debt, card.version],
				...[card.expiresAt, card.forwardsTo],
			),
		),
		lots: cards.flatMap(card =>
			[...card.lots.values()].map(lot =>
				line(
					...[lot.id, card.id, accountNumbers[lot.origin], lot.issued, lot.remaining, lot.held],
					...[lot.remaining === 0n, lot.spendableFrom, lot.expiresAt, lot.parentId, lot.rootId, lot.owed],
				),
			),
		),
		hold_legs: [...books.holds.values()].flatMap(({id, legs}) =>
			legs.map(leg =>
				line(
					...[id, leg.number, leg.cardId, leg.value, leg.units],
					...[leg.rate?.numerator ?? null, leg.rate?.denominator ?? null],
					...[leg.captured, leg.released, leg.refunded],
				),
			),
		),
		entries: entries.map(entry =>
			line(entry.id, entryKinds[entry.kind], entry.at, entry.answers, entry.operationId),
		),
		postings: entries.flatMap(({id, postings}) =>
			postings.map(posting =>
				line(
					...[id, accountNumbers[posting.account], posting.cardId ?? 0],
					...[posting.amount, posting.balanceAfter, posting.version],
				),
			),
		),
		lot_movements: entries.flatMap(({id, movements}) =>
			movements.map(({lotId, leg, remainingDelta, heldDelta}) =>
				line(id, lotId, leg, remainingDelta, heldDelta),
			),
		),
		commands: record.decided.map(({command: {key}, remembered: {verb, amount, at, outcome}}) =>
			line(
				...[key.scope, keySpaces[key.space], key.key, verbs[verb], amount, at],
				outcome.kind === 'refused' ? refusals[outcome.refusal].number : null,
				...(outcome.kind === 'accepted' ? [outcome.id, outcome.moved] : [null, null]),
			),
		),
		payments: [...books.payments.values()].map(payment =>
			line(
				...[payment.paymentId, payment.tid],
				payment.status === 'new' ? null : paymentStatusNumbers[payment.status],
				payment.refusal === null ? null : refusals[payment.refusal].number,
				...[payment.value, payment.holdId, payment.cancellationId],
				...[payment.timedOutAt, payment.formerHoldId, payment.decidedAt],
			),
		),
		orders: [...books.orders.values()].map(order =>
			line(order.orderId, order.appliedVersion, order.earningId),
		),
		bookings: [...books.orders.values()].flatMap(({orderId, bookings}) =>
			[...bookings].map(([cardId, {units, forgone}]) => line(orderId, cardId, units, forgone)),
		),
		changes: record.cardChanges.map(({cardId, kind, reason, formerExpiresAt}) =>
			line(cardId, cardChangeNumbers[kind], reason, formerExpiresAt),
		),
	};
	return Object.fromEntries(Object.entries(rows).map(([table, lines]) => [table, lines.sort()]));
}

const ms = (column: string) => `(extract(epoch FROM ${column}) * 1000)::bigint`;
const columns: Readonly<Record<string, readonly [from: string, ...columns: string[]]>> = {
	cards: [
		'cards',
		...['id', 'status', 'available', 'held', 'debt', 'version', ms('expires_at'), 'forwards_to'],
	],
	lots: [
		'lots',
		...['id', 'card_id', 'origin', 'issued', 'remaining', 'held', 'spent::text'],
		...[ms('spendable_from'), ms('expires_at'), 'parent_id', 'root_id', 'owed'],
	],
	hold_legs: [
		'hold_legs',
		...['hold_id', 'leg', 'card_id', 'value', 'units', 'rate_numerator', 'rate_denominator'],
		...['captured', 'released', 'refunded'],
	],
	payments: [
		'payments',
		...['payment_id', 'tid', 'status', 'refusal', 'value', 'hold_id', 'cancellation_id'],
		...[ms('timed_out_at'), 'former_hold_id', ms('decided_at')],
	],
	entries: ['entries', 'id', 'kind', ms('occurred_at'), 'answers', 'operation_id'],
	postings: ['postings', 'entry_id', 'account', 'card_id', 'amount', 'balance_after', 'version'],
	lot_movements: ['lot_movements', 'entry_id', 'lot_id', 'leg', 'remaining_delta', 'held_delta'],
	commands: [
		'commands',
		...['scope', 'space', 'key', 'verb', 'amount', ms('decided_at'), 'refusal', 'outcome_id', 'moved'],
	],
	orders: ['orders', 'order_id', 'applied_version', 'earning_id'],
	bookings: ['order_bookings', 'order_id', 'card_id', 'units', 'forgone'],
	changes: ['card_changes', 'card_id', 'kind', 'reason', ms('former_expires_at')],
};

/** The rows of one merchant's ledger as they stand in the database. */
export async function rowsOfDatabase(prisma: PrismaClient, merchantId: number): Promise<Rows> {
	const tables = Object.entries(columns).map(async ([name, [table, ...values]]) => {
		const text = values.map(value => `coalesce((${value})::text, '-')`).join(', ');
		const rows = await prisma.$queryRawUnsafe<{line: string}[]>(
			`SELECT concat_ws(' ', ${text}) AS line FROM ${table} WHERE merchant_id = $1`,
			merchantId,
		);
		return [name, rows.map(row => row.line).sort()] as const;
	});
	return Object.fromEntries(await Promise.all(tables));
}
