import test from 'ava';
import {renderTable} from '../../scripts/bench/report.ts';

test('a table aligns its names left and its figures right', t => {
	const table = renderTable(
		['', 'per second'],
		[
			['debits@1', '650'],
			['reads@256', '1,234,567,890'],
		],
	);

	t.deepEqual(table.split('\n'), [
		'              per second',
		'debits@1             650',
		'reads@256  1,234,567,890',
	]);
});
