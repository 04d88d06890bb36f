import test from 'ava';
import fc from 'fast-check';
import {audit} from '../../../src/ledger/audit.ts';
import {type Outcome} from '../../../src/ledger/batch.ts';
import {type Command} from '../../../src/ledger/commands.ts';
import {openTestDatabase, type TestDatabase} from '../../helpers/database.ts';
import {day, noon, openTestLedger, type TestLedger} from '../../helpers/ledger.ts';
import {addTestRate, openTestPoints} from '../../helpers/points.ts';
import {type Deed, idsInNoOrder, owner, publicIdOf} from './memory.ts';
import {play} from './player.ts';
import {rowsOfDatabase, rowsOfMemory} from './rows.ts';
import {holds} from './runs.ts';
import {stories, type Story, walletStories} from './steps.ts';

let database: TestDatabase;

test.before(async () => {
	database = await openTestDatabase();
});
test.after.always(async () => {
	await database.close();
});

// Goal: what the writer loads, decides in one batch and writes is what the books would be if nothing were ever written.
// Method: a story that the model has agreed to is submitted again to a real writer, as many commands at once as the
// time and the card allow, in batches of any size; outcomes, ids and every row must be the same, and the audit finds nothing.
const replay = test.macro(async (t, kind: fc.Arbitrary<Story>) => {
	let count = 0;
	await holds(
		t,
		fc.asyncProperty(kind, fc.constantFrom(1, 2, 3, 256), async (story, batchMax) => {
			const {ledger: memory} = play(story);
			const ledger = await openStoryLedger(`${t.title} ${++count}`);
			const writer = ledger.openWriter({batchMax}, {newId: idsInNoOrder()});

			const outcomes = await perform({...ledger, writer}, memory.deeds);

			const expected = memory.deeds.flatMap(deed => (deed.do === 'command' ? [deed.outcome] : []));
			t.deepEqual(outcomes.map(told), expected.map(told));
			const {prisma} = database.general;
			t.deepEqual(await rowsOfDatabase(prisma, ledger.merchant.id), rowsOfMemory(memory));
			const report = await audit(prisma, {merchantId: ledger.merchant.id});
			t.deepEqual(
				report.checks.filter(({ok}) => !ok),
				[],
			);
		}),
	);
});
test('the database ends where the books in memory end, whatever shared a batch', replay, stories(40));
test('and so it does with wallets, points and payments', replay, walletStories(40));

/** What the sender is told. When a repeated command was first decided is known from the next batch on. */
function told(outcome: Outcome): unknown {
	return outcome.kind === 'done' && outcome.isReplay ? {...outcome, at: 'before'} : outcome;
}

/** A ledger that a story is told to once more. `assets` are those of the story, in their order. */
type StoryLedger = TestLedger & {
	readonly ownerId: string;
	readonly assets: number[];
};

async function openStoryLedger(name: string): Promise<StoryLedger> {
	const ledger = await openTestLedger(database, name);
	const {prisma} = database.general;
	const merchantId = ledger.merchant.id;
	const other = await prisma.asset.create({data: {merchantId, code: 'USD', scale: 2, kind: 1}});
	const customer = await prisma.customer.create({data: {merchantId}});
	await prisma.customerIdentifier.create({
		data: {merchantId, customerId: customer.id, kind: 1, value: owner.value},
	});
	return {...ledger, ownerId: String(customer.id), assets: [ledger.assetId, other.id]};
}

/** Submit all commands between two changes of the time, a card or a program at once. */
async function perform(ledger: StoryLedger, deeds: readonly Deed[]): Promise<Outcome[]> {
	const outcomes: Outcome[] = [];
	let together: Command[] = [];
	const flush = async () => {
		outcomes.push(...(await Promise.all(together.map(command => ledger.submit(command, ledger.writer)))));
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

/** The row of an asset of the story, which counts them from 1. */
function assetRow({assets}: StoryLedger, number: number): number {
	return assets[number - 1] ?? 0;
}

/** The same command with the numbers of this database. */
function translated(ledger: StoryLedger, command: Command): Command {
	const place = {actorId: ledger.actorId};
	if (!('assetId' in command)) {
		return {...command, ...place};
	}

	const asset = {assetId: assetRow(ledger, command.assetId)};
	const {ownerId, pepperId} = ledger;
	return command.verb === 'issue'
		? {...command, ...place, ...asset, card: {...command.card, ownerId, pepperId}}
		: {...command, ...place, ...asset};
}

type Interference = Exclude<Deed, {do: 'command'}>;

async function interfere(ledger: StoryLedger, deed: Interference): Promise<void> {
	switch (deed.do) {
		case 'time':
			ledger.clock.now = deed.now;
			return;
		case 'card':
			await changeCard(ledger, deed);
			return;
		case 'program':
			await changeProgram(ledger, deed);
			return;
		case 'wallet':
			await openWallet(ledger, deed);
	}
}

async function changeCard(
	{merchant}: StoryLedger,
	{cardId, status, expiresAt}: Extract<Deed, {do: 'card'}>,
): Promise<void> {
	await database.general.prisma.card.update({
		where: {merchantId_id: {merchantId: merchant.id, id: BigInt(cardId)}},
		data: {
			...(status === undefined ? {} : {status: {active: 1, blocked: 2, closed: 3}[status]}),
			...(expiresAt === undefined ? {} : {expiresAt: expiresAt === null ? null : new Date(expiresAt)}),
		},
	});
}

/** The first time that a program says something, it is made. */
async function changeProgram(
	ledger: StoryLedger,
	{assetId: number, terms}: Extract<Deed, {do: 'program'}>,
): Promise<void> {
	const {merchant, assets, assetId: currencyId, clock} = ledger;
	const {prisma} = database.general;
	const rate = [terms.rate.worth, terms.rate.points] as const;
	if (assets.length < number) {
		const points = await openTestPoints(prisma, merchant.id, {currencyId, rate});
		assets.push(points.assetId);
	}

	const assetId = assetRow(ledger, number);
	const place = {merchantId_assetId: {merchantId: merchant.id, assetId}};
	const {graceDays, graceCapDays, least: redemptionMin, most: redemptionMax} = terms;
	const data = {graceDays, graceCapDays, redemptionMin, redemptionMax};
	const {id: programId} = await prisma.program.update({where: place, data, select: {id: true}});
	await addTestRate(prisma, {merchantId: merchant.id, programId, currencyId, rate, from: clock.now});
}

async function openWallet(
	ledger: StoryLedger,
	{cardId, assetId}: Extract<Deed, {do: 'wallet'}>,
): Promise<void> {
	const {merchant} = ledger;
	const {prisma} = database.general;
	const customer = await prisma.customer.create({data: {merchantId: merchant.id}});
	await prisma.card.create({
		data: {
			...{merchantId: merchant.id, id: BigInt(cardId), publicId: publicIdOf(cardId)},
			...{assetId: assetRow(ledger, assetId), isWallet: true, ownerId: customer.id},
			...{caption: 'Points', emittedAt: new Date(noon - day)},
		},
	});
}
