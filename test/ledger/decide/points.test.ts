import fc from 'fast-check';
import test from 'ava';
import {Books} from '../../../src/ledger/books.ts';
import {type CardState, type LedgerState} from '../../../src/ledger/card-state.ts';
import {type Command, noNote} from '../../../src/ledger/commands.ts';
import {type Decision} from '../../../src/ledger/decide/decision.ts';
import {decide} from '../../../src/ledger/decide/index.ts';
import {type Effect, isBalanced} from '../../../src/ledger/entry.ts';
import {cardBalanceMax} from '../../../src/ledger/decide/issue.ts';
import {type Terms} from '../../../src/ledger/terms.ts';
import {rate} from '../../../src/money/convert.ts';
import {
	authorizing,
	buildCard,
	buildLot,
	buildState,
	capturing,
	day,
	lines,
	noon,
	transferring,
	undoing,
} from '../../helpers/state.ts';

const points = 9;
const currency = 1;

/** A wallet of points that pay in currency 1. */
function wallet(units: bigint, terms: Partial<Terms> = {}, overrides: Partial<CardState> = {}): CardState {
	return {
		...buildCard({assetId: points, lots: units === 0n ? [] : [buildLot({issued: units})]}),
		program: {
			terms: new Map([[currency, {rate: rate(1n, 1n), least: 1n, most: null, ...terms}]]),
			grace: {days: 30, capDays: 365},
		},
		...overrides,
	};
}

/** Books over some cards, and what commands make of them one after the other. */
function openBooks(...cards: readonly CardState[]) {
	const books = new Books();
	for (const card of cards) {
		const lots = new Map([...card.lots].map(([id, lot]) => [id, {...lot}]));
		books.cards.set(card.id, {...card, lots, uses: [...card.uses]});
	}

	let count = 0;
	const circumstances = {
		now: noon,
		timeZone: 'America/Sao_Paulo',
		newId: () => `id ${String(++count).padStart(6, '0')}`,
	};
	const house = new Map<string, bigint>();
	const submit = (command: Command, now = noon): Decision => {
		const decision = decide(books, command, {...circumstances, now});
		if (decision.kind === 'accepted') {
			for (const {postings} of decision.effect.entries) {
				if (!isBalanced(postings)) {
					throw new Error('An entry does not balance.');
				}

				for (const {account, assetId, amount} of postings) {
					const place = `${account} ${assetId}`;
					house.set(place, (house.get(place) ?? 0n) + amount);
				}
			}

			books.post(decision.effect, now, 1);
		}

		return decision;
	};
	return {
		books,
		submit,
		posted: (account: string, assetId: number) => house.get(`${account} ${assetId}`) ?? 0n,
	};
}

/** What an accepted command does. */
function outcomeOf(decision: Decision): Effect & {readonly id: string; readonly moved: bigint} {
	if (decision.kind === 'refused') {
		throw new Error(`The command was refused: ${decision.refusal}`);
	}

	return {...decision.effect, id: decision.id, moved: decision.moved};
}

const redeeming = (amount: bigint) => ({...authorizing({amount}), assetId: currency});

test('a debit holds points, rounded up, and notes in the currency what they are to pay for', t => {
	const state = buildState({card: wallet(100n, {rate: rate(1n, 3n)})});

	const effect = outcomeOf(decide(state, redeeming(33n), {now: noon, timeZone: 'UTC', newId: () => 'new'}));

	t.deepEqual(lines(effect), ['available -99', 'held +99', 'exchange -33', 'committed +33']);
	t.like(effect.hold?.legs[0], {
		...{assetId: points, currencyId: currency, value: 33n, units: 99n},
		rate: {numerator: 1n, denominator: 3n},
	});
});

const redemption = test.macro({
	exec(t, card: CardState, amount: bigint, expected: string) {
		const decision = decide(buildState({card}), redeeming(amount), {
			...{now: noon, timeZone: 'UTC', newId: () => 'new'},
		});

		t.is(decision.kind === 'refused' ? decision.refusal : 'accepted', expected);
	},
	title: (given = '', _card: CardState, _amount: bigint, expected: string) => `${given}: ${expected}`,
});

test('as much as the least', redemption, wallet(100n, {least: 40n}), 40n, 'accepted');
test('less than the least', redemption, wallet(100n, {least: 40n}), 39n, 'redemptionTooSmall');
test('as much as the most', redemption, wallet(100n, {most: 40n}), 40n, 'accepted');
test('more than the most', redemption, wallet(100n, {most: 40n}), 41n, 'redemptionTooLarge');
test('more than there is', redemption, wallet(30n, {least: 40n, most: 50n}), 40n, 'insufficientBalance');
test(
	'a program without a rate to the currency',
	redemption,
	wallet(100n, {}, {program: null}),
	1n,
	'currencyMismatch',
);
test('a merged wallet', redemption, wallet(100n, {}, {forwardsTo: '2'}), 1n, 'cardClosed');

test('a capture of a part that takes no point still posts in the currency', t => {
	const {submit, books, posted} = openBooks(wallet(10n, {rate: rate(100n, 1n)}));
	const hold = outcomeOf(submit(redeeming(250n)));

	const first = outcomeOf(submit(capturing({holdId: hold.id, amount: 50n})));

	t.deepEqual(lines(first), ['committed -50', 'redeemed +50']);
	const second = outcomeOf(submit(capturing({holdId: hold.id, amount: 100n})));
	t.deepEqual(lines(second), ['held -1', 'exchange +1', 'committed -100', 'redeemed +100']);
	t.is(books.cards.get('1')?.held, 2n);
	t.is(posted('committed', currency), 100n);
});

/** Steps over one hold: value to be captured or undone, in tenths of a thousandth of its value. */
const steps = fc.array(
	fc.record({
		kind: fc.constantFrom('capture' as const, 'undo' as const),
		share: fc.integer({min: 1, max: 10_000}),
	}),
	{maxLength: 12},
);
const terms = fc.record({
	numerator: fc.bigInt(1n, 500n),
	denominator: fc.bigInt(1n, 500n),
	units: fc.bigInt(1n, 100_000n),
	share: fc.bigInt(1n, 10_000n),
});

test('the parts of a hold add up to the whole in points and in currency, whatever the steps', t => {
	t.notThrows(() => {
		fc.assert(
			fc.property(terms, steps, ({numerator, denominator, units, share}, list) => {
				const pricing = rate(numerator, denominator);
				const {books, submit, posted} = openBooks(wallet(units, {rate: pricing}));
				const most = (units * pricing.numerator) / pricing.denominator;
				const value = (most * share) / 10_000n;
				fc.pre(value > 0n);
				const card = books.cards.get('1');
				const hold = outcomeOf(submit(redeeming(value)));
				const [leg] = books.holds.get(hold.id)?.legs ?? [];
				if (leg === undefined || card === undefined) {
					throw new Error('Nothing is held.');
				}

				const quoted = leg.units;
				for (const step of list) {
					const amount = (value * BigInt(step.share)) / 10_000n;
					if (amount > 0n) {
						submit(
							step.kind === 'capture'
								? capturing({holdId: hold.id, amount})
								: undoing({operationId: hold.id, amount}),
						);
					}

					// Never more points than the quoted debit, and nothing from nowhere.
					const spent = posted('exchange', points);
					if (
						card.available + card.held + spent !== units ||
						spent > quoted ||
						spent < 0n ||
						card.held < 0n
					) {
						return false;
					}

					// What is redeemed is what was captured and not given back; what is committed is what is still open.
					if (
						posted('redeemed', currency) !== leg.captured - leg.refunded ||
						posted('committed', currency) !== leg.value - leg.captured - leg.released
					) {
						return false;
					}
				}

				// Whatever happened, giving all back restores the exact points.
				submit(undoing({operationId: hold.id, amount: value}));
				return (
					card.available === units &&
					card.held === 0n &&
					posted('exchange', points) === 0n &&
					posted('exchange', currency) === 0n &&
					posted('redeemed', currency) === 0n &&
					posted('committed', currency) === 0n
				);
			}),
			{numRuns: 500},
		);
	});
});

test('once all is settled, exactly the quoted points are spent, in whatever parts', t => {
	t.notThrows(() => {
		fc.assert(
			fc.property(terms, fc.array(fc.bigInt(1n, 10_000n), {maxLength: 8}), (given, shares) => {
				const pricing = rate(given.numerator, given.denominator);
				const {books, submit, posted} = openBooks(wallet(given.units, {rate: pricing}));
				const value = (given.units * pricing.numerator) / pricing.denominator;
				fc.pre(value > 0n);
				const hold = outcomeOf(submit(redeeming(value)));
				const quoted = books.holds.get(hold.id)?.legs[0]?.units;
				for (const share of shares) {
					submit(capturing({holdId: hold.id, amount: (value * share) / 10_000n || 1n}));
				}

				// The value of the whole captures exactly the rest (A9); nothing may be left by now.
				submit(capturing({holdId: hold.id, amount: value}));
				return posted('exchange', points) === quoted && posted('redeemed', currency) === value;
			}),
		);
	});
});

test('points and money pay together, each in its own asset', t => {
	const money = buildCard({id: '2', lots: [buildLot({id: 'money', issued: 50n})]});
	const {books, submit} = openBooks(wallet(30n, {rate: rate(2n, 1n)}), money);
	const state: LedgerState = books;

	const pay = outcomeOf(submit(paying(['1', '2'], 100n)));

	t.deepEqual(
		pay.hold?.legs.map(({cardId, value, units}) => [cardId, value, units]),
		[
			['1', 60n, 30n],
			['2', 40n, 40n],
		],
	);
	t.is(state.cards.get('2')?.held, 40n);
});

test('a card of several that would redeem too little is passed over', t => {
	const money = buildCard({id: '2', lots: [buildLot({id: 'money', issued: 100n})]});
	const {submit} = openBooks(wallet(30n, {least: 31n}), money);

	const pay = outcomeOf(submit(paying(['1', '2'], 100n)));

	t.deepEqual(
		pay.hold?.legs.map(({cardId}) => cardId),
		['2'],
	);
});

test('what comes back to a lot that owes pays that first, and only the rest can be spent', t => {
	const lot = buildLot({issued: 100n, remaining: 0n, held: 60n, origin: 'fundingEarned', owed: 25n});
	const card = {...wallet(0n), lots: new Map([['lot', lot]]), available: 0n, held: 60n};
	const {books, submit, posted} = openBooks(card);
	books.holds.set('hold', {
		id: 'hold',
		legs: [
			{
				...{number: 1, cardId: '1', currencyId: currency, value: 60n, units: 60n},
				...{rate: rate(1n, 1n), captured: 0n, released: 0n, refunded: 0n},
				shares: [{lotId: 'lot', taken: 60n, captured: 0n, released: 0n, refunded: 0n}],
			},
		],
	});

	const undone = outcomeOf(submit(undoing({operationId: 'hold', amount: 20n})));
	t.deepEqual(
		undone.entries.map(({kind, operationId}) => [kind, operationId]),
		[
			['release', null],
			['clawback', undone.id],
		],
	);
	t.is(books.cards.get('1')?.available, 0n);
	t.is(books.cards.get('1')?.lots.get('lot')?.owed, 5n);

	submit(undoing({operationId: 'hold', amount: 40n}));
	t.is(books.cards.get('1')?.available, 35n);
	t.is(books.cards.get('1')?.lots.get('lot')?.owed, 0n);
	t.is(posted('fundingEarned', points), 25n);
});

test('a merge moves what has not expired, under the same dates, and what is owed', t => {
	const lots = [
		buildLot({id: 'live', issued: 10n, expiresAt: noon + day}),
		buildLot({id: 'pending', issued: 20n, spendableFrom: noon + day}),
		buildLot({id: 'over', issued: 40n, expiresAt: noon}),
	];
	const from = {...wallet(0n), lots: new Map(lots.map(lot => [lot.id, lot])), available: 70n, debt: -7n};
	const {books, submit} = openBooks(from, wallet(5n, {}, {id: '2', debt: -1n}));

	const merge = outcomeOf(submit(merging()));

	t.is(merge.moved, 30n);
	t.deepEqual(
		merge.lots.map(({issued, expiresAt, spendableFrom, parentId}) => [
			issued,
			expiresAt,
			spendableFrom,
			parentId,
		]),
		[
			[10n, noon + day, noon - day, 'live'],
			[20n, null, noon + day, 'pending'],
		],
	);
	t.like(books.cards.get('1'), {available: 40n, debt: 0n, forwardsTo: '2'});
	t.like(books.cards.get('2'), {available: 35n, debt: -8n, forwardsTo: null});
});

test('points are never moved as if they were the currency that they pay in', t => {
	const money = buildCard({id: '2', lots: [buildLot({id: 'money', issued: 50n})]});
	const {submit} = openBooks(wallet(30n), money);

	t.like(submit(transferring({amount: 10n, assetId: currency})), {refusal: 'currencyMismatch'});
	t.like(submit(transferring({amount: 10n, assetId: points})), {refusal: 'targetCurrency'});
});

test('what comes back to a merged wallet moves on, along the whole line', t => {
	const {books, submit} = openBooks(wallet(50n), wallet(0n, {}, {id: '2'}), wallet(0n, {}, {id: '3'}));
	const hold = outcomeOf(submit(redeeming(50n)));
	submit(merging());
	submit(merging({cardId: '2', targetId: '3'}));

	submit(undoing({operationId: hold.id, amount: 20n}));
	submit(capturing({holdId: hold.id, amount: 30n}));
	submit(undoing({operationId: hold.id, amount: 10n}));

	t.like(books.cards.get('1'), {available: 0n, held: 0n});
	t.like(books.cards.get('2'), {available: 0n});
	t.like(books.cards.get('3'), {available: 30n});
	t.deepEqual(
		[...(books.cards.get('3')?.lots.values() ?? [])].map(({rootId, remaining}) => [rootId, remaining]),
		[
			['lot', 20n],
			['lot', 10n],
		],
	);
});

test('what is released and refunded to one lot at once moves on at once', t => {
	const {books, submit} = openBooks(wallet(50n), wallet(0n, {}, {id: '2'}));
	const hold = outcomeOf(submit(redeeming(50n)));
	submit(capturing({holdId: hold.id, amount: 20n}));
	submit(merging());

	const undone = outcomeOf(submit(undoing({operationId: hold.id, amount: 50n})));

	t.deepEqual(
		undone.entries.map(({kind, movements}) => [kind, movements.map(one => [one.lotId, one.remainingDelta])]),
		[
			['release', [['lot', 30n]]],
			['refund', [['lot', 20n]]],
			[
				'transfer',
				[
					['lot', -50n],
					[undone.lots[0]?.id, 50n],
				],
			],
		],
	);
	t.is(books.cards.get('2')?.available, 50n);
});

test('a wallet that is merged again into the same one stays as it is; into another one it cannot', t => {
	const {submit} = openBooks(wallet(5n), wallet(0n, {}, {id: '2'}), wallet(0n, {}, {id: '3'}));
	submit(merging());

	t.like(outcomeOf(submit(merging())), {moved: 0n, entries: []});
	t.like(submit(merging({targetId: '3'})), {kind: 'refused', refusal: 'cardClosed'});
	t.like(submit(merging({cardId: '2', targetId: '1'})), {kind: 'refused', refusal: 'targetClosed'});
});

test('a wallet takes over as much as a card may carry, and no unit more', t => {
	const full = (available: bigint) =>
		openBooks(wallet(5n), wallet(available, {}, {id: '2', held: 3n})).submit(merging());

	t.is(outcomeOf(full(cardBalanceMax - 8n)).moved, 5n);
	t.like(full(cardBalanceMax - 7n), {kind: 'refused', refusal: 'targetBalanceLimit'});
});

test('a merge says why', t => {
	const {submit} = openBooks(wallet(5n), wallet(0n, {}, {id: '2'}));

	t.like(submit({...merging(), note: noNote}), {kind: 'refused', refusal: 'reasonMissing'});
});

test('points are not transferred by what they are worth', t => {
	const {submit} = openBooks(wallet(5n), wallet(0n, {}, {id: '2'}));

	t.like(submit(transferring({amount: 1n, assetId: currency})), {
		kind: 'refused',
		refusal: 'currencyMismatch',
	});
});

function merging(overrides: {readonly cardId?: string; readonly targetId?: string} = {}): Command {
	return {
		...{verb: 'merge', cardId: '1', targetId: '2', assetId: points, amount: 0n, actorId: 1},
		key: {scope: 'scope', space: 'merge', key: 'k'},
		note: {...noNote, reason: 'the same person'},
		...overrides,
	};
}

function paying(cardIds: readonly string[], amount: bigint): Command {
	return {
		...{verb: 'pay', key: null, cardIds, amount, assetId: currency, actorId: 1, note: noNote, presented: []},
		payment: {paymentId: 'p', tid: 'tid'},
		plan: {kind: 'hold'},
		opening: {
			way: 'wallet',
			holdUntil: null,
			concludeAt: null,
			concludeApproved: null,
			particulars: {} as never,
		},
	};
}
