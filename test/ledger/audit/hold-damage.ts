import {accountNumbers} from '../../../src/ledger/chart.ts';
import {entryKinds} from '../../../src/ledger/entry.ts';
import {type Damages, drop, entryOf, firstLeg, lotOf, nobody, singleUseCard} from './damage.ts';

const {authorize, capture} = entryKinds;
const {committed, exchange} = accountNumbers;

export const holdDamages: Damages = {
	'Every hold has its authorization and its legs': [
		[
			'a hold that was deleted',
			/authorized, and no hold has this id/,
			`DELETE FROM holds WHERE id = ${entryOf(authorize)}`,
		],
		['legs that were deleted', /has no leg/, `DELETE FROM hold_legs WHERE ${firstLeg}`],
		[
			'a hold that nobody authorized',
			/No entry authorized it/,
			`UPDATE entries SET kind = ${capture} WHERE id = ${entryOf(authorize)}`,
		],
		[
			'a leg of no hold',
			/has legs, and no hold/,
			`UPDATE hold_legs SET hold_id = '${nobody}' WHERE ${firstLeg}`,
		],
	],
	'Every leg is authorized, captured, released and refunded by as much as its entries moved': [
		[
			'a captured value that was changed',
			/says 3999 captured/,
			`UPDATE hold_legs SET captured = captured - 1, refunded = refunded - 1 WHERE ${firstLeg}`,
		],
		[
			'a released value that was changed',
			/1999 released/,
			`UPDATE hold_legs SET released = released - 1 WHERE ${firstLeg}`,
		],
		[
			'a refunded value that was changed',
			/3999 refunded/,
			`UPDATE hold_legs SET refunded = refunded - 1 WHERE ${firstLeg}`,
		],
		['units that were changed', /\(6001 units\)/, `UPDATE hold_legs SET units = units + 1 WHERE ${firstLeg}`],
		[
			'an authorized value that was changed',
			/of 6001/,
			`UPDATE hold_legs SET value = value + 1 WHERE ${firstLeg}`,
		],
		[
			'a leg on another card',
			/Lots of another card/,
			`UPDATE hold_legs SET card_id = ${singleUseCard} WHERE ${firstLeg}`,
		],
		['another leg number', /no leg has this number/, `UPDATE hold_legs SET leg = 2 WHERE ${firstLeg}`],
		[
			'a capture out of another lot than was taken',
			/gave more of a lot than it took/,
			`UPDATE lot_movements SET lot_id = ${lotOf('origin = 14')} WHERE lot_id = ${lotOf('origin = 10')} AND entry_id = ${entryOf(capture)}`,
		],
	],
	'No leg captures, releases or refunds more than it may': [
		[
			'more captured than authorized',
			/Of 6000 it captured 6001/,
			drop('hold_legs', 'hold_legs_captured_check'),
			`UPDATE hold_legs SET captured = 6001 WHERE ${firstLeg}`,
		],
		[
			'more refunded than captured',
			/refunded 4001/,
			drop('hold_legs', 'hold_legs_refunded_check'),
			`UPDATE hold_legs SET refunded = 4001 WHERE ${firstLeg}`,
		],
	],
	'Every card holds what its open legs reserve, and no lot is held without a leg': [
		[
			'a leg that was released on paper',
			/holds 1000, and its open legs reserve 0/,
			`UPDATE hold_legs SET released = value WHERE card_id = ${singleUseCard}`,
		],
		[
			'held value of no leg',
			/names no leg/,
			`UPDATE lot_movements SET leg = NULL WHERE merchant_id = 1 AND entry_id = ${entryOf(authorize)}`,
		],
	],
	'Points that pay are exchanged for as much as their legs promise and keep': [
		[
			'a promise that was not kept',
			/promise \d+ of this asset and exchanged -\d+ of it; its entries posted/,
			`UPDATE postings SET amount = amount + 1 WHERE merchant_id = 1 AND account = ${committed}
				AND entry_id = (SELECT hold_id FROM payments WHERE merchant_id = 1 AND payment_id = 'points')`,
		],
		[
			'points that were exchanged for nothing',
			/promise 0 of this asset and exchanged \d+ of it; its entries posted 0 and/,
			`UPDATE postings SET amount = amount + 1 WHERE merchant_id = 1 AND account = ${exchange} AND asset_id <> 1 AND amount > 0`,
		],
		[
			'a rate that a leg never had',
			/its entries posted 0 and 0/,
			`UPDATE hold_legs SET rate_numerator = 1, rate_denominator = 1 WHERE card_id = ${singleUseCard}`,
		],
	],
};
