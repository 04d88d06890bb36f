import {entryKinds} from '../../../src/ledger/entry.ts';
import {type Damages, drop, entryOf, lotOf, nobody} from './damage.ts';

const {reverseCredit} = entryKinds;

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
	'Every lot was issued by an entry or continues an expired lot': [
		[
			'another origin',
			/No entry issued \d+ from funding account 12/,
			`UPDATE lots SET origin = 12 WHERE id = ${lotOf('parent_id IS NULL')}`,
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
	"Every reversed credit came out of its own lot and stays within the credit's amount": [
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
