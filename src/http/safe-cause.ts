import {constraintOf, sqlStateOf} from '../db/sql-state.ts';

/** What may be said of an error in the log. */
export type SafeCause = {
	readonly name: string;
	readonly code?: string;
	readonly sqlState?: string;
	readonly constraint?: string;
	/** Absent for errors of the database, which print rows and parameters into theirs. */
	readonly message?: string;
	readonly at?: string;
	readonly cause?: SafeCause;
};

const depthMax = 4;
const frames = /^ +at .+$/gm;
// Prisma's and its adapter's; those of the server itself have a severity.
const databaseNames = /^(?:Prisma|DriverAdapter)/;

/** Describe an error by what cannot hold a body, a code, a token or a row: names, states, constraints and places in our source. */
export function safeCause(error: unknown, depth = 1): SafeCause {
	if (!(error instanceof Error)) {
		return {name: typeof error};
	}

	const {name, message, stack = '', cause} = error;
	const {code} = error as {code?: unknown};
	const sqlState = sqlStateOf(error);
	const constraint = constraintOf(error);
	const isOfDatabase = databaseNames.test(name) || 'severity' in error;
	return {
		name,
		...(typeof code === 'string' && {code}),
		...(sqlState !== undefined && {sqlState}),
		...(constraint !== undefined && {constraint}),
		...(!isOfDatabase && {message}),
		at: stack.match(frames)?.slice(0, 8).join('\n') ?? '',
		...(cause !== undefined && depth < depthMax && {cause: safeCause(cause, depth + 1)}),
	};
}
