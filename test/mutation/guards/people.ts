import {guardsOf} from '../mutant.ts';

/* Admins, what they may give out, sign-ups, and secrets that are kept for merchants. */

const signUp = 'test/conformance/payments-sign-up.test.ts';
const signUps = ['test/admins/sign-ups.test.ts', 'test/vtex/authorization/sign-up.test.ts', signUp];

export const peopleGuards = [
	...guardsOf('src/db/seal.ts', ['test/db/seal.test.ts'], {
		'a secret opens under its own name only': {
			text: '\n\t\t.setAAD(Buffer.from(owner))\n\t\t.setAuthTag(tag)',
			instead: "\n\t\t.setAAD(Buffer.from(owner.replace(/./g, '')))\n\t\t.setAuthTag(tag)",
		},
		'each kind of secret has a key of its own': {
			text: '`monedero: ${use}`',
			instead: "`monedero${use.replace(/./g, '')}`",
		},
	}),
	...guardsOf(
		'src/orders/hooks.ts',
		['test/http/order-hook.test.ts', 'test/orders/scripts.test.ts', 'test/orders/sweep.test.ts'],
		{
			"a hook's token is stored as a keyed hash": {
				text: "createHmac('sha256', keyOf(secretsKey, `hash of the ${use}`))",
				instead: "createHmac('sha256', 'key')",
				tests: ['test/orders/scripts.test.ts', 'test/orders/sweep.test.ts', 'test/http/order-hook.test.ts'],
			},
		},
	),
	...guardsOf('src/merchants/vtex-keys.ts', ['test/merchants/vtex-keys.test.ts'], {
		'a pair of VTEX keys serves one purpose': {
			text: 'if (taken !== null) {',
			instead: 'if (taken?.purpose === -1) {',
		},
		'an account is no host': {text: 'if (!accountForm.test(account)) {', instead: "if (account === '') {"},
		'only a sandbox has its VTEX account elsewhere': {
			text: 'if (url !== null && !isSandbox) {',
			instead: "if (url === '' && !isSandbox) {",
		},
		'a simulated account is on this machine': {
			text: 'if (url !== null && !simulatedForm.test(url)) {',
			instead: "if (url === '') {",
		},
	}),
	...guardsOf('src/admins/sign-ups.ts', signUps, {
		'a token of a sign-up works once': {
			text: '\n\t\t\t\t\tAND code_hash IS NULL AND token_until > ${now}',
			instead: ' AND token_until > ${now}',
		},
		'a token of a sign-up does not work for long': {
			text: 'AND code_hash IS NULL AND token_until > ${now}',
			instead: 'AND code_hash IS NULL',
		},
		'a token of a sign-up works for its application': {
			text: 'WHERE token_hash = ${hidden(token)} AND application_id = ${applicationId}',
			instead: "WHERE token_hash = ${hidden(token)} AND ${applicationId} <> ''",
		},
		'a code of a sign-up works once': {
			text: 'AND completed_at IS NULL AND code_until',
			instead: 'AND code_until',
		},
		'a code of a sign-up does not work for long': {
			text: ' AND code_until > ${now} AND merchants.id',
			instead: ' AND merchants.id',
		},
		'a code of a sign-up works for its application': {
			text: 'WHERE code_hash = ${hidden(code)} AND application_id = ${applicationId}',
			instead: "WHERE code_hash = ${hidden(code)} AND ${applicationId} <> ''",
		},
		'a sign-up that was used shows no form': {text: 'found.codeHash === null &&', instead: ''},
		'a sign-up whose time is over shows no form': {
			text: 'found.codeHash === null &&\n\t\t\t\tfound.tokenUntil > now;',
			instead: 'found.codeHash === null;',
		},
		'an address asks for so many sign-ups': {
			text: "return {kind: 'tooMany', retryAfterSeconds};",
			instead: '',
		},
	}),
	...guardsOf('src/admins/admins.ts', ['test/admins/admins.test.ts'], {
		'an admin who is locked is not tried': {
			text: ' AND (locked_until IS NULL OR locked_until <= ${now})\n',
			instead: '\n',
		},
		'wrong passwords lock an admin': {
			text: 'locked_until = CASE WHEN locked_until IS NULL AND misses + 1 >= ${missesMax}::int THEN ${until}::timestamptz END',
			instead: 'locked_until = CASE WHEN misses + 1 < ${-missesMax}::int THEN ${until}::timestamptz END',
		},
		'a wrong password is wrong': {
			text: 'if (row === undefined || !isRight) {',
			instead: 'if (row === undefined) {',
		},
		'an address tries so many passwords': {
			text: 'if (retryAfterSeconds !== undefined) {',
			instead: 'if (retryAfterSeconds === -1) {',
			tests: ['test/vtex/authorization/sign-up.test.ts'],
		},
	}),
	...guardsOf('src/admins/password.ts', ['test/admins/password.test.ts'], {
		'a password is compared': {
			text: 'timingSafeEqual(await hashPassword(passwordSalt, password), passwordHash)',
			instead: '(await hashPassword(passwordSalt, password)).length === passwordHash.length',
		},
		'where nothing is hidden no password is right': {
			text: 'return isEqual && hidden !== undefined;',
			instead: 'return isEqual || hidden === undefined;',
		},
		'two passwords are hashed at a time': {
			text: 'if (running < atATimeMax) {',
			instead: 'if (running < 1000) {',
		},
		'a line of passwords has an end': {
			text: 'if (waiting.length >= waitingMax) {',
			instead: 'if (waiting.length < 0) {',
		},
	}),
	...guardsOf('src/admins/client-limit.ts', ['test/admins/client-limit.test.ts'], {
		'a client is told to wait': {
			text: 'return Math.max(1, Math.ceil(error.msBeforeNext / 1000));',
			instead: 'return undefined;',
		},
		'a network of IPv6 counts as one client': {
			text: "return groups.slice(0, 4).join(':');",
			instead: "return groups.join(':');",
		},
	}),
	...guardsOf('src/admins/role-limits.ts', ['test/scripts/trail.test.ts'], {
		'only an admin changes limits': {
			text: "if (admins > 0 && actingAs !== 'admin') {",
			instead: 'if (admins < 0) {',
		},
	}),
	...guardsOf('src/admins/giving.ts', ['test/scripts/trail.test.ts'], {
		'what is repeated under a key counts once': {
			text: 'GROUP BY coalesce(v.once, int4send(v.action_id))',
			instead: 'GROUP BY int4send(v.action_id)',
		},
		"one person's day is not another's": {
			text: '\n\t\t\t\tAND a.actor_id = ${actorId}::int',
			instead: ' AND ${actorId}::int > 0',
		},
	}),
	...guardsOf('scripts/lib/run-command.ts', ['test/scripts/trail.test.ts'], {
		'a viewer only looks': {
			text: "if (action.role === 'viewer' && command.changes(values)) {",
			instead: 'if (action.id < 0) {',
		},
		'nothing is done that is not in the trail': {
			text: '\t\tthrow new Error(`Nothing was done, because the audit trail could not be written. ${messageOf(error)}`, {\n\t\t\tcause: error,\n\t\t});',
			instead: "\t\treturn {merchantId: merchant.id, id: 0, actorId: 1, role: 'admin'};",
		},
		'what the database says of a row is not printed': {
			text: 'if (/^(?:Prisma|DriverAdapter)/.test(error.name)) {',
			instead: "if (error.name === '') {",
			tests: ['test/scripts/messages.test.ts'],
		},
	}),
	...guardsOf('scripts/lib/csv-write.ts', ['test/scripts/csv-write.test.ts'], {
		'a formula in a cell is text': {text: 'return text.replace(unguarded, "\'");', instead: 'return text;'},
		'what is no number stands in no column of numbers': {
			text: 'if (!numberForm.test(text)) {',
			instead: "if (text === '') {",
		},
	}),
];
