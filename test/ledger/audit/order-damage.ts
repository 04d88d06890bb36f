import {entryKinds} from '../../../src/ledger/entry.ts';
import {type Damages, drop, entryOf, lotOf, nobody} from './damage.ts';

const {earn, clawback} = entryKinds;

/** The first order of the first merchant: 1000 and 500 points were given, and all was taken back. */
const firstOrder = "merchant_id = 1 AND order_id = 'o'";
/** It has booked 50 of 700 points; of what was held when the rest was taken back, its lots still owe some. */
const owing = lotOf('owed > 0');

export const orderDamages: Damages = {
	'Every order has booked what its entries gave and did not take back, less what its lots still owe': [
		[
			'a booking that was changed',
			/has booked 1, and its lots owe 0; its entries gave 0 more/,
			`UPDATE order_bookings SET units = units + 1 WHERE ${firstOrder}`,
		],
		[
			'a booking that was deleted',
			/has booked 0, and its lots owe \d+; its entries gave/,
			`DELETE FROM order_bookings WHERE merchant_id = 1 AND order_id = 'third'`,
		],
		[
			'a lot that owes more than was said',
			/has booked 50, and its lots owe \d+; its entries gave/,
			`UPDATE lots SET owed = owed + 1 WHERE id = ${owing}`,
		],
		[
			'an entry that gave another amount',
			/its entries gave -1 more/,
			`UPDATE postings SET amount = amount + 1 WHERE entry_id = ${entryOf(earn)} AND amount < 0`,
		],
		[
			'a clawback that was deleted',
			/its entries gave 1500 more/,
			`DELETE FROM entries WHERE id = ${entryOf(clawback)}`,
		],
		['an order that was deleted', /no order names it/, `DELETE FROM orders WHERE ${firstOrder}`],
		[
			'two orders of one earning',
			/2 orders name it/,
			`UPDATE orders SET earning_id = ${entryOf(earn)} WHERE merchant_id = 1 AND order_id = 'second'`,
		],
	],
	'Every booking belongs to an order and a wallet, and an order without an earning has booked nothing': [
		[
			'a booking below zero',
			/neither may be below zero/,
			drop('order_bookings', 'order_bookings_forgone_check'),
			`UPDATE order_bookings SET forgone = -1 WHERE ${firstOrder}`,
		],
		[
			'a booking of no order',
			/No order has this id/,
			`UPDATE order_bookings SET order_id = 'nobody' WHERE ${firstOrder}`,
		],
		[
			'a booking of no card',
			/No card has this id/,
			`UPDATE order_bookings SET card_id = 999 WHERE ${firstOrder}`,
		],
		[
			'a booking of no version',
			/booked by no version/,
			`UPDATE orders SET applied_version = NULL WHERE ${firstOrder}`,
		],
		[
			'a booking of nothing that was given',
			/has booked 50, and no entry gave points/,
			`UPDATE orders SET earning_id = NULL WHERE merchant_id = 1 AND order_id = 'third'`,
		],
	],
	'No lot owes more than was taken out of it and can come back': [
		[
			'a lot that owes what is still in it',
			/owes 1000000, and \d+ was taken out of it/,
			`UPDATE lots SET owed = 1000000 WHERE id = ${owing}`,
		],
		[
			'a lot that owes although it lost nothing',
			/owes 1, and 0 was taken out of it/,
			`UPDATE lots SET owed = 1 WHERE id = ${lotOf('origin = 15 AND remaining = issued')}`,
		],
		[
			'a lot that owes what was clawed back',
			/owes 600, and/,
			`UPDATE lots SET owed = 600 WHERE id = (SELECT answers FROM entries WHERE merchant_id = 1 AND kind = ${clawback} AND id <> '${nobody}' ORDER BY id LIMIT 1)`,
		],
	],
};
