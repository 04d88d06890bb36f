import test from 'ava';
import {adminRoleNumbers} from '../../src/admins/admins.ts';
import {identifierNumbers} from '../../src/customers/customers.ts';
import {accountNumbers, accountOf, origins} from '../../src/ledger/chart.ts';
import {keySpaces, verbs} from '../../src/ledger/commands.ts';
import {entryKinds} from '../../src/ledger/entry.ts';
import {reasonNumbers} from '../../src/ledger/reasons.ts';
import {refusals} from '../../src/ledger/refusals.ts';
import {statusNumbers} from '../../src/ledger/store/lock.ts';
import {paymentStatusNumbers, paymentWayNumbers} from '../../src/ledger/store/lock-payments.ts';
import {cardChangeNumbers, sourceNumbers} from '../../src/ledger/store/write-cards.ts';
import {clawbackNumbers, expiryNumbers} from '../../src/loyalty/program-rows.ts';
import {actorNumbers} from '../../src/merchants/actors.ts';
import {assetNumbers} from '../../src/merchants/assets.ts';
import {roleNumbers} from '../../src/merchants/credentials.ts';
import {isBounded} from '../../src/reports/trial-balance.ts';
import {withDatabase} from '../helpers/database.ts';

/*
 * Small numbers stand for words in the database. They are written on rows that never change, so a number keeps its
 * word for ever, and the CHECKs of the migration know the same numbers as the program.
 */

const sorted = (numbers: Iterable<number>) => [...numbers].sort((a, b) => a - b);

test('every CHECK that lists numbers lists those of the program', async t => {
	const {general} = await withDatabase(t);
	for (const [check, column, numbers] of [
		['cards_status_check', 'status', statusNumbers],
		['assets_kind_check', 'kind', assetNumbers],
		['actors_kind_check', 'kind', actorNumbers],
		['credentials_role_check', 'role', roleNumbers],
		['customer_identifiers_kind_check', 'kind', identifierNumbers],
		['card_changes_kind_check', 'kind', cardChangeNumbers],
		['entry_notes_reason_code_check', 'reason_code', reasonNumbers],
		['card_changes_reason_code_check', 'reason_code', reasonNumbers],
		['customer_changes_reason_code_check', 'reason_code', reasonNumbers],
		['holds_source_check', 'source', sourceNumbers],
		['actions_role_check', 'role', adminRoleNumbers],
		['programs_clawback_check', 'clawback', clawbackNumbers],
	] as const) {
		const [row] = await general.prisma.$queryRaw<[{definition: string}]>`
			SELECT pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE conname = ${check}`;

		const list = sorted(Object.values(numbers)).join(', ');
		t.is(row.definition, `CHECK ((${column} = ANY (ARRAY[${list}])))`, check);
	}
});

test('the numbers of the program fit into the ranges of the migration', async t => {
	const {general} = await withDatabase(t);
	const definitionOf = async (check: string): Promise<string> => {
		const {rows} = await general.pool.query<{definition: string}>(
			'SELECT pg_get_expr(conbin, conrelid) AS definition FROM pg_constraint WHERE conname = $1',
			[check],
		);
		return rows[0]?.definition ?? 'false';
	};
	const accepted = async (check: string, column: string, numbers: readonly number[]): Promise<number[]> => {
		const {rows: fitting} = await general.pool.query<{n: number}>(
			`SELECT ${column} AS n FROM unnest($1::int[]) AS t(${column}) WHERE ${await definitionOf(check)} ORDER BY 1`,
			[numbers],
		);
		return fitting.map(({n}) => n);
	};

	const accounts = Object.values(accountNumbers);
	const ofLots = origins.map(name => accountNumbers[name]);
	t.deepEqual(
		await accepted('entries_kind_check', 'kind', Object.values(entryKinds)),
		sorted(Object.values(entryKinds)),
	);
	t.deepEqual(await accepted('lots_origin_check', 'origin', accounts), sorted(ofLots));
	t.deepEqual(
		await accepted('house_snapshots_account_check', 'account', accounts),
		sorted(accounts.filter(number => !isBounded(accountOf(number)))),
	);

	// One list of words for two columns, each of which has a count beside it.
	const {rows: kinds} = await general.pool.query<{n: number}>(`
		SELECT expiry_kind AS n FROM generate_series(0, 9) AS expiry_kind
		CROSS JOIN LATERAL (SELECT expiry_kind, 0, 0) AS t(purchased_expiry_kind, expiry_count, purchased_expiry_count)
		WHERE ${await definitionOf('programs_expiry_check')} ORDER BY 1`);
	t.deepEqual(
		kinds.map(({n}) => n),
		sorted(Object.values(expiryNumbers)),
	);
});

test('no two words share a number', t => {
	const refusalNumbers = Object.values(refusals).map(({number}) => number);
	for (const numbers of [
		accountNumbers,
		entryKinds,
		verbs,
		keySpaces,
		statusNumbers,
		reasonNumbers,
		refusalNumbers,
		expiryNumbers,
	]) {
		const values = Object.values<number>(numbers);
		t.is(new Set(values).size, values.length);
	}
});

test('numbers that stand on rows have kept their words', t => {
	t.deepEqual(verbs, {
		...{issue: 1, credit: 2, authorize: 3, capture: 4, undo: 5, expire: 6, close: 7},
		...{pay: 8, conclude: 9, settle: 10, cancel: 11, refund: 12},
		...{transfer: 13, adjust: 14, earn: 15, merge: 16, extend: 17},
	});
	t.deepEqual(keySpaces, {
		...{transaction: 1, capture: 2, undo: 3, issue: 4},
		...{payment: 5, conclusion: 6, settlement: 7, cancellation: 8, refund: 9},
		...{transfer: 10, adjustment: 11, merge: 12, grant: 13, extension: 14, byHand: 15},
	});
	t.deepEqual(reasonNumbers, {
		...{courtesy: 1, campaign: 2, migration: 3, correction: 4, request: 5},
		...{lost: 6, stolen: 7, damaged: 8, fraud: 9},
		...{delivered: 10, returned: 11, test: 12, other: 13},
	});
	t.deepEqual(expiryNumbers, {never: 1, days: 2, month: 3, year: 4});
	t.deepEqual(clawbackNumbers, {debt: 1, owed: 2});
	t.deepEqual(paymentStatusNumbers, {pending: 1, approved: 2, denied: 3, cancelled: 4});
	t.deepEqual(paymentWayNumbers, {code: 1, wallet: 2, confirmed: 3, sandbox: 4});
	t.like(entryKinds, {
		issue: 1,
		credit: 2,
		authorize: 3,
		capture: 4,
		release: 5,
		refund: 6,
		reverseCredit: 7,
		expire: 8,
		close: 9,
		transfer: 10,
		adjust: 11,
		earn: 12,
		clawback: 13,
		extend: 14,
	});
	t.like(accountNumbers, {
		available: 1,
		held: 2,
		debt: 3,
		fundingSold: 10,
		fundingPromotional: 11,
		fundingCourtesy: 12,
	});
	t.like(accountNumbers, {
		fundingMigrated: 13,
		fundingCredit: 14,
		fundingEarned: 15,
		redeemed: 20,
		breakage: 30,
		adjustment: 40,
		exchange: 50,
		committed: 51,
	});
});
