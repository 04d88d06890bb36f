import {type FunctionGuard} from '../database-guards.ts';

/* Guards within functions of the database: where one trigger has several. Each function that no trigger calls must be here. */

export const databaseFunctions: readonly FunctionGuard[] = [
	{
		name: 'postings join an entry of their own transaction',
		function: 'postings_must_balance',
		text: 'WHERE e.xid IS DISTINCT FROM pg_current_xact_id()',
		instead: 'WHERE false',
		match: 'postings_with_their_entry refuses *',
	},
	{
		name: 'postings of a statement sum to zero',
		function: 'postings_must_balance',
		text: 'HAVING sum(amount) <> 0',
		instead: 'HAVING false',
		match: 'entries_balanced refuses *',
	},
	{
		name: 'postings sum to zero for each asset',
		function: 'postings_must_balance',
		text: 'GROUP BY merchant_id, entry_id, asset_id',
		instead: 'GROUP BY merchant_id, entry_id',
		match: 'entries_balanced refuses *',
	},
	{
		name: 'an entry has postings',
		function: 'entry_must_balance',
		text: 'IF NOT FOUND THEN',
		instead: 'IF false THEN',
		match: 'entries_balanced refuses *',
	},
	{
		name: 'a batch that changed other rows than it had locked is undone',
		function: 'expect_rows',
		text: 'IF changed <> expected THEN',
		instead: 'IF false THEN',
		tests: ['test/ledger/writer-isolation.test.ts'],
		match: '*',
	},
	{
		name: 'nothing is given to who was merged',
		function: 'customer_must_live',
		text: 'merged_into IS NULL AND erased_at IS NULL',
		instead: 'erased_at IS NULL',
		match: '*_of_the_living refuses *',
	},
	{
		name: 'nothing is given to who was erased',
		function: 'customer_must_live',
		text: 'merged_into IS NULL AND erased_at IS NULL',
		instead: 'merged_into IS NULL',
		match: '*_of_the_living refuses *',
	},
	{
		name: 'who is given something is locked',
		function: 'customer_must_live',
		text: ' FOR SHARE',
		instead: '',
		tests: [
			'test/customers/customers.test.ts',
			'test/customers/merge.test.ts',
			'test/customers/erase.test.ts',
		],
		match: '*',
	},
	{
		name: 'a role that may not know the server is not refused',
		function: 'server_id',
		text: "has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')",
		instead: 'true',
		tests: ['test/ledger/snapshot.test.ts'],
		match: '*',
	},
	{
		name: 'entries wait while an incarnation is opened',
		function: 'open_incarnation',
		text: 'LOCK TABLE entries IN ACCESS EXCLUSIVE MODE;',
		instead: '',
		tests: ['test/ledger/snapshot.test.ts'],
		match: 'an incarnation is opened once*',
	},
	{
		name: 'an incarnation that somebody else opened meanwhile is taken',
		function: 'open_incarnation',
		text: 'IF opened IS NOT NULL THEN',
		instead: 'IF false THEN',
		tests: ['test/ledger/snapshot.test.ts'],
		match: 'an incarnation is opened once*',
	},
];
