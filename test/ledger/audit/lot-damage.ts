import {entryKinds} from '../../../src/ledger/entry.ts';
import {type Damages, drop, entryOf, lotOf, nobody, singleUseCard} from './damage.ts';

const {adjust, extend, reverseCredit, transfer} = entryKinds;

/** The lot that the first transfer took of, and the child that it opened. */
const moved = (sign: '<' | '>') =>
	`(SELECT lot_id FROM lot_movements WHERE entry_id = ${entryOf(transfer)} AND remaining_delta ${sign} 0)`;

/** The entries of the first extension, and a lot that it opened. */
const extension = (order: 'ASC' | 'DESC') =>
	`(SELECT id FROM entries WHERE merchant_id = 1 AND kind = ${extend} AND coalesce(operation_id, id) = ${entryOf(extend)} ORDER BY id ${order} LIMIT 1)`;
const extended = `(SELECT lot_id FROM lot_movements WHERE entry_id = ${extension('DESC')} ORDER BY lot_id LIMIT 1)`;

export const lotDamages: Damages = {
	'Every lot is the sum of its movements': [
		[
			'a remainder that was changed',
			/stores \d+ remaining and \d+ held; its movements sum to/,
			`UPDATE lots SET remaining = remaining - 1 WHERE id = ${lotOf('remaining > 1')}`,
		],
		[
			'held value that was changed',
			/its movements sum to/,
			`UPDATE lots SET held = held - 1 WHERE id = ${lotOf('held > 1')}`,
		],
		[
			'an issued amount that was changed',
			/says that \d+ was issued, and \d+ arrived/,
			`UPDATE lots SET issued = issued + 1 WHERE id = ${lotOf('true')}`,
		],
		['a lot that was deleted', /no lot has this id/, `DELETE FROM lots WHERE id = ${lotOf('true')}`],
		[
			'movements that were deleted',
			/and 0 arrived/,
			`DELETE FROM lot_movements WHERE lot_id = ${lotOf('held > 1')}`,
		],
	],
	'No lot gives more than was issued, and none is hidden while it has value': [
		[
			'a lot that was filled too far',
			/do not fit into/,
			drop('lots', 'lots_remaining_check'),
			`UPDATE lots SET remaining = issued + 1 WHERE id = ${lotOf('NOT spent')}`,
		],
		[
			'a lot below zero',
			/-1 remaining/,
			drop('lots', 'lots_remaining_check'),
			`UPDATE lots SET remaining = -1 WHERE id = ${lotOf('NOT spent')}`,
		],
		[
			'a lot whose value is hidden',
			/marked spent with \d+ remaining/,
			drop('lots', 'lots_spent_check'),
			`UPDATE lots SET spent = true WHERE id = ${lotOf('NOT spent')}`,
		],
	],
	'Every lot was issued by an entry, or continues one that expired, was extended or is on another card': [
		[
			'another origin',
			/No entry issued \d+ from account 12/,
			`UPDATE lots SET origin = 12 WHERE id = ${lotOf('parent_id IS NULL')}`,
		],
		[
			'an adjustment that says it was sold',
			/No entry issued 400 from account 10/,
			`UPDATE lots SET origin = 10 WHERE id = ${entryOf(adjust)}`,
		],
		[
			'a transferred lot of another origin',
			/parent has another origin/,
			`UPDATE lots SET origin = 12 WHERE id = ${moved('>')}`,
		],
		[
			'a transferred lot under another root',
			/another root/,
			`UPDATE lots SET root_id = '${nobody}' WHERE id = ${moved('>')}`,
		],
		[
			'a lot that nobody issued',
			/No entry issued/,
			`UPDATE lots SET id = '${nobody}' WHERE id = ${lotOf('parent_id IS NULL')}`,
		],
		[
			'a parent that does not exist',
			/Its parent does not exist/,
			`UPDATE lots SET parent_id = '${nobody}' WHERE id = ${lotOf('parent_id IS NOT NULL')}`,
		],
		[
			"another card's parent",
			/parent belongs to another card/,
			`UPDATE lots SET parent_id = ${lotOf('origin = 11')} WHERE id = ${lotOf('parent_id IS NOT NULL')}`,
		],
		[
			'a child of another origin',
			/parent has another origin/,
			`UPDATE lots SET origin = 12 WHERE id = ${lotOf('parent_id IS NOT NULL')}`,
		],
		[
			'another root',
			/another root/,
			`UPDATE lots SET root_id = '${nobody}' WHERE id = ${lotOf('parent_id IS NOT NULL')}`,
		],
		[
			'a child that expires before its parent',
			/expires before its parent/,
			`UPDATE lots SET expires_at = '2020-01-01' WHERE id = ${lotOf('parent_id IS NOT NULL')}`,
		],
	],
	'Every transfer closes parts of lots, and opens them on another card under the same dates': [
		[
			'a transferred lot that ends later than its parent',
			/has other dates/,
			`UPDATE lots SET expires_at = expires_at + interval '1 day' WHERE id = ${moved('>')}`,
		],
		[
			'a transferred lot that begins earlier than its parent',
			/has other dates/,
			`UPDATE lots SET spendable_from = spendable_from - interval '1 day' WHERE id = ${moved('>')}`,
		],
		[
			'a transferred lot on the card that it came from',
			/within one card/,
			`UPDATE lots SET card_id = (SELECT card_id FROM lots WHERE id = ${moved('<')}) WHERE id = ${moved('>')}`,
		],
		[
			'a transferred lot that is larger than what was taken',
			/opened a lot of 2001 with 2000 for 2000/,
			`UPDATE lots SET issued = issued + 1 WHERE id = ${moved('>')}`,
		],
		[
			'value that arrived in no lot',
			/took 2000 of this lot and opened no lot/,
			`DELETE FROM lot_movements WHERE entry_id = ${entryOf(transfer)} AND remaining_delta > 0`,
		],
		[
			'value that was taken of no lot',
			/took nothing of its parent/,
			`DELETE FROM lot_movements WHERE entry_id = ${entryOf(transfer)} AND remaining_delta < 0`,
		],
		[
			"another lot's child",
			/took nothing of its parent/,
			`UPDATE lots SET parent_id = ${lotOf('origin = 11')} WHERE id = ${moved('>')}`,
		],
	],
	'Every extension puts whole lots by, and opens them on their card again with a later date': [
		[
			'an extended lot that ends with its parent',
			/ends no later/,
			`UPDATE lots SET expires_at = (SELECT expires_at FROM lots parent WHERE parent.id = lots.parent_id) WHERE id = ${extended}`,
		],
		[
			'an extended lot that begins earlier than its parent',
			/begins at another time/,
			`UPDATE lots SET spendable_from = spendable_from - interval '1 day' WHERE id = ${extended}`,
		],
		[
			'an extended lot on another card',
			/to another card/,
			`UPDATE lots SET card_id = ${singleUseCard} WHERE id = ${extended}`,
		],
		[
			'an extended lot that is larger than what was put by',
			/It opened a lot of \d+ with \d+ for \d+/,
			`UPDATE lots SET issued = issued + 1 WHERE id = ${extended}`,
		],
		[
			'value that was put by for good',
			/opened no lot for it/,
			`DELETE FROM lot_movements WHERE entry_id = ${extension('DESC')}`,
		],
		[
			'value out of nothing',
			/took nothing of it/,
			`DELETE FROM lot_movements WHERE entry_id = ${extension('ASC')}`,
		],
	],
	"Every reversed credit came out of its own lot, or what goes on of it, and stays within the credit's amount":
		[
			[
				'a reversal out of another lot',
				/took from another lot/,
				`UPDATE lot_movements SET lot_id = ${lotOf('origin = 11')} WHERE entry_id = ${entryOf(reverseCredit)}`,
			],
			[
				'a reversal beyond the credit',
				/1501 of this credit was taken back, and it was 1500/,
				`UPDATE lot_movements SET remaining_delta = -1501 WHERE entry_id = ${entryOf(reverseCredit)}`,
			],
		],
};
