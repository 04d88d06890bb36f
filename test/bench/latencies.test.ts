import test from 'ava';
import fc from 'fast-check';
import {createLatencies, median} from '../../scripts/bench/latencies.ts';

const filled = (values: readonly number[]) => {
	const latencies = createLatencies(2);
	values.forEach(latencies.add);
	return latencies;
};

test('of a hundred latencies from 1 to 100, percentiles are their own numbers', t => {
	const latencies = filled(Array.from({length: 100}, (_, index) => 100 - index));

	t.is(latencies.percentile(0.5), 50);
	t.is(latencies.percentile(0.99), 99);
	t.is(latencies.percentile(1), 100);
});

test('the 99th percentile of 101 latencies is the 100th of them, never one that was not measured', t => {
	const latencies = filled(Array.from({length: 101}, (_, index) => (index + 1) * 1000));

	t.is(latencies.percentile(0.99), 100_000);
});

test('without answers every percentile is 0, also after they were cleared', t => {
	const latencies = filled([5, 6, 7]);
	latencies.clear();

	t.is(latencies.count(), 0);
	t.is(latencies.percentile(0.99), 0);
});

test('a percentile is the smallest latency that covers its share of all answers', t => {
	fc.assert(
		fc.property(
			fc.array(fc.nat(1_000_000), {minLength: 1, maxLength: 50}),
			fc.double({min: 0.01, max: 1, noNaN: true}),
			(values, share) => {
				const found = filled(values).percentile(share);
				const covered = values.filter(value => value <= found).length;
				const belowIt = values.filter(value => value < found).length;
				return values.includes(found) && covered >= share * values.length && belowIt < share * values.length;
			},
		),
	);
	t.pass();
});

test('the median of an even number of rounds is one that was measured', t => {
	t.is(median([9, 1, 5]), 5);
	t.is(median([9, 1, 5, 7]), 5);
	t.is(median([]), 0);
});
