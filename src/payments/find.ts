import {type PrismaClient} from '../db/client.ts';
import {coalesce} from '../db/coalesce.ts';
import {type Instant} from '../ledger/calendar.ts';
import {type PaymentParticulars} from '../ledger/commands.ts';
import {refusalOf} from '../ledger/refusals.ts';
import {textArray} from '../ledger/store/arrays.ts';
import {paymentStatusNumbers, paymentWayNumbers} from '../ledger/store/lock-payments.ts';
import {ms} from '../ledger/store/rows.ts';
import {type Merchant, merchantColumns} from '../merchants/merchant.ts';
import {type Payment} from './payment.ts';

/** Payments always as the database has them: nothing is kept. */
export type PaymentReader = {
	readonly find: (merchantId: number, paymentId: string) => Promise<Payment | undefined>;
	/** @param pageHash - SHA-256 of the secret in the address of its page */
	readonly findByPage: (
		pageHash: Buffer,
	) => Promise<{readonly payment: Payment; readonly merchant: Merchant} | undefined>;
};

type ParticularsRow = [
	method: string,
	orderId: string | null,
	reference: string | null,
	transactionId: string | null,
	callbackUrl: string | null,
	returnUrl: string | null,
	delayToAutoSettle: number,
	delayAfterAntifraud: number,
	delayToCancel: number,
	customerId: string | null,
	pageHash: string | null,
	pageUntil: Instant | null,
	particulars: string,
];

type PaymentRow = [
	paymentId: string,
	tid: string,
	status: number,
	refusal: number | null,
	way: number | null,
	assetId: number | null,
	value: string | null,
	holdId: string | null,
	cardIds: string[] | null,
	captured: string | null,
	released: string | null,
	refunded: string | null,
	cancellationId: string | null,
	concludeAt: Instant | null,
	concludeApproved: boolean | null,
	createdAt: Instant,
	particulars: ParticularsRow | null,
];

const findSql = `SELECT json_agg(json_build_array(p.payment_id, p.tid, p.status, p.refusal, p.way, p.asset_id, p.value::text, p.hold_id,
		legs.cards, legs.captured, legs.released, legs.refunded, p.cancellation_id, ${ms('p.conclude_at')}, p.conclude_approved, ${ms('p.created_at')},
		CASE WHEN p.method IS NOT NULL THEN json_build_array(p.method, p.order_id, p.reference, p.transaction_id, p.callback_url, p.return_url,
			p.delay_to_auto_settle, p.delay_after_antifraud, p.delay_to_cancel, p.customer_id::text, encode(p.page_hash, 'hex'),
			${ms('p.page_until')}, p.particulars::text) END))::text AS payments
	FROM payments p
	LEFT JOIN LATERAL (
		SELECT json_agg(card_id::text ORDER BY leg) AS cards, sum(captured)::text AS captured, sum(released)::text AS released,
			sum(refunded)::text AS refunded
		FROM hold_legs WHERE hold_legs.merchant_id = p.merchant_id AND hold_legs.hold_id = p.hold_id
	) legs ON true
	WHERE p.merchant_id = $1::int AND p.payment_id = ANY ($2::text[])`;

export function openPaymentReader(prisma: PrismaClient): PaymentReader {
	const find = coalesce(async (merchantId, paymentIds: readonly string[]) => {
		const [row] = await prisma.$queryRawUnsafe<[{payments: string | null}]>(
			findSql,
			merchantId,
			textArray([...new Set(paymentIds)]),
		);
		const payments = (JSON.parse(row.payments ?? '[]') as PaymentRow[]).map(one =>
			paymentOf(merchantId, one),
		);
		const found = new Map(payments.map(payment => [payment.paymentId, payment]));
		return paymentIds.map(paymentId => found.get(paymentId));
	});

	return {
		find,
		async findByPage(pageHash) {
			// Merchants are few; asking each keeps to the index.
			const [row] = await prisma.$queryRaw<{merchantId: number; paymentId: string}[]>`
				SELECT p.merchant_id AS "merchantId", p.payment_id AS "paymentId"
				FROM merchants m JOIN payments p ON p.merchant_id = m.id AND p.page_hash = ${pageHash}::bytea`;
			if (row === undefined) {
				return undefined;
			}

			const [payment, merchant] = await Promise.all([
				find(row.merchantId, row.paymentId),
				prisma.merchant.findUniqueOrThrow({where: {id: row.merchantId}, select: merchantColumns}),
			]);
			return payment === undefined ? undefined : {payment, merchant};
		},
	};
}

const statusOf = nameByNumber(paymentStatusNumbers);
const wayOf = nameByNumber(paymentWayNumbers);

function paymentOf(
	merchantId: number,
	[
		paymentId,
		tid,
		status,
		refusal,
		way,
		assetId,
		value,
		holdId,
		cardIds,
		captured,
		released,
		refunded,
		cancellationId,
		concludeAt,
		concludeApproved,
		createdAt,
		particulars,
	]: PaymentRow,
): Payment {
	return {
		merchantId,
		paymentId,
		tid,
		status: statusOf(status),
		refusal: refusal === null ? null : refusalOf(refusal),
		way: way === null ? null : wayOf(way),
		assetId,
		value: value === null ? null : BigInt(value),
		holdId,
		cardIds: cardIds ?? [],
		captured: BigInt(captured ?? 0),
		released: BigInt(released ?? 0),
		refunded: BigInt(refunded ?? 0),
		cancellationId,
		concludeAt,
		concludeApproved,
		createdAt,
		particulars: particulars === null ? null : particularsOf(particulars),
	};
}

function particularsOf([
	method,
	orderId,
	reference,
	transactionId,
	callbackUrl,
	returnUrl,
	delayToAutoSettle,
	delayAfterAntifraud,
	delayToCancel,
	customerId,
	pageHash,
	pageUntil,
	particulars,
]: ParticularsRow): PaymentParticulars {
	return {
		method,
		orderId,
		reference,
		transactionId,
		callbackUrl,
		returnUrl,
		delayToAutoSettle,
		delayAfterAntifraud,
		delayToCancel,
		customerId,
		pageHash: pageHash === null ? null : Buffer.from(pageHash, 'hex'),
		pageUntil,
		particulars,
	};
}

/** @throws {RangeError} for a number that no version until this one has written */
function nameByNumber<Name extends string>(
	numbers: Readonly<Record<Name, number>>,
): (number: number) => Name {
	const names = new Map(Object.entries<number>(numbers).map(([name, number]) => [number, name as Name]));
	return number => {
		const name = names.get(number);
		if (name === undefined) {
			throw new RangeError(`A payment says ${number} here; is this service older than the database?`);
		}

		return name;
	};
}
