import {accountNumbers} from '../../../src/ledger/chart.ts';
import {entryKinds} from '../../../src/ledger/entry.ts';
import {type Damages, drop, entryOf, lotOf, nobody, posting} from './damage.ts';

const {held, redeemed, breakage} = accountNumbers;
const {authorize, capture, issue, credit, release, refund, reverseCredit, expire, earn, clawback} =
	entryKinds;

export const journalDamages: Damages = {
	'Every entry balances for each asset': [
		[
			'a posting that was changed',
			/sum to 1\.$/,
			`UPDATE postings SET amount = amount + 1 WHERE ${posting(capture, redeemed)}`,
		],
		['a posting that was deleted', /sum to -/, `DELETE FROM postings WHERE ${posting(capture, redeemed)}`],
		[
			'a posting in another asset',
			/of asset 2 sum to/,
			`UPDATE postings SET asset_id = 2 WHERE ${posting(capture, redeemed)}`,
		],
		[
			'an entry without postings',
			/has no postings/,
			`DELETE FROM postings WHERE merchant_id = 1 AND entry_id = ${entryOf(expire)}`,
		],
		[
			'an entry of nothing',
			/posting of nothing/,
			drop('postings', 'postings_amount_check'),
			`UPDATE postings SET amount = 0 WHERE merchant_id = 1 AND entry_id = ${entryOf(expire)}`,
		],
	],
	'Every posting, lot movement and note belongs to an entry': [
		[
			'an entry that was deleted',
			/A posting names an entry that does not exist/,
			`DELETE FROM entries WHERE merchant_id = 1 AND id = ${entryOf(expire)}`,
		],
		[
			'a movement of no entry',
			/A lot movement names/,
			`INSERT INTO lot_movements VALUES (1, '${nobody}', ${lotOf('NOT spent')}, NULL, 1, 0)`,
		],
		[
			'a note on no entry',
			/A note names/,
			`INSERT INTO entry_notes VALUES (1, '${nobody}', 'v1', NULL, NULL, NULL)`,
		],
		[
			'a posting on an entry of another merchant',
			/A posting names/,
			`UPDATE postings SET merchant_id = 1 WHERE merchant_id = 2 AND account = ${breakage}`,
		],
	],
	'Every entry moves lots by what it posts, as one step of its card': [
		[
			'a movement that was changed',
			/exceed its lot movements by 1 on available and 0 on held/,
			`UPDATE lot_movements SET remaining_delta = remaining_delta - 1 WHERE merchant_id = 1 AND entry_id = ${entryOf(issue)}`,
		],
		[
			'held value that no lot was moved for',
			/by 0 on available and -\d+ on held/,
			`DELETE FROM lot_movements WHERE merchant_id = 1 AND entry_id = ${entryOf(capture)}`,
		],
		[
			'two versions in one entry',
			/different versions/,
			`UPDATE postings SET version = version + 100 WHERE ${posting(authorize, held)}`,
		],
	],
	'Every capture, release, refund, reversal and clawback answers its authorization, credit or earning': [
		[
			'a capture of nothing',
			/answers nothing, and its kind must/,
			`UPDATE entries SET answers = NULL WHERE id = ${entryOf(capture)}`,
		],
		[
			'a refund of an unknown hold',
			/does not exist/,
			`UPDATE entries SET answers = '${nobody}' WHERE id = ${entryOf(refund)}`,
		],
		[
			'a release of a credit',
			/wrong kind/,
			`UPDATE entries SET answers = ${entryOf(credit)} WHERE id = ${entryOf(release)}`,
		],
		[
			'a reversal of a hold',
			/wrong kind/,
			`UPDATE entries SET answers = ${entryOf(authorize)} WHERE id = ${entryOf(reverseCredit)}`,
		],
		[
			'an issue that answers a hold',
			/wrong kind/,
			`UPDATE entries SET answers = ${entryOf(authorize)} WHERE id = ${entryOf(issue)}`,
		],
		[
			'a clawback of nothing',
			/answers nothing, and its kind must/,
			`UPDATE entries SET answers = NULL WHERE id = ${entryOf(clawback)}`,
		],
		[
			'a clawback of a hold',
			/wrong kind/,
			`UPDATE entries SET answers = ${entryOf(authorize)} WHERE id = ${entryOf(clawback)}`,
		],
		[
			"a clawback of an order's second earning",
			/wrong kind/,
			`UPDATE entries SET answers = (SELECT id FROM entries WHERE merchant_id = 1 AND kind = ${earn} AND answers IS NOT NULL LIMIT 1)
				WHERE id = ${entryOf(clawback)}`,
		],
		[
			'an earning that answers a hold',
			/wrong kind/,
			`UPDATE entries SET answers = ${entryOf(authorize)} WHERE id = ${entryOf(earn)}`,
		],
		[
			"a capture of another merchant's hold",
			/does not exist/,
			`UPDATE entries SET answers = (SELECT id FROM entries WHERE merchant_id = 2 AND kind = ${authorize} LIMIT 1) WHERE id = ${entryOf(capture)}`,
		],
	],
	'Every entry names a known actor, and every posting a known asset': [
		[
			'an unknown actor',
			/no actor 99 \(entries: 1\)/,
			`UPDATE entries SET actor_id = 99 WHERE id = ${entryOf(expire)}`,
		],
		[
			"another merchant's actor",
			/no actor 2 /,
			`UPDATE entries SET actor_id = 2 WHERE id = ${entryOf(expire)}`,
		],
		[
			'an unknown asset',
			/no asset 99 \(postings: 2\)/,
			`UPDATE postings SET asset_id = 99 WHERE entry_id = ${entryOf(expire)}`,
		],
	],
};
