import {type Damages} from './damage.ts';

const ofFirst = 'merchant_id = 1';

export const sealDamages: Damages = {
	'Every seal follows from the one before it, and no sealed entry is missing or added': [
		[
			'a seal that was removed',
			/The seal before it is 1, and seal 2 is missing/,
			`DELETE FROM seals WHERE ${ofFirst} AND number = 2`,
		],
		[
			'a seal that was put in the place of another',
			/does not follow from the seal before it/,
			`UPDATE seals SET hash = previous WHERE ${ofFirst} AND number = 2`,
		],
		[
			'a seal that begins elsewhere',
			/does not follow from the seal before it/,
			`UPDATE seals SET from_xid = from_xid - 1 WHERE ${ofFirst} AND number = 3`,
		],
		[
			'a first seal that follows from something',
			/does not follow from the seal before it/,
			`UPDATE seals SET previous = hash WHERE ${ofFirst} AND number = 1`,
		],
		[
			'a sealed entry that was removed',
			/Up to it \d+ entries were sealed, and there are \d+/,
			`DELETE FROM entries WHERE id = (SELECT to_entry FROM seals WHERE ${ofFirst} AND number = 1)`,
		],
		[
			'a journal that was emptied',
			/Up to it \d+ entries were sealed, and there are 0/,
			`DELETE FROM entries WHERE ${ofFirst}`,
		],
		[
			'an entry that was put before the last seal',
			/Up to it \d+ entries were sealed, and there are \d+/,
			`INSERT INTO entries SELECT 1, gen_random_uuid(), kind, occurred_at, recorded_at, answers, operation_id, actor_id, xid, incarnation
				FROM entries WHERE id = (SELECT to_entry FROM seals WHERE ${ofFirst} AND number = 1)`,
		],
	],
};
