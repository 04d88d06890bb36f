import test from 'ava';
import fc from 'fast-check';
import {audit} from '../../../src/ledger/audit.ts';
import {type Outcome} from '../../../src/ledger/batch.ts';
import {type Command} from '../../../src/ledger/commands.ts';
import {type Writer} from '../../../src/ledger/writer.ts';
import {openTestDatabase, type TestDatabase} from '../../helpers/database.ts';
import {openTestLedger, type TestLedger} from '../../helpers/ledger.ts';
import {type Deed, idsInNoOrder, owner} from './memory.ts';
import {play} from './player.ts';
import {rowsOfDatabase, rowsOfMemory} from './rows.ts';
import {stories} from './steps.ts';

const seed = 20_260_615;
let database: TestDatabase;

test.before(async () => {
	database = await openTestDatabase();
});
test.after.always(async () => {
	await database.close();
});

// Goal: what the writer loads, decides in one batch and writes is what the books would be if nothing were ever written.
// Method: a story that the model has agreed to is submitted again to a real writer, as many commands at once as the
// time and the card allow, in batches of any size; outcomes, ids and every row must be the same.
test('the database ends where the books in memory end, whatever shared a batch', async t => {
	let count = 0;
	await fc.assert(
		fc.asyncProperty(stories(40), fc.constantFrom(1, 2, 3, 256), async (story, batchMax) => {
			const {ledger: memory} = play(story);
			const ledger = await openStoryLedger(`story ${++count}`);
			const writer = ledger.openWriter({batchMax}, {newId: idsInNoOrder()});

			const outcomes = await perform(ledger, writer, memory.deeds);

			const expected = memory.deeds.flatMap(deed => (deed.do === 'command' ? [deed.outcome] : []));
			t.deepEqual(outcomes, expected);
			t.deepEqual(await rowsOfDatabase(database.general.prisma, ledger.merchant.id), rowsOfMemory(memory));
		}),
		{
			seed,
			numRuns: 60,
			includeErrorInReport: true,
			interruptAfterTimeLimit: 240_000,
			markInterruptAsFailure: true,
		},
	);
	const report = await audit(database.general.prisma);
	t.deepEqual(
		report.checks.filter(({ok}) => !ok),
		[],
	);
});

type StoryLedger = TestLedger & {readonly ownerId: string; readonly otherAssetId: number};

async function openStoryLedger(name: string): Promise<StoryLedger> {
	const ledger = await openTestLedger(database, name);
	const {prisma} = database.general;
	const merchantId = ledger.merchant.id;
	const other = await prisma.asset.create({data: {merchantId, code: 'USD', scale: 2, kind: 1}});
	const customer = await prisma.customer.create({data: {merchantId}});
	await prisma.customerIdentifier.create({
		data: {merchantId, customerId: customer.id, kind: 1, value: owner.value},
	});
	return {...ledger, ownerId: String(customer.id), otherAssetId: other.id};
}

/** Submit all commands between two changes of the time or of a card at once. */
async function perform(ledger: StoryLedger, writer: Writer, deeds: readonly Deed[]): Promise<Outcome[]> {
	const outcomes: Outcome[] = [];
	let together: Command[] = [];
	const flush = async () => {
		outcomes.push(...(await Promise.all(together.map(command => ledger.submit(command, writer)))));
		together = [];
	};
	for (const deed of deeds) {
		if (deed.do === 'command') {
			// The owner of a card is known from the next batch on: a card's id is told to nobody before its commit.
			together.push(translated(ledger, deed.command));
			if (deed.command.verb === 'issue') {
				await flush();
			}
		} else {
			await flush();
			await interfere(ledger, deed);
		}
	}

	await flush();
	return outcomes;
}

/** The same command with the numbers of this database. */
function translated(
	{actorId, assetId, otherAssetId, ownerId, pepperId}: StoryLedger,
	command: Command,
): Command {
	const place = {actorId};
	if (command.key === null) {
		return {...command, ...place};
	}

	const asset = {assetId: command.assetId === 1 ? assetId : otherAssetId};
	return command.verb === 'issue'
		? {...command, ...place, ...asset, card: {...command.card, ownerId, pepperId}}
		: {...command, ...place, ...asset};
}

async function interfere(
	{merchant, clock}: StoryLedger,
	deed: Exclude<Deed, {do: 'command'}>,
): Promise<void> {
	if (deed.do === 'time') {
		clock.now = deed.now;
		return;
	}

	const {status, expiresAt} = deed;
	await database.general.prisma.card.update({
		where: {merchantId_id: {merchantId: merchant.id, id: BigInt(deed.cardId)}},
		data: {
			...(status === undefined ? {} : {status: {active: 1, blocked: 2, closed: 3}[status]}),
			...(expiresAt === undefined ? {} : {expiresAt: expiresAt === null ? null : new Date(expiresAt)}),
		},
	});
}
