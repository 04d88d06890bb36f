import {randomUUID} from 'node:crypto';
import test from 'ava';
import {noNote, scriptScope} from '../../src/ledger/commands.ts';
import {actorId} from '../../src/merchants/actors.ts';
import {parseAmount} from '../../src/money/amount.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {buildCard, type BuiltCard} from '../helpers/build.ts';
import {openHub} from '../helpers/hub.ts';
import {jsonLines, runHere, runScript, scriptSecrets} from '../helpers/script.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';

// credits:undo, on a database that a service uses too. Each test has an import of its own.

let server: TestServer;

test.before(async () => {
	server = await openTestServer();
});

test.after.always(() => server.close());

const run = (...args: string[]) => runHere(server.parts, 'credits:undo', args);

/** An import of so much to each of some cards, by the name of its run. */
async function imported(name: string, cards: readonly BuiltCard[], amount = '10', kind = 1): Promise<void> {
	const {parts, merchant} = server;
	const asset = await parts.assets.ofCurrency(merchant.id, 'BRL');
	const actor = await actorId(parts.prisma, merchant.id, 'person', 'ana');
	const {id: runId} = await parts.prisma.importRun.create({
		data: {
			...{merchantId: merchant.id, name, kind, digest: Buffer.alloc(32, 1), rows: cards.length || 1},
			...{actorId: actor, begunAt: new Date(parts.clock())},
		},
	});
	for (const {cardId} of cards) {
		await parts.writer.submit(merchant, {
			verb: 'credit',
			...{cardId, assetId: asset.id, amount: parseAmount(amount, asset), runId, actorId: actor, note: noNote},
			origin: 'fundingCourtesy',
			grant: {spendableFrom: parts.clock(), expiresAt: null, balanceMax: null},
			key: {scope: scriptScope, space: 'grant', key: randomUUID()},
		});
	}
}

const cardsOf = async (count: number): Promise<BuiltCard[]> =>
	Promise.all(Array.from({length: count}, async () => buildCard(server.parts, {amount: '1'})));

test('people read how much was taken back of what, and the statement of a card says who and why', async t => {
	const cards = await cardsOf(3);
	await imported('march', cards);

	const {code, stdout} = await run('--run', 'march', '--reason', 'wrong file', '--actor', 'rui', '--yes');
	const statement = await runHere(server.parts, 'cards:statement', ['--card', cards[0]?.id ?? '']);

	t.is(code, 0);
	t.regex(stdout, /^Currency +Credits +Given +Taken back +Before +Left +Held +Gone$/m);
	t.regex(stdout, /^BRL +3 +30\.00 +30\.00 +0\.00 +0\.00 +0\.00 +0\.00$/m);
	t.regex(stdout, /^3 of 3 credits are taken back whole\.$/m);
	t.regex(statement.stdout, / credit reversed +-10\.00 .* rui +wrong file/);
	await assertAuditClean(t, {general: server.parts});
});

test('what is not there whole is listed, and --partial takes the rest of it; exit 1 while something is left', async t => {
	const [spent, whole] = (await cardsOf(2)) as [BuiltCard, BuiltCard];
	await imported('april', [spent, whole]);
	await openHub(server).debit(spent.id, 5);

	const told = await run('--run', 'april', '--dry-run');
	const strict = await run('--run', 'april', '--yes', '--json');
	const partial = await run('--run', 'april', '--partial', '--yes', '--json');

	t.deepEqual([told.code, strict.code, partial.code], [1, 1, 1]);
	t.regex(told.stdout, new RegExp(`^${spent.id} +10\\.00 +0\\.00 +5\\.00 +5\\.00 +0\\.00 +BRL$`, 'm'));
	t.regex(told.stdout, /^Nothing was changed\. 1 of 2 credits can be taken back whole\.$/m);
	t.true(told.stdout.split('\n').every(line => line.length <= 100));
	const [line, summary] = jsonLines(strict.stdout);
	t.like(line, {
		...{cardId: spent.id, customer: null, amount: 10, takenBack: 0, left: 5, held: 5, gone: 0},
		currency: 'BRL',
	});
	t.like(summary, {
		...{run: 'april', dryRun: false, credits: 2, unfinished: 1, stopped: false},
		totals: [{credits: 2, amount: 20, takenBack: 10, takenBackBefore: 0, left: 5, held: 5, gone: 0}],
	});
	t.regex(strict.stderr, /^One credit is not there whole\. --partial takes what is left of it\.$/m);
	t.like(jsonLines(partial.stdout)[1], {totals: [{takenBack: 5, takenBackBefore: 10, held: 5}]});
	await assertAuditClean(t, {general: server.parts});
});

test('it asks on a terminal, and is refused where nobody can be asked without --yes', async t => {
	await imported('may', await cardsOf(1));
	const asked: string[] = [];
	const no = await runHere(server.parts, 'credits:undo', ['--run', 'may'], question => {
		asked.push(question);
		return Promise.resolve('n');
	});
	const alone = await run('--run', 'may');

	t.deepEqual([no.code, alone.code], [1, 1]);
	t.regex(
		asked[0] ?? '',
		/^Take back the credits of "may" \(1 line\), and import nothing more of it\? This cannot be/,
	);
	const row = await server.parts.prisma.importRun.findFirstOrThrow({where: {name: 'may'}});
	t.is(row.undoneAt, null);
});

test('an import of cards and one that nobody knows are refused; a name is needed', async t => {
	await imported('cards', [], '10', 2);

	const cards = await run('--run', 'cards', '--yes');
	t.is(cards.code, 1);
	t.regex(cards.stderr, /^"cards" imported cards, .*cards:close ends it/);
	t.regex((await run('--run', 'nothing', '--yes')).stderr, /^There is no import "nothing"/);
	t.is((await run('--yes')).code, 2);
});

test('two processes that take back one import at once take each credit once', async t => {
	const cards = await cardsOf(4);
	await imported('june', [...cards, ...cards, ...cards]);
	const env = {DATABASE_URL: server.database.url, ...scriptSecrets};

	const runs = await Promise.all([
		runScript('credits:undo', ['--run', 'june', '--yes', '--json'], env),
		runScript('credits:undo', ['--run', 'june', '--yes', '--json'], env),
	]);
	const last = await run('--run', 'june', '--yes', '--json');

	t.deepEqual(
		runs.map(({code}) => code),
		[0, 0],
	);
	t.like(jsonLines(last.stdout)[0], {
		credits: 12,
		totals: [{amount: 120, takenBack: 0, takenBackBefore: 120}],
	});
	for (const {id} of cards) {
		t.is(await openHub(server).balance(id), 1);
	}

	await assertAuditClean(t, {general: server.parts});
});
