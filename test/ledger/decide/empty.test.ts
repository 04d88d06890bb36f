import test from 'ava';
import {
	answer,
	buildCard,
	buildLot,
	buildState,
	type CardOverrides,
	closing,
	day,
	effectOf,
	expiring,
	lines,
	movements,
	noon,
} from '../../helpers/state.ts';

const over = buildLot({id: 'over', issued: 10n, held: 4n, expiresAt: noon});
const older = buildLot({id: 'older', issued: 5n, expiresAt: noon - day});
const alive = buildLot({id: 'alive', issued: 7n, expiresAt: noon + 1});
const never = buildLot({id: 'never', issued: 9n});

test('a sweep books exactly what remains of expired lots to breakage and leaves what is held', t => {
	const effect = effectOf(buildState({card: buildCard({lots: [over, alive, older, never]})}), expiring());

	t.is(effect.moved, 11n);
	t.like(effect.entries, {length: 1, 0: {id: effect.id, kind: 'expire', answers: null, operationId: null}});
	t.deepEqual(lines(effect), ['available -11', 'breakage +11']);
	t.deepEqual(movements(effect), ['over: remaining -6, held 0', 'older: remaining -5, held 0']);
	t.like(effect, {lots: {length: 0}, hold: null, legSteps: {length: 0}, status: null});
});

const sweepsNothing = test.macro({
	exec(t, card: CardOverrides) {
		t.like(effectOf(buildState({card: buildCard(card)}), expiring()), {
			moved: 0n,
			entries: {length: 0},
			status: null,
		});
	},
	title: (given = '') => `a sweep writes no entry ${given}`,
});

test('a millisecond before the end of a lot', sweepsNothing, {lots: [alive, never]});
test('when it comes again', sweepsNothing, {lots: [{...over, remaining: 0n}, alive]});
test('for a card without lots', sweepsNothing, {lots: []});

test('a sweep asks neither for the card’s status nor for its date', t => {
	for (const status of ['active', 'blocked', 'closed'] as const) {
		const card = buildCard({lots: [older], status, expiresAt: noon + day});
		t.is(effectOf(buildState({card}), expiring()).moved, 5n);
	}
});

const close = test.macro({
	exec(t, card: CardOverrides, expected: ReturnType<typeof answer>) {
		t.is(answer(buildState({card: buildCard(card)}), closing()), expected);
	},
	title: (given = '', _card, expected: string) =>
		`closing a card is ${expected === 'accepted' ? 'done' : `refused as ${expected}`}: ${given}`,
});

test('it is active', close, {}, 'accepted');
test('it is blocked', close, {status: 'blocked'}, 'accepted');
test('it is closed', close, {status: 'closed'}, 'cardClosed');
test('one cent is held', close, {lots: [buildLot({held: 1n})]}, 'cardHasHolds');
test(
	'one cent was held and is captured',
	close,
	{lots: [buildLot({remaining: 99_99n, held: 0n})]},
	'accepted',
);
test('it is closed and something is held', close, {status: 'closed', held: 1n}, 'cardClosed');

test('what remains on a closed card goes to adjustment, expired or not', t => {
	const effect = effectOf(buildState({card: buildCard({lots: [older, alive, never]})}), closing());

	t.is(effect.moved, 21n);
	t.deepEqual(effect.status, {cardId: '1', to: 'closed'});
	t.like(effect.entries, {length: 1, 0: {id: effect.id, kind: 'close', answers: null, operationId: null}});
	t.deepEqual(lines(effect), ['available -21', 'adjustment +21']);
	t.deepEqual(movements(effect), [
		'older: remaining -5, held 0',
		'alive: remaining -7, held 0',
		'never: remaining -9, held 0',
	]);
});

test('an empty card is closed without an entry', t => {
	const effect = effectOf(buildState({card: buildCard({lots: [{...never, remaining: 0n}]})}), closing());

	t.like(effect, {moved: 0n, entries: {length: 0}, status: {cardId: '1', to: 'closed'}});
});
