import test from 'ava';
import {
	type CardState,
	type LedgerState,
	newPayment,
	type PaymentState,
} from '../../../src/ledger/card-state.ts';
import {type Command} from '../../../src/ledger/commands.ts';
import {decide} from '../../../src/ledger/decide/index.ts';
import {type Refusal} from '../../../src/ledger/refusals.ts';
import {conclude, opening, pay, rootOf} from '../../helpers/payment-commands.ts';
import {
	answer,
	buildCard,
	buildLot,
	buildUse,
	type CardOverrides,
	circumstances,
	day,
	effectOf,
	movements,
	noon,
	person,
} from '../../helpers/state.ts';

const place = {actorId: 1, assetId: 1};

/** Cards numbered from 1, each with one lot of the amount. */
const cardsOf = (...amounts: readonly bigint[]) => amounts.map((amount, index) => cardOf(index + 1, amount));

const cardOf = (id: number, amount: bigint, overrides: CardOverrides = {}): CardState =>
	buildCard({id: String(id), lots: [buildLot({id: `lot ${id}`, issued: amount})], ...overrides});

function stateOf(cards: readonly CardState[], payment: Partial<PaymentState> = {}): LedgerState {
	return {
		cards: new Map(cards.map(card => [card.id, card])),
		holds: new Map(),
		credits: new Map(),
		orders: new Map(),
		losses: new Map(),
		earned: new Map(),
		payments: new Map([['p', {...newPayment(rootOf('p')), ...payment}]]),
	};
}

const paying = (amount: bigint, cardIds = ['1', '2', '3']) => pay(place, 'p', cardIds, amount);
const waiting = pay(place, 'p', [], 10n, {plan: {kind: 'wait'}});
const concluding = conclude(place, 'p', ['1'], 10n, {holdUntil: noon + day});
const declining = conclude(place, 'p', [], 10n, {plan: {kind: 'refuse', refusal: 'declined'}});

/** What becomes of the payment's row, refused or not. */
function changeOf(state: LedgerState, command: Command) {
	const decision = decide(state, command, circumstances());
	return decision.kind === 'accepted' ? decision.effect.payment : decision.payment;
}

const parts = (state: LedgerState, command: Command) =>
	(effectOf(state, command).hold?.legs ?? []).map(({number, cardId, value}) => [number, cardId, value]);

test('a payment takes from its cards in their order, as much as each has', t => {
	const state = stateOf(cardsOf(30n, 20n, 40n));

	t.deepEqual(parts(state, paying(65n)), [
		[1, '1', 30n],
		[2, '2', 20n],
		[3, '3', 15n],
	]);
	t.deepEqual(parts(state, paying(65n, ['3', '1', '2'])), [
		[1, '3', 40n],
		[2, '1', 25n],
	]);
	t.deepEqual(movements(effectOf(state, paying(50n))), [
		'lot 1: remaining -30, held +30',
		'lot 2: remaining -20, held +20',
	]);
});

test('a payment of exactly what there is takes it, and one cent more takes nothing', t => {
	const state = stateOf(cardsOf(30n, 20n, 40n));

	t.is(effectOf(state, paying(90n)).moved, 90n);
	t.is(answer(state, paying(91n)), 'insufficientBalance');
	t.like(changeOf(state, paying(91n)), {status: 'denied', refusal: 'insufficientBalance', value: 91n});
});

test('a card that is named twice gives once', t => {
	t.is(answer(stateOf(cardsOf(30n)), paying(31n, ['1', '1'])), 'insufficientBalance');
});

const unusables: readonly (readonly [Refusal, CardOverrides])[] = [
	['cardBlocked', {status: 'blocked'}],
	['cardClosed', {status: 'closed'}],
	['cardNotYetValid', {emittedAt: noon + 1}],
	['cardExpired', {expiresAt: noon, lots: [buildLot({issued: 30n, expiresAt: noon})]}],
	['currencyMismatch', {assetId: 2}],
	['ownerMismatch', {restricted: true, owner: [person('email', 'owner@example.com')]}],
	['cardUsed', {singleUse: true, uses: [buildUse()]}],
];

for (const [why, overrides] of unusables) {
	const unusable = cardOf(1, 30n, overrides);
	const command = {...paying(20n), presented: [person('email', 'other@example.com')]};

	test(`a card that cannot be used (${why}) is passed over where there are others`, t => {
		const state = stateOf([unusable, cardOf(2, 20n)]);

		t.deepEqual(parts(state, {...command, cardIds: ['1', '2']}), [[1, '2', 20n]]);
		t.is(answer(state, {...command, cardIds: ['1', '2'], amount: 21n}), 'insufficientBalance');
	});

	test(`a single card says why it cannot be used: ${why}`, t => {
		t.is(answer(stateOf([unusable]), {...command, cardIds: ['1']}), why);
	});
}

test('a payment without a card, or of nothing, is denied', t => {
	t.is(answer(stateOf([]), paying(1n, [])), 'insufficientBalance');
	t.is(answer(stateOf([]), paying(1n, ['9'])), 'cardNotFound');
	t.is(answer(stateOf(cardsOf(30n)), paying(0n, ['1'])), 'amountUnusable');
});

test('a payment that holds says until when', t => {
	const command = {...paying(10n, ['1']), opening: {...opening, holdUntil: noon + day}};

	t.like(changeOf(stateOf(cardsOf(30n)), command), {
		status: 'approved',
		holdId: 'new-1',
		holdUntil: noon + day,
		decidedAt: noon,
		value: 10n,
		way: 'wallet',
	});
});

test('a verification is approved and holds nothing', t => {
	const state = stateOf(cardsOf(30n));
	const effect = effectOf(state, {...paying(10n), plan: {kind: 'verify'}});

	t.like(effect, {id: rootOf('p').tid, moved: 0n, entries: [], hold: null});
	t.like(effect.payment, {status: 'approved', decidedAt: noon});
});

test('a payment that waits for the shopper is pending, undecided, and holds nothing', t => {
	const effect = effectOf(stateOf(cardsOf(30n)), {
		...waiting,
		opening: {...opening, concludeAt: noon + 5000, concludeApproved: true},
	});

	t.like(effect, {id: rootOf('p').tid, moved: 0n, entries: [], hold: null});
	t.like(effect.payment, {status: 'pending', concludeAt: noon + 5000, concludeApproved: true});
	t.is(effect.payment?.decidedAt, undefined);
});

test('a payment that is refused by its plan is denied for that reason', t => {
	const command = {...paying(10n), plan: {kind: 'refuse', refusal: 'codeUnknown'}} as const;

	t.is(answer(stateOf(cardsOf(30n)), command), 'codeUnknown');
	t.like(changeOf(stateOf([]), command), {status: 'denied', refusal: 'codeUnknown', decidedAt: noon});
});

test('a payment that was cancelled before it was created is refused and stays cancelled', t => {
	const state = stateOf(cardsOf(30n), {status: 'cancelled', cancellationId: 'c'});

	t.is(answer(state, paying(10n)), 'paymentCancelled');
	t.is(changeOf(state, paying(10n)), undefined);
});

test('a payment that is there already is not created again under another key', t => {
	t.is(answer(stateOf(cardsOf(30n), {status: 'denied', refusal: 'codeUnknown'}), paying(10n)), 'codeUnknown');
	t.is(answer(stateOf(cardsOf(30n), {status: 'approved', holdId: 'h'}), paying(10n)), 'paymentChanged');
	t.is(answer(stateOf(cardsOf(30n), {status: 'pending'}), paying(10n)), 'paymentChanged');
});

test('a pending payment holds when it is confirmed, and is denied when it is declined', t => {
	const state = stateOf(cardsOf(30n), {status: 'pending', value: 10n, assetId: 1, concludeAt: noon});

	t.like(changeOf(state, concluding), {
		status: 'approved',
		holdId: 'new-1',
		holdUntil: noon + day,
		concludeAt: null,
	});
	t.is(effectOf(state, concluding).moved, 10n);
	t.is(answer(state, declining), 'declined');
	t.like(changeOf(state, declining), {status: 'denied', refusal: 'declined', concludeAt: null});
	t.like(changeOf(stateOf(cardsOf(9n), {status: 'pending'}), concluding), {refusal: 'insufficientBalance'});
});

test('whoever concludes second is told what the first made of it, and nothing moves', t => {
	const told = (payment: Partial<PaymentState>) => {
		const state = stateOf(cardsOf(30n), payment);
		t.falsy(changeOf(state, concluding));
		return answer(state, concluding);
	};

	t.is(told({status: 'denied', refusal: 'declined'}), 'declined');
	t.is(told({status: 'cancelled', cancellationId: 'c'}), 'paymentCancelled');
	t.is(told({status: 'new'}), 'paymentNotApproved');
	t.is(told({status: 'approved', holdId: 'h'}), 'accepted');
	const effect = effectOf(stateOf(cardsOf(30n), {status: 'approved', holdId: 'h'}), concluding);
	t.like(effect, {id: 'h', moved: 0n, entries: [], hold: null});
});
