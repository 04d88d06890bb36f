import test from 'ava';
import {counted} from '../../scripts/lib/counted.ts';

test('one is called otherwise than none or several, which have thousands marks', t => {
	t.is(counted(1, 'line'), '1 line');
	t.is(counted(0, 'line'), '0 lines');
	t.is(counted(1044, 'posting'), '1,044 postings');
	t.is(counted(2, 'entry', 'entries'), '2 entries');
});
