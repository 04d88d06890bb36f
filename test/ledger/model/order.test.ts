import test, {type ExecutionContext} from 'ava';
import fc from 'fast-check';
import {type EarnTerms} from '../../../src/ledger/commands.ts';
import {assertAuditClean} from '../../helpers/audit.ts';
import {openTestDatabase, type TestDatabase} from '../../helpers/database.ts';
import {
	authorize,
	capture,
	day,
	expire,
	idOf,
	openTestLedger,
	type TestLedger,
	undo,
} from '../../helpers/ledger.ts';
import {earn, mergeOf, type TestProgram, type TestWallet} from '../../helpers/loyalty.ts';

// Goal: whatever happens to the points meanwhile, the documents of an order, in any order and any number of times, end at what the newest
// of them says. Method: stories of two orders and two wallets, one of which may be merged into the other, told to a real writer, as many commands at once as a story wants; then
// everything is returned, and what is left must be what was spent.

const seed = 20_260_615;
let database: TestDatabase;

test.before(async () => {
	database = await openTestDatabase();
});
test.after.always(async () => {
	await database.close();
});

type Step =
	| {readonly do: 'deliver'; readonly order: number; readonly version: number; readonly wallet: number}
	| {readonly do: 'spend'; readonly amount: bigint; readonly wallet: number}
	| {readonly do: 'capture' | 'return'; readonly hold: number; readonly amount: bigint}
	| {readonly do: 'merge'}
	| {readonly do: 'sweep'}
	| {readonly do: 'pass'; readonly days: number};

type Story = {
	/** What each version of each order says that it should have earned. */
	readonly targets: readonly (readonly bigint[])[];
	readonly terms: Partial<EarnTerms>;
	readonly batchMax: number;
	/** What is done at once. */
	readonly moments: readonly (readonly Step[])[];
};

const units = fc.integer({min: 0, max: 120}).map(BigInt);
const some = fc.integer({min: 1, max: 90}).map(BigInt);
const versions = 4;

const deliver = fc.record({
	do: fc.constant('deliver' as const),
	order: fc.integer({min: 0, max: 1}),
	version: fc.integer({min: 0, max: versions - 1}),
	wallet: fc.constantFrom(0, 0, 0, 1),
});
const spend = fc.record({
	do: fc.constant('spend' as const),
	amount: some,
	wallet: fc.constantFrom(0, 0, 0, 1),
});
const merge = fc.constant({do: 'merge'} as const);
const captureStep = fc.record({do: fc.constant('capture' as const), hold: fc.nat(9), amount: some});
const returnStep = fc.record({do: fc.constant('return' as const), hold: fc.nat(9), amount: some});
const sweep = fc.constant({do: 'sweep'} as const);
const pass = fc.record({do: fc.constant('pass' as const), days: fc.integer({min: 0, max: 2})});

const cap = fc.option(fc.integer({min: 1, max: 150}).map(BigInt), {nil: null, freq: 2});

function stories(step: fc.Arbitrary<Step>, caps: fc.Arbitrary<bigint | null>): fc.Arbitrary<Story> {
	return fc.record({
		targets: fc.array(fc.array(units, {minLength: versions, maxLength: versions}), {
			minLength: 2,
			maxLength: 2,
		}),
		terms: fc.record({
			clawback: fc.constantFrom('debt' as const, 'owed' as const),
			balanceMax: caps,
			dayMax: caps,
			orderMax: caps,
		}),
		batchMax: fc.constantFrom(1, 2, 256),
		moments: fc.array(fc.array(step, {minLength: 1, maxLength: 4}), {minLength: 1, maxLength: 9}),
	});
}

const anything = stories(
	fc.oneof({arbitrary: deliver, weight: 4}, spend, captureStep, returnStep, sweep, pass, merge),
	cap,
);
const spendingOnly = stories(
	fc.oneof({arbitrary: deliver, weight: 2}, spend, captureStep),
	fc.constant(null),
);

type Stage = {
	readonly ledger: TestLedger & {readonly assetId: number};
	readonly program: TestProgram;
	readonly wallets: readonly [TestWallet, TestWallet];
	readonly submit: (command: Parameters<TestLedger['submit']>[0]) => ReturnType<TestLedger['submit']>;
	readonly holds: {readonly id: string; readonly wallet: TestWallet}[];
	/** The greatest version of each order that was delivered. */
	readonly newest: number[];
	/** Units that were ever held. */
	spent: bigint;
};

let count = 0;

async function play({targets, terms, batchMax, moments}: Story, t: ExecutionContext): Promise<Stage> {
	const opened = await openTestLedger(database, `story ${++count}`);
	const program = await opened.openProgram({graceDays: 3});
	const ledger = {...opened, assetId: program.assetId};
	const writer = opened.openWriter({batchMax});
	const stage: Stage = {
		...{
			ledger,
			program,
			wallets: [await program.openWallet(), await program.openWallet()],
			holds: [],
			newest: [-1, -1],
			spent: 0n,
		},
		submit: async command => opened.submit(command, writer),
	};
	let keys = 0;
	for (const steps of moments) {
		await Promise.all(steps.map(async step => perform(stage, step, {targets, terms, key: `k${++keys}`})));
		await checkOrders(stage, {targets, terms}, t);
	}

	return stage;
}

type Script = Pick<Story, 'targets' | 'terms'>;

function target({targets}: Pick<Story, 'targets'>, order: number, version: number): bigint {
	return targets[order]?.[version] ?? 0n;
}

async function perform(
	stage: Stage,
	step: Step,
	{targets, terms, key}: Script & {readonly key: string},
): Promise<void> {
	const {ledger, wallets, submit, holds, newest} = stage;
	const wallet = wallets['wallet' in step && step.wallet === 1 ? 1 : 0];
	switch (step.do) {
		case 'deliver': {
			const {order, version} = step;
			newest[order] = Math.max(newest[order] ?? -1, version);
			const expiresAt = ledger.clock.now + (1 + version) * day;
			const dayStart = ledger.clock.now - day / 2;
			const told = {order: `o${order}`, version, target: target({targets}, order, version)};
			await submit(earn(ledger, wallet, told, {...terms, expiresAt, dayStart}));
			return;
		}

		case 'spend': {
			const outcome = await submit(authorize(ledger, wallet, step.amount, key));
			if (outcome.kind === 'done') {
				holds.push({id: idOf(outcome), wallet});
				stage.spent += step.amount;
			}

			return;
		}

		case 'capture':
		case 'return': {
			const hold = holds[step.hold % Math.max(1, holds.length)];
			if (hold !== undefined) {
				await submit(
					step.do === 'capture'
						? capture(ledger, hold.wallet, hold.id, step.amount, key)
						: undo(ledger, hold.wallet, hold.id, step.amount, key),
				);
			}

			return;
		}

		case 'merge':
			await submit(mergeOf(ledger, ...wallets));
			return;
		case 'sweep':
			await Promise.all(wallets.map(async one => submit(expire(ledger, one))));
			return;
		case 'pass':
			ledger.clock.now += step.days * day;
	}
}

type Booked = {readonly order_id: string; readonly units: bigint; readonly forgone: bigint};

async function bookingsOf({ledger}: Stage): Promise<readonly Booked[]> {
	return database.general.prisma.$queryRaw<Booked[]>`
		SELECT order_id, sum(units)::bigint AS units, sum(forgone)::bigint AS forgone FROM order_bookings
		WHERE merchant_id = ${ledger.merchant.id}::int GROUP BY order_id`;
}

/** What is booked and forgone is what the newest version that was delivered says, within what an order may earn. */
async function checkOrders(stage: Stage, script: Script, t: ExecutionContext): Promise<void> {
	const booked = await bookingsOf(stage);
	for (const [order, version] of stage.newest.entries()) {
		const {units: given = 0n, forgone = 0n} = booked.find(one => one.order_id === `o${order}`) ?? {};
		const wanted = version < 0 ? 0n : target(script, order, version);
		const most = script.terms.orderMax ?? null;
		t.is(given + forgone, most !== null && most < wanted ? most : wanted);
		t.true(given >= 0n && forgone >= 0n);
	}
}

type Balances = {
	readonly available: bigint;
	readonly held: bigint;
	readonly debt: bigint;
	readonly owed: bigint;
	readonly redeemed: bigint;
	readonly expired: bigint;
	readonly given: bigint;
};

async function balancesOf({ledger}: Stage): Promise<Balances> {
	const rows = await database.general.prisma.$queryRaw<[Balances]>`
		SELECT available, held, debt, (SELECT coalesce(sum(owed), 0) FROM lots WHERE merchant_id = ${ledger.merchant.id}::int)::bigint AS owed,
			coalesce(sum(amount) FILTER (WHERE account = 20), 0)::bigint AS redeemed,
			coalesce(sum(amount) FILTER (WHERE account = 30), 0)::bigint AS expired,
			coalesce(-sum(amount) FILTER (WHERE account = 15), 0)::bigint AS given
		FROM (
			SELECT sum(available)::bigint AS available, sum(held)::bigint AS held, -sum(debt)::bigint AS debt FROM cards
			WHERE merchant_id = ${ledger.merchant.id}::int
		) c LEFT JOIN postings p ON p.merchant_id = ${ledger.merchant.id}::int AND p.card_id = 0
		GROUP BY available, held, debt`;
	return rows[0];
}

/** Both orders are returned as a whole. */
async function returnAll(stage: Stage, {targets, terms}: Script): Promise<Balances> {
	const told = (order: number) => ({order: `o${order}`, version: versions + 1, target: 0n});
	await Promise.all(
		targets.map(async (_, order) => stage.submit(earn(stage.ledger, stage.wallets[0], told(order), terms))),
	);
	return balancesOf(stage);
}

const options = {
	seed,
	numRuns: 100,
	includeErrorInReport: true,
};

test.serial('the newest version of an order decides, whatever becomes of its points meanwhile', async t => {
	await fc.assert(
		fc.asyncProperty(anything, async story => {
			const stage = await play(story, t);

			const end = await returnAll(stage, story);

			const booked = await bookingsOf(stage);
			t.true(booked.every(({units: given, forgone}) => given === 0n && forgone === 0n));
			// What was given and not taken back is what lots owe; everything else that is missing is a debt.
			t.is(end.given, end.owed);
			t.is(end.available + end.held + end.redeemed + end.expired, end.debt + end.owed);
			t.true(end.debt + end.owed <= stage.spent);
			t.true(story.terms.clawback === 'debt' ? end.owed === 0n : end.debt === 0n);
		}),
		options,
	);
	await assertAuditClean(t, database);
});

test.serial('after a full return nothing is left, and exactly what was spent is owed', async t => {
	await fc.assert(
		fc.asyncProperty(spendingOnly, async story => {
			const stage = await play(story, t);

			const end = await returnAll(stage, story);

			t.is(end.available, 0n);
			t.is(end.expired, 0n);
			t.is(end.held + end.redeemed, stage.spent);
			t.is(end.debt + end.owed, stage.spent);
		}),
		{...options, numRuns: 40},
	);
	await assertAuditClean(t, database);
});
