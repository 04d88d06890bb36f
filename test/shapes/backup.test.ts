import {readFileSync} from 'node:fs';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {newPaymentId, openHub, type Hub} from '../../scripts/demo/hub.ts';
import {type Manifest} from '../../src/db/backup-manifest.ts';
import {temporaryFolder} from '../helpers/embedded.ts';
import {jsonLines, runScript} from '../helpers/script.ts';
import {startService} from '../helpers/service.ts';

/*
 * A backup is worth what its restoring is: it is made while a service takes debits, and another service goes on from it.
 */

const pair = {PROVIDER_APP_KEY: 'key-of-the-store', PROVIDER_APP_TOKEN: 'token-of-the-store'};
const clients = 8;

async function start(t: ExecutionContext, dataDir: string) {
	const env = {DATA_DIR: dataDir, ...pair};
	const service = startService(t, env);
	const serviceUrl = await service.ready();
	const hub = openHub({serviceUrl, appKey: pair.PROVIDER_APP_KEY, appToken: pair.PROVIDER_APP_TOKEN});
	const json = async (name: string, ...args: readonly string[]) => {
		const {code, stdout, stderr} = await runScript(name, [...args, '--json'], env);
		t.is(code, 0, `${name}: ${stderr}`);
		return jsonLines(stdout);
	};
	const end = async () => {
		service.kill('SIGTERM');
		await service.ended();
	};
	return {hub, json, end};
}

type Answer = {readonly requestId: string; readonly id: string; readonly at: number};

/** Debit 1.00 from several sides at once until the returned function is called, which gives every answer with its time. */
function keepDebiting(hub: Hub, card: {readonly id: string; readonly code: string}) {
	const answers: Answer[] = [];
	let isOver = false;
	const client = async () => {
		while (!isOver) {
			const requestId = newPaymentId();
			const {id} = await hub.debit(card.id, {
				...{value: 1, requestId, code: card.code, orderId: 'v1-01', email: 'shopper@example.com'},
			});
			answers.push({requestId, id, at: Date.now()});
		}
	};
	const all = Promise.all(Array.from({length: clients}, client));
	return async () => {
		isOver = true;
		await all;
		return answers;
	};
}

test('a backup that is made under load has every debit that was answered before its end, and a service goes on from it', async t => {
	// Two services and ten commands, one after the other.
	t.timeout(15 * 60_000);
	const folder = temporaryFolder(t);
	const first = await start(t, path.join(folder, 'data'));
	const [issued] = await first.json('cards:issue', '--amount', '100000');
	const card = {id: String(issued?.['id']), code: String(issued?.['redemptionCode'])};
	const stop = keepDebiting(first.hub, card);
	await first.json('ledger:seal');
	const [to, secrets, restored] = ['backup', 'kept', 'restored'].map(name => path.join(folder, name)) as [
		string,
		string,
		string,
	];

	const [made] = await first.json('db:backup', '--to', to, '--with-secrets', secrets);
	const answers = await stop();
	const [sealed] = await first.json('ledger:seal');
	await first.end();

	const endedAt = Date.parse(String(made?.['endedAt']));
	const before = answers.filter(({at}) => at < endedAt);
	t.true(before.length > 50, `${before.length} answers before the end`);
	t.deepEqual(
		['code-pepper', 'secrets-key', 'database-password'].filter(name => {
			const secret = readFileSync(path.join(secrets, name), 'utf8').trim();
			const {files} = manifestOf(to);
			return files.some(({path: file}) => readFileSync(path.join(to, 'data', file)).includes(secret));
		}),
		[],
	);

	const {code, stdout, stderr} = await runScript(
		'db:restore',
		['--from', to, '--data-dir', restored, '--secrets', secrets, '--json'],
		{},
	);
	t.is(code, 0, stderr);
	const [result] = jsonLines(stdout);
	t.like(result, {audit: {ok: true, checks: []}, incarnation: 2});
	t.like((result?.['seals'] as unknown[])[0], {ok: true, findings: []});
	t.true(Number((result?.['seals'] as {entries: number}[])[0]?.entries) > 0);

	const second = await start(t, restored);
	// The wire lists the last thousand; the statement has all.
	const there = new Set(
		(await second.json('cards:statement', '--card', card.id)).map(({entryId}) => entryId),
	);
	t.deepEqual(
		before.filter(({id}) => !there.has(id)),
		[],
	);
	const [{requestId, id} = {requestId: '', id: ''}] = before;
	const again = {value: 1, requestId, code: card.code, orderId: 'v1-01', email: 'shopper@example.com'};
	t.is((await second.hub.debit(card.id, again)).id, id);
	t.truthy((await second.hub.debit(card.id, {...again, requestId: newPaymentId()})).id);
	await second.json('ledger:audit');
	await second.json('ledger:verify');
	t.is((await second.json('ledger:rebuild', '--dry-run')).length, 1);
	// The first store went on after the backup, and its later head is none of this history.
	const other = await runScript('ledger:verify', ['--head', String(sealed?.['head'])], {DATA_DIR: restored});
	t.is(other.code, 1);
	t.regex(other.stdout, /its hash was kept|another hash than the one that was kept/);
	await second.end();
});

function manifestOf(folder: string): Manifest {
	return JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8')) as Manifest;
}
