import {guardsOf} from '../mutant.ts';

/* Cards, codes, PINs and customers around the ledger. */

const pins = 'test/cards/pins.test.ts';
const codes = 'test/cards/redemption-code.test.ts';
const search = 'test/conformance/giftcards-search.test.ts';

export const cardGuards = [
	...guardsOf('src/cards/pins.ts', [pins], {
		'a PIN that is locked is not looked at': {
			text: 'if (pins.some(({lockedUntil}) => lockedUntil !== null && lockedUntil > now)) {',
			instead: 'if (pins.some(({lockedUntil}) => lockedUntil === -1)) {',
		},
		'misses lock a card': {
			text: 'CASE WHEN p.misses + 1 >= ${pinMissesMax} THEN $3::timestamptz',
			instead: 'CASE WHEN p.misses + 1 < 0 THEN $3::timestamptz',
		},
		'a right PIN that comes with the last miss finds the card locked': {
			text: "(await count(resetSql, merchantId, right, now)) === right.length ? 'right' : 'locked'",
			instead: "(await count(resetSql, merchantId, right, now)) >= 0 ? 'right' : 'locked'",
		},
		'guesses that come together are counted': {
			text: "(await count(missSql, merchantId, pins, now)) === pins.length ? 'wrong' : 'locked'",
			instead: "(await count(missSql, merchantId, pins, now)) >= 0 ? 'wrong' : 'locked'",
		},
		'a blank PIN is wrong': {text: "if (typed === '') {", instead: "if (typed === '-') {"},
		'the PIN is compared': {
			text: 'timingSafeEqual(hashPin(publicId, typed, pepper.key), hash)',
			instead: 'hashPin(publicId, typed, pepper.key).length === hash.length',
		},
		"a card's PIN is another one's hash": {
			text: '`pin of card ${publicId}: ${pin}`',
			instead: '`pin of card: ${pin}`',
		},
		'a PIN is four to twelve digits': {text: 'if (!/^\\d{4,12}$/.test(pin)) {', instead: "if (pin === '') {"},
		'a new PIN opens a locked card': {text: 'misses: 0,\n\t\tlockedUntil: null,\n', instead: ''},
		"another merchant's cards have no PIN here": {
			text: 'FROM card_pins WHERE merchant_id = $1::int AND card_id = ANY ($2::bigint[])`',
			instead: 'FROM card_pins WHERE card_id = ANY ($2::bigint[]) AND $1::int > 0`',
		},
	}),
	...guardsOf('src/cards/peppers.ts', ['test/cards/peppers.test.ts'], {
		'another pepper is refused': {
			text: 'if (recorded.length > 0 && given.every(({id}) => id === undefined)) {',
			instead: 'if (recorded.length < 0) {',
		},
		'a pepper under which codes are stored is not left out': {
			text: 'if (missing.length > 0 && (await areNeeded(prisma, missing))) {',
			instead: 'if (missing.length < 0) {',
		},
		'a pepper under which PINs are stored is not left out': {
			text: ' ||\n\t\t(await prisma.cardPin.findFirst({where, select: {cardId: true}})) !== null',
			instead: '',
		},
		'codes are looked up under old peppers too': {
			text: 'all.map(({key}) => hashCode(candidate, key))',
			instead: 'all.slice(0, 1).map(({key}) => hashCode(candidate, key))',
			tests: ['test/vtex/giftcards/search.test.ts'],
		},
		'two first starts record one pepper': {
			text: "return oneByOne(prisma, 'peppers', async tx => {",
			instead: 'return prisma.$transaction(async tx => {',
		},
	}),
	...guardsOf('src/cards/pepper.ts', ['test/cards/pepper.test.ts'], {
		'a code is hashed under the pepper': {
			text: "return createHmac('sha256', key).update(normalised).digest();",
			instead:
				"return createHmac('sha256', 'key').update(normalised, 'utf8').digest().subarray(0, key.length === 0 ? 0 : 32);",
		},
	}),
	...guardsOf('src/cards/redemption-code.ts', [codes], {
		'a wrong check character is found': {
			text: 'shape.test(normalised) && weightedSum(normalised) % alphabet.length === 0',
			instead: 'shape.test(normalised)',
		},
		'biased bytes are thrown away': {text: 'const fairBytes = 248;', instead: 'const fairBytes = 256;'},
		'codes of others are looked up where a merchant has some': {
			text: 'const isForeign = acceptsForeign && ',
			instead: 'const isForeign = ',
		},
		'text that is too long is not read': {
			text: 'if (text.length > 2 * CODE_LENGTH_MAX) {',
			instead: 'if (text.length < 0) {',
		},
		'nothing of a PIN behind a dot is shown': {
			text: "normalised.split('.', 1)",
			instead: "normalised.split('\\n', 1)",
		},
		'a seed is long enough': {text: 'if (seed.length < 32) {', instead: 'if (seed.length < 1) {'},
	}),
	...guardsOf('src/cards/resolve.ts', ['test/cards/resolve.test.ts'], {
		'a card is found for its own merchant only': {
			text: 'FROM cards WHERE merchant_id = $1::int AND public_id',
			instead: 'FROM cards WHERE $1::int > 0 AND public_id',
		},
		'a card that was found is kept for its merchant': {
			text: 'const place = `${merchantId}/${publicId}`;',
			instead: 'const place = publicId;',
		},
	}),
	...guardsOf('src/cards/search.ts', [search, 'test/vtex/giftcards/search.test.ts'], {
		'a restricted card is shown to its owner only': {
			text: "card.restricted && ownerMatch(card.owner, presented) !== 'same'",
			instead: "card.restricted && ownerMatch(card.owner, presented) === 'other' && card.cardId === ''",
		},
		'who is nobody for certain sees no restricted card': {
			text: "ownerMatch(card.owner, presented) !== 'same'",
			instead: "ownerMatch(card.owner, presented) === 'other'",
		},
		'a card with nothing to spend is not found': {text: ' && shown.balance > 0n) {', instead: ') {'},
		"another merchant's code finds nothing": {
			text: 'FROM cards c WHERE c.merchant_id = $1::int AND c.code_hash',
			instead: 'FROM cards c WHERE $1::int > 0 AND c.code_hash',
			tests: [search, 'test/vtex/giftcards/search.test.ts', 'test/cards/issue.test.ts'],
		},
	}),
	...guardsOf('src/cards/paying-card.ts', ['test/payments/code.test.ts'], {
		"another merchant's code pays nothing": {
			text: 'WHERE c.merchant_id = $1::int AND c.code_hash',
			instead: 'WHERE $1::int > 0 AND c.code_hash',
		},
	}),
	...guardsOf(
		'src/cards/transactions.ts',
		['test/conformance/giftcards-transactions.test.ts', 'test/journeys/payments-and-gift-cards.test.ts'],
		{
			'a transaction is found on its own card only': {
				text: '\n\t\tAND p.card_id = $2::bigint\n',
				instead: ' AND p.card_id > 0 AND $2::bigint > 0\n',
			},
			'a payment is no transaction of a card': {
				text: ' AND h.source IS DISTINCT FROM ${payment}`',
				instead: '`',
				tests: ['test/cards/transactions.test.ts'],
			},
			'a payment is not listed among the transactions of a card': {
				text: 'h.id = e.id AND h.source = ${payment})\n\tORDER BY',
				instead: 'h.id = e.id AND h.source < 0)\n\tORDER BY',
				tests: ['test/cards/transactions.test.ts'],
			},
		},
	),
	...guardsOf('src/cards/issue-run.ts', ['test/cards/issue.test.ts'], {
		'a key of a run means one run': {
			text: 'if (differences.length > 0) {',
			instead: 'if (differences.length < 0) {',
		},
		'a run is completed once': {
			text: 'where: {merchantId, key, completedAt: null},',
			instead: 'where: {merchantId, key},',
		},
		'of two who begin a run both get the same': {
			text: 'row = await prisma.issueRun.findUniqueOrThrow({where});',
			instead: 'row = {...data, completedAt: null, createdAt: now, seed} as never;',
		},
	}),
	...guardsOf(
		'src/cards/open-wallet.ts',
		['test/cards/open-wallet.test.ts', 'test/customers/merge.test.ts'],
		{
			'a closed wallet makes room': {
				text: 'prisma.$executeRawUnsafe(retireSql, merchantId, owner, assetId),',
				instead: '',
			},
			"who became another has the other's wallet": {
				text: 'BigInt(await survivorOf(prisma, merchantId, customerId))',
				instead: 'BigInt(customerId)',
			},
		},
	),
	...guardsOf('src/customers/identity.ts', ['test/customers/identity.test.ts'], {
		'identifiers of two customers are nobody': {
			text: 'customerId !== undefined && customerId !== named) {',
			instead: "customerId === '') {",
		},
		'another profile id is somebody else': {
			text: 'return profile !== undefined && known !== undefined && !known.has(profile.value);',
			instead: 'return profile !== undefined && known?.size === -1;',
		},
		'a person does not pass for a company': {
			text: 'identifier.corporate === undefined ? found.get(identifierKey(identifier)) : undefined',
			instead: 'found.get(identifierKey(identifier))',
		},
		'a masked identifier is none': {text: " || trimmed.includes('*') ? undefined", instead: ' ? undefined'},
		'what cannot be stored names nobody': {
			text: 'value.length > IDENTIFIER_LENGTH_MAX || /[\\p{Cc}\\p{Cs}]/u.test(value)',
			instead: 'value.length > IDENTIFIER_LENGTH_MAX',
		},
	}),
	...guardsOf('src/customers/customers.ts', ['test/customers/customers.test.ts'], {
		'names of a new customer are locked': {
			text: 'await lockIdentifiers(tx, merchantId, identifiers);',
			instead: '',
		},
		'identifiers of two customers make nobody': {
			text: "if (resolution.kind === 'conflict') {",
			instead: "if ((resolution.kind as string) === '') {",
		},
		'one merchant knows nothing of customers of another': {
			text: 'WHERE merchant_id = $1::int AND customer_identifiers.kind',
			instead: 'WHERE $1::int > 0 AND customer_identifiers.kind',
		},
	}),
];
