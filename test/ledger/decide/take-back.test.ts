import test from 'ava';
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
	type StateParts,
	undoing,
} from '../../helpers/state.ts';

const grant = buildCredit({isGrant: true, amount: 100n});
const origin = 'fundingCourtesy';
const own = buildLot({id: 'credit', origin, issued: 100n});
const takingBack = (amount: bigint, holderId = '1') => undoing({operationId: 'credit', amount, holderId});

test('a grant goes back to where it came from, out of its own lot, as an answer to it', t => {
	const state = buildState({card: buildCard({lots: [own, buildLot()]}), credit: grant});

	const effect = effectOf(state, takingBack(100n));

	t.like(effect.entries, {length: 1, 0: {kind: 'reverseCredit', answers: 'credit'}});
	t.deepEqual(lines(effect), ['available -100', 'fundingCourtesy +100']);
	t.deepEqual(movements(effect), ['credit: remaining -100, held 0']);
});

test('it comes out of all that goes on of its lot, soonest end first, past its date and on a closed or blocked card too', t => {
	const child = {origin, parentId: 'credit', rootId: 'credit'} as const;
	const lots = [
		buildLot({id: 'last', issued: 50n, expiresAt: noon + day, ...child}),
		buildLot({id: 'ended', issued: 30n, expiresAt: noon - day, ...child}),
		buildLot({id: 'stranger', issued: 90n, origin, parentId: 'x', rootId: 'x'}),
	];
	const state = buildState({card: buildCard({lots, status: 'blocked'}), credit: grant});

	t.deepEqual(movements(effectOf(state, takingBack(40n))), [
		'ended: remaining -30, held 0',
		'last: remaining -10, held 0',
	]);
});

test('the wallet that took over gives it, and its own account', t => {
	const taken = buildLot({id: 'there', issued: 60n, origin, parentId: 'credit', rootId: 'credit'});
	const card = buildCard({lots: [{...own, remaining: 0n}], forwardsTo: '2'});
	const state = buildState({card, target: buildCard({id: '2', lots: [taken]}), credit: grant});

	const effect = effectOf(state, takingBack(60n, '2'));

	t.deepEqual(effect.entries[0]?.postings, [
		{account: 'available', cardId: '2', assetId: 1, amount: -60n},
		{account: 'fundingCourtesy', cardId: null, assetId: 1, amount: 60n},
	]);
});

const refused = test.macro({
	exec(t, parts: StateParts, amount: bigint, refusal: Refusal | 'accepted', holderId?: string) {
		const card = buildCard({lots: [own]});
		t.is(answer(buildState({card, credit: grant, ...parts}), takingBack(amount, holderId)), refusal);
	},
	title: (given = '', _parts, amount, refusal) => `${given}: ${String(refusal)} for ${String(amount)}`,
});

test('all of it', refused, {}, 100n, 'accepted');
test('a unit more than it was', refused, {}, 101n, 'exceedsHold');
test('after half of it', refused, {credit: {...grant, reversed: 50n}}, 51n, 'exceedsHold');
test('exactly the rest', refused, {credit: {...grant, reversed: 50n}}, 50n, 'accepted');
const halfSpent = {card: buildCard({lots: [{...own, remaining: 50n}]})};
test('a unit more than is there', refused, halfSpent, 51n, 'creditSpent');
test('what is there', refused, halfSpent, 50n, 'accepted');
test(
	'what is held',
	refused,
	{card: buildCard({lots: [{...own, remaining: 0n, held: 100n}]})},
	1n,
	'creditSpent',
);
test("another card's credit", refused, {credit: {...grant, cardId: '2'}}, 1n, 'operationNotFound');
test('a card that is not there', refused, {}, 1n, 'operationNotFound', '9');

test('VTEX, which names no holder, knows no grant', t => {
	const state = buildState({card: buildCard({lots: [own]}), credit: grant});

	t.is(answer(state, undoing({operationId: 'credit', amount: 100n})), 'operationNotFound');
});
