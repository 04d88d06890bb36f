import test from 'ava';
import {withDatabase} from '../helpers/database.ts';
import {authorize, capture, credit, openTestLedger, undo} from '../helpers/ledger.ts';

test('a debit reduces the balance at once and is repeated with the same answer', async t => {
	const database = await withDatabase(t);
	const ledger = await openTestLedger(database);
	const card = await ledger.issue({amount: 50_00n});

	const first = await ledger.submit(authorize(ledger, card, 20_00n, 'r1'));
	const again = await ledger.submit(authorize(ledger, card, 20_00n, 'r1'));

	t.is(first.kind, 'done');
	t.deepEqual(again, {...first, isReplay: true});
	const row = await database.general.prisma.card.findFirstOrThrow();
	t.deepEqual([row.available, row.held, row.version], [30_00n, 20_00n, 2n]);
});

test('a capture, a cancellation of the rest and a refund walk back to where the value came from', async t => {
	const database = await withDatabase(t);
	const ledger = await openTestLedger(database);
	const card = await ledger.issue({amount: 50_00n});
	const hold = await ledger.submit(authorize(ledger, card, 20_00n, 'r1'));
	t.assert(hold.kind === 'done');
	const id = hold.kind === 'done' ? hold.id : '';

	const captured = await ledger.submit(capture(ledger, card, id, 12_00n, 's1'));
	const undone = await ledger.submit(undo(ledger, card, id, 20_00n, 'c1'));
	const credited = await ledger.submit(credit(ledger, card, 5_00n, 'k1'));
	const over = await ledger.submit(undo(ledger, card, id, 1n, 'c2'));

	t.like(captured, {kind: 'done', moved: 12_00n});
	t.like(undone, {kind: 'done', moved: 20_00n});
	t.like(credited, {kind: 'done', moved: 5_00n});
	t.deepEqual(over, {kind: 'refused', refusal: 'exceedsHold', isReplay: false});
	const row = await database.general.prisma.card.findFirstOrThrow();
	t.deepEqual([row.available, row.held, row.version], [55_00n, 0n, 6n]);
});
