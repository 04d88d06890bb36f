import test from 'ava';
import {isCardRefusal, refusals, type Refusal} from '../../../src/ledger/refusals.ts';
import {refusalError} from '../../../src/vtex/giftcards/error-replies.ts';

const statuses: Partial<Record<Refusal, number>> = {
	keyConflict: 409,
	cardNotFound: 404,
	operationNotFound: 404,
};

const ofCards = (Object.keys(refusals) as Refusal[]).filter(isCardRefusal);

for (const refusal of ofCards) {
	test(`${refusal} is answered ${statuses[refusal] ?? 422}, with a code and a sentence`, t => {
		const {status, code, message} = refusalError(refusal);

		t.is(status, statuses[refusal] ?? 422);
		t.regex(code, /^[a-z]+(?:_[a-z]+)*$/);
		t.regex(message, /^[A-Z].*\.$/);
	});
}

test('no two refusals share a code', t => {
	const codes = ofCards.map(refusal => refusalError(refusal).code);

	t.is(new Set(codes).size, codes.length);
});

test('a refusal that only payments know is never answered as a card’s', t => {
	t.throws(() => refusalError('paymentSettled'));
});
