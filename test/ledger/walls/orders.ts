import {bytes, insert, rows, type Walls} from './wall.ts';

/* The walls of the ways in by which orders come. Merchant 1 has the row `first` of each table. */

const keys = (changes: Readonly<Record<string, string>>) => insert('vtex_keys', rows.vtex_keys, changes);
const hook = (changes: Readonly<Record<string, string>>) => insert('order_hooks', rows.order_hooks, changes);
const look = (changes: Readonly<Record<string, string>>) => insert('order_looks', rows.order_looks, changes);
const nobody = '999';

export const orderCheckWalls: Walls = {
	vtex_keys_purpose_check: [['keys for nothing known', keys({purpose: '3'})]],
	vtex_keys_account_check: [
		['an account that leads to another host', keys({account: "'evil.example/'"})],
		['an account in capitals, which would be another one to the index', keys({account: "'Acme'"})],
	],
	vtex_keys_app_token_check: [
		['a token in clear', keys({app_token: "'token-of-the-store-0123456789-abcdef'"})],
		['a token that is too short to be encrypted', keys({app_token: bytes(29, '01')})],
	],
	order_hooks_token_check: [
		['a token in clear', hook({token: "'token-of-the-hook-0123456789-abcdefgh'"})],
		['a token in clear as its hash', hook({token_hash: "'token'"})],
	],
	order_looks_status_check: [['an order of no known status', look({status: '4'})]],
	order_looks_order_id_check: [
		['an id that leads to another address', look({order_id: "'../hook/config'"})],
		['an order without an id', look({order_id: "''"})],
	],
	order_looks_at_least_check: [
		['a time with other digits', look({at_least: "'2026-03-12T14:02:12.905Z'"})],
		['a time of another zone', look({at_least: "'2026-03-12T14:02:12.9051144+00:00'"})],
	],
	order_looks_done_check: [
		['an order that is done, and was not looked at', look({status: '2'})],
		[
			'an order that is done, and is still looked at',
			look({status: '2', looked_at: 'now()', leased_until: 'now()'}),
		],
	],
	order_looks_given_up_check: [['an order that was given up for no reason', look({status: '3'})]],
};

export const orderReferenceWalls: Walls = {
	vtex_keys_merchant_id_fkey: [['keys of nobody', keys({merchant_id: nobody, account: "'nobody'"})]],
	order_hooks_merchant_id_purpose_fkey: [
		['a hook without the keys that own it', hook({merchant_id: nobody})],
	],
	order_looks_merchant_id_fkey: [['an order of nobody', look({merchant_id: nobody})]],
};

export const orderUniqueWalls: Walls = {
	vtex_keys_account_app_key_key: [['a pair for two purposes', keys({account: "'first'"})]],
	order_hooks_token_hash_key: [
		['a token that names two hooks', hook({token_hash: '(SELECT token_hash FROM order_hooks LIMIT 1)'})],
	],
};
