import test from 'ava';
import {packError, unpackError} from '../../src/db/portable-error.ts';
import {constraintOf, isConnectionLost, isRetryable, sqlStateOf} from '../../src/db/sql-state.ts';
import {safeCause} from '../../src/http/safe-cause.ts';
import {withDatabase} from '../helpers/database.ts';

/** As an error arrives in another thread. */
const sent = (error: unknown) => unpackError(structuredClone(packError(error)));

const readings = (error: unknown) => [
	sqlStateOf(error),
	constraintOf(error),
	isConnectionLost(error),
	isRetryable(error),
	(error as {code?: unknown}).code,
];

test('errors of every layer of the database say the same after they travelled', async t => {
	const {general} = await withDatabase(t);
	const merchant = {name: 'one', timeZone: 'UTC', currency: 'BRL'};
	await general.prisma.merchant.create({data: merchant});
	for (const cause of [
		async () => general.prisma.merchant.create({data: merchant}),
		async () => general.prisma.$executeRawUnsafe("INSERT INTO merchants (name) VALUES ('')"),
		async () => general.prisma.$queryRawUnsafe('SELECT 1 / 0'),
		async () => general.pool.query('SELECT no_such_column'),
		async () =>
			general.prisma.$transaction(async tx =>
				tx.$queryRawUnsafe('SELECT pg_terminate_backend(pg_backend_pid())'),
			),
	]) {
		const error: unknown = await t.throwsAsync(cause(), {any: true});

		t.deepEqual(readings(sent(error)), readings(error));
		t.is(sent(error).name, (error as Error).name);
	}
});

test('what is no error, and a chain that leads back to itself, travel too', t => {
	const endless = new Error('again');
	endless.cause = endless;

	t.is(sent(endless).message, 'again');
	t.is(sent('text').name, 'string');
	t.is(sent(undefined).message, '');
});

test('the log tells of a travelled error what it tells of any, and no sentence of the database', async t => {
	const {general} = await withDatabase(t);
	const error: unknown = await t.throwsAsync(general.pool.query("SELECT 'secret'::int"), {any: true});

	t.deepEqual(safeCause(sent(error)), safeCause(error));
	t.false(JSON.stringify(safeCause(sent(error))).includes('secret'));
});
