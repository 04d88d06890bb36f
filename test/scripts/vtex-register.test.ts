import {existsSync, readFileSync, statSync} from 'node:fs';
import {writeFile} from 'node:fs/promises';
import test from 'ava';
import {createCredential} from '../../src/merchants/credentials.ts';
import {jsonLines, runScript, scriptSecrets} from '../helpers/script.ts';
import {openSetupDesk, type SetupDesk} from '../helpers/setup-desk.ts';
import {accountToken, nativeEntry} from '../helpers/simulated-registry.ts';

/* Registering at VTEX, before the real service behind TLS and a simulated account that calls it. */

let desk: SetupDesk;
test.before(async () => {
	desk = await openSetupDesk();
});
test.after.always(() => desk.close());

test.serial(
	'a store is registered: shown, saved, put, its own cards put back, and called by VTEX',
	async t => {
		const {registry, run, file} = await desk.withAccount(t);

		const {code, stdout, stderr} = await run('vtex:register', ['--yes', '--save', file]);

		t.is(code, 0, stderr);
		t.is(stderr, '');
		t.regex(stdout, /VtexGiftCard +VTEX's own/);
		t.regex(stdout, /VTEX had replaced the entry of its own gift cards, VtexGiftCard\. It was put back/);
		t.regex(stdout, /VTEX has searched here through its Hub, and was answered/);
		t.deepEqual(registry.changes(), ['PUT Monedero', 'PUT VtexGiftCard']);
		t.like(registry.entries.get('monedero'), {serviceUrl: desk.ours().serviceUrl, caption: 'Gift card'});
		t.is(statSync(file).mode & 0o777, 0o600);
		t.like((JSON.parse(readFileSync(file, 'utf8')) as unknown[])[0], nativeEntry);
		const {appKey = '', appToken = ''} = registry.entries.get('monedero') ?? {};
		t.true((await desk.working()).includes(appKey));
		t.false(`${stdout}${readFileSync(file, 'utf8')}`.includes(appToken));
	},
);

test.serial('done again there is nothing to be done: no PUT, no new keys, no file', async t => {
	const {registry, run, file} = await desk.withAccount(t, {entries: [nativeEntry, desk.ours()]});
	const before = await desk.working();

	const {code, stdout} = await run('vtex:register', ['--yes', '--save', file, '--json']);

	t.is(code, 0);
	t.like(jsonLines(stdout)[0], {merchant: 'acme', state: 'asWanted'});
	t.deepEqual(registry.changes(), []);
	t.deepEqual(await desk.working(), before);
	t.false(existsSync(file));
});

test.serial('a caption that VTEX does not tell back is no reason to do it again', async t => {
	const {registry, run, file} = await desk.withAccount(t, {entries: [desk.ours({caption: undefined})]});

	t.is((await run('vtex:register', ['--yes', '--save', file])).code, 0);
	t.deepEqual(registry.changes(), []);
});

test.serial('another caption is set; what it is now and what is wanted is shown before', async t => {
	const {registry, run, file} = await desk.withAccount(t, {
		entries: [nativeEntry, desk.ours()],
		replacesNative: false,
	});

	const {code, stdout} = await run('vtex:register', ['--caption', 'Vale', '--yes', '--save', file]);

	t.is(code, 0);
	t.regex(stdout, /caption is Gift card; we would register Vale\./);
	t.is(registry.entries.get('monedero')?.['caption'], 'Vale');
});

test.serial(
	'--new-keys gives VTEX new keys though all else is right, and --json tells what was done',
	async t => {
		const {registry, run, file} = await desk.withAccount(t, {entries: [desk.ours({appToken: 'lost'})]});

		const {code, stdout} = await run('vtex:register', ['--new-keys', '--yes', '--save', file, '--json']);

		t.is(code, 0);
		const [told, ...more] = jsonLines(stdout);
		t.deepEqual(more, []);
		t.like(told, {state: 'registered', saved: file, restored: null, lost: [], isAnswered: true});
		t.is(registry.entries.get('monedero')?.appKey, told?.['appKey'] as string);
		t.not(told?.['appKey'], desk.server.appKey);
	},
);

test.serial('--dry-run looks at everything and changes nothing', async t => {
	const {registry, run, file} = await desk.withAccount(t);
	const before = await desk.working();

	const {code, stdout} = await run('vtex:register', ['--dry-run', '--save', file]);

	t.is(code, 0);
	t.regex(stdout, /Nothing was done\. Monedero would be registered with https:\/\/127/);
	t.deepEqual([registry.changes(), existsSync(file)], [[], false]);
	t.deepEqual(await desk.working(), before);
});

for (const [what, answer, message] of [
	['who says no', 'n', /^Nothing was done\.$/m],
	['a script without --yes', undefined, /nobody could be asked\. Give --yes/],
] as const) {
	test.serial(`${what} changes nothing`, async t => {
		const {registry, run, file} = await desk.withAccount(t);
		const before = await desk.working();

		const {code, stderr} = await run('vtex:register', ['--save', file], answer);

		t.is(code, 1);
		t.regex(stderr, message);
		t.deepEqual([registry.changes(), existsSync(file)], [[], false]);
		t.deepEqual(await desk.working(), before);
	});
}

test.serial('who says yes at the terminal registers', async t => {
	const {registry, run, file} = await desk.withAccount(t);

	t.is((await run('vtex:register', ['--save', file], 'y')).code, 0);
	t.is(registry.entries.size, 2);
});

test.serial('a file that is there is not written over, and nothing is done', async t => {
	const {registry, run, file} = await desk.withAccount(t);
	await writeFile(file, 'of somebody');
	const before = await desk.working();

	const {code, stderr} = await run('vtex:register', ['--yes', '--save', file]);

	t.is(code, 1);
	t.regex(stderr, /is there already, and is not written over/);
	t.is(readFileSync(file, 'utf8'), 'of somebody');
	t.deepEqual(registry.changes(), []);
	t.deepEqual(await desk.working(), before);
});

for (const [url, message] of [
	['https://cards.example.com/v1/', /ends in a slash/],
	['https://cards.example.com', /no path/],
	['https://ana:secret@cards.example.com/v1', /user or a password/],
	['nowhere', /no address/],
] as const) {
	test.serial(`${url} is refused before anybody is asked`, async t => {
		const {registry, run} = await desk.withAccount(t);

		const {code, stdout, stderr} = await run('vtex:register', ['--yes', '--service-url', url]);

		t.is(code, 1);
		t.regex(stderr, message);
		t.notRegex(stdout + stderr, /secret/);
		t.is(registry.asked.length, 0);
	});
}

test.serial("PROVIDER_ID may not be that of VTEX's own cards", async t => {
	const {registry, run} = await desk.withAccount(t, {providerId: 'vtexgiftcard'});

	for (const name of ['vtex:register', 'vtex:unregister']) {
		const {code, stderr} = await run(name, ['--yes']);

		t.is(code, 1);
		t.regex(stderr, /PROVIDER_ID is VtexGiftCard/);
	}

	t.is(registry.asked.length, 0);
});

test.serial(
	'an address that does not answer as VTEX wants is not registered, unless it is told to',
	async t => {
		const {registry, run, file} = await desk.withAccount(t);
		const elsewhere = ['--service-url', `${desk.ours().serviceUrl}/elsewhere`, '--yes', '--save', file];
		const nobody = ['--service-url', 'https://127.0.0.1:1/v1', '--yes'];

		t.is((await run('vtex:register', [...elsewhere, '--unchecked'])).code, 0);
		const {code, stderr} = await run('vtex:register', [...nobody, '--replace']);

		t.is(code, 1);
		t.regex(stderr, /Nothing was done: [^]*✘ TLS 1\.2 or later is spoken: Nobody listens there/);
		t.deepEqual(registry.changes(), ['PUT Monedero', 'PUT VtexGiftCard']);
	},
);

test.serial('the entry of another installation is not replaced, unless it is told to', async t => {
	const {registry, run, file} = await desk.withAccount(t, {
		entries: [desk.ours({serviceUrl: 'https://production.example.com/v1'})],
	});

	const {code, stderr} = await run('vtex:register', ['--yes', '--save', file]);

	t.is(code, 1);
	t.regex(stderr, /calls another host.*PROVIDER_ID.*--replace/);
	t.deepEqual(registry.changes(), []);
	t.is((await run('vtex:register', ['--yes', '--replace', '--save', file])).code, 0);
	t.is(registry.entries.get('monedero')?.serviceUrl, desk.ours().serviceUrl);
});

test.serial('an entry that VTEX keeps in another spelling is ours, and set under its own', async t => {
	const {registry, run, file} = await desk.withAccount(t, {
		entries: [desk.ours({id: 'monedero', cancelEnabled: false})],
	});

	t.is((await run('vtex:register', ['--yes', '--save', file])).code, 0);
	t.deepEqual(registry.changes(), ['PUT monedero']);
});

test.serial('keys that may not edit: nothing is done, and the pair that was made works no more', async t => {
	const {registry, run, file} = await desk.withAccount(t);
	registry.resources.delete('edit');
	const before = await desk.working();

	const {code, stderr} = await run('vtex:register', ['--yes', '--save', file]);

	t.is(code, 1);
	t.regex(stderr, /\(403\).*GiftCard, "Edit Gift Card providers"/);
	t.deepEqual(await desk.working(), before);
});

test.serial(
	'an error of VTEX after it did the work: the cards of its own are back, and what to do is said',
	async t => {
		const {registry, run, file} = await desk.withAccount(t);
		registry.trouble('PUT /api/giftcardproviders/Monedero', {then: 502});

		const {code, stdout, stderr} = await run('vtex:register', ['--yes', '--save', file]);

		t.is(code, 1);
		t.regex(stdout, /It was put back as it was/);
		t.regex(stderr, /answered 502.*Do it again with --new-keys/);
		t.true((await desk.working()).includes(registry.entries.get('monedero')?.appKey ?? ''));
	},
);

test.serial(
	'when VTEX does not take its own entry back, the body that does is printed, and the exit code is 1',
	async t => {
		const {registry, run, file} = await desk.withAccount(t);
		registry.trouble('PUT /api/giftcardproviders/VtexGiftCard', 400);

		const {code, stdout, stderr} = await run('vtex:register', ['--yes', '--save', file]);

		t.is(code, 1);
		t.regex(stderr, /Entries of others were lost/);
		t.regex(stdout, /^PUT \/api\/giftcardproviders\/VtexGiftCard$/m);
		t.true(stdout.includes(JSON.stringify(nativeEntry)));
		t.true(stdout.includes(file));
	},
);

test.serial('a Hub that cannot search here is a remark: it is registered', async t => {
	const {registry, run, file} = await desk.withAccount(t);
	registry.trouble('_search', 500);

	const {code, stderr} = await run('vtex:register', ['--yes', '--save', file]);

	t.is(code, 0);
	t.regex(stderr, /could not search here yet.*vtex:doctor/);
});

test.serial('a store without keys is told how they are entered, by each command', async t => {
	const {run} = await desk.withAccount(t);
	await desk.server.parts.prisma.vtexKey.deleteMany();

	for (const name of ['vtex:show', 'vtex:register', 'vtex:unregister']) {
		const {code, stderr} = await run(name, []);

		t.is(code, 1);
		t.regex(stderr, /Enter them first: credentials:vtex --app-key K/);
	}
});

test.serial(
	'a pair that is there is given to VTEX when its token is right; it is in no output and no trail',
	async t => {
		const {registry, file} = await desk.withAccount(t, {entries: [nativeEntry], replacesNative: false});
		const {parts, merchant} = desk.server;
		const pair = await createCredential(parts.prisma, merchant);
		const viewer = await createCredential(parts.prisma, merchant, {role: 'viewer'});
		const env = {
			DATABASE_URL: desk.server.database.url,
			...scriptSecrets,
			PUBLIC_URL: 'https://cards.example.com',
			NODE_EXTRA_CA_CERTS: desk.certificateFile,
		};
		const register = (appKey: string, typed: string) =>
			runScript(
				'vtex:register',
				[
					'--app-key',
					appKey,
					'--unchecked',
					'--yes',
					'--service-url',
					desk.ours().serviceUrl,
					'--save',
					file,
				],
				env,
				typed,
			);

		const refused = await register(viewer.appKey, `${viewer.appToken}\n`);
		t.false(existsSync(file));
		const done = await register(pair.appKey, `${pair.appToken}\n`);

		t.is(refused.code, 1);
		t.regex(refused.stderr, /Nothing was done: this pair may not pay for acme/);
		t.is(done.code, 0, done.stderr);
		t.like(registry.entries.get('monedero'), pair);
		const trail = JSON.stringify(await parts.prisma.action.findMany({select: {arguments: true}}));
		for (const text of [done.stdout, done.stderr, readFileSync(file, 'utf8'), trail]) {
			t.false(text.includes(pair.appToken));
			t.false(text.includes(accountToken));
		}

		const doctor = await runScript(
			'vtex:doctor',
			['--service-url', desk.ours().serviceUrl, '--app-key', pair.appKey, '--json'],
			env,
			`${pair.appToken}\n`,
		);
		t.like(
			jsonLines(doctor.stdout).find(({id}) => id === 'search'),
			{outcome: 'passed'},
		);
		t.false(doctor.stdout.includes(pair.appToken));
	},
);
