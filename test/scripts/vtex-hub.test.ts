import {readFileSync} from 'node:fs';
import test from 'ava';
import {jsonLines} from '../helpers/script.ts';
import {openSetupDesk, type SetupDesk} from '../helpers/setup-desk.ts';
import {accountToken, nativeEntry} from '../helpers/simulated-registry.ts';

/* What a Hub has is shown, ours is removed, and the doctor looks at all of it. */

let desk: SetupDesk;
test.before(async () => {
	desk = await openSetupDesk();
});
test.after.always(() => desk.close());

test.serial('the providers are shown: whose they are, and how ours differs', async t => {
	const {registry, run} = await desk.withAccount(t, {
		entries: [desk.ours({preAuthEnabled: false}), nativeEntry, desk.ours({id: 'Another'})],
	});

	const {code, stdout} = await run('vtex:show', []);
	const [another, monedero, native] = jsonLines((await run('vtex:show', ['--json'])).stdout);

	t.is(code, 0);
	t.regex(stdout, /preAuthEnabled is false; we would register true\./);
	t.like(another, {id: 'Another', whose: 'another'});
	t.like(monedero, {
		whose: 'ours',
		differences: [{member: 'preAuthEnabled', is: false, wanted: true}],
	});
	t.like(native, {id: 'VtexGiftCard', whose: "VTEX's own"});
	t.false(stdout.includes(desk.server.appToken));
	t.deepEqual(registry.changes(), []);
});

test.serial('an empty Hub is shown as one', async t => {
	const {run} = await desk.withAccount(t, {entries: []});

	const {stdout} = await run('vtex:show', []);

	t.regex(stdout, /No provider is in the Hub\.[^]*vtex:register puts it there[^]*VtexGiftCard/);
});

test.serial('ours is removed, and nothing else', async t => {
	const {registry, run, file} = await desk.withAccount(t, {
		entries: [nativeEntry, desk.ours(), desk.ours({id: 'Another'})],
	});

	const dry = await run('vtex:unregister', ['--dry-run', '--json']);
	const {code, stdout} = await run('vtex:unregister', ['--yes', '--save', file]);
	const again = await run('vtex:unregister', ['--yes', '--json']);

	t.like(jsonLines(dry.stdout)[0], {state: 'dryRun'});
	t.is(code, 0);
	t.regex(stdout, /Monedero is removed/);
	t.deepEqual([...registry.entries.keys()], ['vtexgiftcard', 'another']);
	t.deepEqual(registry.changes(), ['DELETE Monedero']);
	t.is((JSON.parse(readFileSync(file, 'utf8')) as unknown[]).length, 3);
	t.like(jsonLines(again.stdout)[0], {state: 'none'});
	t.is(again.code, 0);
});

test.serial('the entry of another installation is not removed, unless its address is named', async t => {
	const serviceUrl = 'https://production.example.com/v1';
	const {registry, run, file} = await desk.withAccount(t, {entries: [desk.ours({serviceUrl})]});

	const {code, stderr} = await run('vtex:unregister', ['--yes']);

	t.is(code, 1);
	t.regex(stderr, /calls another host.*--service-url/);
	t.deepEqual(registry.changes(), []);
	t.is((await run('vtex:unregister', ['--yes', '--service-url', serviceUrl, '--save', file])).code, 0);
	t.is(registry.entries.size, 0);
});

test.serial('an entry that VTEX keeps all the same is told', async t => {
	const {registry, run, file} = await desk.withAccount(t, {entries: [desk.ours()]});
	registry.trouble('DELETE', response => response.writeHead(200).end());

	const {code, stderr} = await run('vtex:unregister', ['--yes', '--save', file]);

	t.is(code, 1);
	t.regex(stderr, /Monedero is still in the Hub/);
});

test.serial('the doctor finds a registered service sound', async t => {
	const {registry, run} = await desk.withAccount(t, {entries: [nativeEntry, desk.ours()]});

	const {code, stdout, stderr} = await run('vtex:doctor', ['--json']);

	t.is(code, 0, stdout + stderr);
	const outcomes = Object.fromEntries(jsonLines(stdout).map(({id, outcome}) => [String(id), outcome]));
	t.like(outcomes, {
		tls: 'passed',
		certificate: 'passed',
		missing: 'passed',
		wrong: 'passed',
		slash: 'passed',
	});
	t.like(outcomes, {manifest: 'passed', latency: 'passed', clock: 'passed', search: 'skipped'});
	t.like(outcomes, {hub: 'passed', native: 'passed', registered: 'passed', 'through-hub': 'passed'});
	t.like(outcomes, {
		'list-orders': 'passed',
		'view-orders': 'passed',
		'order-hook': 'passed',
		payments: 'passed',
	});
	t.deepEqual(registry.changes(), []);
	t.false(stdout.includes(accountToken));
});

test.serial(
	'the doctor names each resource that the keys lack; only what is needed for the Hub fails',
	async t => {
		const {registry, run} = await desk.withAccount(t, {entries: [nativeEntry, desk.ours()]});
		registry.resources.clear();
		registry.resources.add('view');

		const warned = await run('vtex:doctor', []);
		registry.resources.delete('view');
		const failed = await run('vtex:doctor', ['--json']);

		t.is(warned.code, 0);
		t.regex(warned.stdout, /It works, with 5 warnings/);
		for (const resource of ['List Orders', 'View order', 'Feed v3 and Hook Admin', 'View Payment Data']) {
			t.regex(warned.stdout, new RegExp(`! VTEX key: ${resource}\\n.*resource .*"${resource}"`));
		}

		t.is(failed.code, 1);
		const [hub] = jsonLines(failed.stdout).filter(({id}) => id === 'hub');
		t.regex(String(hub?.['found']), /"View Gift Card providers"/);
		t.regex(failed.stderr, /1 thing would not work with VTEX/);
	},
);

test.serial('the doctor finds keys at VTEX that we do not take, and an entry that differs', async t => {
	const {run} = await desk.withAccount(t, {
		entries: [desk.ours({appToken: 'a-token-of-long-ago', cancelEnabled: false})],
	});

	const {code, stdout} = await run('vtex:doctor', ['--json']);

	t.is(code, 1);
	const of = (wanted: string) => jsonLines(stdout).find(({id}) => id === wanted);
	t.is(of('through-hub')?.['outcome'], 'failed');
	t.regex(String(of('through-hub')?.['advice']), /vtex:register --new-keys/);
	t.regex(String(of('registered')?.['found']), /cancelEnabled is false, not true/);
	t.like(of('native'), {outcome: 'warning'});
});

test.serial('the doctor repeats no password that stands in an address', async t => {
	const {run} = await desk.withAccount(t, {entries: [desk.ours()]});

	const {code, stdout} = await run('vtex:doctor', [
		'--service-url',
		'https://ana:s3cret@cards.example.com/v1',
	]);

	t.is(code, 1);
	t.regex(stdout, /, not\s+https:\/\/cards\.example\.com\/v1\./);
	t.notRegex(stdout, /s3cret/);
});

test.serial('the doctor works without keys of the account, and before anything is registered', async t => {
	const {run} = await desk.withAccount(t);
	const unregistered = await run('vtex:doctor', ['--json']);
	await desk.server.parts.prisma.vtexKey.deleteMany();
	const bare = await run('vtex:doctor', ['--json', '--service-url', 'https://127.0.0.1:1/v1/']);

	t.is(unregistered.code, 0);
	const of = (wanted: string) => jsonLines(unregistered.stdout).find(({id}) => id === wanted);
	t.like(of('registered'), {outcome: 'warning', advice: 'Register it with vtex:register.'});
	t.like(of('through-hub'), {outcome: 'skipped'});
	t.is(bare.code, 1);
	t.regex(bare.stdout, /"id":"hub","title":"[^}]*"outcome":"skipped"/);
	t.regex(bare.stdout, /IP address.*ends in a slash/);
});

test.serial('VTEX is out of order: the doctor says so of each, and goes on', async t => {
	const {registry, run} = await desk.withAccount(t, {entries: [desk.ours()]});
	registry.trouble('GET', ...Array.from({length: 9}, () => 503));

	const {code, stdout} = await run('vtex:doctor', ['--json']);

	t.is(code, 1);
	t.is(jsonLines(stdout).filter(({found}) => String(found).includes('answered 503')).length, 5);
});
