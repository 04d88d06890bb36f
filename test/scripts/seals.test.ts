import test from 'ava';
import {asIntruder} from '../helpers/seals.ts';
import {jsonLines, runHere} from '../helpers/script.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';

let server: TestServer;

test.before(async () => {
	server = await openTestServer();
});
test.after.always(() => server.close());

const run = (name: string, ...args: readonly string[]) => runHere(server.parts, name, args);

test.serial(
	'what ledger:seal prints as the head is what ledger:verify passes through, from it or past it',
	async t => {
		await run('cards:issue', '--amount', '50', '--count', '3', '--json');
		let [sealed] = jsonLines((await run('ledger:seal', '--json')).stdout);
		while (sealed?.['head'] === null) {
			[sealed] = jsonLines((await run('ledger:seal', '--json')).stdout);
		}

		const {head} = sealed as {head: string};
		t.regex(head, /^\d+:[\da-f]{64}$/);
		for (const args of [[], ['--from', head], ['--head', head], ['--merchant', server.merchant.name]]) {
			const {code, stdout, stderr} = await run('ledger:verify', ...args);
			t.is(code, 0, stderr);
			t.true(stdout.includes(head));
			t.regex(stdout, /The journal is as it was sealed/);
		}

		t.is((await run('ledger:verify', '--from', 'abc')).code, 2);
		const other = await run('ledger:verify', '--head', `1:${'0'.repeat(64)}`);
		t.is(other.code, 1);
		t.regex(other.stdout, /another hash than the one that was kept/);
	},
);

test.serial(
	'a changed row is named by ledger:verify with exit code 1, and a changed balance by ledger:rebuild',
	async t => {
		t.is((await run('ledger:rebuild')).code, 2);
		t.deepEqual(jsonLines((await run('ledger:rebuild', '--dry-run', '--json')).stdout), [{differences: []}]);
		const {database} = server;
		const change = async (sign: '+' | '-') =>
			asIntruder(database, async connection => {
				await connection.query(
					`UPDATE postings SET amount = amount ${sign} 1 WHERE card_id = (SELECT min(id) FROM cards)`,
				);
				await connection.query(
					`UPDATE cards SET available = available ${sign} 100 WHERE id = (SELECT min(id) FROM cards)`,
				);
			});
		await change('+');

		const verified = await run('ledger:verify');
		const [machine] = jsonLines((await run('ledger:verify', '--json')).stdout);
		const rebuilt = await run('ledger:rebuild', '--dry-run');
		const [differences] = jsonLines((await run('ledger:rebuild', '--dry-run', '--json')).stdout);
		await change('-');

		t.is(verified.code, 1);
		t.regex(verified.stdout, /It is not as it was sealed\. It says now: amount 5001, .*table postings/);
		t.like(machine, {ok: false, merchant: server.merchant.name});
		t.is(rebuilt.code, 1);
		t.regex(rebuilt.stdout, /cards +[\da-f]{32} +available +51\.00 BRL +50\.00 BRL/);
		t.regex(rebuilt.stderr, /1 stored number differs from the journal\. Nothing was changed\./);
		t.like(differences, {
			differences: [
				{
					merchant: server.merchant.name,
					table: 'cards',
					column: 'available',
					currency: 'BRL',
					stored: 51,
					derived: 50,
				},
			],
		});
	},
);
