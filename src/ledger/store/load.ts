import {type Books} from '../books.ts';
import {type Instant} from '../calendar.ts';
import {type PaymentState} from '../card-state.ts';
import {accountNumbers, isPromotional, origins} from '../chart.ts';
import {type CommandKey, keySpaces, keyText} from '../commands.ts';
import {plainArray, textArray} from './arrays.ts';
import {type Answer, ask, type Question, type Transaction} from './ask.ts';
import {type Remembered} from '../remembered.ts';
import {
	addEarned,
	addOrders,
	earnedSql,
	ordersSql,
	type WantedDay,
	type WantedOrders,
} from './load-orders.ts';
import {type LockedCard} from './lock.ts';
import {paymentColumns, paymentsOf} from './lock-payments.ts';
import {
	addLots,
	addOperations,
	addOwners,
	addUses,
	commandColumns,
	legColumns,
	lotColumns,
	movementColumns,
	rememberedCommands,
	useColumns,
} from './rows.ts';

/** What the commands of a batch need to know. */
export type Wanted = {
	readonly keys: readonly CommandKey[];
	/** How much value each card must be able to show, in minor units: as many live lots as cover it are loaded (B7). */
	readonly needs: ReadonlyMap<string, bigint>;
	/** Cards of which every lot with a remainder is wanted, whatever its date. */
	readonly emptied: readonly string[];
	/** Holds and credits, by id. */
	readonly operations: readonly string[];
	/** Payments that are about to be created: their rows, where they exist, never change by that, and need no lock. */
	readonly creates: readonly string[];
	/** Whether restricted cards' owners matter. */
	readonly owners: boolean;
	/** Orders that have given points before, and may give or take back some now. */
	readonly orders: WantedOrders;
	/** Wallets that earn under a cap. */
	readonly days: readonly WantedDay[];
};

type Parameter = (value: unknown) => string;

/** What is loaded is enough to decide by at every moment of these, both included. */
export type Moments = {readonly from: Instant; readonly until: Instant};

/** What a batch loads at once. */
export type Wish = {
	readonly merchantId: number;
	readonly moments: Moments;
	readonly wanted: Wanted;
	/** Cards whose owners and uses may matter. */
	readonly locked: readonly LockedCard[];
};

/**
 * Reads all that a batch needs in one statement, after its cards are locked: under READ COMMITTED it sees every commit
 * that the locks waited for, so nothing it brings is stale.
 * @returns undefined where there is nothing to be read
 */
export function reading({merchantId, moments, wanted, locked}: Wish): Question | undefined {
	const owned = wanted.owners ? locked.filter(isOwned) : [];
	const singleUse = locked.filter(({card}) => card.singleUse);
	const args: unknown[] = [merchantId];
	const parameter: Parameter = value => `$${args.push(value)}`;
	const columns = [
		wanted.keys.length > 0 && commandsSql(parameter, wanted.keys),
		wanted.needs.size > 0 && coveringLotsSql(parameter, wanted.needs, moments),
		wanted.emptied.length > 0 && emptiedLotsSql(parameter, wanted.emptied),
		wanted.operations.length > 0 && operationsSql(parameter, wanted.operations),
		wanted.creates.length > 0 && paymentsSql(parameter, wanted.creates),
		owned.length > 0 && ownersSql(parameter, owned),
		singleUse.length > 0 && usesSql(parameter, singleUse),
		wanted.orders.earnings.length > 0 && ordersSql(parameter, wanted.orders),
		wanted.days.length > 0 && earnedSql(parameter, wanted.days),
	].filter(column => column !== false);
	return columns.length === 0 ? undefined : {sql: `SELECT ${columns.join(', ')}`, args};
}

function isOwned({card, ownerId}: LockedCard): boolean {
	return card.restricted && ownerId !== null;
}

/**
 * Put what was read into the books, which hold the locked cards.
 * @returns the commands that were decided before, by `keyText`
 */
export function take(books: Books, answer: Answer, locked: readonly LockedCard[]): Map<string, Remembered> {
	addLots(books, answer['lots'], answer['emptied'], answer['named']);
	addOperations(books, answer['legs'], answer['movements']);
	addOwners(locked.filter(isOwned), answer['owners']);
	addUses(books, answer['uses']);
	addOrders(books, answer['orders']);
	addEarned(books, answer['earned']);
	for (const payment of paymentsOf(answer['payments'])) {
		books.payments.set(payment.paymentId, payment);
	}

	return rememberedCommands(answer['commands']);
}

/** The payments among some that have a row, without any lock. */
export async function findPayments(
	tx: Transaction,
	merchantId: number,
	paymentIds: readonly string[],
): Promise<PaymentState[]> {
	const args: unknown[] = [merchantId];
	const sql = `SELECT ${paymentsSql(value => `$${args.push(value)}`, paymentIds)}`;
	const row = await ask(tx, {sql, args});
	return paymentsOf(row['payments']);
}

/** The commands among some keys that were decided before, without any lock: what is remembered is final (B16). */
export async function findRemembered(
	tx: Transaction,
	merchantId: number,
	keys: readonly CommandKey[],
): Promise<Map<string, Remembered>> {
	const args: unknown[] = [merchantId];
	const sql = `SELECT ${commandsSql(value => `$${args.push(value)}`, keys)}`;
	const row = await ask(tx, {sql, args});
	return rememberedCommands(row['commands']);
}

// LIMIT keeps the planner from turning the look-ups around: as long as a table has no statistics, it expects that a merchant has hardly any
// commands, and reading all of them once seems cheaper than one look-up for each key.
function commandsSql(parameter: Parameter, keys: readonly CommandKey[]): string {
	const unique = [...new Map(keys.map(key => [keyText(key), key])).values()];
	const scopes = parameter(plainArray(unique.map(({scope}) => scope)));
	const spaces = parameter(plainArray(unique.map(({space}) => keySpaces[space])));
	const texts = parameter(textArray(unique.map(({key}) => key)));
	return `(SELECT json_agg(${commandColumns})::text
		FROM unnest(${scopes}::uuid[], ${spaces}::smallint[], ${texts}::text[]) AS k(scope, space, key)
		CROSS JOIN LATERAL (
			SELECT * FROM commands WHERE merchant_id = $1::int AND scope = k.scope AND space = k.space AND key = k.key LIMIT 1
		) c) AS commands`;
}

const promotional = origins
	.filter(isPromotional)
	.map(origin => accountNumbers[origin])
	.join(', ');

// Spending order (C3) in SQL, so that a wallet of a thousand lots costs no more than the few that are spent. Lots that begin or end in
// between come too, and are not counted on: whichever of the moments it is, enough is there.
function coveringLotsSql(
	parameter: Parameter,
	needs: ReadonlyMap<string, bigint>,
	{from, until}: Moments,
): string {
	const [first, last] = [from, until].map(at => `${parameter(new Date(at).toISOString())}::timestamptz`);
	const cards = parameter(plainArray([...needs.keys()]));
	const amounts = parameter(plainArray([...needs.values()]));
	return `(SELECT json_agg(${lotColumns})::text FROM (
		SELECT lot.* FROM unnest(${cards}::bigint[], ${amounts}::bigint[]) AS want(card_id, need)
		CROSS JOIN LATERAL (
			SELECT lots.*, coalesce(sum(remaining) FILTER (WHERE spendable_from <= ${first} AND (expires_at IS NULL OR expires_at > ${last}))
				OVER (ORDER BY expires_at NULLS LAST, origin NOT IN (${promotional}), id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
			FROM lots
			WHERE merchant_id = $1::int AND lots.card_id = want.card_id AND NOT spent
				AND spendable_from <= ${last} AND (expires_at IS NULL OR expires_at > ${first})
		) lot WHERE lot.before < want.need
	) l) AS lots`;
}

function emptiedLotsSql(parameter: Parameter, cards: readonly string[]): string {
	return `(SELECT json_agg(${lotColumns})::text FROM lots l
		WHERE merchant_id = $1::int AND card_id = ANY (${parameter(plainArray(cards))}::bigint[]) AND NOT spent) AS emptied`;
}

// All that happened to some holds and credits: their own entry and those that answer it, with the lots they moved. By
// kind, so that a hold's own entry comes first: ids are made by the clocks of several processes and prove no order (B14).
function operationsSql(parameter: Parameter, operations: readonly string[]): string {
	const ids = parameter(plainArray(operations));
	const movements = (what: string) => `(
		SELECT ${what} FROM (
			SELECT id, id AS operation, kind FROM entries WHERE merchant_id = $1::int AND id = ANY (${ids}::uuid[])
			UNION ALL
			SELECT id, answers, kind FROM entries WHERE merchant_id = $1::int AND answers = ANY (${ids}::uuid[])
		) e JOIN lot_movements m ON m.merchant_id = $1::int AND m.entry_id = e.id
		JOIN lots l ON l.merchant_id = $1::int AND l.id = m.lot_id)`;
	return [
		`(SELECT json_agg(${legColumns} ORDER BY leg)::text FROM hold_legs WHERE merchant_id = $1::int AND hold_id = ANY (${ids}::uuid[])) AS legs`,
		`${movements(`json_agg(${movementColumns} ORDER BY e.kind)::text`)} AS movements`,
		`${movements(`json_agg(${lotColumns})::text`)} AS named`,
	].join(', ');
}

function paymentsSql(parameter: Parameter, creates: readonly string[]): string {
	return `(SELECT json_agg(${paymentColumns})::text FROM payments
		WHERE merchant_id = $1::int AND payment_id = ANY (${parameter(textArray(creates))}::text[])) AS payments`;
}

function ownersSql(parameter: Parameter, owned: readonly LockedCard[]): string {
	const owners = parameter(plainArray([...new Set(owned.map(({ownerId}) => ownerId))]));
	return `(SELECT json_agg(json_build_array(customer_id::text, kind, value))::text FROM customer_identifiers
		WHERE merchant_id = $1::int AND customer_id = ANY (${owners}::bigint[])) AS owners`;
}

function usesSql(parameter: Parameter, singleUse: readonly LockedCard[]): string {
	const cards = parameter(plainArray(singleUse.map(({card}) => card.id)));
	return `(SELECT json_agg(${useColumns} ORDER BY hold_id)::text FROM hold_legs
		WHERE merchant_id = $1::int AND single_use AND card_id = ANY (${cards}::bigint[])) AS uses`;
}
