import test from 'ava';
import fc from 'fast-check';
import {firstPace, nextPace} from '../../src/jobs/pace.ts';

test('a quick commit makes the next chunk larger, a slow one smaller', t => {
	t.is(nextPace({chunk: 16, restMs: 0}, 24).chunk, 32);
	t.is(nextPace({chunk: 16, restMs: 0}, 25).chunk, 16);
	t.is(nextPace({chunk: 16, restMs: 0}, 50).chunk, 16);
	t.is(nextPace({chunk: 16, restMs: 0}, 51).chunk, 8);
	t.is(nextPace({chunk: 4, restMs: 0}, 5000).chunk, 4);
	t.is(nextPace({chunk: 256, restMs: 0}, 1).chunk, 256);
});

test('a chunk is never tiny nor larger than a batch, and its rest is as long as its work, up to a second', t => {
	fc.assert(
		fc.property(fc.array(fc.double({min: 0, max: 60_000, noNaN: true}), {maxLength: 50}), times => {
			let pace = firstPace;
			return times.every(took => {
				pace = nextPace(pace, took);
				return (
					Number.isInteger(pace.chunk) &&
					pace.chunk >= 4 &&
					pace.chunk <= 256 &&
					pace.restMs === Math.min(took, 1000)
				);
			});
		}),
	);
	t.pass();
});
