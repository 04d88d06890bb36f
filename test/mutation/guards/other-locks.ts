import {guardsOf} from '../mutant.ts';

/* Locks outside of the ledger, and what is checked behind them. */

export const otherLockGuards = [
	...guardsOf('src/cards/pins.ts', ['test/cards/pins.test.ts'], {
		'PINs of a wallet are locked in one order': {
			text: 'ORDER BY card_id FOR UPDATE\n\t)',
			instead: 'ORDER BY card_id DESC FOR UPDATE\n\t)',
		},
		'a guess is counted on the card as it is now': {
			text: '\n\t\t\tAND (locked_until IS NULL OR locked_until <= $3::timestamptz) ORDER BY',
			instead: ' AND $3::timestamptz IS NOT NULL ORDER BY',
		},
	}),
	...guardsOf('src/cards/block.ts', ['test/cards/block.test.ts'], {
		'a card is locked while its status changes': {text: ' FOR NO KEY UPDATE`', instead: '`'},
		'a closed card stays closed': {
			text: 'card === undefined || card.status === statusNumbers.closed',
			instead: 'card === undefined',
		},
		'a block waits for a card that is being spent': {
			text: "if (sqlStateOf(error) !== '55P03' || attempt === attemptsMax) {",
			instead: 'if (attempt > 0) {',
		},
	}),
	...guardsOf('src/cards/reissue.ts', ['test/scripts/reissue.test.ts'], {
		'a card is locked while it gets a new code': {
			text: "'FOR NO KEY UPDATE OF c');\n\t//",
			instead: "'');\n\t//",
		},
		'of two new codes at once one is given': {
			text: 'if (!codeHash.equals(former.codeHash)) {',
			instead: 'if (codeHash.length === 0) {',
		},
		'a closed card gets no new code': {
			text: "row === undefined || status === 'closed' || row.isMerged",
			instead: 'row === undefined',
		},
		'a wallet gets no code': {
			text: 'if (row.codeHash === null) {',
			instead: 'if (row.codeHash === null && row.status === 9) {',
		},
	}),
	...guardsOf('src/cards/open-wallets.ts', ['test/cards/open-wallets.test.ts'], {
		'closed wallets make room in one order': {
			text: 'ORDER BY c.id FOR NO KEY UPDATE OF c',
			instead: 'ORDER BY c.id DESC FOR NO KEY UPDATE OF c',
		},
	}),
	...guardsOf('src/cards/open-wallet.ts', ['test/customers/merge.test.ts'], {
		'whoever gets a wallet is locked before it is there': {text: ' ORDER BY id FOR SHARE', instead: ''},
	}),
	...guardsOf('src/cards/open-wallets.ts', ['test/customers/merge.test.ts'], {
		'those who get wallets are locked before these are there': {
			text: '\tawait tx.$executeRawUnsafe(lockOwnersSql, merchantId, owners);\n',
			instead: '',
		},
	}),
	...guardsOf('src/customers/join.ts', ['test/customers/merge.test.ts'], {
		'both customers of a merge are locked': {text: ' ORDER BY id FOR UPDATE`', instead: '`'},
		'cards that change hands are locked': {text: '\n\t\tORDER BY id FOR NO KEY UPDATE`', instead: '`'},
		'both customers of a merge must be there': {
			text: 'return rows.length === 2 && rows.every(({lives}) => lives);',
			instead: 'return rows.length === 2;',
		},
	}),
	...guardsOf('src/customers/erase.ts', ['test/customers/erase.test.ts', 'test/customers/merge.test.ts'], {
		'a customer is locked while he is erased': {text: '::bigint FOR UPDATE`', instead: '::bigint`'},
		'nobody is erased who was merged or erased meanwhile': {
			text: 'if (row?.isThere !== true) {',
			instead: 'if (row === undefined) {',
		},
		'nobody is erased who got a card or payment meanwhile': {
			text: 'if (open.length + payments + callbacks > 0) {',
			instead: 'if (open.length + payments + callbacks < 0) {',
		},
		'nobody is erased while something stands in the way': {
			text: 'if (obstacles.length > 0) {',
			instead: 'if (obstacles.length < 0) {',
		},
		'a reason of an erasure names nobody': {
			text: 'if (namesSomebody(erasure.reason, view.identifiers)) {',
			instead: "if (erasure.reason === '-') {",
		},
	}),
	...guardsOf('src/db/named-lock.ts', ['test/db/named-lock.test.ts'], {
		'named locks are taken': {
			text: 'await tx.$queryRaw`SELECT pg_advisory_xact_lock(key)::text FROM unnest(${keys}::bigint[]) AS key`;',
			instead: 'await tx.$queryRaw`SELECT key::text FROM unnest(${keys}::bigint[]) AS key`;',
		},
		'a named lock that is taken is not had': {
			text: 'SELECT pg_try_advisory_xact_lock(${keyOf(name)}::bigint) AS locked',
			instead: 'SELECT ${keyOf(name)}::bigint IS NOT NULL AS locked',
			tests: ['test/jobs/expire-lots.test.ts'],
		},
	}),
	...guardsOf('src/db/migrate.ts', ['test/db/migrate.test.ts'], {
		'migrations of two starts wait for each other': {
			text: 'BEGIN; SELECT pg_advisory_xact_lock(${migrationLock}); SET',
			instead: 'BEGIN; SET',
		},
	}),
	...guardsOf(
		'src/callbacks/outbox.ts',
		['test/callbacks/callbacks.test.ts', 'test/callbacks/scripts.test.ts'],
		{
			'a callback is claimed by one process': {text: 'FOR UPDATE OF c SKIP LOCKED', instead: ''},
			'a callback that is claimed is not due': {
				text: 'attempts = c.attempts + 1, next_at = ${new Date(leasedUntil)}',
				instead: 'attempts = c.attempts + 1, next_at = ${new Date(now)}',
			},
			'a claim that somebody else has is not settled': {
				text: ', status: callbackStatuses.waiting, attempts: claim.attempts};',
				instead: ', status: callbackStatuses.waiting};',
			},
			'what was delivered stays delivered': {
				text: ', status: {not: callbackStatuses.delivered}}',
				instead: '}',
			},
		},
	),
	...guardsOf('src/orders/queue.ts', ['test/orders/looks.test.ts'], {
		'who looks at orders does not wait for others': {text: 'FOR UPDATE SKIP LOCKED', instead: 'FOR UPDATE'},
		'an order at which somebody looks is not due': {
			text: '\n\t\t\t\t\tAND (l.leased_until IS NULL OR l.leased_until <= ${at})',
			instead: '',
		},
	}),
	...guardsOf('src/admins/sign-ups.ts', ['test/admins/sign-ups.test.ts'], {
		'who clears old sign-ups away does not wait': {
			text: 'FOR UPDATE SKIP LOCKED',
			instead: 'FOR UPDATE',
		},
	}),
	...guardsOf('src/admins/giving.ts', ['test/scripts/trail.test.ts'], {
		"a person's reservations are made one after the other": {
			text: 'await lockNames(tx, [`giving ${merchantId} ${actorId}`], patienceMs);',
			instead: '',
		},
		'a role gives out no more than its limit by one command': {
			text: 'if (perCommand !== null && amount > perCommand) {',
			instead: 'if (perCommand === -1n) {',
		},
		'a role gives out no more than its limit in a day': {
			text: 'perDay !== null && after > perDay && after > before',
			instead: 'perDay === -1n',
		},
	}),
];
