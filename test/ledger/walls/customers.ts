import {insert, type Row, rows, singleUseCard, type Walls} from './wall.ts';

// Three customers besides the first: one who became the first, one who was erased, and one who is nobody else.
const merged = '(SELECT min(id) FROM customers WHERE merged_into IS NOT NULL)';
const erased = '(SELECT min(id) FROM customers WHERE erased_at IS NOT NULL)';
const living = '(SELECT max(id) FROM customers WHERE merged_into IS NULL AND erased_at IS NULL)';

const merge: Row = {
	merchant_id: '1',
	customer_id: '1',
	kind: '1',
	other_id: merged,
	at: 'now()',
	actor_id: '1',
	reason: "'typed twice'",
};

/** What these walls stand in front of. */
export const customerRows: readonly string[] = [
	insert('customers', rows.customers, {merged_into: '1'}),
	insert('customers', rows.customers, {erased_at: 'now()'}),
	insert('customers', rows.customers),
	insert('customer_changes', merge),
];

const customer = (who: string, set: string) => `UPDATE customers SET ${set} WHERE id = ${who}`;
const identifier = (who: string) =>
	insert('customer_identifiers', rows.customer_identifiers, {customer_id: who});

export const customerCheckWalls: Walls = {
	customers_merged_into_check: [['a customer who became himself', customer(living, 'merged_into = id')]],
	customer_changes_kind_check: [
		['an unknown change', insert('customer_changes', merge, {kind: '3', other_id: 'NULL'})],
	],
	customer_changes_other_check: [
		['a merge with nobody', insert('customer_changes', merge, {other_id: 'NULL'})],
		['an erasure with somebody', insert('customer_changes', merge, {kind: '2'})],
	],
	customer_changes_reason_code_check: [
		['a merge for no reason of ours', insert('customer_changes', merge, {reason_code: '14'})],
	],
	customer_identifiers_of_the_living: [
		['an e-mail of somebody who became another', identifier(merged)],
		['an e-mail of somebody who was erased', identifier(erased)],
		[
			'e-mails of which one is of somebody who was erased',
			`INSERT INTO customer_identifiers VALUES (1, 3, 'one@living.example', ${living}), (1, 3, 'two@erased.example', ${erased})`,
		],
	],
	customer_identifiers_to_the_living: [
		[
			'an e-mail that moves to somebody who was erased',
			`UPDATE customer_identifiers SET customer_id = ${erased} WHERE customer_id = 1`,
		],
	],
	cards_of_the_living: [
		['a card for somebody who became another', insert('cards', rows.cards, {owner_id: merged})],
		['a card for somebody who was erased', insert('cards', rows.cards, {owner_id: erased})],
	],
	cards_to_the_living: [
		[
			'a card that goes to somebody who was erased',
			`UPDATE cards SET owner_id = ${erased} WHERE id = ${singleUseCard}`,
		],
	],
	customers_into_the_living: [
		['becoming somebody who was erased', customer(living, `merged_into = ${erased}`)],
		[
			'the last link of a ring',
			customer(living, 'merged_into = 1'),
			customer('1', `merged_into = (SELECT max(id) FROM customers WHERE merchant_id = 1)`),
		],
		[
			'a customer who is born merged into the erased',
			insert('customers', rows.customers, {merged_into: erased}),
		],
	],
};

export const customerReferenceWalls: Walls = {
	customers_merchant_id_merged_into_fkey: [
		['becoming somebody whom nobody knows', customer(living, 'merged_into = 999')],
	],
	customer_changes_merchant_id_customer_id_fkey: [
		['a change of nobody', insert('customer_changes', merge, {customer_id: '999'})],
	],
	customer_changes_merchant_id_other_id_fkey: [
		['a merge with somebody whom nobody knows', insert('customer_changes', merge, {other_id: '999'})],
	],
	customer_changes_merchant_id_actor_id_fkey: [
		['a change by nobody', insert('customer_changes', merge, {actor_id: '999'})],
	],
};

export const customerHistoryWalls: Walls = {
	customers_stay: [
		['deleting a customer', `DELETE FROM customers WHERE id = ${living}`],
		['emptying the table', 'TRUNCATE customers CASCADE'],
	],
	customers_fixed: [
		['another number', customer(living, 'id = DEFAULT')],
		['another merchant', customer(living, 'merchant_id = 2')],
		['undoing a merge', customer(merged, 'merged_into = NULL')],
		['becoming yet another', customer(merged, `merged_into = ${living}`)],
		['undoing an erasure', customer(erased, 'erased_at = NULL')],
		['becoming somebody after an erasure', customer(erased, 'merged_into = 1')],
	],
};
