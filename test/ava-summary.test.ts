import test from 'ava';
import {type Counts, countsOf} from './helpers/ava-summary.ts';

const reads = test.macro<[lines: string[], exitCode: number, counts: Counts]>({
	exec(t, lines, exitCode, counts) {
		t.deepEqual(countsOf(`\n${lines.join('\n')}\n`, exitCode), counts);
	},
	title: (given = '') => `the end of a run ${given}`,
});

const ticks = ['  ✔ 3 tests passed in here', '  ✔ another (1.2s)', '    ℹ   ✔ said by a test', '  ─', ''];

test('that passed', reads, [...ticks, '  12 tests passed'], 0, {passed: 12, failed: 0});
test('of one test, in colour', reads, ['  \u001B[32m1 test passed\u001B[39m'], 0, {passed: 1, failed: 0});
test('with failures', reads, [...ticks, '  2 tests failed', '  1 hook failed'], 1, {passed: 2, failed: 3});
test(
	'with errors outside of tests',
	reads,
	['  1 uncaught exception', '  2 unhandled rejections', '  4 tests passed'],
	1,
	{
		passed: 4,
		failed: 3,
	},
);
test('that was cut off counts as a failure', reads, ticks, 1, {passed: 2, failed: 1});
test('without any test counts as a failure', reads, [], 0, {passed: 0, failed: 1});
