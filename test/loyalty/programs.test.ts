import test, {type ExecutionContext} from 'ava';
import {openDatabase, type PrismaClient} from '../../src/db/client.ts';
import {readEarnRules} from '../../src/loyalty/earn-rules-json.ts';
import {type Program, type ProgramSettings, rateAt} from '../../src/loyalty/program.ts';
import {createProgram, ProgramRefusedError, updateProgram} from '../../src/loyalty/program-changes.ts';
import {readPrograms} from '../../src/loyalty/program-rows.ts';
import {defaultSettings} from '../../src/loyalty/program-settings.ts';
import {openPrograms, UnknownProgramError} from '../../src/loyalty/programs.ts';
import {openAssets} from '../../src/merchants/assets.ts';
import {makeClock} from '../helpers/clock.ts';
import {openTestDatabase, patienceMs, type TestDatabase} from '../helpers/database.ts';
import {newMerchant} from '../helpers/merchant.ts';

let database: TestDatabase;

test.before(async () => {
	database = await openTestDatabase();
});

test.after.always(() => database.close());

const cent = {numerator: 1n, denominator: 1n};
const half = {numerator: 1n, denominator: 2n};
const earnRules = readEarnRules({
	currency: 'BRL',
	rate: {numerator: '1', denominator: '100'},
	minimum: '5000',
	excluded: {sellers: ['other']},
});

/** Every setting other than its default. */
const allSettings: ProgramSettings = {
	name: 'Gold',
	caption: 'Your points',
	expiry: {kind: 'month', count: 2},
	purchasedExpiry: {kind: 'days', count: 400},
	pendingDays: 14,
	redemptionMin: 100n,
	redemptionMax: 50_000n,
	balanceMax: 1_000_000n,
	dayMax: 2000n,
	orderMax: 1000n,
	graceDays: 10,
	graceCapDays: 90,
	clawback: 'debt',
	earnRules,
};

/** A merchant of its own, with a clock, and reais. */
async function withMerchant() {
	const {prisma} = database.general;
	const {id: merchantId} = await newMerchant(prisma);
	const clock = makeClock();
	const {id: brl} = await openAssets(prisma).ofCurrency(merchantId, 'BRL');
	const create = async (name: string, code: string, changes: Partial<ProgramSettings> = {}) =>
		createProgram(
			prisma,
			merchantId,
			{asset: {code, scale: 0}, settings: {...defaultSettings(name), ...changes}, rates: []},
			clock.now,
		);
	return {prisma, merchantId, clock, brl, create};
}

test('a program is made with its points and its rates, and read as it was made', async t => {
	const {prisma, merchantId, clock, brl} = await withMerchant();
	const later = clock.now() + 86_400_000;

	const made = await createProgram(
		prisma,
		merchantId,
		{
			asset: {code: 'PTS', scale: 2},
			settings: allSettings,
			rates: [
				{currencyId: brl, rate: half, from: later},
				{currencyId: brl, rate: cent},
			],
		},
		clock.now,
	);

	t.like(made, allSettings);
	t.like(made.asset, {code: 'PTS', scale: 2, kind: 'points'});
	t.deepEqual(made.rates, [
		{currencyId: brl, from: clock.now(), rate: cent},
		{currencyId: brl, from: later, rate: half},
	]);
	t.deepEqual(await readPrograms(prisma, merchantId), [made]);
	t.deepEqual(await openAssets(prisma).byId(merchantId, made.asset.id), made.asset);
});

test('each setting is changed by itself, back to nothing too, and all others stay', async t => {
	const {prisma, merchantId, clock, create} = await withMerchant();
	let expected = await create('Gold', 'PTS');
	const update = async (settings: Partial<ProgramSettings>) =>
		updateProgram(prisma, merchantId, expected.name, {settings, rates: []}, clock.now);

	for (const [name, value] of Object.entries({...allSettings, name: 'Silver'})) {
		const after: Program = {...expected, [name]: value};
		t.deepEqual(await update({[name]: value}), after, name);
		expected = after;
	}

	const nothing = {redemptionMax: null, balanceMax: null, dayMax: null, orderMax: null, earnRules: null};
	t.deepEqual(await update({...nothing, expiry: {kind: 'never'}}), {
		...expected,
		...nothing,
		expiry: {kind: 'never'},
	});
});

test('a name, and the code of points, stand for one program of a merchant; what is taken changes nothing', async t => {
	const {prisma, merchantId, clock, create} = await withMerchant();
	const other = await withMerchant();
	await create('Gold', 'PTS');
	await create('Silver', 'STARS');
	await other.create('Gold', 'PTS');
	const refused = async (work: Promise<unknown>) =>
		(await t.throwsAsync(work, {instanceOf: ProgramRefusedError})).message;

	t.is(
		await refused(create('Gold', 'MORE')),
		'There is a loyalty program "Gold" already. programs:update changes it; a new one needs another name.',
	);
	t.is(
		await refused(create('Bronze', 'STARS')),
		'STARS are the points of "Silver" already. Choose another code for the new ones.',
	);
	t.regex(
		await refused(
			updateProgram(prisma, merchantId, 'Gold', {settings: {name: 'Silver'}, rates: []}, clock.now),
		),
		/"Silver" already/,
	);
	await prisma.asset.create({data: {merchantId, code: 'OLD', scale: 0, kind: 1}});
	t.regex(await refused(create('Bronze', 'OLD')), /OLD is the code of something else/);
	await t.throwsAsync(create('Bronze', 'USD'), {instanceOf: RangeError, message: /USD is a currency/});
	await t.throwsAsync(create('Bronze', 'P1'), {instanceOf: RangeError, message: /3 to 12/});
	t.is(await prisma.asset.count({where: {merchantId}}), 4);
	t.deepEqual(
		(await readPrograms(prisma, merchantId)).map(({name}) => name),
		['Gold', 'Silver'],
	);
});

test('settings that nobody could use are refused, also where only the change makes them so', async t => {
	const {prisma, merchantId, clock, create} = await withMerchant();
	await create('Gold', 'PTS', {redemptionMin: 100n});

	await t.throwsAsync(create('Silver', 'STARS', {redemptionMin: 5n, redemptionMax: 4n}), {
		instanceOf: ProgramRefusedError,
		message: /so none could/,
	});
	await t.throwsAsync(
		updateProgram(prisma, merchantId, 'Gold', {settings: {redemptionMax: 99n}, rates: []}, clock.now),
		{instanceOf: ProgramRefusedError, message: /at least 100 PTS and at most 99 PTS/},
	);
	t.is((await readPrograms(prisma, merchantId)).length, 1);
	t.is(await prisma.asset.count({where: {merchantId, kind: 2}}), 1);
});

test('a new rate takes over from its instant on, never in the past nor in the place of another', async t => {
	const {prisma, merchantId, clock, brl, create} = await withMerchant();
	await create('Gold', 'PTS');
	const add = async (rate: typeof cent, from?: number) =>
		updateProgram(
			prisma,
			merchantId,
			undefined,
			{settings: {}, rates: [{currencyId: brl, rate, from}]},
			clock.now,
		);
	const begun = clock.now();
	const planned = begun + 1000;

	await add(cent, begun);
	const program = await add(half, planned);

	t.is(rateAt(program, brl, begun - 1), undefined);
	t.deepEqual(rateAt(program, brl, planned - 1), cent);
	t.deepEqual(rateAt(program, brl, planned), half);
	await t.throwsAsync(add(cent, begun - 1), {
		instanceOf: ProgramRefusedError,
		message: /in the past was told to shoppers/,
	});
	await t.throwsAsync(add(cent, planned), {
		instanceOf: ProgramRefusedError,
		message: /"Gold" has a rate of this currency from 2026-03-11T15:00:01\.000Z already/,
	});
	t.deepEqual((await readPrograms(prisma, merchantId))[0], program);
});

test('a rate from now on takes over from one that began in the same millisecond, and from no later one', async t => {
	const {prisma, merchantId, clock, brl, create} = await withMerchant();
	await create('Gold', 'PTS');
	const add = async (denominator: bigint, from?: number) =>
		updateProgram(
			prisma,
			merchantId,
			undefined,
			{settings: {}, rates: [{currencyId: brl, rate: {numerator: 1n, denominator}, from}]},
			clock.now,
		);
	await add(9n, clock.now() + 1000);

	await add(1n);
	await add(2n);
	const program = await add(3n);

	t.deepEqual(
		program.rates.map(({from, rate}) => [from - clock.now(), rate.denominator]),
		[
			[0, 1n],
			[1, 2n],
			[2, 3n],
			[1000, 9n],
		],
	);
});

test('of updates at once from several processes none is lost', async t => {
	const {prisma, merchantId, clock, brl, create} = await withMerchant();
	const other = await openDatabase(database.url, {purpose: 'general', patienceMs});
	t.teardown(() => other.close());
	await create('Gold', 'PTS');
	const changes: Partial<ProgramSettings>[] = [
		{caption: 'Your points'},
		{pendingDays: 14},
		{redemptionMin: 100n},
		{redemptionMax: 5000n},
		{expiry: {kind: 'year', count: 1}},
		{earnRules},
	];

	await Promise.all(
		changes.map((settings, index) =>
			updateProgram(
				index % 2 === 0 ? prisma : other.prisma,
				merchantId,
				'Gold',
				{settings, rates: [{currencyId: brl, rate: {numerator: 1n, denominator: BigInt(index + 1)}}]},
				clock.now,
			),
		),
	);

	const [program] = await readPrograms(prisma, merchantId);
	t.like(program, Object.assign({}, ...changes) as ProgramSettings);
	t.deepEqual(
		program?.rates.map(({rate}) => rate.denominator).toSorted((a, b) => Number(a - b)),
		[1n, 2n, 3n, 4n, 5n, 6n],
	);
});

test('of several processes that make the same program at once one makes it, and the others are told', async t => {
	const {prisma, merchantId, create} = await withMerchant();

	const made = await Promise.allSettled(Array.from({length: 4}, async () => create('Gold', 'PTS')));

	t.is(made.filter(({status}) => status === 'fulfilled').length, 1);
	for (const one of made) {
		t.true(one.status === 'fulfilled' || one.reason instanceof ProgramRefusedError);
	}

	t.is((await readPrograms(prisma, merchantId)).length, 1);
});

/** A client that counts how often programs are read, and can be held up. */
function counting(prisma: PrismaClient) {
	const reads = {count: 0, mayAnswer: Promise.resolve()};
	const program = {
		findMany: async (args: object) => {
			reads.count++;
			await reads.mayAnswer;
			return prisma.program.findMany(args);
		},
	};
	return {reads, prisma: {program} as unknown as PrismaClient};
}

test('programs are found by their points, by their name, and where there is one without any', async t => {
	const {prisma, merchantId, clock, brl, create} = await withMerchant();
	const other = await withMerchant();
	const gold = await create('Gold', 'PTS');
	const programs = openPrograms(prisma, clock.now);

	t.deepEqual(await programs.byAsset(merchantId, gold.asset.id), gold);
	t.deepEqual(await programs.byName(merchantId, 'Gold'), gold);
	t.deepEqual(await programs.list(merchantId), [gold]);
	t.deepEqual(await programs.only(merchantId), gold);
	t.is(await programs.byAsset(merchantId, brl), undefined);
	t.is(await programs.byName(merchantId, 'gold'), undefined);
	t.is(await programs.byAsset(other.merchantId, gold.asset.id), undefined);
	const none = await t.throwsAsync(programs.only(other.merchantId), {instanceOf: UnknownProgramError});
	await create('Silver', 'STARS');
	clock.advance(5001);
	const several = await t.throwsAsync(programs.only(merchantId), {instanceOf: UnknownProgramError});

	t.is(none.message, 'There is no loyalty program yet. programs:create makes one.');
	t.is(several.message, 'There are several loyalty programs: "Gold", "Silver". Name the one that is meant.');
});

test('a change is seen after 5 seconds at the latest, a new program after one', async t => {
	const {prisma, merchantId, clock, create} = await withMerchant();
	await create('Gold', 'PTS');
	const programs = openPrograms(prisma, clock.now);
	const captionNow = async () => (await programs.byName(merchantId, 'Gold'))?.caption;
	t.is(await captionNow(), 'Gold');
	await updateProgram(prisma, merchantId, 'Gold', {settings: {caption: 'New'}, rates: []}, clock.now);
	const silver = await create('Silver', 'STARS');

	t.is(await programs.byName(merchantId, 'Silver'), undefined);
	clock.advance(1001);
	t.is((await programs.byName(merchantId, 'Silver'))?.id, silver.id);
	t.is(await captionNow(), 'New');
	await updateProgram(prisma, merchantId, 'Gold', {settings: {caption: 'Newer'}, rates: []}, clock.now);
	clock.advance(1999);
	t.is(await captionNow(), 'New');
	clock.advance(3002);
	t.is(await captionNow(), 'Newer');
});

test('a clock that was set back does not keep an old copy alive', async t => {
	const {prisma, merchantId, clock, create} = await withMerchant();
	await create('Gold', 'PTS');
	const programs = openPrograms(prisma, clock.now);
	await programs.list(merchantId);
	await updateProgram(prisma, merchantId, 'Gold', {settings: {caption: 'New'}, rates: []}, clock.now);

	clock.advance(-60_000);

	t.is((await programs.only(merchantId)).caption, 'New');
});

const ask = async (t: ExecutionContext, times: number, work: () => Promise<Program>) => {
	const all = await Promise.all(Array.from({length: times}, work));
	t.is(new Set(all.map(({caption}) => caption)).size, 1);
};

test('those who ask at once share a query, and a fresh copy asks none', async t => {
	const {prisma, merchantId, clock, create} = await withMerchant();
	await create('Gold', 'PTS');
	const counted = counting(prisma);
	const programs = openPrograms(counted.prisma, clock.now);

	await ask(t, 50, () => programs.only(merchantId));
	await ask(t, 50, () => programs.only(merchantId));
	clock.advance(2000);
	await ask(t, 50, () => programs.only(merchantId));
	t.is(counted.reads.count, 1);
	clock.advance(1);
	await ask(t, 50, () => programs.only(merchantId));

	t.is(counted.reads.count, 2);
});

test('a query that fails, fails for whoever needs it, and the next one asks again', async t => {
	const {prisma, merchantId, clock, create} = await withMerchant();
	await create('Gold', 'PTS');
	const counted = counting(prisma);
	const programs = openPrograms(counted.prisma, clock.now);
	await programs.list(merchantId);
	const failure = Promise.reject(new Error('no answer'));
	failure.catch(() => undefined);
	counted.reads.mayAnswer = failure;

	clock.advance(3000);
	t.is((await programs.list(merchantId)).length, 1);
	clock.advance(3000);
	await t.throwsAsync(programs.list(merchantId), {message: 'no answer'});
	counted.reads.mayAnswer = Promise.resolve();
	t.is((await programs.list(merchantId)).length, 1);
});
