import {
	bytes,
	firstHold,
	insert,
	insertEntry,
	insertPostings,
	openLot,
	rows,
	singleUseCard,
	type Walls,
} from './wall.ts';

const card = (set: string) => `UPDATE cards SET ${set} WHERE id = ${singleUseCard}`;
const lot = (set: string) => `UPDATE lots SET ${set} WHERE id = ${openLot}`;
const leg = (set: string) => `UPDATE hold_legs SET ${set} WHERE hold_id = ${firstHold}`;
const bounded = {account: 1, card: singleUseCard, version: 9};

/** Rows that no CHECK lets in. */
export const checkWalls: Walls = {
	merchants_name_check: [['a merchant without a name', insert('merchants', rows.merchants, {name: "''"})]],
	assets_scale_check: [
		['seven decimals', insert('assets', rows.assets, {scale: '7'})],
		['negative decimals', insert('assets', rows.assets, {scale: '-1'})],
	],
	assets_kind_check: [['an unknown kind of asset', insert('assets', rows.assets, {kind: '3'})]],
	actors_kind_check: [['an unknown kind of actor', insert('actors', rows.actors, {kind: '4'})]],
	credentials_token_hash_check: [
		['a token in clear', insert('credentials', rows.credentials, {token_hash: "'a-token-as-it-was-typed'"})],
		['a hash without enough salt', insert('credentials', rows.credentials, {token_salt: "'salt'"})],
	],
	credentials_role_check: [['an unknown role', insert('credentials', rows.credentials, {role: '3'})]],
	peppers_check_value_check: [
		['a pepper in clear', insert('peppers', rows.peppers, {check_value: "'pepper'"})],
	],
	customer_identifiers_kind_check: [
		['an unknown kind of identifier', insert('customer_identifiers', rows.customer_identifiers, {kind: '4'})],
	],
	customer_identifiers_value_check: [
		['an empty e-mail', insert('customer_identifiers', rows.customer_identifiers, {value: "''"})],
	],
	cards_available_check: [['a card below zero', card('available = -1')]],
	cards_held_check: [['less than nothing held', card('held = -1')]],
	cards_debt_check: [['a debt in the shopper’s favour', card('debt = 1')]],
	cards_version_check: [['a version below zero', card('version = -1')]],
	cards_status_check: [['an unknown status', card('status = 4')]],
	cards_closed_check: [['closing a card that holds value', card('status = 3')]],
	cards_code_check: [
		['a code in clear', card("code_hash = 'ABCDEFGHJKLMNPQR'")],
		['a hash without its pepper', card('pepper_id = NULL')],
		['a hash without its last four', card('code_last4 = NULL')],
		['a whole code as its last four', card("code_last4 = 'ABCDE'")],
		['a pepper without a hash', card('code_hash = NULL')],
		['last four without a code', card('code_hash = NULL, pepper_id = NULL')],
	],
	lots_origin_check: [
		['value from no funding account', insert('lots', rows.lots, {origin: '9'})],
		['value from what was redeemed', insert('lots', rows.lots, {origin: '20'})],
		['value from what expired', insert('lots', rows.lots, {origin: '30'})],
		['value from an account after adjustment', insert('lots', rows.lots, {origin: '41'})],
	],
	lots_issued_check: [
		['a lot of nothing', insert('lots', rows.lots, {issued: '0', remaining: '0', spent: 'true'})],
	],
	lots_remaining_check: [
		['more restored to a lot than was taken', lot('remaining = issued - held + 1')],
		['more taken out of a lot than it has', lot('remaining = -1')],
		['more released than was held', lot('held = -1')],
	],
	lots_spent_check: [
		['a lot with value that nobody would find', lot('spent = true')],
		['an empty lot that stays in the index', lot('remaining = 0')],
	],
	lots_owed_check: [['a clawback that owes less than nothing', lot('owed = -1')]],
	lots_parent_check: [
		['a child without its root', insert('lots', rows.lots, {parent_id: openLot})],
		['a root without a parent', insert('lots', rows.lots, {root_id: openLot})],
	],
	card_changes_kind_check: [['an unknown change', insert('card_changes', rows.card_changes, {kind: '7'})]],
	card_changes_former_expires_at_check: [
		[
			'a former date that no extension replaced',
			insert('card_changes', rows.card_changes, {former_expires_at: 'now()'}),
		],
	],
	card_changes_reason_code_check: [
		['a change for no reason of ours', insert('card_changes', rows.card_changes, {reason_code: '14'})],
	],
	entry_notes_reason_code_check: [
		['an entry for no reason of ours', insert('entry_notes', rows.entry_notes, {reason_code: '0'})],
	],
	incarnations_id_check: [
		['an incarnation before the first', insert('incarnations', rows.incarnations, {id: '0'})],
	],
	house_horizons_horizon_check: [
		['a horizon of no transaction', insert('house_horizons', rows.house_horizons, {horizon: '0'})],
	],
	seals_number_check: [['a seal before the first', insert('seals', rows.seals, {number: '0'})]],
	seals_entries_check: [['a seal of nothing', insert('seals', rows.seals, {entries: '0'})]],
	seals_positions_check: [
		['a seal that ends where it begins', insert('seals', rows.seals, {from_entry: rows.seals.to_entry})],
		['a seal that ends before it begins', insert('seals', rows.seals, {from_incarnation: '2'})],
	],
	seals_hash_check: [
		['a hash that is cut short', insert('seals', rows.seals, {hash: bytes(31)})],
		['a seal after no hash', insert('seals', rows.seals, {previous: bytes(0)})],
	],
	house_snapshots_account_check: [
		["a snapshot of cards' accounts", insert('house_snapshots', rows.house_snapshots, {account: '1'})],
		['a snapshot of no account', insert('house_snapshots', rows.house_snapshots, {account: '60'})],
	],
	issue_runs_seed_check: [
		['an unfinished run without its seed', insert('issue_runs', rows.issue_runs, {seed: 'NULL'})],
	],
	import_runs_name_check: [
		['a run without a name', insert('import_runs', rows.import_runs, {name: "''"})],
		['a name of 201 characters', insert('import_runs', rows.import_runs, {name: "repeat('x', 201)"})],
	],
	import_runs_kind_check: [['a run of nothing known', insert('import_runs', rows.import_runs, {kind: '3'})]],
	import_runs_digest_check: [
		['what recognises no file', insert('import_runs', rows.import_runs, {digest: bytes(31)})],
	],
	import_runs_rows_check: [['a run of no lines', insert('import_runs', rows.import_runs, {rows: '0'})]],
	order_bookings_units_check: [
		['an order that earned less than nothing', insert('order_bookings', rows.order_bookings, {units: '-1'})],
	],
	commands_key_check: [
		['a command with an empty key', insert('commands', rows.commands, {key: "''"})],
		['a key of 513 characters', insert('commands', rows.commands, {key: "repeat('x', 513)"})],
	],
	commands_outcome_check: [
		['a command with outcome and refusal', insert('commands', rows.commands, {refusal: '13'})],
		['a command with neither', insert('commands', rows.commands, {outcome_id: 'NULL', moved: 'NULL'})],
		['an outcome without amount', insert('commands', rows.commands, {moved: 'NULL'})],
		['a refusal with an amount', insert('commands', rows.commands, {refusal: '13', outcome_id: 'NULL'})],
	],
	entries_kind_check: [
		['an entry of no kind', insert('entries', rows.entries, {kind: '0'})],
		['an entry of an unknown kind', insert('entries', rows.entries, {kind: '21'})],
	],
	postings_amount_check: [['a posting of nothing', insertEntry, insertPostings({amount: 0})]],
	postings_account_check: [
		['a card account without a card', insertEntry, insertPostings({account: 1, after: 5, version: 9})],
		['a card account without a version', insertEntry, insertPostings({...bounded, after: 5, version: null})],
		['a card account without a balance after', insertEntry, insertPostings({...bounded, after: null})],
		['a house account of a card', insertEntry, insertPostings({card: singleUseCard})],
		['a house account with a balance after', insertEntry, insertPostings({after: 5})],
		['a house account with a version', insertEntry, insertPostings({version: 9})],
		['an unknown card account', insertEntry, insertPostings({...bounded, account: 4, after: 5})],
		['an unknown house account', insertEntry, insertPostings({account: 60})],
	],
	postings_balance_after_check: [
		['a history below zero', insertEntry, insertPostings({...bounded, after: -1})],
		['a debt above zero', insertEntry, insertPostings({...bounded, account: 3, after: 1})],
	],
	postings_version_check: [
		['a version of zero', insertEntry, insertPostings({...bounded, after: 5, version: 0})],
	],
	lot_movements_delta_check: [
		['a movement of nothing', insert('lot_movements', rows.lot_movements, {remaining_delta: '0'})],
	],
	holds_source_check: [['a hold from nowhere', insert('holds', rows.holds, {source: '3'})]],
	hold_legs_value_check: [
		['a leg of nothing', insert('hold_legs', rows.hold_legs, {value: '0'})],
		['a leg of negative units', insert('hold_legs', rows.hold_legs, {units: '-1'})],
	],
	hold_legs_rate_check: [
		['half a rate', insert('hold_legs', rows.hold_legs, {rate_numerator: '5'})],
		['the other half', insert('hold_legs', rows.hold_legs, {rate_denominator: '5'})],
		['a rate of zero', insert('hold_legs', rows.hold_legs, {rate_numerator: '0', rate_denominator: '5'})],
	],
	hold_legs_captured_check: [
		['captured and released beyond the hold', leg('captured = value - released + 1')],
		['captured below zero', leg('captured = -1')],
		['released below zero', leg('released = -1')],
	],
	hold_legs_refunded_check: [
		['refunded beyond what was captured', leg('refunded = captured + 1')],
		['refunded below zero', leg('refunded = -1')],
	],
};
