import {readFile, rm, writeFile} from 'node:fs/promises';
import {type ServerResponse} from 'node:http';
import path from 'node:path';
import test from 'ava';
import {runCommand} from '../../scripts/lib/run-command.ts';
import {ordersReconcile} from '../../scripts/orders-reconcile.ts';
import {kinds} from '../../src/reconcile/compare.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {runHere} from '../helpers/script.ts';
import {at, dayMs, hourMs, kindsOf, openStage, type Stage} from './stage.ts';

// Which orders are asked for, and where findings go.

let stage: Stage;
test.before(async () => {
	stage = await openStage();
});
test.after.always(() => stage.close());
// Each test has days of its own.
test.beforeEach(() => {
	stage.clock.advance(3 * dayMs);
});
test.afterEach(t => assertAuditClean(t, stage.server.database));

test.serial('orders are named by a file, one on each line or in a column', async t => {
	const {clock, folder, buyByCard, run, mend} = stage;
	const from = clock.now();
	const agreed = await buyByCard(30);
	const owed = await buyByCard(30);
	owed.end('Canceled');
	clock.advance(26 * hourMs);
	const file = async (name: string, text: string) => {
		const where = path.join(folder, name);
		await writeFile(where, text);
		return where;
	};

	const lines = await run(
		'--orders',
		await file('lines.txt', `${agreed.orderId}\n${owed.groupId}\n${owed.orderId}\n`),
	);
	t.deepEqual(
		lines.findings.map(({orderId, kind}) => [orderId, kind]),
		[[owed.orderId, 'closed-there']],
	);
	t.like(lines.summary, {orders: 2, agreed: 1, complete: true});
	const column = await run('--orders', await file('column.csv', `when,Order\nmonday,${owed.orderId}\n`));
	t.deepEqual(kindsOf(column), ['closed-there']);
	await mend(t, column.findings[0]);

	const unknown = await run('--orders', await file('unknown.txt', '999\n'));
	t.deepEqual(unknown.findings, [
		{kind: 'not-compared', orderId: '999', problem: 'Neither VTEX nor we know this order.'},
	]);
	t.is(unknown.code, 1);
	t.regex(unknown.stderr, /Incomplete: 1 could not be compared/);
	for (const [text, problem] of [
		['a,b\n1,2\n', /none of them is called order/],
		['1-01\n../x\n', /line 2: there is no order's id/],
	] as const) {
		const {code, stderr} = await run('--orders', await file('wrong.csv', text));
		t.is(code, 1);
		t.regex(stderr, problem);
	}

	t.regex((await run('--orders', path.join(folder, 'none.csv'))).stderr, /no such file/);
	t.deepEqual(kindsOf(await run('--from', at(from))), []);
});

test.serial('findings go to a file, too, which is there once the run is complete', async t => {
	const {clock, api, folder, buyByCard, run, mend} = stage;
	const from = clock.now();
	const forgotten = await buyByCard(30);
	forgotten.end('Canceled');
	clock.advance(26 * hourMs);
	const csv = path.join(folder, 'findings.csv');

	api.trouble('/order-group/', 500);
	t.regex((await run('--from', at(from), '--csv', csv)).stderr, /Incomplete/);
	await rm(csv, {force: true});
	const {findings} = await run('--from', at(from), '--csv', csv);

	const [names = '', line = '', ...more] = (await readFile(csv, 'utf8')).split('\n');
	t.true(names.startsWith('kind,orderId,paymentId,cardId,holdId,amount,currency,vtexAuthorized'));
	t.true(
		line.startsWith(
			`closed-there,${forgotten.orderId},${forgotten.money.id},${forgotten.card.id},${forgotten.debit},30.00,BRL`,
		),
	);
	t.deepEqual(more, ['']);
	t.regex((await run('--from', at(from), '--csv', csv)).stderr, /is there already/);
	await mend(t, findings[0]);
});

test.serial('a run that is stopped says so, and is not complete', async t => {
	const {clock, api, buyByCard} = stage;
	const from = clock.now();
	await buyByCard(30);
	clock.advance(26 * hourMs);
	const stopping = new AbortController();
	api.trouble('/api/oms/pvt/orders?', (response: ServerResponse) => {
		stopping.abort();
		response.writeHead(200, {'Content-Type': 'application/json'});
		response.end(JSON.stringify({list: [{orderId: '1-01'}], paging: {total: 1}}));
	});
	let said = '';

	const code = await runCommand(ordersReconcile, ['--from', at(from), '--rate', '6000'], {
		stdout: {write: text => (said += text)},
		stderr: {write: text => (said += text)},
		open: () => Promise.resolve({...stage.server.parts, close: () => Promise.resolve()}),
		signal: () => stopping.signal,
	});

	t.is(code, 1);
	t.regex(said, /Incomplete: It was stopped before the end\./);
});

test.serial('the reach is typed in one of two ways, within what VTEX tells', async t => {
	const {server, clock, run} = stage;
	for (const [args, problem] of [
		[[], /Say which orders/],
		[['--from', '2026-03-01', '--orders', 'x.csv'], /Say which orders/],
		[['--orders', 'x.csv', '--to', '2026-03-01'], /Say which orders/],
		[['--from', '2020-01-01'], /last two years/],
		[['--from', at(clock.now()), '--to', at(clock.now() - dayMs)], /later than --to/],
		[['--from', at(clock.now())], /no time between/],
		[['--from', at(clock.now() - dayMs), '--grace', 'soon'], /--grace takes hours, days or weeks/],
	] as const) {
		const {code, stderr} = await run(...args);
		t.is(code, 2, args.join(' '));
		t.regex(stderr, problem);
	}

	const {stderr} = await runHere(server.parts, 'orders:reconcile', [
		'--from',
		at(clock.now() - dayMs),
		'--rate',
		'6001',
	]);
	t.regex(stderr, /--rate takes 6000 at most/);
});

test('docs/reconcile.md explains every kind of finding', async t => {
	const text = await readFile(new URL('../../docs/reconcile.md', import.meta.url), 'utf8');

	for (const kind of kinds) {
		t.true(text.includes(`| \`${kind}\``), kind);
	}
});
