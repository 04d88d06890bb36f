import test, {type ExecutionContext} from 'ava';
import {jsonLines, runScript, scriptSecrets} from '../helpers/script.ts';
import {type ServiceProcess, startService} from '../helpers/service.ts';
import {until} from '../helpers/until.ts';
import {type Load, openLoad, pair} from './load.ts';
import {makeSynchronous, type ShapeServer, startPrimary, startStandby, urlOf} from './servers.ts';

/* A primary with a synchronous standby: the primary dies under load, the standby is promoted, and the service goes on by itself. */

type Shape = {
	readonly one: ShapeServer;
	readonly two: ShapeServer;
	readonly env: Readonly<Record<string, string>>;
	readonly service: ServiceProcess;
	readonly load: Load;
};

async function openShape(t: ExecutionContext): Promise<Shape> {
	const one = await startPrimary(t);
	const two = await startStandby(t, one);
	await makeSynchronous(one);
	// The standby stands first: the list has no order that counts.
	const env = {DATABASE_URL: urlOf(two, one), ...scriptSecrets, ...pair};
	const service = startService(t, env);
	const serviceUrl = await service.ready();
	const issued = await runScript('cards:issue', ['--amount', '100000', '--json'], env);
	t.is(issued.code, 0, issued.stderr);
	const [card] = jsonLines(issued.stdout);
	return {
		one,
		two,
		env,
		service,
		load: openLoad(t, serviceUrl, {id: String(card?.['id']), code: String(card?.['redemptionCode'])}),
	};
}

/** The same for every way of a failover: all that was answered is there, all else is answered once, the books are right. */
async function assertNothingLost(t: ExecutionContext, {load, env}: Shape): Promise<void> {
	const answered = [...load.told.values()].filter(answer => answer !== undefined);
	t.log(`${load.told.size} asked for, ${answered.length} answered at once`);
	t.deepEqual(await load.replay(), []);
	t.is(await load.balance(), 100_000 - load.told.size);
	const audit = await runScript('ledger:audit', [], env);
	t.is(audit.code, 0, audit.stdout + audit.stderr);
}

test.serial(
	'a primary killed under load and its standby promoted: no answered success is lost, and the service goes on by itself',
	async t => {
		const shape = await openShape(t);
		const {one, two, env, load, service} = shape;
		await runScript('jobs:run', [], env);
		const incarnations = 'SELECT id, system_id::text AS system FROM incarnations ORDER BY id';
		const before = await one.run(incarnations);

		load.begin();
		await until('there is load', () => load.answeredAt.length > 100);
		await one.kill();
		const killedAt = performance.now();
		const count = load.answeredAt.length;
		await two.run('SELECT pg_promote()');
		const promotedAt = performance.now();
		await until('the service answers again', () => load.answeredAt.length > count + 50);
		const again = load.answeredAt.find(at => at > promotedAt) ?? 0;
		await load.end();

		t.log(
			`promoted after ${Math.round(promotedAt - killedAt)} ms, answers again ${Math.round(again - promotedAt)} ms later`,
		);
		t.true(again - promotedAt < 5000);
		await assertNothingLost(t, shape);
		// The standby has the same system and the same numbers: horizons go on to count, and nothing is opened anew.
		t.is((await runScript('jobs:run', [], env)).code, 0);
		t.deepEqual(await two.run(incarnations), before);
		const [horizon] = await two.run<{ahead: boolean}>(
			'SELECT bool_and(h.horizon <= pg_snapshot_xmax(pg_current_snapshot())::text::bigint) AS ahead FROM house_horizons h',
		);
		t.is(horizon?.ahead, true);
		service.kill('SIGTERM');
		t.is(await service.ended(), 0);
	},
);

test.serial(
	'the former primary comes back alone: while the new one is reachable nothing is written to it, by old processes and new ones',
	async t => {
		const shape = await openShape(t);
		const {one, two, env, load} = shape;
		load.begin();
		await until('there is load', () => load.answeredAt.length > 20);
		await one.kill();
		await two.run('SELECT pg_promote()');
		const count = load.answeredAt.length;
		await until('the service answers again', () => load.answeredAt.length > count + 20);
		// Nobody has fenced it, and it has forgotten its standby: it would take writes.
		await one.start();
		await one.run("ALTER SYSTEM SET synchronous_standby_names = ''", 'SELECT pg_reload_conf()');
		const entries = 'SELECT count(*)::int AS count FROM entries';
		const stale = await one.run(entries);

		// Every connection to the new primary breaks, so that all are made anew while both take writes.
		await two.run(
			"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'monedero' AND backend_type = 'client backend'",
		);
		const later = load.answeredAt.length;
		await until('the service answers again', () => load.answeredAt.length > later + 50);
		await load.end();
		const issued = await runScript('cards:issue', ['--amount', '1', '--json'], env);

		t.is(issued.code, 0, issued.stderr);
		t.deepEqual(await one.run(entries), stale);
		await assertNothingLost(t, shape);
	},
);

test.serial(
	'a primary that only falls silent, as when its machine loses power, is left for the standby that was promoted',
	async t => {
		const shape = await openShape(t);
		const {one, two, load} = shape;
		load.begin();
		await until('there is load', () => load.answeredAt.length > 20);
		one.freeze(true);
		const count = load.answeredAt.length;
		await two.run('SELECT pg_promote()');
		const promotedAt = performance.now();

		await until('the service answers again', () => load.answeredAt.length > count + 20);
		const again = load.answeredAt.find(at => at > promotedAt) ?? 0;
		await load.end();

		t.log(`answers again ${Math.round(again - promotedAt)} ms after the promotion`);
		t.true(again - promotedAt < 20_000);
		await one.kill();
		await assertNothingLost(t, shape);
	},
);
