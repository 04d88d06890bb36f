import type pg from 'pg';
import {constraintGuards, functionGuards} from './database-guards.ts';
import {databaseFunctions} from './guards/functions.ts';
import {sourceGuards} from './guards/index.ts';
import {type Mutant} from './mutant.ts';
import {refusalGuards} from './refusal-guards.ts';

/**
 * All mutants: those that are listed in `guards/`, one for each refusal of the ledger's decisions, and one for each constraint of the database.
 * @param connection - to a migrated database
 */
export async function allGuards(connection: pg.Client): Promise<Mutant[]> {
	return [
		...sourceGuards,
		...refusalGuards(),
		...(await functionGuards(connection, databaseFunctions)),
		...(await constraintGuards(connection)),
	];
}

/** The names of those whose absence would cost money at once: `--smoke`. */
export const smoke: readonly string[] = [
	'cards are locked',
	'cards_available_check',
	'entries_balanced',
	'another content under a used key',
	'the token is compared',
	'reserve refuses: ownerMismatch',
	'a lot that ends while the lock is waited for is not counted on',
	'a PIN that is locked is not looked at',
];
