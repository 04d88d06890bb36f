import test from 'ava';
import fc from 'fast-check';
import {
	type CommandKey,
	type Fingerprint,
	isSameCommand,
	keySpaces,
	keyText,
	verbs,
} from '../../src/ledger/commands.ts';

const known: Fingerprint = {verb: 'authorize', amount: 10_00n, assetId: 1};

const repeats = test.macro({
	exec(t, change: Partial<Fingerprint>, expected: boolean) {
		t.is(isSameCommand(known, {...known, ...change}), expected);
		t.is(isSameCommand({...known, ...change}, known), expected);
	},
	title: (given = '', _change, expected) =>
		`${given} is ${expected ? 'the same command' : 'another command'}`,
});

test('the same verb, amount and currency', repeats, {}, true);
test('another verb', repeats, {verb: 'credit'}, false);
test('one cent more', repeats, {amount: 10_01n}, false);
test('one cent less', repeats, {amount: 9_99n}, false);
test('another currency', repeats, {assetId: 2}, false);

test('two keys have the same text only when they are the same key', t => {
	const keys: fc.Arbitrary<CommandKey> = fc.record({
		scope: fc.constantFrom('00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000001'),
		space: fc.constantFrom('transaction', 'capture', 'undo', 'issue'),
		key: fc.oneof(
			fc.constantFrom('', '/', 'capture', 'capture/', '/capture/1', '1'),
			fc.string({maxLength: 6}),
		),
	});
	fc.assert(
		fc.property(keys, keys, (a, b) => {
			const isSame = a.scope === b.scope && a.space === b.space && a.key === b.key;

			return (keyText(a) === keyText(b)) === isSame;
		}),
		{seed: 18, numRuns: 500},
	);
	t.pass();
});

for (const [what, numbers] of Object.entries({verbs, keySpaces})) {
	test(`the numbers of ${what} are distinct and above zero`, t => {
		const values: number[] = Object.values(numbers);

		t.is(new Set(values).size, values.length);
		t.true(values.every(value => Number.isInteger(value) && value > 0));
	});
}
