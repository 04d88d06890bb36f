import test from 'ava';
import {type Identifier} from '../../src/ledger/owner.ts';
import {reasonNumbers} from '../../src/ledger/reasons.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {
	authorize,
	capture,
	close,
	credit,
	idOf,
	openTestLedger,
	type TestCard,
	type TestLedger,
	undo,
	words,
} from '../helpers/ledger.ts';

let database: TestDatabase;

test.before(async () => {
	database = await openTestDatabase();
});
test.after.always(async () => {
	await database.close();
});

const numbers = {profile: 1, document: 2, email: 3} as const;

/** A restricted card of a customer with one identifier of each kind. */
async function issueOwned(ledger: TestLedger): Promise<TestCard> {
	const {prisma} = database.general;
	const merchantId = ledger.merchant.id;
	const {id} = await prisma.customer.create({data: {merchantId}});
	await prisma.customerIdentifier.createMany({
		data: Object.entries(numbers).map(([kind, number]) => ({
			merchantId,
			customerId: id,
			kind: number,
			value: `own ${kind}`,
		})),
	});
	return ledger.issue({restricted: true, ownerId: String(id)});
}

for (const kind of ['profile', 'document', 'email'] as const) {
	test(`a restricted card is known by its owner's ${kind}, as it is stored`, async t => {
		const ledger = await openTestLedger(database, t.title);
		const [card, unowned] = [await issueOwned(ledger), await ledger.issue({restricted: true})];
		const present = (to: TestCard, key: string, ...presented: readonly Identifier[]) =>
			ledger.submit({...authorize(ledger, to, 1n, key), presented} as ReturnType<typeof authorize>);

		const outcomes = await Promise.all([
			present(card, 'own', {kind, value: `own ${kind}`}),
			present(card, 'other', {kind, value: `other ${kind}`}),
			present(card, 'nobody'),
			present(unowned, 'unowned', {kind, value: `other ${kind}`}),
		]);

		t.deepEqual(words(outcomes), ['1', 'ownerMismatch', '1', '1']);
	});
}

test('what was said about a command is kept with its hold or its first entry, and a closing with its reason', async t => {
	const ledger = await openTestLedger(database, t.title.slice(0, 40));
	const card = await ledger.issue({amount: 100n});
	const note = {orderId: 'v1-01', requestId: 'r', description: 'a gift', reason: null, reasonCode: null};
	const said = {note};
	const hold = idOf(await ledger.submit({...authorize(ledger, card, 60n, 'a'), ...said}));
	const credited = idOf(await ledger.submit({...credit(ledger, card, 5n, 'k'), ...said}));
	const captured = idOf(await ledger.submit(capture(ledger, card, hold, 20n, 's')));
	const undone = idOf(await ledger.submit({...undo(ledger, card, hold, 60n, 'c'), ...said}));
	const closing = close(ledger, card);
	const closed = idOf(await ledger.submit({...closing, note: {...closing.note, reasonCode: 'lost'}}));

	const {prisma} = database.general;
	const where = {merchantId: ledger.merchant.id};
	const {orderId, requestId, description} = note;
	t.like(await prisma.hold.findFirstOrThrow({where}), {id: hold, orderId, requestId, description});
	const notes = await prisma.entryNote.findMany({where});
	const byEntry = new Map(notes.map(row => [row.entryId, row]));
	t.deepEqual(new Set(byEntry.keys()), new Set([credited, undone, closed]));
	t.like(byEntry.get(credited), note);
	t.like(byEntry.get(undone), note);
	t.like(byEntry.get(closed), {reason: 'lost', reasonCode: reasonNumbers.lost, requestId: null});
	t.false(byEntry.has(captured));
	const changes = await prisma.cardChange.findMany({where});
	t.like(changes, {
		length: 1,
		0: {kind: 3, reason: 'lost', reasonCode: reasonNumbers.lost, actorId: ledger.actorId},
	});
});
