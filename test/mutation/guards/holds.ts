import {guardsOf} from '../mutant.ts';

/* What a hold, a credit and a payment let move: never more than is left, and back to where it came from. */

const decide = (...names: readonly string[]) => names.map(name => `test/ledger/decide/${name}.test.ts`);
const stories = ['test/ledger/model/memory.test.ts', 'test/ledger/model/payment.test.ts'];

export const holdGuards = [
	...guardsOf(
		'src/ledger/decide/portion.ts',
		[...decide('capture', 'undo-hold', 'undo-credit'), ...stories],
		{
			'no more moves than is left': {text: 'if (amount <= left) {', instead: 'if (amount >= 0n) {'},
			'only the value of the whole moves the rest': {
				text: 'amount === whole && left > 0n',
				instead: 'left > 0n',
			},
			'nothing is left of nothing': {text: 'amount === whole && left > 0n', instead: 'amount === whole'},
			'a person moves exactly what was typed': {
				text: 'return moved > 0n && moved <= left ? moved : null;',
				instead: 'return moved > 0n ? (moved <= left ? moved : left) : null;',
				tests: [...decide('capture', 'undo-hold', 'payment-operations'), 'test/holds/by-hand.test.ts'],
			},
			'a person moves no nothing': {
				text: 'return moved > 0n && moved <= left',
				instead: 'return moved <= left',
				tests: [...decide('capture', 'undo-hold', 'payment-operations'), 'test/holds/by-hand.test.ts'],
			},
		},
	),
	...guardsOf('src/ledger/decide/capture.ts', [...decide('capture'), ...stories], {
		'what was captured cannot be captured again': {
			text: 'return leg.value - leg.captured - leg.released;',
			instead: 'return leg.value - leg.released;',
		},
		'what was released cannot be captured': {
			text: 'return leg.value - leg.captured - leg.released;',
			instead: 'return leg.value - leg.captured;',
		},
		'shares that were used up are passed over': {
			text: 'min(share.taken - share.captured - share.released, missing)',
			instead: 'min(share.taken, missing)',
		},
		'a person captures exactly the amount': {
			text: 'command.byHand === true ? exactly(command.amount, left) : portion(command.amount, left, value)',
			instead: 'portion(command.amount, left, value)',
			tests: [...decide('capture'), 'test/holds/by-hand.test.ts'],
		},
	}),
	...guardsOf(
		'src/ledger/decide/undo.ts',
		[...decide('undo-hold', 'undo-credit', 'restoration'), ...stories],
		{
			'what was refunded cannot be refunded again': {
				text: 'return leg.captured - leg.refunded;',
				instead: 'return leg.captured;',
			},
			'a share gives back what was released of it once': {
				text: '? share => share.taken - share.captured - share.released',
				instead: '? share => share.taken - share.captured',
			},
			'a share gives back what was refunded of it once': {
				text: ': share => share.captured - share.refunded',
				instead: ': share => share.captured',
			},
			'what is not captured is released and not refunded': {
				text: 'const released = min(moved, releasable);',
				instead: 'const released = 0n * releasable;',
			},
			'a person releases no captured value': {
				text: "exactly(amount, byHand === 'release' ? releasable : captured)",
				instead: 'exactly(amount, releasable + captured)',
				tests: [...decide('undo-hold'), 'test/holds/by-hand.test.ts'],
			},
		},
	),
	...guardsOf('src/ledger/decide/restore.ts', [...decide('restoration'), ...stories], {
		'value that comes back to an expired lot lives on in another': {
			text: 'if (!isExpired(lot, now)) {',
			instead: "if (!isExpired(lot, now) || lot.id !== '') {",
		},
		'a lot gets back what was taken from it': {
			text: 'min(restorable(share), missing)',
			instead: 'min(restorable(share) + missing, missing)',
		},
	}),
	...guardsOf(
		'src/ledger/decide/index.ts',
		[
			...decide('capture', 'undo-hold', 'undo-credit', 'precedence'),
			...stories,
			'test/conformance/giftcards-transactions.test.ts',
		],
		{
			'a hold of another card is not captured': {
				text: 'return hold?.legs.every(leg => leg.cardId === card.id)\n\t\t\t\t? decideCapture',
				instead: 'return hold !== undefined\n\t\t\t\t? decideCapture',
			},
			'a hold of another card is not undone': {
				text: 'if (hold?.legs.every(leg => leg.cardId === card.id)) {',
				instead: 'if (hold !== undefined) {',
			},
			'a credit of another card is not undone': {
				text: 'credit?.cardId === id && ',
				instead: 'credit !== undefined && ',
			},
			'VTEX takes back no grant': {
				text: 'credit?.cardId === id && !credit.isGrant',
				instead: 'credit?.cardId === id',
				tests: [...decide('undo-credit'), 'test/bulk/undo-run.test.ts'],
			},
			'a credit is not undone by hand as if it were a hold': {
				text: 'command.byHand === undefined && isCreditOf',
				instead: 'isCreditOf',
				tests: [...decide('undo-credit', 'undo-hold'), 'test/holds/by-hand.test.ts'],
			},
		},
	),
	...guardsOf('src/ledger/decide/pay.ts', [...decide('pay'), 'test/ledger/payments.test.ts', ...stories], {
		'a payment is created once, and a tombstone refuses it': {
			text: "if (payment.status !== 'new') {",
			instead: "if (payment.status !== 'new' && payment.paymentId === '') {",
		},
		'a tombstone refuses the create': {
			text: "if (payment.status !== 'new') {",
			instead: "if (payment.status !== 'new' && payment.status !== 'cancelled') {",
		},
		'a payment that was concluded is not concluded again': {
			text: "case 'pending': {",
			instead: "case 'denied':\n\t\tcase 'approved':\n\t\tcase 'pending': {",
		},
		'a payment of nothing holds nothing': {
			text: 'if (amount <= 0n || (cards.length === 0 && cardIds.length === 1)) {',
			instead: 'if (cards.length === 0 && cardIds.length === 1) {',
		},
	}),
	...guardsOf(
		'src/ledger/decide/payment-operations.ts',
		[...decide('payment-operations', 'pay'), ...stories, 'test/payments/due.test.ts'],
		{
			'an operation of a payment moves no more than is left': {
				text: ': min(amount, left);',
				instead: ': amount;',
			},
			'an operation of a payment that moves nothing is refused': {
				text: 'return moved !== null && moved > 0n ? moved : null;',
				instead: 'return moved;',
			},
			'a second cancellation moves nothing': {
				text: 'if (cancellationId !== null) {',
				instead: "if (cancellationId === '') {",
			},
			'what was captured as a whole is not cancelled': {
				text: 'if (hold !== null && left === 0n) {',
				instead: 'if (hold !== null && left < 0n) {',
			},
			'a payment that paid in part stays approved': {
				text: "status === 'denied' || isCaptured ? {} : {status",
				instead: "status === 'denied' ? {} : {status",
			},
			'a denied payment stays denied': {
				text: "status === 'denied' || isCaptured ? {} : {status",
				instead: 'isCaptured ? {} : {status',
			},
			'the hold under the lock is the one that was looked up': {
				text: 'holdId === command.holdId && holdId !== null ? state.holds.get(holdId) : undefined',
				instead: "state.holds.get(command.holdId ?? '')",
			},
			'cards of a hold are all locked': {
				text: 'hold?.legs.every(({cardId}) => state.cards.has(cardId)) === true ? hold',
				instead: 'hold !== undefined ? hold',
			},
			'only an approved payment is moved': {
				text: "return payment.status === 'approved'\n",
				instead: "return payment.status !== 'new'\n",
			},
			'what timed out is taken again up to the value': {
				text: 'min(command.amount, value ?? 0n)',
				instead: 'command.amount',
			},
			'what timed out is not taken again for a person': {
				text: 'payment.timedOutAt !== null && command.byHand === undefined',
				instead: 'payment.timedOutAt !== null',
			},
			'only what VTEX forgot is taken again': {
				text: 'command.isTimeOut && hold !== null && !isCaptured ?',
				instead: 'hold !== null && !isCaptured ?',
			},
			'what was captured in part is not taken again': {
				text: 'command.isTimeOut && hold !== null && !isCaptured ?',
				instead: 'command.isTimeOut && hold !== null ?',
			},
			'a person cancels all that is held': {
				text: 'command.byHand === true && (hold === null || ![0n, left].includes(command.amount))',
				instead: 'command.byHand === true && hold === null',
				tests: [...decide('payment-operations'), 'test/holds/by-hand.test.ts'],
			},
		},
	),
];
