import test from 'ava';
import {pointsAsset} from '../../src/money/asset.ts';
import {type ProgramSettings} from '../../src/loyalty/program.ts';
import {defaultSettings, problemOf} from '../../src/loyalty/program-settings.ts';

const points = pointsAsset('PTS', 2);
const problem = (changes: Partial<ProgramSettings>) =>
	problemOf({...defaultSettings('Gold'), ...changes}, points);

test('a program that nobody said more about than its name can be used: nothing ends, waits or is limited', t => {
	t.is(problem({}), undefined);
	t.like(defaultSettings('Gold'), {
		name: 'Gold',
		caption: 'Gold',
		pendingDays: 0,
		graceDays: 30,
		graceCapDays: 365,
	});
});

test('the outermost settings are accepted', t => {
	t.is(
		problem({
			expiry: {kind: 'days', count: 36_600},
			purchasedExpiry: {kind: 'year', count: 100},
			pendingDays: 3660,
			graceDays: 3660,
			graceCapDays: 36_600,
			redemptionMin: 10n ** 15n,
			redemptionMax: 10n ** 15n,
			balanceMax: 10n ** 15n,
			dayMax: 1n,
			orderMax: 1n,
		}),
		undefined,
	);
	t.is(problem({expiry: {kind: 'days', count: 0}, graceDays: 0, graceCapDays: 0}), undefined);
});

for (const [changes, message] of [
	[{name: ''}, /^The name of a program is a line of 1 to 100 characters/],
	[{name: ' Gold'}, /name/],
	[{name: 'x'.repeat(101)}, /name/],
	[{caption: 'two\nlines'}, /^The caption/],
	[{caption: '\u{D800}'}, /caption/],
	[{expiry: {kind: 'days', count: 36_601}}, /within a hundred years, or never/],
	[{expiry: {kind: 'month', count: 1201}}, /within a hundred years/],
	[{purchasedExpiry: {kind: 'year', count: 101}}, /within a hundred years/],
	[{purchasedExpiry: {kind: 'days', count: 1.5}}, /within a hundred years/],
	[{expiry: {kind: 'month', count: -1}}, /within a hundred years/],
	[{pendingDays: 3661}, /^Points wait 0 to 3660 whole days/],
	[{pendingDays: -1}, /Points wait/],
	[{graceDays: 3661}, /^The grace is 0 to 3660/],
	[{graceCapDays: 36_601}, /^The cap on grace is 0 to 36600/],
	[{redemptionMin: 0n}, /Every limit is above zero and at most 10,000,000,000,000\.00 PTS/],
	[{dayMax: 0n}, /Every limit/],
	[{orderMax: -1n}, /Every limit/],
	[{balanceMax: 10n ** 15n + 1n}, /Every limit/],
	[{redemptionMin: 500n, redemptionMax: 499n}, /at least 5\.00 PTS and at most 4\.99 PTS, so none could/],
	[{redemptionMin: 500n, balanceMax: 499n}, /carry at most 4\.99 PTS and an order redeem at least 5\.00 PTS/],
] as const satisfies readonly (readonly [Partial<ProgramSettings>, RegExp])[]) {
	test(`${JSON.stringify(changes, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)).slice(0, 60)} is refused, and the sentence says what to do`, t => {
		t.regex(problem(changes) ?? '', message);
	});
}
