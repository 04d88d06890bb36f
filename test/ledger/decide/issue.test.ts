import test from 'ava';
import {type CardOverrides} from '../../helpers/state.ts';
import {
	answer,
	buildCard,
	buildLot,
	buildState,
	crediting,
	day,
	effectOf,
	issuing,
	lines,
	movements,
	noon,
} from '../../helpers/state.ts';
import {cardBalanceMax} from '../../../src/ledger/decide/issue.ts';

// The writer opens the card of an `issue` before the decision: empty, under its own dates.
const fresh: CardOverrides = {lots: [], version: 0n, emittedAt: noon, expiresAt: noon + day};

const credit = test.macro({
	exec(
		t,
		card: CardOverrides,
		command: Parameters<typeof crediting>[0],
		expected: ReturnType<typeof answer>,
	) {
		t.is(answer(buildState({card: buildCard(card)}), crediting(command)), expected);
	},
	title: (given = '', _card, _command, expected: string) =>
		`a credit ${expected === 'accepted' ? 'is taken' : `is refused as ${expected}`}: ${given}`,
});

test("the card's currency", credit, {}, {assetId: 1}, 'accepted');
test('another currency', credit, {}, {assetId: 2}, 'currencyMismatch');
test('the card is closed', credit, {status: 'closed'}, {}, 'cardClosed');
test('the card is blocked, and the value waits', credit, {status: 'blocked'}, {}, 'accepted');
test('the card is not emitted yet', credit, {emittedAt: noon + 1}, {}, 'accepted');
test("a millisecond before the card's end", credit, {expiresAt: noon + 1, lots: []}, {}, 'accepted');
test("the instant of the card's end", credit, {expiresAt: noon, lots: []}, {}, 'cardExpired');
test('the card has ended, but a restored lot lives', credit, {expiresAt: noon}, {}, 'accepted');
test(
	'the first value of a card that is not rechargeable',
	credit,
	{...fresh, rechargeable: false},
	{},
	'accepted',
);
test('the second one', credit, {rechargeable: false, version: 1n}, {}, 'notRechargeable');
test('its value is spent', credit, {rechargeable: false, version: 2n, lots: []}, {}, 'notRechargeable');
test('as much as a card may carry', credit, {lots: []}, {amount: cardBalanceMax}, 'accepted');
test('one cent more', credit, {lots: []}, {amount: cardBalanceMax + 1n}, 'balanceLimit');
test(
	'as much as fits beside what is available and held',
	credit,
	{available: 3n, held: 4n},
	{amount: cardBalanceMax - 7n},
	'accepted',
);
test(
	'one cent more than fits',
	credit,
	{available: 3n, held: 4n},
	{amount: cardBalanceMax - 6n},
	'balanceLimit',
);

const issue = test.macro({
	exec(t, amount: bigint, expected: ReturnType<typeof answer>) {
		t.is(answer(buildState({card: buildCard(fresh)}), issuing({amount})), expected);
	},
	title: (given = '') => `a card is issued with ${given}`,
});

test('one cent', issue, 1n, 'accepted');
test('as much as a card may carry', issue, cardBalanceMax, 'accepted');
test('no cent more', issue, cardBalanceMax + 1n, 'balanceLimit');

test('an issue moves value from its funding account into one lot with the id of the entry', t => {
	const effect = effectOf(
		buildState({card: buildCard(fresh)}),
		issuing({amount: 50_00n, origin: 'fundingPromotional'}),
	);

	t.like(effect, {id: 'new-1', moved: 50_00n, hold: null, legSteps: {length: 0}, status: null});
	t.like(effect.entries, {length: 1, 0: {id: 'new-1', kind: 'issue', answers: null, operationId: null}});
	t.deepEqual(lines(effect), ['fundingPromotional -5000', 'available +5000']);
	t.deepEqual(movements(effect), ['new-1: remaining +5000, held 0']);
	t.deepEqual(effect.lots, [
		{
			id: 'new-1',
			cardId: '1',
			origin: 'fundingPromotional',
			issued: 50_00n,
			spendableFrom: noon,
			expiresAt: noon + day,
			parentId: null,
			rootId: null,
			rootExpiresAt: noon + day,
		},
	]);
});

test("a credit opens a lot under the card's date, beside those that are there", t => {
	const card = buildCard({expiresAt: noon + day, lots: [buildLot({expiresAt: noon + 1})]});

	const effect = effectOf(buildState({card}), crediting({amount: 5_00n}));

	t.deepEqual(lines(effect), ['fundingCredit -500', 'available +500']);
	t.deepEqual(movements(effect), ['new-1: remaining +500, held 0']);
	t.like(effect.entries, {length: 1, 0: {kind: 'credit'}});
	t.like(effect.lots, {
		length: 1,
		0: {id: 'new-1', origin: 'fundingCredit', expiresAt: noon + day, parentId: null},
	});
});

test('value given before the emission date is spendable from that date on', t => {
	const ahead = buildCard({lots: [], emittedAt: noon + day});

	const [lot] = effectOf(buildState({card: ahead}), crediting()).lots;

	t.true((lot?.spendableFrom ?? Infinity) <= ahead.emittedAt);
	t.is(
		answer(buildState({card: {...ahead, lots: new Map([['lot', buildLot(lot)]])}}), crediting()),
		'accepted',
	);
});

const capped = {spendableFrom: noon, expiresAt: null, balanceMax: 100n};
const carrying: CardOverrides = {available: 60n, held: 30n};
test(
	'as much as a program lets its wallets carry',
	credit,
	carrying,
	{amount: 10n, grant: capped},
	'accepted',
);
test('one point more', credit, carrying, {amount: 11n, grant: capped}, 'balanceLimit');
