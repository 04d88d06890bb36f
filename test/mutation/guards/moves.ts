import {guardsOf} from '../mutant.ts';

/* Value that moves between cards, is corrected, extended, earned by orders and taken back. */

const decide = (...names: readonly string[]) => names.map(name => `test/ledger/decide/${name}.test.ts`);
const stories = ['test/ledger/model/memory.test.ts', 'test/ledger/model/payment.test.ts'];
const walletStories = ['test/ledger/model/wallets.test.ts', 'test/ledger/model/order.test.ts'];

export const moveGuards = [
	...guardsOf('src/ledger/decide/transfer.ts', [...decide('transfer'), ...stories], {
		'a transfer fills no card beyond what it may carry': {
			text: "target.available + target.held + moved > cardBalanceMax ? 'targetBalanceLimit' : undefined",
			instead: 'undefined',
		},
		'a transfer says why': {
			text: "(note.reason ?? '').trim() === '' ? 'reasonMissing' : undefined",
			instead: 'undefined && (note.reason ?? undefined)',
		},
		'a moved lot never outlives its first date by more than the cap': {
			text: 'rootExpiresAt: lot.rootExpiresAt,',
			instead: 'rootExpiresAt: lot.expiresAt,',
			tests: [
				...decide('transfer', 'restoration', 'extend'),
				...stories,
				'test/ledger/transfer.test.ts',
				'test/cards/extend.test.ts',
			],
		},
	}),
	...guardsOf('src/ledger/decide/adjust.ts', [...decide('adjust')], {
		'an adjustment says why': {
			text: "(note.reason ?? '').trim() === '' ? 'reasonMissing' : undefined",
			instead: 'undefined && (note.reason ?? undefined)',
		},
	}),
	...guardsOf('src/ledger/decide/extend.ts', [...decide('extend')], {
		'an extension leads to a later date': {
			text: 'isExpired({expiresAt}, now) || (card.expiresAt !== null && expiresAt < card.expiresAt)',
			instead: 'isExpired({expiresAt}, now)',
		},
		'an extension leads to a date that has not passed': {
			text: 'return isExpired({expiresAt}, now) || (card',
			instead: 'return (card',
		},
		'expired value is not extended': {
			text: 'unexpiredLots(card, now).filter',
			instead: '[...card.lots.values()].filter(lot => lot.remaining > 0n).filter',
		},
	}),
	...guardsOf(
		'src/ledger/decide/merge.ts',
		[...decide('points'), 'test/ledger/merge.test.ts', ...walletStories],
		{
			'a merge that was done is done once': {
				text: 'if (source.forwardsTo === target.id) {',
				instead: 'if (source.forwardsTo === source.id) {',
			},
			'a merge fills no wallet beyond what it may carry': {
				text: "target.available + target.held + moved > cardBalanceMax ? 'targetBalanceLimit' : undefined",
				instead: 'undefined',
			},
			'a debt moves with the wallet': {
				text: "...moves('debt', source, target, source.debt)",
				instead: '',
			},
		},
	),
	...guardsOf('src/ledger/decide/take-back.ts', [...decide('take-back'), 'test/bulk/undo-run.test.ts'], {
		'a credit is taken back out of its own lots': {
			text: '.filter(lot => (lot.rootId ?? lot.id) === credit.id)',
			instead: '',
		},
	}),
	...guardsOf(
		'src/ledger/decide/earn.ts',
		[...decide('earn', 'clawback'), 'test/ledger/earn.test.ts', ...walletStories],
		{
			'an older document of an order changes nothing': {
				text: 'appliedVersion !== null && command.version < appliedVersion',
				instead: 'appliedVersion === undefined',
			},
			'an order earns no more than its cap': {text: 'min(target, orderMax ?? target)', instead: 'target'},
			'what a cap kept away stays away': {text: '? units + forgone : 0n', instead: '? units : 0n'},
			'points of another program count for themselves': {
				text: 'cards.get(cardId)?.assetId === assetId ? units',
				instead: 'cards.has(cardId) ? units',
			},
			'a wallet earns no more in a day than its cap': {
				text: 'dayMax === null ? left : min(left, notBelowZero(dayMax - earned))',
				instead: 'left',
			},
			'a wallet carries no more than its cap': {
				text: 'lot: min(today - debt, notBelowZero(room))',
				instead: 'lot: today - debt',
			},
			'a debt is paid first': {text: 'const debt = min(today, -wallet.debt);', instead: 'const debt = 0n;'},
			'a closed wallet earns nothing': {
				text: "return isClosed(wallet) ? 'cardClosed' : wallet;",
				instead: 'return wallet;',
			},
			'what lots owe is pardoned as far as it was earned': {
				text: 'const part = min(lot.owed, left);',
				instead: 'const part = lot.owed;',
			},
		},
	),
	...guardsOf(
		'src/ledger/decide/clawback.ts',
		[...decide('clawback'), ...walletStories, 'test/ledger/earn.test.ts'],
		{
			'a lot gives what it has': {
				text: 'const part = min(lot.remaining, missing);',
				instead: 'const part = missing;',
			},
			'what was taken back out of breakage is not taken twice': {
				text: '\t\torder.reversed.get(assetId) ?? noReversal,\n\t);',
				instead: '\t\tnoReversal,\n\t);',
			},
			'lots owe no more than was taken out of them': {
				text: 'room > 0n ? min(room, missing) : 0n',
				instead: 'missing',
			},
			'points that were forgone are taken back first': {
				text: 'min(known.bookings.get(id)?.forgone ?? 0n, missing)',
				instead: 'min(0n, missing)',
			},
		},
	),
	...guardsOf(
		'src/ledger/decide/onward.ts',
		[...decide('restoration', 'clawback'), ...walletStories, 'test/ledger/merge.test.ts'],
		{
			'what a lot owes is paid once': {
				text: 'min(debtor.owed - alreadyPaid, amount)',
				instead: 'min(debtor.owed, amount)',
			},
			'what comes back pays what its lot owes': {
				text: 'min(debtor.owed - alreadyPaid, amount)',
				instead: 'min(0n * alreadyPaid, amount)',
			},
			'nothing moves on to a closed wallet': {
				text: ' || isClosed(survivor) ? undefined',
				instead: ' ? undefined',
			},
		},
	),
	...guardsOf('src/ledger/entry.ts', ['test/ledger/entry.test.ts'], {
		'postings of nothing are left out': {
			text: 'return [...lines.values()].filter(({amount}) => amount !== 0n);',
			instead: 'return [...lines.values()];',
		},
	}),
	...guardsOf('src/ledger/books.ts', ['test/ledger/batch.test.ts', 'test/ledger/model/memory.test.ts'], {
		'each entry gives a card another version': {text: 'card.version += 1n;', instead: 'card.version = 1n;'},
	}),
];
