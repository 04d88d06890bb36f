import test from 'ava';
import {type Column, tableLines} from '../../scripts/lib/table.ts';

type Row = {readonly name: string; readonly amount: string};
const columns: readonly Column<Row>[] = [
	{title: 'Name', text: ({name}) => name, isShrinking: true},
	{title: 'Amount', text: ({amount}) => amount, isRight: true},
];

test('columns align under their titles, amounts on the right', t => {
	const rows = [
		{name: 'a', amount: '1,234.50 BRL'},
		{name: 'longer', amount: '0.05 BRL'},
	];

	t.deepEqual(tableLines(rows, columns), [
		'Name          Amount',
		'a       1,234.50 BRL',
		'longer      0.05 BRL',
	]);
});

test('a table that would be too wide cuts the column that may give way, and says so', t => {
	const [, line = ''] = tableLines([{name: 'x'.repeat(200), amount: '1.00 BRL'}], columns);

	t.is(line.length, 100);
	t.regex(line, /x… {2}1\.00 BRL$/);
});

test('what people typed moves neither the cursor nor the line', t => {
	const [, line] = tableLines([{name: 'a\n\u001B[2Jb\u202Ec', amount: '1'}], columns);

	t.is(line, 'a [2Jb c       1');
});
