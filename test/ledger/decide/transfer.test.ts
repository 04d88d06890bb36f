import test from 'ava';
import {decideTransfer} from '../../../src/ledger/decide/transfer.ts';
import {
	answer,
	buildCard,
	buildLot,
	buildState,
	buildUse,
	type CardOverrides,
	circumstances,
	day,
	effectOf,
	lines,
	movements,
	noon,
	transferring,
} from '../../helpers/state.ts';

const soon = buildLot({id: 'soon', issued: 10n, expiresAt: noon + day});
const gift = buildLot({id: 'gift', issued: 20n, origin: 'fundingPromotional'});
const sold = buildLot({id: 'sold', issued: 30n, held: 5n});
const over = buildLot({id: 'over', issued: 40n, expiresAt: noon});
const later = buildLot({id: 'later', issued: 50n, spendableFrom: noon + 1, expiresAt: noon + 9 * day});

// Under a date of its own, which is none of the lots' business.
const target = buildCard({id: '2', lots: [], version: 0n, expiresAt: noon + 3 * day});
const stateOf = (card: CardOverrides, to = target) => buildState({card: buildCard(card), target: to});
const from = (...lots: NonNullable<CardOverrides['lots']>) => stateOf({lots});

test('an amount leaves live lots in spending order and arrives in a child of each, under the same dates', t => {
	const effect = effectOf(from(sold, later, over, gift, soon), transferring({amount: 33n}));

	t.is(effect.moved, 33n);
	t.like(effect.entries, {length: 1, 0: {id: effect.id, kind: 'transfer', answers: null, operationId: null}});
	t.deepEqual(
		effect.entries[0]?.postings.map(({account, cardId, amount}) => [account, cardId, amount]),
		[
			['available', '1', -33n],
			['available', '2', 33n],
		],
	);
	t.deepEqual(movements(effect), [
		'soon: remaining -10, held 0',
		'gift: remaining -20, held 0',
		'sold: remaining -3, held 0',
		'new-2: remaining +10, held 0',
		'new-3: remaining +20, held 0',
		'new-4: remaining +3, held 0',
	]);
	t.deepEqual(
		effect.lots.map(({id, cardId, origin, issued, spendableFrom, expiresAt, parentId, rootId}) =>
			[id, cardId, origin, issued, spendableFrom, expiresAt, parentId, rootId].join(' '),
		),
		[
			`new-2 2 fundingSold 10 ${noon - day} ${noon + day} soon soon`,
			`new-3 2 fundingPromotional 20 ${noon - day}  gift gift`,
			`new-4 2 fundingSold 3 ${noon - day}  sold sold`,
		],
	);
	t.like(effect, {hold: null, legSteps: {length: 0}, status: null, payment: null});
});

test('everything is what can be spent now or later; what is past its date and what is held stay', t => {
	const effect = effectOf(from(sold, later, over, gift, soon), transferring({amount: 0n}));

	t.is(effect.moved, 105n);
	t.deepEqual(lines(effect), ['available -105', 'available +105']);
	t.deepEqual(movements(effect).slice(0, 4), [
		'soon: remaining -10, held 0',
		'later: remaining -50, held 0',
		'gift: remaining -20, held 0',
		'sold: remaining -25, held 0',
	]);
	t.like(effect.lots[1], {spendableFrom: noon + 1, expiresAt: noon + 9 * day, issued: 50n});
});

test('a child of a restored or transferred lot keeps the root, and with it the cap on restored dates (A11)', t => {
	const child = {...soon, parentId: 'parent', rootId: 'root', rootExpiresAt: noon - 9 * day};
	const effect = effectOf(from(child), transferring({amount: 1n}));

	t.like(effect.lots[0], {parentId: 'soon', rootId: 'root', rootExpiresAt: noon - 9 * day});
});

const asks = test.macro({
	exec(t, card: CardOverrides, amount: bigint, expected: ReturnType<typeof answer>) {
		t.is(answer(stateOf(card), transferring({amount})), expected);
	},
	title: (given = '', _card, amount: bigint, expected: string) =>
		`a transfer of ${amount === 0n ? 'everything' : amount} is ${expected === 'accepted' ? 'done' : `refused as ${expected}`}: ${given}`,
});

test('exactly what can be spent', asks, {lots: [sold, soon]}, 35n, 'accepted');
test('one unit more than can be spent', asks, {lots: [sold, soon]}, 36n, 'insufficientBalance');
test('the rest can be spent a millisecond later', asks, {lots: [soon, later]}, 11n, 'insufficientBalance');
test('all of it can be spent only later', asks, {lots: [later]}, 0n, 'accepted');
test('all of it is past its date', asks, {lots: [over]}, 0n, 'insufficientBalance');
test('all of it is held', asks, {lots: [buildLot({held: 100_00n})]}, 0n, 'insufficientBalance');
test('the card is empty', asks, {lots: []}, 0n, 'insufficientBalance');
test('less than nothing', asks, {}, -1n, 'amountUnusable');
test('it has an owner who is not asked', asks, {restricted: true}, 1n, 'accepted');
test('it can be used once and was not', asks, {singleUse: true}, 1n, 'accepted');
test(
	'a refund has opened it again',
	asks,
	{singleUse: true, uses: [buildUse({refunded: 5n})]},
	1n,
	'cardUsed',
);
test(
	'its one use was released',
	asks,
	{singleUse: true, uses: [buildUse({released: 100_00n})]},
	1n,
	'accepted',
);

const arrives = test.macro({
	exec(t, to: CardOverrides, expected: ReturnType<typeof answer>) {
		t.is(answer(stateOf({}, buildCard({id: '2', ...to})), transferring()), expected);
	},
	title: (given = '', _to, expected: string) =>
		`a transfer ${expected === 'accepted' ? 'arrives' : `is refused as ${expected}`}: the target ${given}`,
});

test('is blocked, and the value waits there', arrives, {status: 'blocked'}, 'accepted');
test('is not valid yet', arrives, {emittedAt: noon + 1}, 'accepted');
test('takes its first value only, and has none', arrives, {rechargeable: false, version: 0n}, 'accepted');
test('takes its first value only, and had it', arrives, {rechargeable: false}, 'targetNotRechargeable');
test('is past its date with a live lot', arrives, {expiresAt: noon - day}, 'accepted');
test('is past its date without one', arrives, {expiresAt: noon - day, lots: [over]}, 'targetExpired');
test('has just room enough', arrives, {lots: [], available: 10n ** 15n - 1_00n}, 'accepted');
test('has room for one unit less', arrives, {lots: [], held: 10n ** 15n - 99n}, 'targetBalanceLimit');

test('a decision changes neither card', t => {
	const card = buildCard({lots: [sold]});
	const image = structuredClone({card, target});

	decideTransfer(card, target, transferring(), circumstances());

	t.deepEqual({card, target}, image);
});

for (const reason of [null, '', '  ']) {
	test(`a transfer for the reason ${JSON.stringify(reason)} is refused`, t => {
		const command = transferring({amount: 1n});

		t.is(answer(stateOf({}), {...command, note: {...command.note, reason}}), 'reasonMissing');
	});
}
