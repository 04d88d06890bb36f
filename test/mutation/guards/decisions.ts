import {guardsOf} from '../mutant.ts';

/* The rules of the ledger that are no `if … return refuse(…)`, which are found by themselves (refusal-guards.ts). */

const decide = (...names: readonly string[]) => names.map(name => `test/ledger/decide/${name}.test.ts`);
const stories = ['test/ledger/model/memory.test.ts', 'test/ledger/model/payment.test.ts'];
const lots = ['test/ledger/lots.test.ts', ...decide('authorize')];

export const decisionGuards = [
	...guardsOf('src/ledger/lots.ts', [...lots, ...stories], {
		'value past its date is expired': {
			text: 'return expiresAt !== null && now >= expiresAt;',
			instead: 'return expiresAt === -1 && now >= expiresAt;',
		},
		'a date is the first instant at which value is expired': {
			text: 'now >= expiresAt',
			instead: 'now > expiresAt',
		},
		'value that waits cannot be spent': {text: 'lot.spendableFrom <= now && ', instead: ''},
		'what is past its date cannot be spent': {
			text: 'lot.spendableFrom <= now && !isExpired(lot, now)',
			instead: 'lot.spendableFrom <= now',
		},
		'only live lots are taken': {text: ' && isLive(lot, now)).sort', instead: ').sort'},
		'only live lots are shown': {text: 'if (isLive(lot, now)) {', instead: 'if (lot.issued > 0n) {'},
		'a blocked or closed card shows nothing': {text: "card.status !== 'active' || ", instead: ''},
		'a merged card shows nothing': {text: ' || isClosed(card) || ', instead: ' || '},
		'a card shows nothing before its emission': {text: ' || card.emittedAt > now', instead: ''},
		'a used single-use card shows what was refunded': {
			text: 'limit !== null && limit < balance ? limit : balance',
			instead: 'limit !== null && limit < 0n ? limit : balance',
		},
		'what later uses took of a single-use card is gone': {
			text: 'return refunded - (used - largest);',
			instead: 'return refunded;',
			tests: [...decide('single-use'), ...lots],
		},
		'a released use of a single-use card is none': {
			text: 'uses.filter(use => use.value > use.released)',
			instead: 'uses.filter(use => use.value > 0n)',
			tests: [...decide('single-use'), ...lots],
		},
		'a card with a live lot is not expired': {
			text: ' && liveLots(card.lots.values(), now).length === 0',
			instead: '',
		},
		'restored value does not outlive its cap': {
			text: 'Math.min(grace, cap)',
			instead: 'grace',
			tests: [...decide('restoration'), ...stories],
		},
		'restored value ends no sooner than it did': {
			text: 'return Math.max(lot.expiresAt, Math.min(grace, cap));',
			instead: 'return Math.min(grace, cap);',
			tests: [...decide('restoration'), ...stories],
		},
		'bought value has the grace of gift cards': {
			text: 'days: Math.max(days, restorationGrace.days), capDays: Math.max(capDays, restorationGrace.capDays)',
			instead: 'days, capDays',
		},
		'the soonest expiry is spent first': {text: 'return aEnd - bEnd;', instead: 'return bEnd - aEnd;'},
		'given value is spent before bought value': {
			text: 'Number(isPromotional(b.origin)) - Number(isPromotional(a.origin))',
			instead: 'Number(isPromotional(a.origin)) - Number(isPromotional(b.origin))',
		},
	}),
	...guardsOf(
		'src/ledger/owner.ts',
		[
			'test/ledger/owners-and-notes.test.ts',
			...decide('authorize', 'precedence'),
			'test/customers/identity.test.ts',
		],
		{
			'somebody else is not the owner': {text: "? 'same' : 'other'", instead: "? 'same' : 'unknown'"},
			'the strongest identifier that both have decides': {
				text: "const byStrength = ['profile', 'document', 'email']",
				instead: "const byStrength = ['email', 'document', 'profile']",
			},
		},
	),
	...guardsOf(
		'src/ledger/card-state.ts',
		[...decide('authorize', 'transfer', 'earn'), ...lots, 'test/ledger/merge.test.ts'],
		{
			'a closed card is closed': {
				text: "return status === 'closed' || forwardsTo !== null;",
				instead: 'return forwardsTo !== null;',
			},
			'a merged card is closed': {
				text: "return status === 'closed' || forwardsTo !== null;",
				instead: "return status === 'closed';",
			},
		},
	),
	...guardsOf(
		'src/ledger/decide/reserve.ts',
		[...decide('authorize', 'single-use', 'pay', 'points', 'precedence'), ...stories],
		{
			'a used single-use card refuses': {
				text: 'card.singleUse && reopenedValue(card.uses) === 0n',
				instead: 'card.singleUse && reopenedValue(card.uses) === -1n',
			},
			'nothing is held unless all of it is': {
				text: 'if (missing === 0n && shares.length > 0) {',
				instead: 'if (shares.length > 0) {',
			},
			'a card gives no more than it has': {
				text: 'min(valueOf(spendableBalance(card, now), pricing), missing)',
				instead: 'missing',
			},
			'fewer points than the least are not taken': {
				text: "value === 0n || (pricing !== 'same' && units < pricing.least)",
				instead: 'value === 0n',
			},
			'cards of several that cannot be used are passed over': {
				text: 'pricing === undefined || whyUnusable(card, wish, now) !== undefined',
				instead: 'pricing === undefined',
			},
		},
	),
	...guardsOf('src/ledger/worth.ts', ['test/ledger/worth.test.ts', ...decide('points')], {
		'points below the least are worth nothing to an order': {text: 'redeemable < least ? 0n : ', instead: ''},
		'an order redeems no more points than it may': {
			text: 'most !== null && most < units ? most : units',
			instead: 'units',
		},
		'points are shown rounded down': {
			text: 'convertDown(redeemable, rate)',
			instead: 'convertUp(redeemable, rate)',
		},
		'points are taken rounded up': {
			text: 'convertUp(value, inverse(pricing.rate))',
			instead: 'convertDown(value, inverse(pricing.rate))',
		},
	}),
	...guardsOf('src/ledger/decide/issue.ts', [...decide('issue'), 'test/ledger/batch.test.ts'], {
		'a card is issued with no more than it may carry': {
			text: 'return command.amount > cardBalanceMax',
			instead: 'return command.amount < 0n',
		},
		'a credit fills no card beyond what it may carry': {
			text: 'return card.available + card.held + amount > min(grant.balanceMax ?? cardBalanceMax, cardBalanceMax)',
			instead: 'return amount < min(grant.balanceMax ?? 0n, 0n)',
		},
		"a program's cap keeps a credit away": {
			text: 'min(grant.balanceMax ?? cardBalanceMax, cardBalanceMax)',
			instead: 'cardBalanceMax',
		},
		'what is held counts against what a card may carry': {
			text: 'return card.available + card.held + amount > min',
			instead: 'return card.available + amount > min',
		},
	}),
	...guardsOf('src/ledger/decide/empty.ts', [...decide('empty'), ...stories], {
		'only value past its date expires': {
			text: 'filter(lot => lot.remaining > 0n && isExpired(lot, now))',
			instead: 'filter(lot => lot.remaining > 0n && now > 0)',
		},
	}),
];
