import {bytes, insert, otherId, quoted, rows, type Walls} from './wall.ts';

/* The walls of payments, PINs and sign-ups. The row `first` of payments is approved; `bare` has nothing beside it. */

const payment = (changes: Readonly<Record<string, string>>) => insert('payments', rows.payments, changes);
const callback = (changes: Readonly<Record<string, string>>) => insert('callbacks', rows.callbacks, changes);
const pin = (changes: Readonly<Record<string, string>>) => insert('card_pins', rows.card_pins, changes);
const admin = (changes: Readonly<Record<string, string>>) => insert('admins', rows.admins, changes);
const signUp = (changes: Readonly<Record<string, string>>) => insert('sign_ups', rows.sign_ups, changes);

const tombstone = {
	...{
		status: '4',
		cancellation_id: quoted(otherId),
		way: 'NULL',
		asset_id: 'NULL',
		value: 'NULL',
		method: 'NULL',
	},
	...{delay_to_auto_settle: 'NULL', delay_after_antifraud: 'NULL', delay_to_cancel: 'NULL'},
};

const login = {merchant_id: '1', admin_name: "'somebody'", code_hash: bytes(32, '08'), code_until: 'now()'};

export const paymentCheckWalls: Walls = {
	payments_status_check: [
		['a payment of no known status', payment({status: '5'})],
		['a row that is no payment yet', payment({status: '0'})],
	],
	payments_way_check: [
		['a payment that pays in no known way', payment({way: '5'})],
		['a way of zero', payment({way: '0'})],
	],
	payments_value_check: [['a payment of less than nothing', payment({value: '-1'})]],
	payments_hold_check: [
		['a denied payment that holds', payment({status: '3', refusal: '13', hold_id: quoted(otherId)})],
		['a waiting payment that holds', payment({status: '1', hold_id: quoted(otherId)})],
	],
	payments_refusal_check: [
		['a denied payment without a reason', payment({status: '3'})],
		['an approved payment with one', payment({status: '2', refusal: '13'})],
	],
	payments_cancellation_check: [['a cancelled payment without the id of that', payment({status: '4'})]],
	payments_timed_out_check: [
		['a time-out of a payment that lives', payment({timed_out_at: 'now()'})],
		['a time-out that released nothing', payment({...tombstone, timed_out_at: 'now()'})],
	],
	payments_former_hold_check: [
		['value taken again without a hold', payment({former_hold_id: quoted(otherId)})],
		[
			'value taken again by the hold that was released',
			payment({status: '2', hold_id: quoted(otherId), former_hold_id: quoted(otherId)}),
		],
	],
	payments_page_check: [["a page's secret in clear", payment({page_hash: "'secret'"})]],
	payments_created_check: [
		['a create without its method', payment({method: 'NULL'})],
		['a tombstone with a method', payment({...tombstone, method: "'Privatelabels'"})],
	],
	payment_requests_kind_check: [
		['an operation of an unknown kind', insert('payment_requests', rows.payment_requests, {kind: '4'})],
	],
	callbacks_status_check: [['a callback of no known status', callback({status: '4'})]],
	callbacks_delivered_check: [
		['a delivered callback without its time', callback({status: '2'})],
		['a waiting callback that was delivered', callback({delivered_at: 'now()'})],
	],
	card_pins_pin_hash_check: [['a PIN in clear', pin({pin_hash: "'1234'"})]],
	card_pins_misses_check: [['free guesses at a PIN', pin({misses: '-1'})]],
	admins_name_check: [['an admin without a name', admin({name: "''"})]],
	admins_role_check: [
		['an unknown role of an admin', admin({role: '4'})],
		['a role of zero', admin({role: '0'})],
	],
	admins_password_check: [
		['a password in clear', admin({password_hash: "'correct horse'"})],
		['a password without enough salt', admin({password_salt: bytes(15)})],
	],
	guess_limits_key_check: [
		['an address in clear', "INSERT INTO guess_limits (key, points, expire) VALUES ('1:192.0.2.1', 1, 1)"],
	],
	guess_limits_points_check: [
		[
			'free guesses at codes',
			`INSERT INTO guess_limits (key, points, expire) VALUES ('1:${'x'.repeat(43)}', -1, 1)`,
		],
	],
	admins_misses_check: [['free guesses at a password', admin({misses: '-1'})]],
	sign_ups_hash_check: [
		['a token of a sign-up in clear', signUp({token_hash: "'token'"})],
		['a code of a sign-up in clear', signUp({...login, code_hash: "'code'"})],
	],
	sign_ups_code_check: [
		['a code for no merchant', signUp({...login, merchant_id: 'NULL'})],
		['a code by no admin', signUp({...login, admin_name: 'NULL'})],
		['a code that never ends', signUp({...login, code_until: 'NULL'})],
		['a login without its code', signUp({...login, code_hash: 'NULL'})],
	],
};

export const paymentUniqueWalls: Walls = {
	payments_page: [['a second payment at one address', payment({page_hash: bytes(32)})]],
	callbacks_merchant_id_payment_id_key: [['a second callback', callback({payment_id: "'first'"})]],
	sign_ups_code_hash_key: [['a second sign-up of one code', signUp({...login, code_hash: bytes(32, '09')})]],
};

export const paymentReferenceWalls: Walls = {
	callbacks_merchant_id_payment_id_fkey: [['a callback of no payment', callback({payment_id: "'nobody'"})]],
	card_pins_merchant_id_card_id_fkey: [['a PIN of no card', pin({card_id: '999'})]],
	card_pins_pepper_id_fkey: [['a PIN under no pepper', pin({pepper_id: '999'})]],
	admins_merchant_id_fkey: [["nobody's admin", admin({merchant_id: '999'})]],
	sign_ups_merchant_id_fkey: [["nobody's sign-up", signUp({...login, merchant_id: '999'})]],
};
