import test from 'ava';
import {currency} from '../../../src/money/asset.ts';
import {type Payment} from '../../../src/payments/payment.ts';
import {PaymentReply} from '../../../src/vtex/payments/contracts.ts';
import {type Refusal, refusals} from '../../../src/ledger/refusals.ts';
import {refusalReason, refusalReasons} from '../../../src/vtex/payments/error-replies.ts';
import {paymentReply, undecidedReply} from '../../../src/vtex/payments/replies.ts';

const delays = {autoSettle: 432_000, afterAntifraud: 1800, cancel: 86_400};
const options = {
	providerId: 'Monedero',
	delays,
	asset: currency('BRL'),
	paymentUrlOf: ({tid}: Payment) => `https://pay.example.com/pay/${tid}`,
};
const tid = '01234567-89ab-8def-8123-456789abcdef';
const holdId = '11111111-2222-7333-8444-555555555555';

/** An approved payment of 30.00 whose hold is open. */
function payment(members: Partial<Payment> = {}): Payment {
	return {
		merchantId: 1,
		paymentId: 'P1',
		tid,
		status: 'approved',
		refusal: null,
		way: 'code',
		assetId: 1,
		value: 3000n,
		holdId,
		cardIds: ['1'],
		captured: 0n,
		released: 0n,
		refunded: 0n,
		cancellationId: null,
		concludeAt: null,
		concludeApproved: null,
		createdAt: 0,
		particulars: {
			method: 'Privatelabels',
			orderId: null,
			reference: null,
			transactionId: null,
			callbackUrl: null,
			returnUrl: null,
			delayToAutoSettle: 1000,
			delayAfterAntifraud: 2000,
			delayToCancel: 3000,
			customerId: null,
			pageHash: null,
			pageUntil: null,
			particulars: '{}',
		},
		...members,
	};
}

const reply = (members: Partial<Payment> = {}) => paymentReply(payment(members), options);

test('an approved payment answers its ids, its own delays and the most that can be settled', t => {
	t.deepEqual(reply(), {
		paymentId: 'P1',
		status: 'approved',
		authorizationId: '11111111222273338444555555555555',
		tid: '0123456789ab8def8123456789abcdef',
		nsu: '1250999896491',
		acquirer: 'Monedero',
		code: null,
		message: null,
		delayToAutoSettle: 1000,
		delayToAutoSettleAfterAntifraud: 2000,
		delayToCancel: 3000,
		maxValue: 30,
	});
});

test('ids are text in every answer, and every answer is of the form that it promises', t => {
	for (const members of [
		{},
		{status: 'pending', holdId: null},
		{status: 'denied', refusal: 'codeUnknown', holdId: null, assetId: null, value: null},
		{status: 'cancelled', holdId: null, particulars: null, cancellationId: tid},
	] as const) {
		const answer = reply(members);

		t.is(typeof answer.authorizationId, 'string');
		t.is(answer.tid, '0123456789ab8def8123456789abcdef');
		t.is(answer.nsu, '1250999896491');
		t.deepEqual(PaymentReply.parse(answer), answer);
	}
});

test('a pending payment is undefined with the address of its page; a concluded one has no page', t => {
	t.like(reply({status: 'pending', holdId: null}), {
		status: 'undefined',
		authorizationId: '',
		code: 'waiting',
		paymentUrl: `https://pay.example.com/pay/${tid}`,
	});
	t.false('paymentUrl' in reply());
	const pageless = paymentReply(payment({status: 'pending', holdId: null}), {
		...options,
		paymentUrlOf: () => null,
	});
	t.false('paymentUrl' in pageless);
});

const shows = test.macro({
	exec(t, members: Partial<Payment>, status: string, code: string | null) {
		t.like(reply(members), {status, code});
	},
	title: (given = '', _members: Partial<Payment>, status: string) => `${given} is shown as ${status} (A8)`,
});

const cancelled = {status: 'cancelled', cancellationId: tid} as const;
test(
	'a refused payment',
	shows,
	{status: 'denied', refusal: 'insufficientBalance', holdId: null},
	'denied',
	'insufficient_balance',
);
test('a cancelled payment', shows, {...cancelled, released: 3000n}, 'denied', 'payment_cancelled');
test(
	'one that was cancelled before it was created',
	shows,
	{...cancelled, holdId: null, particulars: null},
	'denied',
	'payment_cancelled',
);
test('one whose hold was released by hand', shows, {released: 3000n}, 'denied', 'payment_cancelled');
test('one that lacks a cent of being released', shows, {released: 2999n}, 'approved', null);
test(
	'one that was settled in part before the rest was cancelled',
	shows,
	{...cancelled, captured: 1n, released: 2999n},
	'approved',
	null,
);
test('a settled and refunded payment', shows, {captured: 3000n, refunded: 3000n}, 'approved', null);
test('a payment that only verified', shows, {holdId: null, value: 0n}, 'approved', null);

test('a cancelled payment keeps the ids that it was approved with', t => {
	const {status, maxValue, ...ids} = reply({...cancelled, released: 3000n});

	t.is(status, 'denied');
	t.is(maxValue, undefined);
	t.is(ids.authorizationId, '11111111222273338444555555555555');
});

test('what can be settled at most follows what was released', t => {
	t.is(reply({released: 1001n, captured: 500n}).maxValue, 19.99);
});

test('connector metadata is echoed', t => {
	const {particulars} = payment();
	const text = JSON.stringify({connectorMetadata: [{name: 'Shelf', value: 'A7'}], miniCart: {}});

	t.deepEqual(
		reply({particulars: particulars === null ? null : {...particulars, particulars: text}}).connectorMetadata,
		[{name: 'Shelf', value: 'A7'}],
	);
});

test('where nothing could be asked, the answer is undefined under the ids that the payment will have (B4)', t => {
	const undecided = undecidedReply(options, 1, 'P1');

	t.like(undecided, {status: 'undefined', authorizationId: '', delayToCancel: 86_400, acquirer: 'Monedero'});
	t.regex(undecided.tid, /^[0-9a-f]{32}$/);
	t.is(undecidedReply(options, 1, 'P1').tid, undecided.tid);
	t.not(undecidedReply(options, 2, 'P1').tid, undecided.tid);
	t.deepEqual(PaymentReply.parse(undecided), undecided);
});

test('every refusal has a code and a sentence, and none asks the gateway to refund by hand', t => {
	for (const [refusal, [code, message]] of Object.entries(refusalReasons)) {
		t.regex(code, /^[a-z_]+$/, refusal);
		t.regex(message, /^[A-Z].*\.$/, refusal);
	}
});

test('every refusal that a command of a payment can get is answered, and those of operators are not', t => {
	const operators = [
		'reasonMissing',
		'sameCard',
		'targetCurrency',
		'targetClosed',
		'targetExpired',
		'targetUsed',
	];
	const others = ['targetNotRechargeable', 'targetBalanceLimit', 'dateTooEarly', 'alreadyExtended'];
	const silent = (Object.keys(refusals) as Refusal[]).filter(refusal => !(refusal in refusalReasons));

	t.deepEqual(silent, [...operators, ...others, 'runTakenBack'] as Refusal[]);
	t.throws(() => refusalReason('sameCard'), {instanceOf: TypeError});
	t.is(refusalReason('declined'), refusalReasons.declined);
});
