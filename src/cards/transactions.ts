import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {accountNumbers} from '../ledger/chart.ts';
import {entryKinds} from '../ledger/entry.ts';
import {ms} from '../ledger/store/rows.ts';

/** A debit (an authorization) or a credit of a card. The value is minor units of a currency, whatever the card gave for it. */
export type CardTransaction = {
	/** A UUID: of the hold, or of the credit's entry. */
	readonly id: string;
	readonly kind: 'debit' | 'credit';
	/** The currency's row. */
	readonly assetId: number;
	readonly value: bigint;
	readonly at: Instant;
	readonly requestId: string | null;
	readonly description: string | null;
};

/** What a settlement or cancellation really moved (A9). `id` is its `oid`, a UUID. */
export type CardOperation = {readonly id: string; readonly value: bigint; readonly at: Instant};

export type CardTransactions = {
	/** Ids (UUIDs) of the card's latest transactions, at most `transactionsMax`, in the order of its history (B14). */
	readonly list: (merchantId: number, cardId: string) => Promise<string[]>;
	/** Undefined where the card has no such transaction, also when another card has it. */
	readonly find: (merchantId: number, cardId: string, id: string) => Promise<CardTransaction | undefined>;
	/** In the order of the card's history. */
	readonly settlements: (merchantId: number, transactionId: string) => Promise<CardOperation[]>;
	/** Releases, refunds and reversed credits; those that one request made together count as one (A9). */
	readonly cancellations: (merchantId: number, transactionId: string) => Promise<CardOperation[]>;
};

/** A list of transactions ends here; VTEX's protocol has no pages for it, and no flow of VTEX's asks for it. */
export const transactionsMax = 1000;

const {credit, authorize, capture, release, refund, reverseCredit} = entryKinds;
const {available, held, committed, redeemed} = accountNumbers;
// The source of a hold that a payment made.
const payment = 2;

// Along the card's history, backwards, so that a card with very many transactions costs no more than those shown. A hold
// of a payment is no transaction of this protocol.
const listSql = `SELECT json_agg(id ORDER BY version)::text AS rows FROM (
	SELECT e.id, p.version FROM postings p JOIN entries e ON e.merchant_id = p.merchant_id AND e.id = p.entry_id
	WHERE p.merchant_id = $1::int AND p.card_id = $2::bigint AND p.card_id <> 0 AND p.account = ${available}
		AND e.kind IN (${authorize}, ${credit})
		AND NOT EXISTS (SELECT FROM holds h WHERE h.merchant_id = e.merchant_id AND h.id = e.id AND h.source = ${payment})
	ORDER BY p.version DESC LIMIT ${transactionsMax}
) latest`;

type TransactionRow = [
	id: string,
	kind: number,
	assetId: number,
	value: string,
	at: Instant,
	requestId: string | null,
	description: string | null,
];
const findSql = `SELECT json_agg(json_build_array(e.id, e.kind, coalesce(leg.currency_id, p.asset_id), coalesce(leg.value, p.amount)::text, ${ms('e.occurred_at')},
		coalesce(h.request_id, n.request_id), coalesce(h.description, n.description)))::text AS rows
	FROM entries e JOIN postings p ON p.merchant_id = e.merchant_id AND p.entry_id = e.id AND p.account = ${available}
		AND p.card_id = $2::bigint
	LEFT JOIN holds h ON h.merchant_id = e.merchant_id AND h.id = e.id
	LEFT JOIN hold_legs leg ON leg.merchant_id = e.merchant_id AND leg.hold_id = e.id AND leg.card_id = p.card_id
	LEFT JOIN entry_notes n ON n.merchant_id = e.merchant_id AND n.entry_id = e.id
	WHERE e.merchant_id = $1::int AND e.id = $3::uuid AND e.kind IN (${authorize}, ${credit}) AND h.source IS DISTINCT FROM ${payment}`;

type OperationRow = [id: string, value: string, at: Instant];

/**
 * The entries of some kinds that answer a transaction, and what each moved. Of a hold of points the currency's side says so: what the
 * books had committed for it. In the order of the card's history; a step that moved no point (A5) has no place in that.
 */
function operationsSql(kinds: readonly number[], account: number): string {
	return `SELECT json_agg(json_build_array(id, value::text, at) ORDER BY version, at, id)::text AS rows FROM (
		SELECT operation_id AS id, sum(coalesce(currency_value, card_value)) AS value, min(at) AS at, min(version) AS version FROM (
			SELECT coalesce(e.operation_id, e.id) AS operation_id, min(${ms('e.occurred_at')}) AS at, min(p.version) AS version,
				sum(-p.amount) FILTER (WHERE p.account IN (${committed}, ${redeemed}) AND p.amount < 0) AS currency_value,
				sum(abs(p.amount)) FILTER (WHERE p.account = ${account}) AS card_value
			FROM entries e JOIN postings p ON p.merchant_id = e.merchant_id AND p.entry_id = e.id
			WHERE e.merchant_id = $1::int AND e.answers = $2::uuid AND e.kind IN (${kinds.join(', ')})
			GROUP BY e.id, coalesce(e.operation_id, e.id)
		) entry GROUP BY operation_id
	) operation`;
}

const settlementsSql = operationsSql([capture], held);
const cancellationsSql = operationsSql([release, refund, reverseCredit], available);

/** The history of single cards as VTEX sees it, always as the database has it. */
export function openCardTransactions(prisma: PrismaClient): CardTransactions {
	const rowsOf = async <Row>(sql: string, ...args: readonly unknown[]): Promise<Row[]> => {
		const [{rows}] = await prisma.$queryRawUnsafe<[{rows: string | null}]>(sql, ...args);
		return JSON.parse(rows ?? '[]') as Row[];
	};
	const operationsOf = async (sql: string, merchantId: number, transactionId: string) => {
		const rows = await rowsOf<OperationRow>(sql, merchantId, transactionId);
		return rows.map(([id, value, at]): CardOperation => ({id, value: BigInt(value), at}));
	};

	return {
		list: (merchantId, cardId) => rowsOf(listSql, merchantId, cardId),
		async find(merchantId, cardId, id) {
			const [row] = await rowsOf<TransactionRow>(findSql, merchantId, cardId, id);
			return row === undefined ? undefined : transactionOf(row);
		},
		settlements: (merchantId, transactionId) => operationsOf(settlementsSql, merchantId, transactionId),
		cancellations: (merchantId, transactionId) => operationsOf(cancellationsSql, merchantId, transactionId),
	};
}

function transactionOf([
	id,
	kind,
	assetId,
	value,
	at,
	requestId,
	description,
]: TransactionRow): CardTransaction {
	return {
		id,
		kind: kind === credit ? 'credit' : 'debit',
		assetId,
		value: BigInt(value),
		at,
		requestId,
		description,
	};
}
