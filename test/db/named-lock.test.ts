import test from 'ava';
import {lockNames} from '../../src/db/named-lock.ts';
import {sqlStateOf} from '../../src/db/sql-state.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';

let database: TestDatabase;
test.before(async () => {
	database = await openTestDatabase();
});
test.after.always(() => database.close());

/** Hold some names until told to let go. */
async function hold(names: readonly string[], patienceMs?: number): Promise<() => Promise<void>> {
	let letGo: () => void = () => undefined;
	let ended: Promise<unknown> = Promise.resolve();
	await new Promise<void>((locked, failed) => {
		ended = database.general.prisma
			.$transaction(async tx => {
				await lockNames(tx, names, patienceMs);
				locked();
				await new Promise<void>(resolve => {
					letGo = resolve;
				});
			})
			.catch(failed);
	});
	return async () => {
		letGo();
		await ended;
	};
}

test('a name that is taken is waited for, and given up after a second', async t => {
	const letGo = await hold(['thing 1', 'thing 2']);

	const error = await t.throwsAsync(hold(['thing 2', 'thing 3']));
	t.is(sqlStateOf(error), '55P03');

	const next = hold(['thing 2']);
	await letGo();
	await (
		await next
	)();
});

test('who may wait for longer than others has the name in the end', async t => {
	const letGo = await hold(['slow']);
	const patient = hold(['slow'], 60_000);

	const error = await t.throwsAsync(hold(['slow']));
	t.is(sqlStateOf(error), '55P03');

	await letGo();
	await (
		await patient
	)();
});

test('other names, and names in another order, do not get in the way', async t => {
	const others = await hold(['other 1']);
	const mine = await hold(['other 2']);
	await others();
	await mine();

	const rounds = await Promise.all(
		Array.from({length: 6}, async (_, n) =>
			(await hold(n % 2 === 0 ? ['x', 'y', 'x'] : ['y', 'x']))().then(() => true),
		),
	);
	t.is(rounds.length, 6);
});
