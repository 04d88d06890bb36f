import {keySpaces} from '../../../src/ledger/commands.ts';
import {entryKinds} from '../../../src/ledger/entry.ts';
import {type Damages, drop, entryOf, nobody} from './damage.ts';

const {adjust, authorize, capture, clawback, earn, issue, refund, expire, transfer} = entryKinds;

export const commandDamages: Damages = {
	'Every command was refused or made one operation, and every operation was made by one command or a sweep': [
		[
			'a command whose entry is gone',
			/no first entry; commands that name it: 1, further entries: 0/,
			`DELETE FROM entries WHERE id = ${entryOf(issue)}`,
		],
		[
			'another command for the same entry',
			/2 commands say/,
			`INSERT INTO commands SELECT merchant_id, scope, space, 'again', verb, amount, asset_id, refusal, outcome_id, moved, decided_at FROM commands WHERE outcome_id = ${entryOf(capture)}`,
		],
		[
			'a command that was deleted',
			/No command made it/,
			`DELETE FROM commands WHERE outcome_id = ${entryOf(capture)}`,
		],
		[
			'a command for a sweep',
			/its kind has none/,
			`UPDATE entries SET kind = ${expire} WHERE id = ${entryOf(issue)}`,
		],
		[
			'a transfer that says it was an adjustment',
			/another verb/,
			`UPDATE entries SET kind = ${adjust} WHERE id = ${entryOf(transfer)}`,
		],
		[
			'a transfer that moved more than was asked for',
			/moved 2000 of 1999/,
			`UPDATE commands SET amount = amount - 1 WHERE outcome_id = ${entryOf(transfer)}`,
		],
		[
			'an adjustment that took more than was asked for',
			/moved 600 of 599/,
			'UPDATE commands SET amount = -599 WHERE amount = -600 AND merchant_id = 1',
		],
		[
			'an adjustment by nobody',
			/No command made it/,
			`DELETE FROM commands WHERE outcome_id = ${entryOf(adjust)}`,
		],
		['another verb', /another verb/, `UPDATE commands SET verb = 1 WHERE outcome_id = ${entryOf(capture)}`],
		[
			'another asset',
			/another asset/,
			`UPDATE commands SET asset_id = 2 WHERE outcome_id = ${entryOf(capture)}`,
		],
		[
			'a moved amount that was changed',
			/moved 3999 of 4000; its entries moved 4000/,
			`UPDATE commands SET moved = moved - 1 WHERE outcome_id = ${entryOf(capture)}`,
		],
		[
			'more moved than was asked for',
			/moved 4000 of 3999/,
			`UPDATE commands SET amount = amount - 1 WHERE outcome_id = ${entryOf(capture)}`,
		],
		[
			'a command for an earning',
			/its kind has none/,
			`UPDATE entries SET kind = ${earn} WHERE id = ${entryOf(issue)}`,
		],
		[
			'points that were captured for another value than was asked for',
			/moved 334 of 334; its entries moved 335/,
			`UPDATE postings SET amount = amount + 1 WHERE merchant_id = 1 AND amount = 334 AND asset_id = 1`,
		],
		[
			'points that moved without an exchange',
			/another asset/,
			`UPDATE postings SET account = 20 WHERE merchant_id = 1 AND account = 50 AND asset_id <> 1
				AND entry_id = (SELECT outcome_id FROM commands WHERE merchant_id = 1 AND moved = 334)`,
		],
		[
			'half of a cancellation that is gone',
			/its entries moved 2000/,
			`DELETE FROM postings WHERE entry_id = ${entryOf(refund)}`,
			`DELETE FROM entries WHERE id = ${entryOf(refund)}`,
		],
		[
			'a refused command that did something',
			/No command made it/,
			`UPDATE commands SET refusal = 13, outcome_id = NULL, moved = NULL WHERE outcome_id = ${entryOf(capture)}`,
		],
		[
			'a further entry of an unknown operation',
			/no first entry; commands that name it: 0, further entries: 1/,
			`UPDATE entries SET operation_id = '${nobody}' WHERE id = ${entryOf(refund)}`,
		],
	],
	'What a person did to a hold is what was asked for, and nothing else': [
		[
			'a release by hand that was a refund',
			/asked for a release by hand/,
			`UPDATE commands SET key = 'release it' WHERE merchant_id = 1 AND space = ${keySpaces.byHand} AND key = 'refund k'`,
		],
		[
			'a release by hand that refunded, too',
			/asked for a release by hand/,
			`UPDATE entries SET operation_id = (SELECT outcome_id FROM commands WHERE space = ${keySpaces.byHand} AND key = 'release k' AND merchant_id = 1)
				WHERE merchant_id = 1 AND id = (SELECT outcome_id FROM commands WHERE space = ${keySpaces.byHand} AND key = 'refund k' AND merchant_id = 1)`,
		],
	],
	'Every command has either a refusal or an outcome': [
		[
			'both',
			/refused, and it says/,
			drop('commands', 'commands_outcome_check'),
			`UPDATE commands SET refusal = 13 WHERE outcome_id = ${entryOf(capture)}`,
		],
		[
			'neither',
			/what it made or moved is missing/,
			drop('commands', 'commands_outcome_check'),
			'UPDATE commands SET refusal = NULL WHERE refusal IS NOT NULL AND merchant_id = 1',
		],
		[
			'no amount',
			/what it made or moved is missing/,
			drop('commands', 'commands_outcome_check'),
			`UPDATE commands SET moved = NULL WHERE outcome_id = ${entryOf(capture)}`,
		],
	],
	'Every further entry of an operation answers the same as its first': [
		[
			'a refund of another hold than was released',
			/answers something else/,
			`UPDATE entries SET answers = (SELECT id FROM entries WHERE merchant_id = 1 AND kind = ${authorize} ORDER BY id DESC LIMIT 1)
				WHERE merchant_id = 1 AND operation_id IS NOT NULL`,
		],
		[
			'a clawback of an operation that never was',
			/does not exist/,
			`UPDATE entries SET operation_id = '${nobody}' WHERE id = ${entryOf(clawback)}`,
		],
	],
};
