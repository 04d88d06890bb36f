import anyTest, {type TestFn} from 'ava';
import {audit} from '../../src/ledger/audit.ts';
import {
	assertAuditClean,
	auditDamagedForGood,
	bookHealthyTraffic,
	type HealthyBooks,
	openHealthyBooks,
} from '../helpers/audit.ts';
import {withDatabase} from '../helpers/database.ts';
import {authorize, capture, day, noon, openTestLedger, undo} from '../helpers/ledger.ts';

const test = anyTest as TestFn<HealthyBooks>;

test.before(async t => {
	t.context = await openHealthyBooks();
});

test.after.always(async t => t.context.close());

test('empty books are right', async t => {
	const {general} = await withDatabase(t);

	const {ok, checks, warnings} = await audit(general.prisma);

	t.true(ok);
	t.true(checks.every(({checked, found, findings}) => checked === 0 && found === 0 && findings.length === 0));
	t.deepEqual(warnings, []);
});

test('books with every verb in them are right, and every check has looked at rows', async t => {
	const database = await withDatabase(t);
	await bookHealthyTraffic(await openTestLedger(database));

	const {ok, checks} = await audit(database.general.prisma);

	t.deepEqual(
		checks.filter(check => !check.ok || check.checked === 0),
		[],
	);
	t.true(ok);
	const kinds = await database.general.prisma.entry.groupBy({by: ['kind']});
	t.is(kinds.length, 14);
	t.is(await database.general.prisma.lot.count({where: {parentId: {not: null}}}), 9);
});

test('a card that was made without value is right', async t => {
	const database = await withDatabase(t);
	const {merchant, assetId} = await openTestLedger(database);
	await database.general.prisma.card.create({
		data: {
			merchantId: merchant.id,
			assetId,
			publicId: '00000000-0000-4000-8000-000000000001',
			emittedAt: new Date(noon),
		},
	});

	await assertAuditClean(t, database);
});

test('the audit sees one moment: live traffic never looks like damage', async t => {
	const database = await withDatabase(t);
	const ledger = await openTestLedger(database);
	const cards = await Promise.all(Array.from({length: 5}, () => ledger.issue({amount: 1000_00n})));
	let isOver = false;
	const traffic = cards.map(async card => {
		for (let round = 0; !isOver; round++) {
			const hold = await ledger.submit(authorize(ledger, card, 3_00n, `r${round}`));
			const id = hold.kind === 'done' ? hold.id : '';
			await Promise.all([
				ledger.submit(capture(ledger, card, id, 2_00n, 's1')),
				ledger.submit(undo(ledger, card, id, 1_00n, 'c1')),
			]);
		}
	});

	let entries = 0;
	for (let round = 0; round < 5; round++) {
		await assertAuditClean(t, database);
		t.true((await audit(database.general.prisma, {sharedFrom: 0})).ok, 'two connections see the same moment');
		entries = await database.general.prisma.entry.count();
	}

	isOver = true;
	await Promise.all(traffic);
	t.true(entries > cards.length);
	await assertAuditClean(t, database);
});

test('one merchant is audited by itself', async t => {
	const {auditDamaged} = t.context;
	const damage = ['UPDATE cards SET available = available + 1 WHERE merchant_id = 1'];

	const [all, damaged, healthy] = await Promise.all([
		auditDamaged(damage),
		auditDamaged(damage, {merchantId: 1}),
		auditDamaged(damage, {merchantId: 2}),
	]);

	t.deepEqual([all.ok, damaged.ok, healthy.ok], [false, false, true]);
	for (const [index, check] of all.checks.entries()) {
		t.is(check.checked, (damaged.checks[index]?.checked ?? 0) + (healthy.checks[index]?.checked ?? 0));
	}

	t.deepEqual(
		all.checks.map(({findings}) => findings),
		damaged.checks.map(({findings}) => findings),
	);
});

test('two connections that share the work report what one reports, in its order', async t => {
	const books = await openHealthyBooks();
	t.teardown(() => books.close());
	const damage = ['UPDATE cards SET available = available + 1', 'UPDATE lots SET owed = owed + 1'];

	const alone = await books.auditDamaged(damage);

	t.true(alone.checks.filter(({ok}) => !ok).length > 1);
	t.deepEqual(await auditDamagedForGood(books, damage, {sharedFrom: 0, poolMax: 2}), alone);
});

test('a finding names the rows and says what is wrong in amounts, and the report is one JSON object', async t => {
	const {ok, checks} = await t.context.auditDamaged([
		'UPDATE cards SET available = available + 1 WHERE merchant_id = 1 AND single_use',
	]);

	t.false(ok);
	const found = checks.find(({name}) => name === 'Every card stores the sum of its postings');
	t.like(found, {ok: false, found: 1});
	const [finding] = found?.findings ?? [];
	t.is(finding?.problem, 'Available, held and debt are stored as 2001, 1000, 0 and posted as 2000, 1000, 0.');
	t.deepEqual(Object.keys(finding ?? {}).sort(), ['card', 'merchant', 'problem']);
	t.deepEqual(JSON.parse(JSON.stringify(checks)), checks);
});

test('of many findings the first twenty are named and all are counted', async t => {
	const database = await withDatabase(t);
	const ledger = await openTestLedger(database);
	await Promise.all(Array.from({length: 25}, () => ledger.issue()));
	// Nothing that a trigger guards: versions are the service's own.
	await database.general.pool.query('UPDATE cards SET version = 7');

	const {checks} = await audit(database.general.prisma);

	const damaged = checks.filter(({ok}) => !ok);
	t.deepEqual(
		damaged.map(({found, findings}) => [found, findings.length]),
		[[25, 20]],
	);
});

test('value past its date that waits for the sweep is a warning and not damage', async t => {
	const database = await withDatabase(t);
	const ledger = await openTestLedger(database);
	ledger.clock.now = Date.parse('2020-01-01T12:00:00Z');
	await ledger.issue({emittedAt: ledger.clock.now, expiresAt: ledger.clock.now + day});
	await ledger.issue({emittedAt: ledger.clock.now, expiresAt: null});

	const {ok, warnings} = await audit(database.general.prisma, {merchantId: ledger.merchant.id});
	const ofAnother = await audit(database.general.prisma, {merchantId: ledger.merchant.id + 1});

	t.true(ok);
	t.deepEqual(ofAnother.warnings, []);
	t.is(warnings.length, 1);
	t.regex(warnings[0] ?? '', /^1 lot of 1 card expired more than a day ago .* expire-lots\.$/);
});
