import {accountNumbers} from '../../../src/ledger/chart.ts';
import {entryKinds} from '../../../src/ledger/entry.ts';
import {type Damages, drop, posting, singleUseCard} from './damage.ts';

const {available, held, redeemed} = accountNumbers;
const {capture, issue} = entryKinds;

export const cardDamages: Damages = {
	'Every card stores the sum of its postings': [
		[
			'available that was changed',
			/stored as \d+, \d+, 0 and posted/,
			`UPDATE cards SET available = available + 1 WHERE id = ${singleUseCard}`,
		],
		[
			'held that was changed',
			/stored as \d+, \d+, 0 and posted/,
			`UPDATE cards SET held = held + 1 WHERE id = ${singleUseCard}`,
		],
		[
			'debt from nowhere',
			/stored as \d+, \d+, -1 and posted/,
			`UPDATE cards SET debt = -1 WHERE id = ${singleUseCard}`,
		],
		['a card that was deleted', /no card has this id/, `DELETE FROM cards WHERE id = ${singleUseCard}`],
		[
			'a card in another currency',
			/another asset than its own/,
			`UPDATE cards SET asset_id = 2 WHERE id = ${singleUseCard}`,
		],
	],
	"Every card's history has no gap, and its balances after add up": [
		[
			'a version that was skipped',
			/do not count up by one, entry by entry, at version 7/,
			`UPDATE postings SET version = 7 WHERE merchant_id = 1 AND card_id = ${singleUseCard} AND version = 2`,
		],
		[
			'two entries under one version',
			/at version 1\.$/,
			`UPDATE postings SET version = 1 WHERE ${posting(capture, held)}`,
		],
		[
			'a balance after that was changed',
			/From version 1 on/,
			`UPDATE postings SET balance_after = balance_after + 1 WHERE ${posting(issue, available)}`,
		],
		[
			"a card's version that was changed",
			/stores version 9, and its last posting has version 2/,
			`UPDATE cards SET version = 9 WHERE id = ${singleUseCard}`,
		],
		[
			'a card whose history is gone',
			/stores version 2, and its last posting has version 0/,
			`DELETE FROM postings WHERE card_id = ${singleUseCard}`,
		],
	],
	'Every card carries the sum of its lots': [
		[
			'a lot that was changed',
			/has 2000 available and 1000 held; its lots have 2001 and 1000/,
			`UPDATE lots SET remaining = remaining + 1, issued = issued + 1 WHERE card_id = ${singleUseCard}`,
		],
		['a lot that was deleted', /its lots have 0 and 0/, `DELETE FROM lots WHERE card_id = ${singleUseCard}`],
		['a lot of no card', /its lots have/, `UPDATE lots SET card_id = 999 WHERE card_id = ${singleUseCard}`],
	],
	'No balance is beyond its limit, and closed cards hold nothing': [
		[
			'less than nothing',
			/^Available -1, /,
			drop('cards', 'cards_available_check'),
			`UPDATE cards SET available = -1 WHERE id = ${singleUseCard}`,
		],
		[
			'less than nothing held',
			/held -1, /,
			drop('cards', 'cards_held_check'),
			`UPDATE cards SET held = -1 WHERE id = ${singleUseCard}`,
		],
		[
			'a debt above zero',
			/debt 1:/,
			drop('cards', 'cards_debt_check'),
			`UPDATE cards SET debt = 1 WHERE id = ${singleUseCard}`,
		],
		[
			'a closed card that holds',
			/closed and holds 1000/,
			drop('cards', 'cards_closed_check'),
			`UPDATE cards SET status = 3 WHERE id = ${singleUseCard}`,
		],
	],
	'Cards and house accounts cancel out for each asset': [
		[
			'value from nowhere',
			/cards carry \d+ and the house accounts -\d+/,
			`UPDATE cards SET available = available + 1 WHERE id = ${singleUseCard}`,
		],
		[
			'house value that went nowhere',
			/together they must be zero/,
			`DELETE FROM postings WHERE merchant_id = 1 AND account = ${redeemed}`,
		],
	],
};
