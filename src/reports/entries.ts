import {type Database} from '../db/client.ts';
import {inSnapshot} from '../db/snapshot.ts';
import {type Instant} from '../ledger/calendar.ts';
import {type Account, accountNumbers, accountOf} from '../ledger/chart.ts';
import {type EntryKind, entryKindOf} from '../ledger/entry.ts';
import {type ReasonCode, reasonCodeOf, reasonNumberOf} from '../ledger/reasons.ts';
import {ms} from '../ledger/store/rows.ts';

export type EntriesWish = {
	readonly merchantId: number;
	/** Entries that were recorded then or later. */
	readonly from?: Instant | undefined;
	/** Entries that were recorded then or before. */
	readonly to?: Instant | undefined;
	/** Only postings on one card, by its row. */
	readonly cardId?: string | undefined;
	readonly account?: Account | undefined;
	/** Only entries of which it was noted. */
	readonly reasonCode?: ReasonCode | undefined;
};

/** A posting, with the entry that it belongs to. Amounts are minor units of its asset: + into the account, - out of it. */
export type ListedPosting = {
	/** UUIDs: of the entry, of the command's first entry, and of the hold or credit that is answered. */
	readonly entryId: string;
	readonly operationId: string | null;
	readonly answers: string | null;
	readonly kind: EntryKind;
	readonly occurredAt: Instant;
	readonly recordedAt: Instant;
	readonly account: Account;
	/** The public id (a UUID) of the card; null for the merchant's own accounts. */
	readonly card: string | null;
	readonly assetId: number;
	readonly amount: bigint;
	/** What stood on the account of the card afterwards; null for the merchant's own. */
	readonly balanceAfter: bigint | null;
	readonly actor: string;
	readonly orderId: string | null;
	readonly requestId: string | null;
	readonly reason: string | null;
	readonly reasonCode: ReasonCode | null;
};

type PostingRow = [
	account: number,
	card: string | null,
	assetId: number,
	amount: string,
	balanceAfter: string | null,
];
type Row = [
	id: string,
	kind: number,
	occurredAt: Instant,
	recordedAt: Instant,
	answers: string | null,
	operationId: string | null,
	actorId: number,
	orderId: string | null,
	requestId: string | null,
	reason: string | null,
	reasonCode: number | null,
	postings: PostingRow[] | null,
];

// An id begins with the millisecond in which it was made, so the primary key is the order of recording, and nothing has to be sorted.
// What a period leaves out is passed over there: ids follow the clocks of several processes, and a line that a clock hides would be missed.
const journalSql = 'entries e WHERE e.merchant_id = $1::int';
const cardSql = `(
		SELECT DISTINCT entry_id FROM postings WHERE merchant_id = $1::int AND card_id = $4::bigint AND card_id <> 0
	) touched JOIN entries e ON e.merchant_id = $1::int AND e.id = touched.entry_id WHERE true`;

// A hold says itself what was said about it; what answers it belongs to the same order.
const sqlOf = (
	source: string,
) => `SELECT json_build_array(e.id, e.kind, ${ms('e.occurred_at')}, ${ms('e.recorded_at')}, e.answers,
		e.operation_id, e.actor_id, coalesce(n.order_id, h.order_id),
		coalesce(n.request_id, CASE WHEN e.answers IS NULL THEN h.request_id END), n.reason, n.reason_code, (
			SELECT json_agg(json_build_array(p.account, c.public_id, p.asset_id, p.amount::text, p.balance_after::text)
				ORDER BY p.account, p.card_id, p.asset_id)
			FROM postings p LEFT JOIN cards c ON c.merchant_id = p.merchant_id AND c.id = p.card_id AND p.card_id <> 0
			WHERE p.merchant_id = e.merchant_id AND p.entry_id = e.id
				AND ($4::bigint IS NULL OR p.card_id = $4::bigint) AND ($5::smallint IS NULL OR p.account = $5::smallint)
		))::text
	FROM (SELECT e.* FROM ${source}
		AND ($2::timestamptz IS NULL OR e.recorded_at >= $2::timestamptz) AND ($3::timestamptz IS NULL OR e.recorded_at <= $3::timestamptz)
	) e
	LEFT JOIN entry_notes n ON n.merchant_id = e.merchant_id AND n.entry_id = e.id
	LEFT JOIN holds h ON h.merchant_id = e.merchant_id AND h.id = coalesce(e.answers, e.id)
	WHERE $6::smallint IS NULL OR n.reason_code = $6::smallint
	ORDER BY e.id`;
const ofJournal = sqlOf(journalSql);
const ofCard = sqlOf(cardSql);

const actorsSql = 'SELECT json_build_array(id, name)::text FROM actors WHERE merchant_id = $1::int';

/**
 * The journal, posting by posting, in the order of the entries' ids: that in which they were recorded, as near as the clocks of the
 * processes that wrote them agree. It is what was committed when the reading began; an entry that was then under way comes with a later
 * export, and may stand before the last ones of this. What has been exported never changes, but for what an erasure removes (B9).
 *
 * @param onPostings - told of some postings at a time, and waited for; memory is that of those
 */
export async function readEntries(
	pool: Database['pool'],
	{merchantId, from, to, cardId, account, reasonCode}: EntriesWish,
	onPostings: (postings: readonly ListedPosting[]) => Promise<void>,
): Promise<void> {
	const dateOf = (at: Instant | undefined) => (at === undefined ? null : new Date(at).toISOString());
	const accountNumber = account === undefined ? null : accountNumbers[account];
	const codeNumber = reasonNumberOf(reasonCode ?? null);
	const args = [merchantId, dateOf(from), dateOf(to), cardId ?? null, accountNumber, codeNumber];
	await inSnapshot(pool, async ({all, pages}) => {
		const actors = new Map(await all<readonly [number, string]>(actorsSql, [merchantId]));
		for await (const page of pages<Row>(cardId === undefined ? ofJournal : ofCard, args)) {
			await onPostings(page.flatMap(row => postingsOf(row, actors)));
		}
	});
}

function postingsOf(
	[
		entryId,
		kind,
		occurredAt,
		recordedAt,
		answers,
		operationId,
		actorId,
		orderId,
		requestId,
		reason,
		reasonCode,
		postings,
	]: Row,
	actors: ReadonlyMap<number, string>,
): ListedPosting[] {
	const entry = {
		...{entryId, operationId, answers, kind: entryKindOf(kind), occurredAt, recordedAt},
		...{actor: actors.get(actorId) ?? 'unknown', orderId, requestId},
		...{reason, reasonCode: reasonCodeOf(reasonCode)},
	};
	return (postings ?? []).map(([account, card, assetId, amount, balanceAfter]) => ({
		...entry,
		account: accountOf(account),
		card,
		assetId,
		amount: BigInt(amount),
		balanceAfter: balanceAfter === null ? null : BigInt(balanceAfter),
	}));
}
