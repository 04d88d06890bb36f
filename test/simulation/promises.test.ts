import test from 'ava';
import {type Attempt, openPromises} from './promises.ts';
import {type AskStep} from './steps.ts';

const sending = {via: 0, copies: 1};
const debit: AskStep = {n: 0, do: 'debit', card: 0, cents: 1000, ...sending};
const settle: AskStep = {n: 1, do: 'settle', of: 0, cents: 400, ...sending};
const cancel: AskStep = {n: 2, do: 'cancel', of: 0, cents: 600, ...sending};
const pay: AskStep = {n: 3, do: 'pay', card: 1, cents: 5000, ...sending};
const paySettle: AskStep = {n: 4, do: 'paySettle', of: 3, cents: 2000, ...sending};
const payCancel: AskStep = {n: 5, do: 'payCancel', of: 3, ...sending};
const given: AskStep = {n: 6, do: 'import', cards: [0, 1], cents: 300};
const undo: AskStep = {n: 7, do: 'undo', of: 6};
const history = [debit, settle, cancel, pay, paySettle, payCancel, given, undo];

const ok = (body: object) => ({status: 200, text: JSON.stringify(body)});
const refused = (code: string, status = 422) => ({
	status,
	text: JSON.stringify({error: {code, message: 'x'}}),
});
const payment = (status: string) => ok({paymentId: 'P', tid: 'T', nsu: '1', status});
const settleRefused = {
	status: 500,
	text: JSON.stringify({settleId: null, value: 0, code: 'payment_not_approved', message: 'x'}),
};
const lost = {status: 503, text: ''};

function open() {
	const promises = openPromises(history);
	return {
		...promises,
		hear: (step: AskStep, heard: {status: number; text: string}) =>
			promises.hear(step, heard, promises.sending(step)),
	};
}

test('an answer that is given again is fine, and another id under the same request is not', t => {
	const {hear} = open();
	t.is(hear(debit, ok({id: 'a'})), undefined);
	t.is(hear(debit, ok({id: 'a'})), undefined);
	t.regex(hear(debit, ok({id: 'b'})) ?? '', /Step 0 \(debit\) was answered .*"a".* now .*"b"/);
});

test('what was answered may be delayed, and must not be refused later', t => {
	const {hear} = open();
	hear(settle, ok({oid: 's', value: 4}));
	t.is(hear(settle, lost), undefined);
	t.regex(hear(settle, refused('exceeds_transaction')) ?? '', /is refused now/);
});

test('of two that travel at once one may be refused and be heard last; with another id it must not be', t => {
	const promises = openPromises(history);
	const [first, second, third] = [1, 2, 3].map(() => promises.sending(paySettle)) as [
		Attempt,
		Attempt,
		Attempt,
	];
	t.is(promises.hear(paySettle, ok({settleId: 's', value: 20}), second), undefined);
	t.is(promises.hear(paySettle, settleRefused, first), undefined);
	t.regex(promises.hear(paySettle, ok({settleId: 'x', value: 20}), third) ?? '', /is answered now/);
	t.regex(promises.hear(paySettle, settleRefused, promises.sending(paySettle)) ?? '', /is refused now/);
});

test('a refusal for lack of balance stays one (A7), and a settlement that was refused may be done later', t => {
	const {hear} = open();
	hear(debit, refused('insufficient_balance'));
	t.regex(hear(debit, ok({id: 'a'})) ?? '', /insufficient_balance/);
	t.is(hear(settle, refused('exceeds_transaction')), undefined);
	t.is(hear(settle, ok({oid: 's', value: 4})), undefined);
});

for (const status of [400, 401, 403, 404, 409, 500, 502]) {
	test(`nobody is answered ${status} to a debit`, t => {
		t.regex(open().hear(debit, refused('any', status)) ?? '', new RegExp(`what nobody should be: ${status}`));
	});
}

test('what got no answer is unanswered until one comes, and a refusal does not tell what became of another attempt', t => {
	const {hear, unanswered, answeredAtLast} = open();
	hear(debit, lost);
	hear(settle, lost);
	hear(settle, refused('exceeds_transaction'));
	t.deepEqual(
		unanswered().map(({step}) => step.n),
		[0, 1],
	);
	hear(debit, ok({id: 'a'}));
	answeredAtLast(settle);
	t.deepEqual(unanswered(), []);
});

test('a payment that was approved is denied later only where somebody asked to cancel it (A8)', t => {
	const {hear} = open();
	t.is(hear(pay, payment('approved')), undefined);
	t.regex(hear(pay, payment('denied')) ?? '', /approved and is denied now/);
	hear(payCancel, lost);
	t.is(hear(pay, payment('denied')), undefined);
	t.regex(hear(pay, payment('approved')) ?? '', /denied and is approved now/);
});

test('balances follow from the answers: debits, what came back, payments and what was settled of them', t => {
	const {hear, balance} = open();
	hear(debit, ok({id: 'a'}));
	hear(settle, ok({oid: 's', value: 4}));
	hear(cancel, ok({oid: 'c', value: 6}));
	t.deepEqual(balance(0, 10_000), {low: 9600, high: 9600});
	hear(pay, payment('approved'));
	t.deepEqual(balance(1, 10_000), {low: 5000, high: 5000});
	hear(paySettle, ok({settleId: 's', value: 20}));
	hear(payCancel, ok({cancellationId: 'c'}));
	t.deepEqual(balance(1, 10_000), {low: 8000, high: 8000});
});

test('an import that is taken back leaves anything between nothing and all of it', t => {
	const {hear, balance} = open();
	hear(given, {status: 0, text: '{"imported":2}'});
	t.deepEqual(balance(0, 0), {low: 300, high: 300});
	hear(undo, {status: 0, text: '{}'});
	t.deepEqual(balance(0, 0), {low: 0, high: 300});
});

test('what nobody was answered counts for nothing', t => {
	const {hear, balance} = open();
	hear(debit, lost);
	hear(pay, lost);
	t.deepEqual(balance(0, 500), {low: 500, high: 500});
	t.deepEqual(balance(1, 500), {low: 500, high: 500});
});
