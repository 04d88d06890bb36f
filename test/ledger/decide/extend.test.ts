import test from 'ava';
import fc from 'fast-check';
import {Books} from '../../../src/ledger/books.ts';
import {liveLots} from '../../../src/ledger/lots.ts';
import {type Refusal} from '../../../src/ledger/refusals.ts';
import {
	answer,
	buildCard,
	buildLot,
	buildState,
	type CardOverrides,
	day,
	effectOf,
	extending,
	lines,
	movements,
	noon,
} from '../../helpers/state.ts';

const until = noon + 30 * day;
const ending = (id: string, days: number, overrides: Parameters<typeof buildLot>[0] = {}) =>
	buildLot({id, expiresAt: noon + days * day, ...overrides});
const effectOn = (card: CardOverrides) => effectOf(buildState({card: buildCard(card)}), extending());

test('what would end before the date is put by and comes back in a child lot under it, in two entries of one operation', t => {
	const effect = effectOn({expiresAt: noon + day, lots: [ending('lot', 1, {issued: 70_00n})]});

	t.is(effect.moved, 70_00n);
	t.deepEqual(lines(effect, 0), ['available -7000', 'adjustment +7000']);
	t.deepEqual(lines(effect, 1), ['available +7000', 'adjustment -7000']);
	t.deepEqual(movements(effect, 0), ['lot: remaining -7000, held 0']);
	t.deepEqual(movements(effect, 1), ['new-2: remaining +7000, held 0']);
	t.like(effect.entries, [
		{id: effect.id, kind: 'extend', answers: null, operationId: null},
		{kind: 'extend', answers: null, operationId: effect.id},
	]);
	t.like(effect.lots, [
		{
			id: 'new-2',
			issued: 70_00n,
			expiresAt: until,
			parentId: 'lot',
			rootId: 'lot',
			rootExpiresAt: noon + day,
		},
	]);
	t.deepEqual(effect.extension, {cardId: '1', from: noon + day, to: until});
});

test('what has ended, lasts as long or longer, or has nothing left stays, and so does what is held', t => {
	const lots = [
		ending('ended', 0),
		ending('spent', 1, {remaining: 0n}),
		ending('half', 1, {issued: 10n, held: 4n}),
		ending('same', 30),
		ending('longer', 31),
		buildLot({id: 'for ever'}),
	];

	const effect = effectOn({lots, expiresAt: noon + day});

	t.deepEqual(movements(effect, 0), ['half: remaining -6, held 0']);
	t.is(effect.moved, 6n);
});

test('a lot keeps its beginning, its origin and its line: pending stays pending, promotional promotional', t => {
	const spendableFrom = noon + 5 * day;
	const root = {parentId: 'p', rootId: 'r', rootExpiresAt: noon - day};
	const origin = 'fundingPromotional';

	const {lots} = effectOn({lots: [ending('lot', 9, {spendableFrom, origin, ...root})]});

	t.like(lots[0], {spendableFrom, origin, parentId: 'lot', rootId: 'r', rootExpiresAt: noon - day});
});

test('a card past its date gets the later one and no value back; a card without a date keeps none', t => {
	const past = effectOn({expiresAt: noon - day, lots: [ending('ended', -1)]});
	const wallet = effectOn({expiresAt: null, lots: [ending('points', 2)]});

	t.deepEqual(past.entries, []);
	t.is(past.moved, 0n);
	t.deepEqual(past.extension, {cardId: '1', from: noon - day, to: until});
	t.is(wallet.extension, null);
	t.is(wallet.entries.length, 2);
});

const refused = test.macro({
	exec(
		t,
		card: CardOverrides,
		refusal: Refusal | 'accepted',
		overrides: Parameters<typeof extending>[0] = {},
	) {
		t.is(answer(buildState({card: buildCard(card)}), extending(overrides)), refusal);
	},
	title: (given = '', _card, refusal) => `${given}: ${String(refusal)}`,
});
const usual = {expiresAt: noon + day, lots: [ending('lot', 1)]};

test('a closed card', refused, {...usual, status: 'closed'}, 'cardClosed');
test('a wallet that was merged', refused, {...usual, forwardsTo: '2'}, 'cardClosed');
test('a blocked card', refused, {...usual, status: 'blocked'}, 'accepted');
test('a card before its emission', refused, {...usual, emittedAt: noon + day}, 'accepted');
test('a single-use card', refused, {...usual, singleUse: true}, 'accepted');
test('a card that takes no credit', refused, {...usual, rechargeable: false}, 'accepted');
test('another currency', refused, usual, 'currencyMismatch', {assetId: 2});
test('no reason', refused, usual, 'reasonMissing', {note: {...extending().note, reason: ' '}});
test('a date before that of the card', refused, {...usual, expiresAt: until + 1}, 'dateTooEarly');
test('the date of the card, with a lot that ends before', refused, {...usual, expiresAt: until}, 'accepted');
test(
	'the date of the card, with nothing that ends before',
	refused,
	{lots: [ending('lot', 30)], expiresAt: until},
	'alreadyExtended',
);
test('a card without a date, with nothing that ends', refused, {}, 'alreadyExtended');
test('a date that is over now', refused, usual, 'dateTooEarly', {expiresAt: noon});
test(
	'a date that is over in a millisecond',
	refused,
	{lots: [ending('lot', -1)], expiresAt: noon - day},
	'accepted',
	{
		expiresAt: noon + 1,
	},
);

test('however lots end, an extension moves nothing between cards, and only what would end sooner is spent later', t => {
	const lot = fc.record({days: fc.option(fc.integer({min: -2, max: 60})), issued: fc.bigInt(1n, 50n)});
	fc.assert(
		fc.property(fc.array(lot, {maxLength: 6}), kinds => {
			const lots = kinds.map(({days, issued}, index) =>
				buildLot({id: `lot-${String(index)}`, issued, expiresAt: days === null ? null : noon + days * day}),
			);
			const card = buildCard({lots, expiresAt: noon + day});
			const books = new Books();
			books.cards.set('1', {...card, lots: new Map(lots.map(one => [one.id, {...one}])), uses: []});
			const before = liveLots(lots, noon).map(({expiresAt}) => expiresAt ?? Infinity);

			books.post(effectOf(books, extending()), noon, 1);

			const after = books.cards.get('1');
			const live = liveLots(after?.lots.values() ?? [], noon);
			const sum = (all: readonly {readonly remaining: bigint}[]) =>
				all.reduce((total, {remaining}) => total + remaining, 0n);
			t.is(after?.available, card.available);
			t.is(sum(live), sum(liveLots(lots, noon)));
			t.deepEqual(
				live.map(({expiresAt}) => expiresAt ?? Infinity),
				before.map(end => Math.max(end, until)),
			);
			t.is(after?.expiresAt, until);
		}),
	);
});

test('a date that has passed is none to extend to, even where it is later than the card’s', t => {
	const card = buildCard({expiresAt: noon - 2 * day, lots: [ending('lot', -2)]});

	t.is(answer(buildState({card}), extending({expiresAt: noon - day})), 'dateTooEarly');
	t.is(answer(buildState({card}), extending({expiresAt: noon})), 'dateTooEarly');
	t.is(answer(buildState({card}), extending({expiresAt: noon + 1})), 'accepted');
});
