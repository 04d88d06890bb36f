import test from 'ava';
import {sqlStateOf} from '../../src/db/sql-state.ts';
import {openTestDatabase, type TestDatabase, withDatabase} from '../helpers/database.ts';
import {beforeStatements, isLock, isWrite, tell, type Told} from '../helpers/interference.ts';
import {authorize, balances, capture, idOf, openTestLedger, words} from '../helpers/ledger.ts';

// One after the other: they share the two connections of a writer.
let database: TestDatabase;

test.before(async () => {
	database = await openTestDatabase();
});
test.after.always(async () => {
	await database.close();
});

const poisons: Readonly<
	Record<string, {readonly amount?: bigint; readonly key?: string; readonly state: string}>
> = {
	'a NUL character in its key': {key: 'a\u0000b', state: '22021'},
	'a key that is too long': {key: 'k'.repeat(513), state: '23514'},
	'an amount beyond every column': {amount: 2n ** 63n, state: '22003'},
};

for (const [what, {key = 'poison', amount = 1n, state}] of Object.entries(poisons)) {
	test.serial(
		`a command with ${what} fails alone; its card's others and other cards' are done in order`,
		async t => {
			const ledger = await openTestLedger(database, t.title.slice(0, 60));
			const cards = [await ledger.issue({amount: 100n}), await ledger.issue({amount: 100n})] as const;
			const told: Told = [];
			const writer = ledger.openWriter({}, {onFailure: tell(told)});
			const submit = (index: 0 | 1, by: bigint, name: string) =>
				ledger.submit(authorize(ledger, cards[index], by, name), writer);

			const [first, before, poison, after, other] = await Promise.allSettled([
				submit(1, 1n, 'first'),
				submit(0, 60n, 'before'),
				submit(0, amount, key),
				submit(0, 41n, 'after'),
				submit(1, 50n, 'other'),
			]);

			t.is(poison.status, 'rejected');
			t.is(sqlStateOf((poison as PromiseRejectedResult).reason), state);
			const outcomes = [first, before, after, other].map(result =>
				result.status === 'fulfilled' ? result.value : undefined,
			);
			t.deepEqual(words(outcomes.filter(outcome => outcome !== undefined)), [
				'1',
				'60',
				'insufficientBalance',
				'50',
			]);
			t.deepEqual(await balances(database, cards[0]), [40n, 60n, 2n]);
			t.deepEqual(await balances(database, cards[1]), [49n, 51n, 3n]);
			t.deepEqual(told, [{what: 'The command authorize failed', state}]);
		},
	);
}

test.serial('a card that changed behind its lock undoes the batch, and nothing of it is written', async t => {
	const ledger = await openTestLedger(database, t.title.slice(0, 60));
	const [changed, sound] = [await ledger.issue({amount: 100n}), await ledger.issue({amount: 100n})];
	let locked: readonly string[] = [];
	const prisma = beforeStatements(database.writer.prisma, (sql, tx, [, ids]) => {
		locked = isLock(sql) ? String(ids).slice(1, -1).split(',') : locked;
		return isWrite(sql) && locked.includes(changed.cardId)
			? tx.$queryRawUnsafe(
					'UPDATE cards SET version = version + 1 WHERE id = $1::bigint RETURNING 1',
					BigInt(changed.cardId),
				)
			: undefined;
	});
	const writer = ledger.openWriter({}, {prisma});
	const submit = (card: typeof sound) => ledger.submit(authorize(ledger, card, 10n, 'a'), writer);

	const [, stale, other] = await Promise.allSettled([submit(sound), submit(changed), submit(sound)]);

	t.is(stale.status === 'rejected' && sqlStateOf(stale.reason), '23000');
	t.is(other.status, 'fulfilled');
	t.deepEqual(await balances(database, changed), [100n, 0n, 1n]);
	t.is(await database.general.prisma.command.count({where: {scope: changed.publicId}}), 0);
});

for (const table of ['lots', 'hold_legs']) {
	test.serial(`an update of ${table} that does not happen undoes the batch`, async t => {
		const own = await withDatabase(t);
		const ledger = await openTestLedger(own);
		const card = await ledger.issue({amount: 100n});
		const hold = idOf(await ledger.submit(authorize(ledger, card, 10n, 'a')));
		await own.asOwner(`
			CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
			CREATE TRIGGER planted BEFORE UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION skip()`);

		await t.throwsAsync(ledger.submit(capture(ledger, card, hold, 10n, 's')), {
			message: new RegExp(`changed 0 rows of ${table} .* of 1;`),
		});

		t.deepEqual(await balances(own, card), [90n, 10n, 2n]);
		t.is(await own.general.prisma.entry.count(), 2);
	});
}
