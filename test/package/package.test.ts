import {existsSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {freePort} from '../../scripts/bench/free-port.ts';
import {newPaymentId, openHub} from '../../scripts/demo/hub.ts';
import {commands} from '../../scripts/lib/commands.ts';
import {withEmptyDatabase} from '../helpers/database.ts';
import {
	type Ended,
	type Environment,
	type InstalledPackage,
	installPackage,
	packagesIn,
	type PackageService,
	type Who,
} from '../helpers/installed-package.ts';
import {jsonLines, scriptSecrets} from '../helpers/script.ts';

/*
 * What somebody has who types `npm install monedero`: packed from this checkout, installed into an empty folder by whoever may write there,
 * and run by a user who may not.
 */

let installed: InstalledPackage;
test.before(t => {
	t.timeout(10 * 60_000);
	installed = installPackage();
	t.log(`The package has ${megabytes(installed.tarballBytes)} MB.`);
});
test.after.always(() => {
	installed.remove();
});

const megabytes = (bytes: number) => (bytes / 1_000_000).toFixed(1);

test.serial(
	'the package brings its programs, the engine of migrations and a database, and no tools of the sources',
	t => {
		const own = path.join(installed.modules, 'monedero');
		const {dependencies, optionalDependencies} = JSON.parse(
			readFileSync(path.join(own, 'package.json'), 'utf8'),
		) as Record<'dependencies' | 'optionalDependencies', Record<string, string>>;
		const files = readdirSync(own, {recursive: true, encoding: 'utf8'});

		const wanted = new Set([
			'monedero',
			...Object.keys(dependencies),
			...Object.keys(optionalDependencies),
			// swagger-ui-dist asks for it; it does nothing.
			'@scarf/scarf',
		]);
		t.deepEqual(
			packagesIn(installed.modules).filter(name => !wanted.has(name)),
			[],
		);
		t.deepEqual(
			files.filter(file => /\.ts$|^(?:src|scripts|test|node_modules)\b/.test(file)),
			[],
		);
		for (const file of [
			'README.md',
			'LICENSE',
			'CHANGELOG.md',
			'docs/operate.md',
			'docs/systemd/monedero.service',
		]) {
			t.true(existsSync(path.join(own, file)), file);
		}

		t.regex(
			readFileSync(path.join(own, 'dist/package/THIRD-PARTY-NOTICES.txt'), 'utf8'),
			/^koa \S+ \(MIT\)$/m,
		);
	},
);

test.serial(
	'a store starts, sells, is asked by commands, stops and goes on, below a folder of its user',
	async t => {
		t.timeout(5 * 60_000);
		const env = {DATA_DIR: installed.ownFolder('data'), PORT: String(await freePort())};

		const first = await installed.start(t, env);
		const [appKey = '', appToken = ''] = ['app key', 'app token'].map(
			name => new RegExp(`${name} +(\\S+)`).exec(first.stdout())?.[1],
		);
		const card = await sell(t, first, {appKey, appToken}, env);
		t.is((await first.end()).code, 0);

		const second = await installed.start(t, env);
		t.notRegex(second.stdout(), /token/i);
		await debit(second, {appKey, appToken}, card);
		t.is((await second.end('SIGINT')).code, 0);

		t.like(await json(t, 'cards:show', ['--code', card.code], env), {balance: 30, held: 20});
		t.like(await json(t, 'ledger:audit', [], env), {ok: true});
		t.log(
			`Ready after ${seconds(first)} s with an empty folder, after ${seconds(second)} s with a database.`,
		);
		// Two seconds on a machine that does nothing else.
		t.true(second.readySeconds < 10);
	},
);

test.serial(
	'with DATABASE_URL the package migrates an empty database, and needs no other place to write',
	async t => {
		t.timeout(5 * 60_000);
		const {url} = await withEmptyDatabase(t);
		const pair = {PROVIDER_APP_KEY: 'store', PROVIDER_APP_TOKEN: 'token-of-the-store'};
		const env = {DATABASE_URL: url, PORT: String(await freePort()), ...scriptSecrets, ...pair};

		const service = await installed.start(t, env, 'ourselves');
		await sell(t, service, {appKey: 'store', appToken: 'token-of-the-store'}, env, 'ourselves');
		t.is((await service.end()).code, 0);

		t.like(await json(t, 'ledger:audit', [], env, 'ourselves'), {ok: true});
		t.deepEqual(readdirSync(path.join(installed.folder, 'elsewhere')), []);
	},
);

test.serial('every command of the package explains itself as it is typed there', async t => {
	t.timeout(5 * 60_000);
	const overview = await installed.run(['--help']);
	const names = [...overview.stdout.matchAll(/^ {2}([a-z:-]+) {2}/gm)].map(([, name = '']) => name);

	t.is(overview.code, 0, overview.stderr);
	t.deepEqual(
		commands.map(({name}) => name).filter(name => !names.includes(name)),
		[],
	);
	t.deepEqual(
		overview.stdout.split('\n').filter(line => line.length > 100),
		[],
	);
	for (const name of names) {
		const {code, stdout, stderr} = await installed.run([name, '--help']);
		t.is(code, 0, `${name}: ${stderr}`);
		t.regex(stdout, /^Usage: monedero [a-z]/, name);
		t.notRegex(stdout, /npm (?:run|start)/, name);
	}
});

test.serial(
	'what is typed wrongly is 2, with the nearest name; a failure is 1, also of a program with a heap of its own',
	async t => {
		const {version} = JSON.parse(
			readFileSync(path.join(installed.modules, 'monedero/package.json'), 'utf8'),
		) as {
			version: string;
		};
		const env = {DATA_DIR: installed.ownFolder('unused')};
		const said = ({code, stdout, stderr}: Ended) => [code, stdout, stderr];

		t.deepEqual(said(await installed.run(['--version'])), [0, `${version}\n`, '']);
		t.deepEqual(said(await installed.run(['cards:shwo'])), [
			2,
			'',
			'There is no command "cards:shwo". Did you mean cards:show?\n',
		]);
		const wrong = await installed.run(['cards:show', '--crad', 'x'], env);
		t.is(wrong.code, 2);
		t.regex(wrong.stderr, /Did you mean --card\?\nHelp: monedero cards:show --help\n$/);
		const wrongImport = await installed.run(['cards:import', '--fundign', 'sold'], env);
		t.is(wrongImport.code, 2);
		t.regex(wrongImport.stderr, /Did you mean --funding\?/);
		const noFile = await installed.run(['cards:import', 'nowhere.csv', '--dry-run'], env);
		t.is(noFile.code, 1, noFile.stderr);
	},
);

test.serial('the demo tells its story from the package', async t => {
	t.timeout(5 * 60_000);
	const {code, stdout, stderr} = await installed.run(['demo']);

	t.is(code, 0, stderr);
	t.regex(stdout, /monedero cards:issue --amount/);
	t.regex(stdout, /each as it should be/);
});

type Pair = {readonly appKey: string; readonly appToken: string};

/** Issue a card of 50.00 beside the service, and debit 10.00 of it over the protocol. */
async function sell(
	t: ExecutionContext,
	service: PackageService,
	pair: Pair,
	env: Environment,
	who?: Who,
): Promise<{id: string; code: string}> {
	const issued = await json(t, 'cards:issue', ['--amount', '50.00'], env, who);
	const card = {id: String(issued['id']), code: String(issued['redemptionCode'])};
	await debit(service, pair, card);
	return card;
}

async function debit({serviceUrl}: PackageService, pair: Pair, {id, code}: {id: string; code: string}) {
	const purchase = {
		value: 10,
		requestId: newPaymentId(),
		orderId: 'v1-01',
		email: 'shopper@example.com',
		code,
	};
	await openHub({serviceUrl, ...pair}).debit(id, purchase);
}

async function json(
	t: ExecutionContext,
	name: string,
	args: readonly string[],
	env: Environment,
	who?: Who,
): Promise<Record<string, unknown>> {
	const {code, stdout, stderr} = await installed.run([name, ...args, '--json'], env, who);
	t.is(code, 0, `${name}: ${stderr}`);
	return jsonLines(stdout)[0] ?? {};
}

const seconds = ({readySeconds}: PackageService) => readySeconds.toFixed(2);
