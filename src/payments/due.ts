import {paymentStatusNumbers} from '../ledger/store/lock-payments.ts';
import {OverloadedError} from '../ledger/writer.ts';
import {actorId} from '../merchants/actors.ts';
import {type Merchant, merchantColumns} from '../merchants/merchant.ts';
import {concludePayment, sandboxAnswer} from './conclude.ts';
import {cancelOf} from './operate.ts';
import {type Payment} from './payment.ts';
import {type PaymentTools} from './tools.ts';

/** What stands in the statement of a card whose hold VTEX forgot, and the key under which it is released. */
export const timedOut = 'hold timed out';

const concluder = 'conclude-payments';
const releaser = 'release-forgotten';

// Payments that are looked up together. Each is one command of the writer, so nobody waits for them.
const chunk = 50;

/** Conclude sandbox payments whose time has come, and deny those whose shopper did not answer in time. Counts. */
export async function concludeDue(tools: PaymentTools, signal?: AbortSignal): Promise<number> {
	const next = async (merchant: Merchant, passedOver: readonly string[]) =>
		tools.prisma.$queryRaw<{paymentId: string}[]>`
			SELECT payment_id AS "paymentId" FROM payments
			WHERE merchant_id = ${merchant.id}::int AND conclude_at <= ${new Date(tools.clock())} AND status = ${paymentStatusNumbers.pending}::smallint
				AND payment_id <> ALL (${passedOver}::text[])
			ORDER BY conclude_at LIMIT ${chunk}`;
	return sweep(tools, {job: concluder, next, handle: concludeOne, signal});
}

/** Release what is still held of payments that VTEX settled not at all, or in part, within its delay and its retries (A6). Counts. */
export async function releaseForgotten(tools: PaymentTools, signal?: AbortSignal): Promise<number> {
	const next = async (merchant: Merchant, passedOver: readonly string[]) =>
		tools.prisma.$queryRaw<{paymentId: string}[]>`
			SELECT payment_id AS "paymentId" FROM payments
			WHERE merchant_id = ${merchant.id}::int AND hold_until <= ${new Date(tools.clock())}
				AND payment_id <> ALL (${passedOver}::text[])
			ORDER BY hold_until LIMIT ${chunk}`;
	return sweep(tools, {job: releaser, next, handle: releaseOne, signal});
}

type Handle = (
	tools: PaymentTools,
	merchant: Merchant,
	payment: Payment,
	actorId: number,
) => Promise<boolean>;

type Sweep = {
	readonly job: string;
	readonly next: (merchant: Merchant, passedOver: readonly string[]) => Promise<{paymentId: string}[]>;
	/** Returns whether it did anything. */
	readonly handle: Handle;
	readonly signal: AbortSignal | undefined;
};

/** Merchant by merchant, a few payments at a time, until nothing is due. What was handled is not due any more. */
async function sweep(tools: PaymentTools, {job, next, handle, signal}: Sweep): Promise<number> {
	const merchants = await tools.prisma.merchant.findMany({select: merchantColumns, orderBy: {id: 'asc'}});
	let handled = 0;
	for (const merchant of merchants) {
		const seen: string[] = [];
		for (;;) {
			const due = signal?.aborted === true ? [] : await next(merchant, seen);
			if (due.length === 0) {
				break;
			}

			const actor = await actorId(tools.prisma, merchant.id, 'job', job);
			// Whatever becomes of it, it is not tried again in this run.
			seen.push(...due.map(({paymentId}) => paymentId));
			const results = await Promise.allSettled(
				due.map(async ({paymentId}) => {
					const payment = await tools.reader.find(merchant.id, paymentId);
					return payment !== undefined && handle(tools, merchant, payment, actor);
				}),
			);
			handled += results.filter(one => one.status === 'fulfilled' && one.value).length;
			if (isTurnedAway(tools, job, results)) {
				return handled;
			}
		}
	}

	return handled;
}

/** Tell of failures. @returns whether the writer had no room: then it is for another time */
function isTurnedAway(
	{options}: PaymentTools,
	job: string,
	results: readonly PromiseSettledResult<boolean>[],
): boolean {
	let isOverloaded = false;
	for (const result of results) {
		if (result.status === 'rejected') {
			isOverloaded ||= result.reason instanceof OverloadedError;
			options.onFailure?.(result.reason, `The job ${job} passed over a payment`);
		}
	}

	return isOverloaded;
}

const concludeOne: Handle = async (tools, merchant, payment, actor) => {
	const answer =
		payment.way === 'sandbox'
			? await sandboxAnswer(tools, merchant, payment, actor)
			: ({kind: 'refuse', refusal: 'declined'} as const);
	const {status} = await concludePayment(tools, merchant, payment, {answer, actorId: actor});
	return status !== 'pending';
};

const releaseOne: Handle = async ({writer}, merchant, payment, actor) => {
	const {paymentId, assetId} = payment;
	if (assetId === null) {
		return false;
	}

	const wish = {paymentId, requestId: timedOut, actorId: actor, reason: timedOut, isTimeOut: true};
	const outcome = await writer.submit(merchant, cancelOf(merchant, payment, {id: assetId}, wish));
	return outcome.kind === 'done' && !outcome.isReplay;
};
