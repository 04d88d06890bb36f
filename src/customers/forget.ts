import {storedOwner} from '../cards/issue-run.ts';
import {type Prisma} from '../db/client.ts';
import {plainArray} from '../ledger/store/arrays.ts';

/*
 * Where personal data stands besides customers, and what an erasure makes of it (B9). The books keep what is counted and surrogate ids; a test
 * knows every text column of the database and wants to be told why a new one may stay (docs/decisions/0018-what-erasing-keeps.md).
 */

/** Who is forgotten: parameters $1 to $4 of the statements below. */
export type Forgotten = {
	readonly merchantId: number;
	/** Numbers of the customer and of those who became the customer. */
	readonly family: readonly string[];
	/** Why they are: notes that say the same are of the erasure itself, and stay. */
	readonly reason: string;
};

const cards = 'SELECT id FROM cards WHERE merchant_id = $1::int AND owner_id = ANY ($2::bigint[])';

// All that ever happened to the cards; an authorization's entry has the id of its hold.
const entries = `SELECT DISTINCT p.entry_id FROM postings p
	WHERE p.merchant_id = $1::int AND p.card_id <> 0 AND p.card_id IN (${cards})`;

// A hold of a payment is noted under the payment's id; a payment that timed out and was settled late has a second one.
const payments = `SELECT payment_id FROM payments WHERE merchant_id = $1::int AND customer_id = ANY ($2::bigint[])
	UNION
	SELECT p.payment_id FROM holds h JOIN payments p
		ON p.merchant_id = h.merchant_id AND p.payment_id = h.request_id AND h.id IN (p.hold_id, p.former_hold_id)
	WHERE h.merchant_id = $1::int AND h.source = 2 AND h.id IN (${entries})`;

/** How many payments of some customers wait for an answer, and how many of their callbacks for VTEX. */
export const openPaymentsSql = `WITH theirs AS (${payments})
	SELECT (SELECT count(*) FROM payments p JOIN theirs USING (payment_id) WHERE p.merchant_id = $1::int AND p.status = 1)::int AS payments,
		(SELECT count(*) FROM callbacks c JOIN theirs USING (payment_id) WHERE c.merchant_id = $1::int AND c.status = 1)::int AS callbacks`;

// In an order in which what leads somewhere is erased after what it leads to.
const statements: readonly string[] = [
	// What VTEX said about payments, but not which there were, over how much, and how they ended.
	`UPDATE payment_requests SET request_id = NULL, particulars = '{}' WHERE merchant_id = $1::int AND payment_id IN (${payments})`,
	`UPDATE callbacks SET problem = NULL WHERE merchant_id = $1::int AND payment_id IN (${payments})`,
	`UPDATE payments SET order_id = NULL, reference = NULL, transaction_id = NULL, callback_url = NULL, return_url = NULL,
		page_hash = NULL, page_until = NULL, particulars = '{}' WHERE merchant_id = $1::int AND payment_id IN (${payments})`,
	// What was said about entries and holds. The order's id leads to the shopper's name and address in the store.
	`UPDATE holds SET order_id = NULL, request_id = NULL, description = NULL WHERE merchant_id = $1::int AND id IN (${entries})`,
	// Its code says why something was done, and to nobody.
	`UPDATE entry_notes SET order_id = NULL, request_id = NULL, description = NULL, reason = NULL
		WHERE merchant_id = $1::int AND entry_id IN (${entries}) AND reason IS DISTINCT FROM $3::text AND reason_code IS NOT NULL`,
	`DELETE FROM entry_notes
		WHERE merchant_id = $1::int AND entry_id IN (${entries}) AND reason IS DISTINCT FROM $3::text AND reason_code IS NULL`,
	// Captions are what a giver wrote; relation names are the store's, and may be a person's.
	`UPDATE cards SET caption = NULL, relation_name = NULL WHERE merchant_id = $1::int AND id IN (${cards})`,
	`UPDATE card_changes SET reason = '' WHERE merchant_id = $1::int AND card_id IN (${cards}) AND reason <> $3::text`,
	// People choose dates of birth.
	`DELETE FROM card_pins WHERE merchant_id = $1::int AND card_id IN (${cards})`,
	// A run of cards for the customer knows their caption; repeated it would make its codes again.
	`UPDATE issue_runs SET parameters = '{}', seed = NULL, completed_at = coalesce(completed_at, now())
		WHERE merchant_id = $1::int AND EXISTS (
			SELECT FROM unnest($2::bigint[]) AS id WHERE strpos(parameters, replace('${storedOwner('?')}', '?', id::text)) > 0)`,
	`UPDATE customer_changes SET reason = '' WHERE merchant_id = $1::int AND customer_id = ANY ($2::bigint[])`,
	`DELETE FROM customer_identifiers WHERE merchant_id = $1::int AND customer_id = ANY ($2::bigint[])`,
];

/** Remove all that says who some customers were, within a transaction of the caller's. */
export async function forget(
	tx: Prisma.TransactionClient,
	{merchantId, family, reason}: Forgotten,
): Promise<void> {
	for (const statement of statements) {
		const args = [merchantId, plainArray(family), ...(statement.includes('$3') ? [reason] : [])];
		await tx.$executeRawUnsafe(statement, ...args);
	}
}
