import test from 'ava';
import fc from 'fast-check';
import {type ChunkPace, firstChunkPace, nextChunkPace} from '../../src/bulk/pace.ts';

const after = (times: readonly number[]) =>
	times.reduce<ChunkPace & {readonly restMs: number}>(nextChunkPace, {...firstChunkPace, restMs: 0});

test('chunks that take about the same are not rested after, however noisy they are', t => {
	fc.assert(
		fc.property(fc.array(fc.double({min: 100, max: 599, noNaN: true}), {minLength: 1}), times =>
			times.every((_, index) => after(times.slice(0, index + 1)).restMs === 0),
		),
	);
	t.pass();
});

test('a chunk that takes more than six times as long as usual is rested after for as long, for a second at most', t => {
	t.is(after([100, 601]).restMs, 0);
	t.is(after([100, 660]).restMs, 660);
	t.is(after([500, 5000]).restMs, 1000);
});

test('one lucky chunk is forgotten: what is usual now is not rested after for ever', t => {
	const times = [10, ...Array.from({length: 60}, () => 100)];

	t.true(after(times.slice(0, 2)).restMs > 0);
	t.is(after(times).restMs, 0);
});
