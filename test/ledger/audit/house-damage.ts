import {accountNumbers} from '../../../src/ledger/chart.ts';
import {entryKinds} from '../../../src/ledger/entry.ts';
import {type Damages, posting} from './damage.ts';

const {redeemed} = accountNumbers;

export const houseDamages: Damages = {
	'Every house account is its snapshot and what was posted since': [
		[
			'a snapshot that was changed',
			/Its snapshot is \d+, and its postings below the horizon sum to \d+/,
			`UPDATE house_snapshots SET balance = balance + 1 WHERE merchant_id = 1 AND account = ${redeemed}`,
		],
		[
			'a snapshot that was deleted',
			/Its snapshot is 0, /,
			`DELETE FROM house_snapshots WHERE merchant_id = 1 AND account = ${redeemed}`,
		],
		[
			'a horizon that was set back',
			/postings below the horizon sum to 0/,
			'UPDATE house_horizons SET horizon = 1 WHERE merchant_id = 1',
		],
		[
			'a posting below the horizon that was changed',
			/Its snapshot is \d+/,
			`UPDATE postings SET amount = amount + 1 WHERE ${posting(entryKinds.capture, redeemed)}`,
		],
		[
			'an entry of an incarnation that nobody opened',
			/written in incarnation 7/,
			'UPDATE entries SET incarnation = 7 WHERE merchant_id = 1',
		],
	],
};
