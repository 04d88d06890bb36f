import test from 'ava';
import {barsOf, importBars} from '../../scripts/bench/bars.ts';
import {summarize, type FigureResult, type Sample} from '../../scripts/bench/figures.ts';
import {growthOf} from '../../scripts/bench/long-run.ts';

const sample = (overrides: Partial<Sample>): Sample => ({
	perSecond: 1000,
	p50: 1,
	p99: 2,
	max: 3,
	failed: 0,
	loadCpu: undefined,
	serverCpu: undefined,
	databaseCpu: undefined,
	memory: undefined,
	...overrides,
});

const figures = (overrides: Readonly<Record<string, Partial<Sample>>>): ReadonlyMap<string, FigureResult> =>
	new Map(Object.entries(overrides).map(([name, numbers]) => [name, {name, ...sample(numbers)}]));

const reached = (overrides: Readonly<Record<string, Partial<Sample>>>) =>
	barsOf(figures(overrides), undefined).map(bar => bar.reached);

test('debits reach their bar at exactly 0.4 of the spread reference, and not below', t => {
	t.deepEqual(reached({'debits@256': {perSecond: 4000}, 'reference-spread': {perSecond: 10_000}}), [true]);
	t.deepEqual(reached({'debits@256': {perSecond: 3999}, 'reference-spread': {perSecond: 10_000}}), [false]);
});

test('debits reach their bar at exactly twice the reference on one house account, and not below', t => {
	t.deepEqual(reached({'debits@256': {perSecond: 4000}, 'reference-house': {perSecond: 2000}}), [true]);
	t.deepEqual(reached({'debits@256': {perSecond: 3999}, 'reference-house': {perSecond: 2000}}), [false]);
});

test('a lone debit may take 3 ms at the median, a hundred together less than 150 ms at p99', t => {
	t.deepEqual(reached({'debits@1': {p50: 3}, 'debits@100': {p99: 149.9}}), [true, true]);
	t.deepEqual(reached({'debits@1': {p50: 3.01}, 'debits@100': {p99: 150}}), [false, false]);
});

test('payments reach their bar at exactly 0.8 of the debits at 256 in the same run, and not below', t => {
	t.deepEqual(reached({'payments@256': {perSecond: 3200}, 'debits@256': {perSecond: 4000}}), [true]);
	t.deepEqual(reached({'payments@256': {perSecond: 3199}, 'debits@256': {perSecond: 4000}}), [false]);
});

test('a hundred payments together take less than 200 ms at p99', t => {
	t.deepEqual(reached({'payments@100': {p99: 199.9}}), [true]);
	t.deepEqual(reached({'payments@100': {p99: 200}}), [false]);
});

test('reads are compared with the empty route at the same connections', t => {
	t.deepEqual(
		reached({
			'reads@64': {perSecond: 5000},
			'empty-reads@64': {perSecond: 20_000},
			'reads@256': {perSecond: 5000},
			'empty-reads@256': {perSecond: 20_001},
		}),
		[true, false],
	);
});

test('memory is the most of all figures at 256 connections, and must stay under 350 MB', t => {
	const megabyte = 2 ** 20;

	t.deepEqual(reached({'debits@256': {memory: 200 * megabyte}, 'reads@256': {memory: 349 * megabyte}}), [
		true,
	]);
	for (const name of ['debits@256', 'payments@256', 'reads@256', 'searches@256']) {
		t.deepEqual(reached({[name]: {memory: 350 * megabyte}}), [false], name);
	}
});

test('what was not measured has no bar', t => {
	t.deepEqual(reached({'debits@256': {}}), []);
});

test('a figure is the median of its rounds, its failures their sum and its memory the most of them', t => {
	const rounds = [
		sample({perSecond: 10, p99: 5, failed: 1, memory: 7}),
		sample({perSecond: 30, p99: 4, failed: 0, memory: 9}),
		sample({perSecond: 20, p99: 6, failed: 2, memory: 8}),
	];

	t.like(summarize('debits@1', rounds), {name: 'debits@1', perSecond: 20, p99: 5, failed: 3, memory: 9});
});

test('memory that only warms up has not grown, memory that keeps climbing has', t => {
	const warming = [50, 90, ...Array.from({length: 18}, () => 120)];
	const climbing = Array.from({length: 20}, (_, index) => 100 + index * 5);

	t.is(growthOf(warming).grownMegabytes, 0);
	t.is(growthOf(climbing).grownMegabytes, 70);
	t.is(growthOf(climbing).megabytes.length, 10);
});

test('an import reaches its bars at exactly 5,000 rows a second, below 250 ms and below 400 MB', t => {
	const times = {requests: 1, failed: 0, p50: 1, p99: 249.9};
	const trial = {
		...{rows: 1, perSecond: 5000, importCpu: undefined, databaseCpu: undefined, memory: 399.9, load: 0},
		...{before: times, beside: times},
	};
	const reachedBy = (overrides: Partial<typeof trial>) =>
		importBars({...trial, ...overrides}).map(bar => bar.reached);

	t.deepEqual(reachedBy({}), [true, true, true]);
	t.deepEqual(reachedBy({perSecond: 4999, beside: {...times, p99: 250}, memory: 400}), [false, false, false]);
});
