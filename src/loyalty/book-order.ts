import {openWallet} from '../cards/open-wallet.ts';
import {CustomerConflictError, findOrCreateCustomer} from '../customers/customers.ts';
import {CustomerErasedError} from '../customers/survivor.ts';
import {type PrismaClient} from '../db/client.ts';
import {type MerchantClock} from '../ledger/batch.ts';
import {type Instant, localDate, startOfLocalDay} from '../ledger/calendar.ts';
import {type Earn, type EarnTerms, noNote} from '../ledger/commands.ts';
import {type Refusal} from '../ledger/refusals.ts';
import {type Writer} from '../ledger/writer.ts';
import {actorId} from '../merchants/actors.ts';
import {type Asset} from '../money/asset.ts';
import {earnedSoFar} from './earn.ts';
import {type SoldOrder} from './order.ts';
import {ownPaymentsOf} from './own-payments.ts';
import {expiryOf, type Program, spendableFrom} from './program.ts';
import {type Programs} from './programs.ts';

/** Why an order's points have nobody to go to: its identifiers contradict each other, there are none, or that customer was erased. */
export type NobodyReason = 'conflict' | 'unnamed' | 'erased';

/** What became of an order in one program. Nothing that the order said of a person is in it. */
export type BookedOrder = {
	/** By name. */
	readonly program: string;
	readonly points: Asset;
	/**
	 * `earned`: the books are as the document says. `nothing`: so they are, and it earns nothing. `nobody`: it would earn, and nobody can be
	 * told whom for; what it had earned too much is taken back. `superseded`: a later document was applied before. `unknown`: nothing can be
	 * said by this document, and nothing was changed.
	 */
	readonly kind: 'earned' | 'nothing' | 'unknown' | 'nobody' | 'superseded';
	/** What the order should have earned so far, in minor units of the points; of an `unknown` one zero. */
	readonly units: bigint;
	/** What was booked now: above zero where points were given, below where they were taken back. */
	readonly moved: bigint;
	/** Why nothing, nobody or unknown. */
	readonly reason?: string;
};

/**
 * Book what an order should have earned so far in each of the merchant's programs that orders earn in. A repeated, older or lost document
 * does no harm: what is booked is a difference (A12).
 * @throws {OrderRefusedError} when a wallet cannot take points: it was closed just now. The order is to be tried again
 * @throws {OverloadedError} when the database is too busy; trying again is safe
 */
export type BookOrder = (merchant: MerchantClock, order: SoldOrder) => Promise<readonly BookedOrder[]>;

/** The ledger did not take what an order earned. Nothing was changed, and another try may succeed. */
export class OrderRefusedError extends Error {
	override readonly name = 'OrderRefusedError';

	constructor(program: string, refusal: Refusal) {
		super(`The points of an order were refused by the wallet of ${program}: ${refusal}.`);
	}
}

export type BookingParts = {
	readonly prisma: PrismaClient;
	readonly writer: Pick<Writer, 'submit'>;
	readonly programs: Pick<Programs, 'list'>;
	readonly clock: () => Instant;
	/** Under which the gift card hub knows us. */
	readonly providerId: string;
};

export function openBookOrder(parts: BookingParts): BookOrder {
	return async (merchant, order) => {
		const programs = (await parts.programs.list(merchant.id)).filter(isEarning);
		if (programs.length === 0) {
			return [];
		}

		const isOwnPayment = await ownPaymentsOf(parts.prisma, merchant.id, order, parts.providerId);
		const booked: BookedOrder[] = [];
		// One after the other: they meet at the order's row.
		for (const program of programs) {
			const earning = earnedSoFar(order, program.earnRules, {isOwnPayment});
			booked.push(
				earning.kind === 'unknown'
					? {...nameOf(program), kind: 'unknown', units: 0n, moved: 0n, reason: earning.reason}
					: await book(parts, merchant, {order, program, earning}),
			);
		}

		return booked;
	};
}

type EarningProgram = Program & {readonly earnRules: NonNullable<Program['earnRules']>};

function isEarning(program: Program): program is EarningProgram {
	return program.earnRules !== null;
}

const nameOf = ({name, asset}: Program) => ({program: name, points: asset});

type Booking = {
	readonly order: SoldOrder;
	readonly program: EarningProgram;
	readonly earning: {readonly kind: 'earned' | 'nothing'; readonly units: bigint; readonly reason?: string};
};

/**
 * An order that earns nothing is booked, too, without any wallet: points that it had earned are taken back, and its version is kept, so
 * that an older document, which comes later, gives none.
 */
async function book(
	parts: BookingParts,
	merchant: MerchantClock,
	{order, program, earning: {kind, units, reason}}: Booking,
): Promise<BookedOrder> {
	const now = parts.clock();
	const target = program.orderMax !== null && program.orderMax < units ? program.orderMax : units;
	const isBooked = async () =>
		target <= (await decidedSoFar(parts.prisma, merchant.id, order.id, program.asset.id));
	// Where all of it is booked nobody is looked up: else the next notice of an old order would make anew a customer who was erased (B9).
	const wallet = (await isBooked()) ? null : await walletOf(parts, merchant, {order, program, now});
	const command: Earn = {
		verb: 'earn',
		key: null,
		orderId: order.id,
		version: order.version,
		cardId: wallet !== null && 'cardId' in wallet ? wallet.cardId : null,
		assetId: program.asset.id,
		target: units,
		terms: termsOf(program, now, merchant.timeZone),
		actorId: await actorId(parts.prisma, merchant.id, 'job', 'orders'),
		note: {...noNote, orderId: order.id},
	};
	const outcome = await parts.writer.submit(merchant, command);
	if (outcome.kind === 'refused') {
		throw new OrderRefusedError(program.name, outcome.refusal);
	}

	const booked = {...nameOf(program), units, moved: outcome.moved};
	if (outcome.isSuperseded === true) {
		return {...booked, kind: 'superseded'};
	}

	// Something was taken back between the look and the lock, so that there is something to give after all.
	if (wallet === null && !(await isBooked())) {
		return book(parts, merchant, {
			order,
			program,
			earning: {kind, units, ...(reason !== undefined && {reason})},
		});
	}

	return wallet !== null && 'nobody' in wallet
		? {...booked, kind: 'nobody', reason: wallet.nobody}
		: {...booked, kind, ...(reason !== undefined && {reason})};
}

/** What was given or forgone for an order in some points, as far as anybody can see without its lock. */
async function decidedSoFar(
	prisma: PrismaClient,
	merchantId: number,
	orderId: string,
	assetId: number,
): Promise<bigint> {
	const [{decided}] = await prisma.$queryRaw<[{decided: string}]>`
		SELECT coalesce(sum(b.units + b.forgone), 0)::text AS decided FROM order_bookings b
		JOIN cards c ON c.merchant_id = b.merchant_id AND c.id = b.card_id AND c.asset_id = ${assetId}::int
		WHERE b.merchant_id = ${merchantId}::int AND b.order_id = ${orderId}`;
	return BigInt(decided);
}

type Wallet = {readonly cardId: string} | {readonly nobody: NobodyReason};

/** The shopper's wallet in a program, made where there is none. */
async function walletOf(
	{prisma}: BookingParts,
	merchant: MerchantClock,
	{order, program, now}: {readonly order: SoldOrder; readonly program: Program; readonly now: Instant},
): Promise<Wallet> {
	if (order.shopper.length === 0) {
		return {nobody: 'unnamed'};
	}

	try {
		const customerId = await findOrCreateCustomer(prisma, merchant.id, order.shopper);
		const {asset, caption} = program;
		return await openWallet(prisma, merchant.id, {customerId, assetId: asset.id, caption, now});
	} catch (error) {
		if (error instanceof CustomerConflictError) {
			return {nobody: 'conflict'};
		}

		if (error instanceof CustomerErasedError) {
			return {nobody: 'erased'};
		}

		throw error;
	}
}

/** How points are earned now, as the program says. */
function termsOf(program: Program, now: Instant, timeZone: string): EarnTerms {
	const from = spendableFrom(program, now, timeZone);
	const {balanceMax, dayMax, orderMax, clawback} = program;
	return {
		spendableFrom: from,
		expiresAt: expiryOf(program, 'fundingEarned', now, timeZone, from),
		balanceMax,
		dayMax,
		dayStart: startOfLocalDay(localDate(now, timeZone), timeZone),
		orderMax,
		clawback,
	};
}
