import test from 'ava';
import {contentRange, readRestRange} from '../../../src/vtex/giftcards/rest-range.ts';

const reads = test.macro({
	exec(t, header: string | undefined, from: number, to: number) {
		t.deepEqual(readRestRange(header), {from, to});
	},
	title: (given = '', header: string | undefined, from: number, to: number) =>
		`${given}REST-Range "${header ?? '(none)'}" asks for ${from} to ${to}`,
});

test(reads, 'resources=0-9', 0, 9);
test(reads, 'giftcard=10-19', 10, 19);
test(reads, '0-49', 0, 49);
test(reads, '  Resources = 3 - 3 ', 3, 3);
test(reads, 'resources=0-99', 0, 99);
test(reads, 'resources=0-100', 0, 99);
test(reads, 'resources=5-100000', 5, 104);
test(reads, undefined, 0, 49);
test(reads, '', 0, 49);
test(reads, 'resources=9-8', 0, 49);
test(reads, 'resources=a-b', 0, 49);
test(reads, 'resources=-1-5', 0, 49);
test(reads, 'resources=1.5-5', 0, 49);
test(reads, 'resources=0-1,3-4', 0, 49);

test('REST-Content-Range tells what is in the answer and how many there are', t => {
	t.is(contentRange({from: 0, to: 9}, 10, 42), 'resources 0-9/42');
	t.is(contentRange({from: 40, to: 49}, 2, 42), 'resources 40-41/42');
	t.is(contentRange({from: 0, to: 9}, 1, 1), 'resources 0-0/1');
	t.is(contentRange({from: 0, to: 9}, 0, 0), 'resources 0-0/0');
	t.is(contentRange({from: 50, to: 59}, 0, 0), 'resources 0-0/0');
	t.is(contentRange({from: 50, to: 59}, 0, 42), 'resources 50-50/42');
});
