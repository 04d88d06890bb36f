import test from 'ava';
import {
	adjusting,
	answer,
	buildCard,
	buildLot,
	buildState,
	buildUse,
	type CardOverrides,
	day,
	effectOf,
	lines,
	movements,
	noon,
} from '../../helpers/state.ts';

const soon = buildLot({id: 'soon', issued: 10n, held: 4n, expiresAt: noon + day});
const never = buildLot({id: 'never', issued: 20n});
const over = buildLot({id: 'over', issued: 40n, expiresAt: noon});
const later = buildLot({id: 'later', issued: 50n, spendableFrom: noon + 1});
const stateOf = (card: CardOverrides) => buildState({card: buildCard(card)});

const end = noon + 5 * day;

for (const [what, expiresAt, expected] of [
	["the card's date", undefined, end],
	['a date of its own', noon + 1, noon + 1],
	['no date', null, null],
] as const) {
	test(`what is added comes from adjustment in a lot of its own under ${what}`, t => {
		const effect = effectOf(stateOf({expiresAt: end}), adjusting({amount: 7n, expiresAt}));

		t.is(effect.moved, 7n);
		t.like(effect.entries, {length: 1, 0: {id: effect.id, kind: 'adjust', answers: null}});
		t.deepEqual(lines(effect), ['adjustment -7', 'available +7']);
		t.deepEqual(movements(effect), [`${effect.id}: remaining +7, held 0`]);
		t.like(effect.lots, {
			length: 1,
			0: {id: effect.id, origin: 'adjustment', issued: 7n, expiresAt: expected, parentId: null, rootId: null},
		});
	});
}

test('what is taken leaves live lots in spending order and goes to adjustment', t => {
	const effect = effectOf(stateOf({lots: [never, over, later, soon]}), adjusting({amount: -8n}));

	t.is(effect.moved, 8n);
	t.deepEqual(lines(effect), ['available -8', 'adjustment +8']);
	t.deepEqual(movements(effect), ['soon: remaining -6, held 0', 'never: remaining -2, held 0']);
	t.is(effect.lots.length, 0);
});

const asks = test.macro({
	exec(t, card: CardOverrides, amount: bigint, expected: ReturnType<typeof answer>) {
		t.is(answer(stateOf(card), adjusting({amount})), expected);
	},
	title: (given = '', _card, amount: bigint, expected: string) =>
		`an adjustment by ${amount} is ${expected === 'accepted' ? 'done' : `refused as ${expected}`}: the card ${given}`,
});

test('can spend just that', asks, {lots: [soon, never]}, -26n, 'accepted');
test('can spend one unit less', asks, {lots: [soon, never, over, later]}, -27n, 'insufficientBalance');
test('is there', asks, {}, 0n, 'amountUnusable');
test('is blocked', asks, {status: 'blocked'}, -1n, 'accepted');
test('was blocked too', asks, {status: 'blocked'}, 1n, 'accepted');
test('is closed', asks, {status: 'closed'}, 1n, 'cardClosed');
test('was closed too', asks, {status: 'closed', lots: []}, -1n, 'cardClosed');
test('takes no credit', asks, {rechargeable: false}, 1n, 'accepted');
test('is not valid yet', asks, {emittedAt: noon + day}, 1n, 'accepted');
test('has been used once', asks, {singleUse: true, uses: [buildUse()]}, -1n, 'accepted');
test('ends now, and what is added with it', asks, {expiresAt: noon}, 1n, 'cardExpired');
test('ends in a millisecond', asks, {expiresAt: noon + 1}, 1n, 'accepted');
test('ended, and a lot on it lives', asks, {expiresAt: noon - day, lots: [never]}, -1n, 'accepted');
test('has just room enough', asks, {lots: [], held: 10n ** 15n - 1n}, 1n, 'accepted');
test('has no room', asks, {lots: [], held: 10n ** 15n}, 1n, 'balanceLimit');

test('value with a later date of its own makes an expired card live again', t => {
	const state = stateOf({expiresAt: noon - day, lots: [over]});

	t.is(answer(state, adjusting({amount: 1n, expiresAt: end})), 'accepted');
});

for (const reason of [null, '', '  ']) {
	test(`an adjustment for the reason ${JSON.stringify(reason)} is refused`, t => {
		const command = adjusting({amount: 1n});

		t.is(answer(stateOf({}), {...command, note: {...command.note, reason}}), 'reasonMissing');
	});
}

test('an adjustment in another currency is refused', t => {
	t.is(answer(stateOf({}), adjusting({assetId: 2})), 'currencyMismatch');
});
