import {familyOf} from '../customers/survivor.ts';
import {type Database} from '../db/client.ts';
import {inSnapshot, type Snapshot} from '../db/snapshot.ts';
import {type Instant} from '../ledger/calendar.ts';
import {accountNumbers} from '../ledger/chart.ts';
import {type EntryKind, entryKindOf, entryKinds} from '../ledger/entry.ts';
import {reasonCodeOf} from '../ledger/reasons.ts';
import {plainArray} from '../ledger/store/arrays.ts';
import {ms} from '../ledger/store/rows.ts';
import {type StatementLine} from './statement.ts';

export type CustomerStatementWish = {
	readonly merchantId: number;
	/** The customer's number; who became that customer belongs to them. */
	readonly customerId: string;
	/** Entries from then on, after a line that says what there was before. Without it, all of them. */
	readonly from?: Instant | undefined;
	/** Entries until then. */
	readonly until?: Instant | undefined;
	/** Only what is counted in these, by row. */
	readonly assetIds?: readonly number[] | undefined;
};

/**
 * What an entry did to a card of the customer. `balance` and `held` are of all cards of the customer in this asset together, after the line;
 * an `opening` has nothing but them.
 */
export type CustomerLine = Omit<StatementLine, 'entryId' | 'kind'> & {
	readonly entryId: string | null;
	readonly kind: EntryKind | 'opening';
	readonly assetId: number;
	/** The public id (a UUID) of the card. */
	readonly card: string | null;
	readonly isWallet: boolean;
	/** Value that went from one card of the customer to another, as when customers are merged: its two lines cancel out. */
	readonly isWithin: boolean;
};

type Row = [
	entryId: string,
	kind: number,
	occurredAt: Instant,
	card: string,
	isWallet: boolean,
	assetId: number,
	amount: string,
	heldAmount: string,
	answers: string | null,
	orderId: string | null,
	requestId: string | null,
	actor: string | null,
	reason: string | null,
	reasonCode: number | null,
	other: [card: string, isOwn: boolean] | null,
];

type OpeningRow = [assetId: number, balance: string, held: string];

const {available, held} = accountNumbers;

// Of the cards of some owners, by way of the index of each card's history.
const touchedSql = `SELECT p.merchant_id, p.entry_id, c.id AS card_id, c.public_id, c.is_wallet, c.asset_id,
		coalesce(sum(p.amount) FILTER (WHERE p.account = ${available}), 0) AS amount,
		coalesce(sum(p.amount) FILTER (WHERE p.account = ${held}), 0) AS held_amount
	FROM cards c JOIN postings p ON p.merchant_id = c.merchant_id AND p.card_id = c.id AND p.card_id <> 0 AND p.account IN (${available}, ${held})
	WHERE c.merchant_id = $1::int AND c.owner_id = ANY ($2::bigint[]) AND ($3::int[] IS NULL OR c.asset_id = ANY ($3::int[]))
	GROUP BY c.id, c.public_id, c.is_wallet, c.asset_id, p.merchant_id, p.entry_id`;

const openingSql = `SELECT json_build_array(t.asset_id, sum(t.amount)::text, sum(t.held_amount)::text)::text
	FROM (${touchedSql}) t JOIN entries e ON e.merchant_id = t.merchant_id AND e.id = t.entry_id
	WHERE e.occurred_at < $4::timestamptz GROUP BY t.asset_id ORDER BY t.asset_id`;

// What leaves a card comes before what arrives on another by the same entry. A hold says itself what was said about it; what answers it
// belongs to the same order.
const linesSql = `SELECT json_build_array(e.id, e.kind, ${ms('e.occurred_at')}, t.public_id, t.is_wallet, t.asset_id, t.amount::text,
		t.held_amount::text, e.answers, coalesce(n.order_id, h.order_id),
		coalesce(n.request_id, CASE WHEN e.answers IS NULL THEN h.request_id END), a.name, n.reason, n.reason_code,
		CASE WHEN e.kind = ${entryKinds.transfer} THEN (
			SELECT json_build_array(c.public_id, coalesce(c.owner_id = ANY ($2::bigint[]), false))
			FROM postings p JOIN cards c ON c.merchant_id = p.merchant_id AND c.id = p.card_id
			WHERE p.merchant_id = e.merchant_id AND p.entry_id = e.id AND p.card_id NOT IN (0, t.card_id) LIMIT 1
		) END)::text
	FROM (${touchedSql}) t
	JOIN entries e ON e.merchant_id = t.merchant_id AND e.id = t.entry_id
	LEFT JOIN entry_notes n ON n.merchant_id = e.merchant_id AND n.entry_id = e.id
	LEFT JOIN holds h ON h.merchant_id = e.merchant_id AND h.id = coalesce(e.answers, e.id)
	LEFT JOIN actors a ON a.merchant_id = e.merchant_id AND a.id = e.actor_id
	WHERE ($4::timestamptz IS NULL OR e.occurred_at >= $4::timestamptz) AND ($5::timestamptz IS NULL OR e.occurred_at <= $5::timestamptz)
	ORDER BY t.asset_id, e.occurred_at, e.id, t.amount, t.card_id`;

/**
 * Everything that happened to a customer's cards and wallets, asset by asset, each in the order of time, with what the customer had after
 * it: value that moves between two cards of the customer changes nothing of that. As they stand at one moment.
 *
 * @param onLines - told of some lines at a time, and waited for; memory is that of those
 */
export async function readCustomerStatement(
	{prisma, pool}: {readonly prisma: Database['prisma']; readonly pool: Database['pool']},
	{merchantId, customerId, from, until, assetIds}: CustomerStatementWish,
	onLines: (lines: readonly CustomerLine[]) => Promise<void>,
): Promise<void> {
	const dateOf = (at: Instant | undefined) => (at === undefined ? null : new Date(at).toISOString());
	const family = plainArray(await familyOf(prisma, merchantId, customerId));
	const args = [merchantId, family, assetIds === undefined ? null : plainArray(assetIds)];
	await inSnapshot(pool, async snapshot => {
		const running = new Running(from, await openingsOf(snapshot, args, dateOf(from)));
		for await (const page of snapshot.pages<Row>(linesSql, [...args, dateOf(from), dateOf(until)])) {
			await onLines(page.flatMap(row => running.after(row)));
		}

		await onLines(running.rest());
	});
}

async function openingsOf(
	{all}: Snapshot,
	args: readonly unknown[],
	from: string | null,
): Promise<readonly OpeningRow[]> {
	return from === null ? [] : all<OpeningRow>(openingSql, [...args, from]);
}

/** What a customer has in the asset at hand. Assets come one after the other. */
class Running {
	readonly #from: Instant | undefined;
	/** Of assets that have not come yet, by row. */
	readonly #openings: OpeningRow[];
	#assetId: number | undefined;
	#balance = 0n;
	#held = 0n;

	constructor(from: Instant | undefined, openings: readonly OpeningRow[]) {
		this.#from = from;
		this.#openings = [...openings];
	}

	/** The line of an entry, behind the openings that come before it. */
	after([entryId, kind, occurredAt, card, isWallet, assetId, ...row]: Row): CustomerLine[] {
		const openings = assetId === this.#assetId ? [] : this.#open(assetId);
		const [amount, heldAmount, answers, orderId, requestId, actor, reason, reasonCode, other] = row;
		this.#balance += BigInt(amount);
		this.#held += BigInt(heldAmount);
		const line: CustomerLine = {
			...{entryId, kind: entryKindOf(kind), occurredAt, assetId, card, isWallet},
			...{amount: BigInt(amount), balance: this.#balance, heldAmount: BigInt(heldAmount), held: this.#held},
			...{answers, orderId, requestId, actor: actor ?? 'unknown'},
			...{reason, reasonCode: reasonCodeOf(reasonCode)},
			...{otherCard: other?.[0] ?? null, isWithin: other?.[1] ?? false},
		};
		return [...openings, line];
	}

	/** Openings of assets in which nothing has happened since. */
	rest(): CustomerLine[] {
		return this.#openings.splice(0).flatMap(row => this.#opening(row));
	}

	#open(assetId: number): CustomerLine[] {
		const next = this.#openings.findIndex(([id]) => id >= assetId);
		const passed = this.#openings.splice(0, next < 0 ? this.#openings.length : next);
		const [own] = this.#openings[0]?.[0] === assetId ? this.#openings.splice(0, 1) : [];
		const lines = [...passed, own ?? ([assetId, '0', '0'] as const)].flatMap(row => this.#opening([...row]));
		this.#assetId = assetId;
		return lines;
	}

	#opening([assetId, balance, heldBalance]: OpeningRow): CustomerLine[] {
		this.#balance = BigInt(balance);
		this.#held = BigInt(heldBalance);
		return this.#from === undefined
			? []
			: [
					{
						...{entryId: null, kind: 'opening', occurredAt: this.#from, assetId, card: null, isWallet: false},
						...{amount: 0n, balance: this.#balance, heldAmount: 0n, held: this.#held, answers: null},
						...{orderId: null, requestId: null, actor: '', reason: null, reasonCode: null},
						...{otherCard: null, isWithin: false},
					},
				];
	}
}
