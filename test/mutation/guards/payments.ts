import {guardsOf} from '../mutant.ts';

/* Payments, orders and imports around the ledger. */

export const paymentGuards = [
	...guardsOf('src/payments/wallet.ts', ['test/payments/wallet.test.ts'], {
		'an identifier must be strong enough to pay': {
			text: 'strengths[one.kind] >= strengths[weakest] && ',
			instead: '',
		},
		'a restricted card of somebody else does not pay': {
			text: "!card.restricted || ownerMatch(card.owner, buyer) !== 'other'",
			instead: "card.cardId !== '' || ownerMatch(card.owner, buyer) !== 'other'",
		},
		'a wallet pays all or nothing': {
			text: 'return missing === 0n ? taken : [];',
			instead: 'return taken;',
			tests: ['test/payments/wallet.test.ts', 'test/payments/page.test.ts', 'test/pages/pay.test.ts'],
		},
	}),
	...guardsOf(
		'src/payments/create.ts',
		[
			'test/payments/code.test.ts',
			'test/payments/sandbox.test.ts',
			'test/vtex/payments/create-payment.test.ts',
		],
		{
			'a repeated create counts no PIN': {
				text: "return means.kind === 'sandbox' || (means.kind === 'card' && means.card.hasPin);",
				instead: "return means.kind === 'sandbox';",
			},
			'a hold that VTEX forgets has an end': {
				text: "holdUntil: plan.kind === 'hold' ? holdUntil(options.delayToAutoSettle, clock()) : null,",
				instead: 'holdUntil: plan.kind === undefined ? holdUntil(options.delayToAutoSettle, clock()) : null,',
				tests: ['test/payments/due.test.ts'],
			},
			'a repeated create of another amount is told': {
				text: 'options.onChanged?.(merchant.id, paymentId);',
				instead: '',
				tests: ['test/conformance/payments-create.test.ts'],
			},
		},
	),
	...guardsOf(
		'src/payments/intent.ts',
		['test/payments/code.test.ts', 'test/payments/page.test.ts', 'test/vtex/payments/create-payment.test.ts'],
		{
			'a card with a PIN wants it': {
				text: "const answer = card.hasPin ? await pins.check(merchant.id, [card], pin) : 'none';",
				instead: "const answer = card.hasPin ? await pins.check(merchant.id, [], pin) : 'none';",
			},
			'a wallet without a PIN gets no page': {text: "=== 'none') {", instead: "=== 'right') {"},
			'a wallet with too little gets no page': {
				text: 'if (sumOf(cards) < amount) {',
				instead: 'if (sumOf(cards) < 0n) {',
			},
			'a page does not outlive what VTEX waits for': {
				text: 'Math.min(pageMs, options.delayToCancel * 1000)',
				instead: 'pageMs',
				tests: [
					'test/payments/page.test.ts',
					'test/payments/due.test.ts',
					'test/vtex/payments/create-payment.test.ts',
				],
			},
		},
	),
	...guardsOf(
		'src/payments/means.ts',
		[
			'test/payments/code.test.ts',
			'test/payments/sandbox.test.ts',
			'test/conformance/payments-create.test.ts',
			'test/vtex/payments/create-payment.test.ts',
		],
		{
			'selectors act for a sandbox only': {
				text: 'merchant.sandbox ? selectorOf(wish) : undefined',
				instead: 'selectorOf(wish)',
			},
			'a payment names the currency that it pays in': {
				text: 'if (wish.currency !== null && wish.currency !== asset.code) {',
				instead: "if (wish.currency === '') {",
			},
			'a payment of less than a cent is refused': {
				text: 'amount === undefined || (amount === 0n && !wish.verificationOnly)',
				instead: 'amount === undefined',
			},
			'a negative amount is none': {
				text: 'return amount < 0n ? undefined : amount;',
				instead: 'return amount;',
			},
			'a method that is not offered is refused': {
				text: "return {kind: 'none', refusal: 'methodNotOffered'};",
				instead: "return {kind: 'none', refusal: 'codeUnknown'};",
			},
			'a code that nobody knows is refused': {
				text: "{kind: 'none', refusal: 'codeUnknown'} : {kind: 'card', card}",
				instead: "{kind: 'none', refusal: 'methodNotOffered'} : {kind: 'card', card}",
			},
			'a wallet of nobody is refused': {
				text: "return {kind: 'none', refusal: 'walletUnknown'};",
				instead: "return {kind: 'none', refusal: 'codeUnknown'};",
				tests: ['test/payments/wallet.test.ts', 'test/payments/page.test.ts'],
			},
		},
	),
	...guardsOf(
		'src/payments/conclude.ts',
		[
			'test/payments/sandbox.test.ts',
			'test/payments/page.test.ts',
			'test/conformance/payments-callbacks.test.ts',
		],
		{
			'a sandbox denies what is to be denied': {text: 'concludeApproved !== true || value', instead: 'value'},
		},
	),
	...guardsOf(
		'src/payments/due.ts',
		['test/payments/due.test.ts', 'test/payments/sandbox.test.ts', 'test/payments/page.test.ts'],
		{
			'only what is due is released': {
				text: 'AND hold_until <= ${new Date(tools.clock())}',
				instead: 'AND hold_until IS NOT NULL AND ${new Date(tools.clock())} IS NOT NULL',
			},
			'only what is due is concluded': {
				text: 'AND conclude_at <= ${new Date(tools.clock())} AND',
				instead: 'AND conclude_at IS NOT NULL AND ${new Date(tools.clock())} IS NOT NULL AND',
			},
		},
	),
	...guardsOf('src/orders/queue.ts', ['test/orders/looks.test.ts'], {
		'keys that VTEX refused are not used': {
			text: 'k.purpose = 1 AND k.refused_at IS NULL AND',
			instead: 'k.purpose = 1 AND',
		},
		'an account that has had enough is left alone': {
			text: ' AND (k.paused_until IS NULL OR k.paused_until <= ${at})\n',
			instead: '\n',
		},
		'a ring during a look leads to another look': {
			text: 'status = CASE rings WHEN ${claim.rings} THEN 2 ELSE 1 END,',
			instead: 'status = 2,',
		},
	}),
	...guardsOf('src/orders/doorbell.ts', ['test/orders/looks.test.ts', 'test/orders/sweep.test.ts'], {
		'a soft ring wakes only what is done': {text: '\n\t\tWHERE l.status = 2`', instead: '`'},
		'the latest time that was announced counts': {
			text: 'at_least = greatest(l.at_least, excluded.at_least),',
			instead: 'at_least = excluded.at_least,',
			tests: ['test/orders/looks.test.ts', 'test/orders/sweep.test.ts', 'test/http/order-hook.test.ts'],
		},
	}),
	...guardsOf('src/bulk/runs.ts', ['test/scripts/credits-import.test.ts', 'test/scripts/undo.test.ts'], {
		'a name of an import means one file': {
			text: 'named !== undefined && (named.kind !== runKinds[kind] || !digest.equals(named.digest))',
			instead: 'named?.id === -1',
		},
		'a file is imported under one name': {
			text: 'name !== undefined && named === undefined && standing !== undefined',
			instead: 'name === undefined && named === undefined && standing?.id === -1',
		},
		'an import that was taken back stays so': {
			text: 'if (undoneAt !== null) {',
			instead: 'if (undoneAt === -1) {',
		},
	}),
	...guardsOf('src/bulk/undo-run.ts', ['test/bulk/undo-run.test.ts'], {
		'an import of cards is not taken back': {
			text: 'if (run.kind !== runKinds.credits) {',
			instead: 'if (run.kind === -1) {',
		},
		'an import is marked before anything is taken back': {
			text: 'if (!wish.isDryRun) {\n\t\tawait mark',
			instead: 'if (wish.rows === -1) {\n\t\tawait mark',
		},
	}),
];
