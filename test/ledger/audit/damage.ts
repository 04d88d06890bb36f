import {entryKinds} from '../../../src/ledger/entry.ts';

/** What was done to the books, what the audit must say of it, and the statements that do it. */
export type Damage = readonly [what: string, problem: RegExp, ...statements: string[]];

/** By the name of the check that must find it. */
export type Damages = Readonly<Record<string, readonly Damage[]>>;

/** An id that nothing has. */
export const nobody = '00000000-0000-4000-8000-000000000000';

// One row of each sort in the books of the first merchant.

export const entryOf = (kind: number) =>
	`(SELECT id FROM entries WHERE merchant_id = 1 AND kind = ${kind} ORDER BY id LIMIT 1)`;
export const lotOf = (condition: string) =>
	`(SELECT id FROM lots WHERE merchant_id = 1 AND ${condition} ORDER BY id LIMIT 1)`;

/** It has 20.00 available and holds 10.00 after two entries. */
export const singleUseCard = '(SELECT id FROM cards WHERE merchant_id = 1 AND single_use)';

export const posting = (kind: number, account: number) =>
	`merchant_id = 1 AND account = ${account} AND entry_id = ${entryOf(kind)}`;

/** The leg of a hold of 60.00: 40.00 captured and refunded, 20.00 released. */
export const firstLeg = `merchant_id = 1 AND hold_id = ${entryOf(entryKinds.authorize)}`;

export const drop = (table: string, constraint: string) =>
	`ALTER TABLE ${table} DROP CONSTRAINT ${constraint}`;
