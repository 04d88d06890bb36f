import test from 'ava';
import fc from 'fast-check';
import {type Account, accountNumbers, accountOf, originOf, origins} from '../../src/ledger/chart.ts';
import {entryKindOf, entryKinds, isBalanced, merged, type Posting} from '../../src/ledger/entry.ts';

const posting = (amount: bigint, assetId = 1, account: Account = 'available'): Posting => ({
	account,
	cardId: account === 'available' ? '1' : null,
	assetId,
	amount,
});

const balance = test.macro({
	exec(t, postings: readonly Posting[], expected: boolean) {
		t.is(isBalanced(postings), expected);
	},
	title: (given = '', _postings, expected) => `${given}: ${expected ? 'balanced' : 'not balanced'}`,
});

test('two postings that cancel out', balance, [posting(5n), posting(-5n)], true);
test('one cent too much', balance, [posting(5n), posting(-4n)], false);
test('no posting', balance, [], false);
test('one posting of nothing', balance, [posting(0n)], false);
test('equal amounts of two assets', balance, [posting(5n, 1), posting(-5n, 2)], false);
test(
	'two assets, each by itself',
	balance,
	[posting(5n), posting(-5n), posting(7n, 2), posting(-7n, 2)],
	true,
);

test('merged postings have one line per account, card and asset, none of zero, and the same totals', t => {
	const any = fc.record({
		account: fc.constantFrom<Account>('available', 'held', 'redeemed'),
		cardId: fc.constantFrom('1', '2', null),
		assetId: fc.constantFrom(1, 2),
		amount: fc.bigInt(-3n, 3n),
	});
	const name = ({account, cardId, assetId}: Posting) => `${account} ${cardId ?? '-'} ${assetId}`;
	const totals = (postings: readonly Posting[]) => {
		const sums = new Map<string, bigint>();
		for (const line of postings) {
			sums.set(name(line), (sums.get(name(line)) ?? 0n) + line.amount);
		}

		return [...sums].filter(([, amount]) => amount !== 0n).sort();
	};
	fc.assert(
		fc.property(fc.array(any, {maxLength: 12}), postings => {
			const lines = merged(postings);

			t.is(new Set(lines.map(name)).size, lines.length);
			t.true(lines.every(({amount}) => amount !== 0n));
			t.deepEqual(totals(lines), totals(postings));
		}),
		{seed: 5},
	);
});

test('every account and kind of entry is found again by its number', t => {
	for (const [name, number] of Object.entries(accountNumbers)) {
		t.is(accountOf(number), name as Account);
	}

	for (const [name, number] of Object.entries(entryKinds)) {
		t.is(entryKindOf(number), name as keyof typeof entryKinds);
	}

	for (const name of origins) {
		t.is(originOf(accountNumbers[name]), name);
	}
});

test('a number of another version is refused, and so is an origin that no lot can have', t => {
	t.throws(() => accountOf(99), {instanceOf: RangeError, message: /older than the database/});
	t.throws(() => entryKindOf(0), {instanceOf: RangeError, message: /older than the database/});
	t.throws(() => originOf(accountNumbers.redeemed), {
		instanceOf: RangeError,
		message: /comes from account 20/,
	});
});
