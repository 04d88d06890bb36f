import {keySpaces} from '../../../src/ledger/commands.ts';
import {type Damages, drop, nobody} from './damage.ts';

const command = (space: number, condition = 'true') =>
	`merchant_id = 1 AND space = ${space} AND ${condition}`;

/** Of the first merchant: `settled` captured 30.00 of 50.00, `open` holds 12.00, `over` was cancelled, `denied` denied. */
const payment = (id: string) => `merchant_id = 1 AND payment_id = '${id}'`;
const holdOf = (id: string) => `(SELECT hold_id FROM payments WHERE ${payment(id)})`;

export const paymentDamages: Damages = {
	'Every payment has the hold that it names, over its value, and every hold of a payment has its payment': [
		[
			'a payment without its hold',
			/no payment names it/,
			`UPDATE payments SET hold_id = NULL WHERE ${payment('open')}`,
		],
		['a payment that was deleted', /no payment names it/, `DELETE FROM payments WHERE ${payment('open')}`],
		[
			'two payments with one hold',
			/2 payments name it/,
			`UPDATE payments SET hold_id = ${holdOf('open')} WHERE ${payment('settled')}`,
		],
		[
			'a payment with the hold of a gift card',
			/no payment holds anything by that id/,
			`UPDATE holds SET source = 1 WHERE id = ${holdOf('open')}`,
		],
		[
			'a value that was changed',
			/value of 1201, and its legs reserved 1200/,
			`UPDATE payments SET value = value + 1 WHERE ${payment('open')}`,
		],
		[
			'a hold that was released for nobody',
			/2 payments name it/,
			`UPDATE payments SET former_hold_id = ${holdOf('open')} WHERE ${payment('settled')}`,
		],
		['another currency', /another currency/, `UPDATE payments SET asset_id = 2 WHERE ${payment('open')}`],
	],
	'Nothing is held for a payment that is over, and none says that it holds what it does not': [
		[
			'a denied payment that holds',
			/waits or was denied/,
			drop('payments', 'payments_hold_check'),
			`UPDATE payments SET status = 3, refusal = 13 WHERE ${payment('open')}`,
		],
		[
			'a cancelled payment that was captured',
			/cancelled, and 3000 of it was captured/,
			`UPDATE payments SET status = 4 WHERE ${payment('settled')}`,
		],
		[
			'a cancelled payment that still holds',
			/was cancelled, and 1200 of it is held/,
			`UPDATE payments SET status = 4, cancellation_id = '${nobody}' WHERE ${payment('open')}`,
		],
		[
			'a time-out of nothing',
			/to be released one day/,
			`UPDATE payments SET hold_until = now() WHERE ${payment('settled')}`,
		],
	],
	'Every command of a payment names its payment and answers with its hold or its cancellation': [
		[
			'a command of no payment',
			/No payment has this id/,
			`UPDATE payments SET tid = '${nobody}' WHERE ${payment('tombstone')}`,
		],
		[
			'a settlement of a payment that holds nothing',
			/the hold none/,
			`UPDATE payments SET hold_id = NULL WHERE ${payment('settled')}`,
		],
		[
			'a cancellation that answered another id',
			/the hold none/,
			`UPDATE commands SET outcome_id = '${nobody}' WHERE ${command(keySpaces.cancellation, "key = 'of a tombstone'")}`,
		],
	],
};
