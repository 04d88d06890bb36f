import test from 'ava';
import {refreshing} from '../../src/metrics/refresh.ts';
import {deferred} from '../helpers/deferred.ts';

const fail = () => {
	throw new Error('Nothing was to fail.');
};

test('however many ask, and however long it takes, it is read once at a time', async t => {
	const gate = deferred();
	let readings = 0;
	const figures = refreshing(
		async () => {
			readings++;
			await gate.promise;
			return readings;
		},
		{everyMs: 0, onFailure: fail},
	);

	const asked = [figures.refresh(), figures.refresh(), figures.refresh()];

	t.is(readings, 1);
	t.is(figures.latest(), undefined);
	gate.resolve();
	await Promise.all(asked);
	t.is(figures.latest()?.value, 1);
	await figures.refresh();
	t.is(figures.latest()?.value, 2);
});

test('what was read a moment ago is not read again', async t => {
	let readings = 0;
	const figures = refreshing(() => Promise.resolve(++readings), {everyMs: 60_000, onFailure: fail});

	await figures.refresh();
	await figures.refresh();

	t.is(readings, 1);
});

test('a reading that fails leaves the figures as they were, and is told once until it works again', async t => {
	const told: unknown[] = [];
	let isBroken = false;
	const figures = refreshing(
		() => (isBroken ? Promise.reject(new Error('broken')) : Promise.resolve('right')),
		{everyMs: 0, clock: () => 42, onFailure: error => told.push(error)},
	);

	await figures.refresh();
	isBroken = true;
	await figures.refresh();
	await figures.refresh();
	t.deepEqual(figures.latest(), {value: 'right', at: 42});
	t.is(figures.failures(), 2);
	t.is(told.length, 1);

	isBroken = false;
	await figures.refresh();
	isBroken = true;
	await figures.refresh();
	t.is(told.length, 2);
});

test('a reading that throws before it begins counts as one that fails', async t => {
	const figures = refreshing<string>(fail, {everyMs: 0, onFailure: () => undefined});

	await t.notThrowsAsync(figures.refresh());
	t.is(figures.failures(), 1);
});
