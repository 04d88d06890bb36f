import {appendOnly, fixed} from './triggers.ts';
import {firstProgram, insert, otherId, pointsOf, quoted, rows, singleUseCard, type Walls} from './wall.ts';

/* The walls of loyalty programs, wallets and what orders have earned. The program `Gold` counts in PTS. */

const program = (changes: Readonly<Record<string, string>>) => insert('programs', rows.programs, changes);
const rate = (changes: Readonly<Record<string, string>>) =>
	insert('program_rates', rows.program_rates, changes);
export const wallet = (changes: Readonly<Record<string, string>> = {}) =>
	insert('cards', rows.cards, {
		...{pepper_id: 'NULL', code_hash: 'NULL', code_last4: 'NULL'},
		...{is_wallet: 'true', owner_id: '1', asset_id: pointsOf('PTS')},
		...changes,
	});

export const programCheckWalls: Walls = {
	programs_name_check: [['a program without a name', program({name: "''"})]],
	programs_expiry_check: [
		['points that end in no known way', program({expiry_kind: '0'})],
		['points that end in a way of tomorrow', program({expiry_kind: '5'})],
		['points that end before they come', program({expiry_kind: '2', expiry_count: '-1'})],
		['points that end after the calendar', program({expiry_count: '36601'})],
		['sold points that end in no known way', program({purchased_expiry_kind: '0'})],
		['sold points that end in a way of tomorrow', program({purchased_expiry_kind: '5'})],
		['sold points that end before they come', program({purchased_expiry_count: '-1'})],
		['sold points that end after the calendar', program({purchased_expiry_count: '36601'})],
	],
	programs_pending_check: [
		['points that are spent before they come', program({pending_days: '-1'})],
		['points that nobody lives to spend', program({pending_days: '3661'})],
	],
	programs_redemption_check: [
		['a redemption of nothing', program({redemption_min: '0'})],
		['a most below the least', program({redemption_min: '5', redemption_max: '4'})],
	],
	programs_caps_check: [
		['wallets that carry nothing', program({balance_max: '0'})],
		['days that earn nothing', program({day_max: '0'})],
		['orders that earn nothing', program({order_max: '0'})],
	],
	programs_grace_check: [
		['a grace below zero', program({grace_days: '-1'})],
		['a grace of more than ten years', program({grace_days: '3661'})],
		['a cap below zero', program({grace_cap_days: '-1'})],
		['a cap after the calendar', program({grace_cap_days: '36601'})],
	],
	programs_clawback_check: [
		['a clawback of no known kind', program({clawback: '0'})],
		['a clawback of tomorrow', program({clawback: '3'})],
	],
	program_rates_rate_check: [
		['points that are worth nothing', rate({numerator: '0'})],
		['points that are worth less than nothing', rate({numerator: '-1'})],
		['a rate that divides by nothing', rate({denominator: '0'})],
		['a rate that divides by less', rate({denominator: '-1'})],
	],
	cards_wallet_check: [['a wallet that belongs to nobody', wallet({owner_id: 'NULL'})]],
	cards_forwards_to_check: [
		[
			'a card that hands its value on to itself',
			`UPDATE cards SET forwards_to = id WHERE id = ${singleUseCard}`,
		],
	],
	order_bookings_forgone_check: [
		[
			'an order that forwent less than nothing',
			insert('order_bookings', rows.order_bookings, {forgone: '-1'}),
		],
	],
};

export const programUniqueWalls: Walls = {
	programs_merchant_id_name_key: [['a second program of one name', program({name: "'Gold'"})]],
	programs_merchant_id_asset_id_key: [
		['a second program of the same points', program({asset_id: pointsOf('PTS')})],
	],
	program_rates_pkey: [
		[
			'another rate from the same instant on',
			`INSERT INTO program_rates (merchant_id, program_id, currency_id, effective_from, numerator, denominator)
				SELECT merchant_id, program_id, currency_id, effective_from, numerator + 1, denominator FROM program_rates`,
		],
	],
	cards_wallets_key: [
		['a second wallet of one customer for the same points', wallet(), wallet({public_id: quoted(otherId)})],
	],
};

export const programReferenceWalls: Walls = {
	programs_merchant_id_asset_id_fkey: [
		['a program of no points', program({asset_id: '999'})],
		["a program of another merchant's points", program({merchant_id: '2'})],
	],
	program_rates_merchant_id_program_id_fkey: [['a rate of no program', rate({program_id: '999'})]],
	program_rates_merchant_id_currency_id_fkey: [
		[
			"a rate in another merchant's currency",
			rate({currency_id: '(SELECT min(id) FROM assets WHERE merchant_id = 2)'}),
		],
	],
	cards_merchant_id_forwards_to_fkey: [
		[
			'a card that hands its value on to nobody',
			`UPDATE cards SET forwards_to = 999 WHERE id = ${singleUseCard}`,
		],
	],
};

export const programHistoryWalls: Walls = {
	programs_stay: [
		['deleting a program', `DELETE FROM programs WHERE id = ${firstProgram}`],
		['emptying programs', 'TRUNCATE programs CASCADE'],
	],
	programs_fixed: fixed('programs', `id = ${firstProgram}`, {merchant_id: '2', asset_id: pointsOf('STARS')}),
	program_rates_append_only: [...appendOnly('program_rates', 'numerator')],
};
