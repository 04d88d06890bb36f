import {
	entryOf,
	insert,
	insertEntry,
	insertPostings,
	otherId,
	quoted,
	rows,
	singleUseCard,
	type Walls,
} from './wall.ts';

const nobody = '999';

/** Rows that may not be there twice. Primary keys are tried on every table by copying a row. */
export const uniqueWalls: Walls = {
	merchants_name_key: [
		['a second merchant of one name', insert('merchants', rows.merchants, {name: "'shop'"})],
	],
	assets_merchant_id_code_key: [
		['a second asset of one code', insert('assets', rows.assets, {code: "'BRL'"})],
	],
	import_runs_merchant_id_name_key: [
		['two runs of one name', insert('import_runs', rows.import_runs, {name: "'first'"})],
	],
	actors_merchant_id_kind_name_key: [
		['the same actor again', insert('actors', rows.actors, {name: "'tester'"})],
	],
	peppers_check_value_key: [
		[
			'the same pepper again',
			insert('peppers', rows.peppers, {check_value: '(SELECT check_value FROM peppers LIMIT 1)'}),
		],
	],
	cards_merchant_id_public_id_key: [
		[
			'a second card of one id',
			insert('cards', rows.cards, {public_id: `(SELECT public_id FROM cards WHERE id = ${singleUseCard})`}),
		],
	],
	cards_merchant_id_code_hash_key: [
		[
			'a second card behind one code',
			insert('cards', rows.cards, {code_hash: `(SELECT code_hash FROM cards WHERE id = ${singleUseCard})`}),
		],
	],
	postings_card_history: [
		[
			'a second entry under one version of a card',
			insertEntry,
			insertPostings({account: 1, card: singleUseCard, after: 5, version: 2}, {amount: -5}),
		],
	],
	customer_identifiers_pkey: [
		[
			"one customer's e-mail for another",
			insert('customers', rows.customers),
			insert('customer_identifiers', rows.customer_identifiers, {
				value: "'owner@example.com'",
				customer_id: '(SELECT max(id) FROM customers)',
			}),
		],
	],
	commands_pkey: [
		[
			'a second outcome under one key',
			`INSERT INTO commands SELECT merchant_id, scope, space, key, verb, amount + 1, asset_id, NULL, ${quoted(otherId)}, 1, now()
				FROM commands WHERE outcome_id = ${entryOf(4)}`,
		],
	],
};

/** Rows that name what does not exist, or belongs to another merchant. */
export const referenceWalls: Walls = {
	assets_merchant_id_fkey: [["nobody's asset", insert('assets', rows.assets, {merchant_id: nobody})]],
	actors_merchant_id_fkey: [["nobody's actor", insert('actors', rows.actors, {merchant_id: nobody})]],
	credentials_merchant_id_actor_id_fkey: [
		['a credential of no actor', insert('credentials', rows.credentials, {actor_id: nobody})],
		["a credential of another merchant's actor", insert('credentials', rows.credentials, {merchant_id: '2'})],
	],
	customers_merchant_id_fkey: [
		["nobody's customer", insert('customers', rows.customers, {merchant_id: nobody})],
	],
	customer_identifiers_merchant_id_customer_id_fkey: [
		[
			'an e-mail of no customer',
			insert('customer_identifiers', rows.customer_identifiers, {customer_id: nobody}),
		],
	],
	cards_merchant_id_asset_id_fkey: [
		['a card of no currency', insert('cards', rows.cards, {asset_id: nobody})],
		["a card in another merchant's currency", insert('cards', rows.cards, {merchant_id: '2'})],
	],
	cards_merchant_id_owner_id_fkey: [
		['a card of no customer', insert('cards', rows.cards, {owner_id: nobody})],
	],
	cards_pepper_id_fkey: [['a code under no pepper', insert('cards', rows.cards, {pepper_id: nobody})]],
	house_horizons_merchant_id_fkey: [
		["nobody's horizon", insert('house_horizons', rows.house_horizons, {merchant_id: nobody})],
	],
	seals_merchant_id_fkey: [['a seal for nobody', insert('seals', rows.seals, {merchant_id: nobody})]],
	house_snapshots_merchant_id_fkey: [
		['a snapshot without its horizon', insert('house_snapshots', rows.house_snapshots, {merchant_id: '2'})],
	],
	lots_merchant_id_card_id_fkey: [['a lot of no card', insert('lots', rows.lots, {card_id: nobody})]],
	card_changes_merchant_id_card_id_fkey: [
		['a change of no card', insert('card_changes', rows.card_changes, {card_id: nobody})],
	],
	card_changes_merchant_id_actor_id_fkey: [
		['a change by nobody', insert('card_changes', rows.card_changes, {actor_id: nobody})],
	],
	import_runs_merchant_id_actor_id_fkey: [
		["nobody's run", insert('import_runs', rows.import_runs, {merchant_id: '2'})],
	],
	issue_runs_merchant_id_fkey: [
		["nobody's run", insert('issue_runs', rows.issue_runs, {merchant_id: nobody})],
	],
};
