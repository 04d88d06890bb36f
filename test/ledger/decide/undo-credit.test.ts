import test from 'ava';
import {type CreditState, type Lot} from '../../../src/ledger/card-state.ts';
import {type Refusal} from '../../../src/ledger/refusals.ts';
import {
	answer,
	buildCard,
	buildCredit,
	buildLot,
	buildState,
	day,
	effectOf,
	lines,
	movements,
	noon,
	undoing,
} from '../../helpers/state.ts';

/** A credit of 100 with its lot, on a card that has another lot too. */
function credited(credit: Partial<CreditState> = {}, lot: Partial<Lot> = {}) {
	const own = buildLot({id: 'credit', issued: 100n, origin: 'fundingCredit', ...lot});
	return buildState({
		card: buildCard({lots: [own, buildLot({id: 'other'})]}),
		credit: buildCredit({amount: 100n, ...credit}),
	});
}

const reversal = (amount: bigint) => undoing({operationId: 'credit', amount});

const reverse = test.macro({
	exec(t, credit: Partial<CreditState>, lot: Partial<Lot>, amount: bigint, expected: Refusal | bigint) {
		const state = credited(credit, lot);

		if (typeof expected === 'string') {
			t.is(answer(state, reversal(amount)), expected);
		} else {
			t.is(effectOf(state, reversal(amount)).moved, expected);
		}
	},
	title: (given = '', _credit, _lot, _amount, expected: unknown) =>
		`a credit ${typeof expected === 'string' ? `is not taken back (${expected})` : 'is taken back'}: ${given}`,
});

test('a part', reverse, {}, {}, 30n, 30n);
test('the whole', reverse, {}, {}, 100n, 100n);
test('one cent more than the whole', reverse, {}, {}, 101n, 'exceedsHold');
test('exactly the rest', reverse, {reversed: 40n}, {remaining: 60n}, 60n, 60n);
test('one cent more than the rest', reverse, {reversed: 40n}, {remaining: 60n}, 61n, 'exceedsHold');
test('the value of the whole, when a rest is left', reverse, {reversed: 40n}, {remaining: 60n}, 100n, 60n);
test('all was taken back', reverse, {reversed: 100n}, {remaining: 0n}, 100n, 'exceedsHold');
test('exactly what is unspent', reverse, {}, {remaining: 70n}, 70n, 70n);
test('one cent more than what is unspent', reverse, {}, {remaining: 70n}, 71n, 'creditSpent');
test('the whole, when one cent is spent', reverse, {}, {remaining: 99n}, 100n, 'creditSpent');
test(
	'the value of the whole for a rest that is spent',
	reverse,
	{reversed: 40n},
	{remaining: 59n},
	100n,
	'creditSpent',
);
test('what is held is not there to be taken', reverse, {}, {remaining: 0n, held: 100n}, 1n, 'creditSpent');
test('more than the whole and spent', reverse, {}, {remaining: 0n}, 101n, 'exceedsHold');
test('its lot has expired and is not swept', reverse, {}, {expiresAt: noon - day}, 100n, 100n);

test('taking a credit back moves value from available to its funding account, out of its own lot', t => {
	const effect = effectOf(credited(), reversal(30n));

	t.is(effect.id, 'new-1');
	t.like(effect.entries, {length: 1});
	t.like(effect.entries[0], {id: 'new-1', kind: 'reverseCredit', answers: 'credit', operationId: null});
	t.deepEqual(lines(effect), ['available -30', 'fundingCredit +30']);
	t.deepEqual(movements(effect), ['credit: remaining -30, held 0']);
	t.like(effect, {lots: {length: 0}, hold: null, legSteps: {length: 0}, status: null});
});

test('a credit is taken back from a card of any status', t => {
	for (const status of ['active', 'blocked', 'closed'] as const) {
		const state = credited();
		const cards = new Map([...state.cards].map(([id, card]) => [id, {...card, status}]));
		t.is(effectOf({...state, cards}, reversal(100n)).moved, 100n);
	}
});

test('another card’s credit is refused as operationNotFound', t => {
	t.is(answer(credited({cardId: '2'}), reversal(1n)), 'operationNotFound');
});

for (const byHand of ['release', 'refund'] as const) {
	test(`a credit is no hold of which a person could ${byHand} something`, t => {
		t.is(answer(credited(), {...reversal(30n), byHand}), 'operationNotFound');
	});
}
