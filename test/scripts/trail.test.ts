import test from 'ava';
import {beginAction} from '../../src/admins/actions.ts';
import {createAdmin} from '../../src/admins/admins.ts';
import {reserveGiving, settleGiving} from '../../src/admins/giving.ts';
import {actorId} from '../../src/merchants/actors.ts';
import {createMerchant} from '../../src/merchants/merchant.ts';
import {commands} from '../../scripts/lib/commands.ts';
import {widthMax} from '../../scripts/lib/help.ts';
import {trailArguments} from '../../scripts/lib/trail-arguments.ts';
import {makeClock} from '../helpers/clock.ts';
import {jsonLines, runHere} from '../helpers/script.ts';
import {openTestServer, type TestServer, withServer} from '../helpers/server.ts';

let server: TestServer;
const clock = makeClock();
test.before(async () => {
	server = await openTestServer({clock});
});
test.after.always(() => server.close());

const dayMs = 86_400_000;
let shops = 0;

/** Commands for a merchant of their own, whose trail nobody else writes. */
async function openShop() {
	const {parts} = server;
	const {prisma} = parts;
	const settings = {timeZone: 'America/Sao_Paulo', currency: 'BRL', sandbox: false};
	const merchant = await createMerchant(prisma, {name: `trail${++shops}`, ...settings});
	const run = (name: string, ...args: string[]) =>
		runHere(parts, name, [...args, '--merchant', merchant.name]);
	const json = async (name: string, ...args: string[]) => {
		const {code, stdout, stderr} = await run(name, ...args, '--json');
		if (code !== 0) {
			throw new Error(`${name} ended with ${code}: ${stderr}`);
		}

		return jsonLines(stdout);
	};
	const issue = async (...args: string[]) => {
		const [card] = await json('cards:issue', '--amount', '50', ...args);
		return {id: String(card?.['id']), code: String(card?.['redemptionCode'])};
	};
	return {
		...{prisma, merchant, run, json, issue},
		/** Newest first, without the numbers and times that are another's business. */
		trail: async (...args: string[]) => json('audit:trail', ...args),
		/** Grants some money to a card. */
		grant: (card: string, amount: string, ...args: string[]) =>
			run('credits:grant', '--card', card, '--amount', amount, '--reason', 'kind', ...args),
		admin: (name: string, role: 'viewer' | 'operator' | 'admin') =>
			createAdmin(prisma, merchant, {name, role, password: 'correct horse battery'}),
	};
}

test('every command is in the trail, what only looks too, with who, what and how it ended', async t => {
	const shop = await openShop();
	const card = await shop.issue('--actor', 'ana', '--key', 'first');
	await shop.run('cards:show', '--card', card.id, '--actor', 'bia');
	await shop.run('cards:show', '--card', 'f'.repeat(32), '--actor', 'bia');
	await shop.run('cards:show', '--actor', 'bia');
	await shop.run('cards:show', '--crad', 'typed wrongly');

	const [misused, failed, shown, issued, ...others] = await shop.trail();

	t.deepEqual(others, []);
	const at = new Date(clock.now()).toISOString();
	t.like(issued, {
		actor: 'ana',
		role: 'operator',
		command: 'cards:issue',
		arguments: {amount: '50', key: 'first', json: true},
		begunAt: at,
		endedAt: at,
		exitCode: 0,
		given: [{amount: 50, currency: 'BRL', known: true}],
	});
	t.like(shown, {actor: 'bia', arguments: {card: card.id}, exitCode: 0, given: []});
	t.like(failed, {arguments: {card: 'f'.repeat(32)}, exitCode: 1});
	t.like(misused, {arguments: {}, exitCode: 2});
});

test('codes, reasons and what names a customer are not stored, and files without their folders', async t => {
	const shop = await openShop();
	const {code} = await shop.issue('--owner-email', 'ana@example.com', '--caption', 'For Ana');
	await shop.run('cards:adjust', '--code', code, '--amount', '-1', '--reason', 'Ana asked');
	await shop.run('customers:show', '--customer-document', '111.444.777-35');
	await shop.run('customers:import', '/home/ana/customers.csv', '--dry-run');

	const trail = await shop.trail();

	t.deepEqual(
		trail.map(line => line['arguments']),
		[
			{operand: 'customers.csv', 'dry-run': true},
			{'customer-document': '…'},
			{code: '…', amount: '-1', reason: '…'},
			{amount: '50', caption: '…', 'owner-email': '…', json: true},
		],
	);
	const {rows} = await server.database.general.pool.query<{text: string}>(
		'SELECT arguments::text AS text FROM actions WHERE merchant_id = $1',
		[shop.merchant.id],
	);
	t.false(rows.some(({text}) => /ana|777|home/i.test(text) || text.includes(code)));
});

test('each flag that looks like a secret, a person or a file is declared to be one', t => {
	const suspicious = {
		isSecret: /code|token|password|secret|\bpin\b/i,
		isPersonal: /e-?mail|document\b|profile id|owner(?! only)|caption|relation|reason|why|note\b/i,
		isFile: /\bfile\b|\.csv\b|\.json\b|\.svg\b/i,
	} as const;
	/** What looks like one and is none. */
	const harmless = [
		// A name for what is done with a file.
		'credits:import --run',
		'cards:import --run',
		// The code of a currency.
		'programs:create --asset',
		// Names of files and folders, whose content is not noted down.
		'db:roles --password-file',
		'db:backup --with-secrets',
		'db:restore --secrets',
		// A sentence for shoppers, in a program or at VTEX, and not about one of them.
		'programs:create --caption',
		'programs:update --caption',
		'vtex:register --caption',
	];
	const undeclared = commands.flatMap(({name, flags}) =>
		Object.entries(flags)
			.filter(([, {type, choices}]) => type === 'text' && choices === undefined)
			.flatMap(([flag, declared]) => {
				const text = `${flag} ${declared.placeholder ?? ''} ${declared.description}`;
				const missing = (Object.keys(suspicious) as (keyof typeof suspicious)[]).filter(
					mark => suspicious[mark].test(text) && declared[mark] !== true,
				);
				return flag === 'currency' ? [] : missing.map(mark => `${name} --${flag} ${mark}`);
			}),
	);

	t.deepEqual(
		undeclared.filter(one => !harmless.some(flag => one.startsWith(`${flag} `))),
		[],
	);
	for (const command of commands) {
		const secrets = Object.entries(command.flags).filter(([, flag]) => flag.isSecret ?? flag.isPersonal);
		const values = Object.fromEntries(secrets.map(([name]) => [name, 'told']));
		t.false(JSON.stringify(trailArguments(command, values)).includes('told'));
	}
});

test('who logs in at an address, and by which password, is not in the trail', t => {
	const register = commands.find(({name}) => name === 'vtex:register');
	const stored = (url: string) => register && trailArguments(register, {'service-url': url});

	t.deepEqual(stored('https://cards.example.com/v1'), {'service-url': 'https://cards.example.com/v1'});
	for (const password of ['s3cret', 's3/cr@et']) {
		t.deepEqual(stored(`https://ana:${password}@cards.example.com/v1`), {
			'service-url': 'https://…@cards.example.com/v1',
		});
	}
});

test('a command that cannot be written into the trail does nothing', async t => {
	const own = await withServer(t);
	const {asOwner, general} = own.database;
	await asOwner('ALTER TABLE actions ADD CONSTRAINT full_disk CHECK (false) NOT VALID');

	const {code, stdout, stderr} = await runHere(own.parts, 'cards:issue', ['--amount', '50']);

	t.deepEqual([code, stdout], [1, '']);
	t.regex(stderr, /^Nothing was done, because the audit trail could not be written\./);
	const {rows} = await general.pool.query<{cards: number}>('SELECT count(*)::int AS cards FROM cards');
	t.is(rows[0]?.cards, 0);
});

test('a command whose process was killed is shown as not ended, and what it reserved as unknown', async t => {
	const {prisma, merchant, run, trail} = await openShop();
	const asset = await server.parts.assets.ofCurrency(merchant.id, 'BRL');
	const actor = await actorId(prisma, merchant.id, 'person', 'ana');
	const killed = {merchantId: merchant.id, actorId: actor, actorName: 'ana', command: 'credits:grant'};
	const action = await beginAction(prisma, {...killed, arguments: {points: '5'}}, clock.now());
	const day = {timeZone: merchant.timeZone, now: clock.now()};
	await reserveGiving(prisma, action, {asset, amount: 5_00n}, day);

	t.like((await trail())[0], {
		endedAt: null,
		exitCode: null,
		given: [{amount: 5, currency: 'BRL', known: false}],
	});
	t.regex((await run('audit:trail', '--actor', 'ana')).stdout, /--points 5 +≤ 5\.00 BRL +not ended\n/);
});

test('the trail is filtered by who, which, when and how it ended, and is no wider than a terminal', async t => {
	const shop = await openShop();
	const {id} = await shop.issue(
		'--actor',
		'a person with quite a long name',
		'--count',
		'2',
		'--key',
		'k'.repeat(200),
	);
	await shop.grant(id, '1234567.00', '--actor', 'bia');
	await shop.run('cards:show', '--card', 'f'.repeat(32), '--actor', 'bia');
	const ids = async (...args: string[]) => (await shop.trail(...args)).map(line => line['command']);

	t.deepEqual(await ids('--limit', '1'), ['cards:show']);
	// Looking is in the trail too, but not one's own look.
	t.deepEqual(await ids('--actor', 'bia'), ['cards:show', 'credits:grant']);
	t.deepEqual(await ids('--command', 'cards:issue'), ['cards:issue']);
	t.deepEqual(await ids('--failed'), ['cards:show']);
	const today = new Date(clock.now()).toISOString();
	t.deepEqual(await ids('--from', today, '--command', 'credits:grant'), ['credits:grant']);
	t.deepEqual(await ids('--to', '2001-01-01'), []);
	const {stdout} = await shop.run('audit:trail');
	t.regex(stdout, /^Trail of trail\d+, times in America\/Sao_Paulo\n/);
	t.regex(stdout, /a person wi… +cards:issue +.*100\.00 BRL +done/);
	t.deepEqual(
		stdout.split('\n').filter(line => line.length > widthMax),
		[],
	);
});

test('a viewer looks and changes nothing, whatever the flags are', async t => {
	const shop = await openShop();
	const {id} = await shop.issue();
	await shop.admin(`vera${shops}`, 'viewer');
	const asViewer = ['--actor', ` vera${shops} `];

	const changing = await shop.grant(id, '5', ...asViewer);
	const looking = await shop.run('cards:show', '--card', id, ...asViewer);

	t.is(changing.code, 1);
	t.regex(changing.stderr, /A viewer only looks/);
	t.is(looking.code, 0);
	t.regex(looking.stdout, /50\.00 BRL/);
	t.like((await shop.trail('--failed'))[0], {role: 'viewer', command: 'credits:grant', exitCode: 1});
});

// It moves the clock of all.
test.serial(
	'a limit holds for one command and for a day of the merchant, for each person by themselves',
	async t => {
		const shop = await openShop();
		const {id} = await shop.issue('--actor', 'boss');
		await shop.json('roles:limit', '--role', 'operator', '--currency', 'BRL', '--per-command', '20');
		const [limits] = await shop.json(
			'roles:limit',
			'--role',
			'operator',
			'--currency',
			'brl',
			'--per-day',
			'30',
		);
		t.like(limits, {role: 'operator', currency: 'BRL', perCommand: 20, perDay: 30});

		const overCommand = await shop.grant(id, '20.01', '--actor', 'ana');
		const first = await shop.grant(id, '20', '--actor', 'ana');
		const overDay = await shop.grant(id, '10.01', '--actor', 'ana');
		const issued = await shop.run('cards:issue', '--amount', '4', '--count', '3', '--actor', 'ana');
		const taken = await shop.run(
			'cards:adjust',
			'--card',
			id,
			'--amount',
			'-40',
			'--reason',
			'r',
			'--actor',
			'ana',
		);
		const added = await shop.run(
			'cards:adjust',
			'--card',
			id,
			'--amount',
			'11',
			'--reason',
			'r',
			'--actor',
			'ana',
		);
		const another = await shop.grant(id, '20', '--actor', 'bia');

		t.regex(
			overCommand.stderr,
			/operator may give out 20\.00 BRL by one command; this is 20\.01 BRL\. Nothing/,
		);
		t.regex(
			overDay.stderr,
			/30\.00 BRL a day \(America\/Sao_Paulo\), of which 20\.00 BRL .* this is 10\.01 BRL/,
		);
		t.deepEqual(
			[overCommand, first, overDay, issued, taken, added, another].map(({code}) => code),
			[1, 0, 1, 1, 0, 1, 0],
		);
		t.is((await shop.grant(id, '10', '--actor', 'ana')).code, 0);
		clock.advance(dayMs);
		t.is((await shop.grant(id, '20', '--actor', 'ana')).code, 0);
		t.deepEqual(await shop.json('roles:limit', '--role', 'operator', '--currency', 'BRL', '--none'), []);
		t.is((await shop.grant(id, '100', '--actor', 'ana')).code, 0);
	},
);

test('of commands at once no more than the limit gets through', async t => {
	const shop = await openShop();
	const {id} = await shop.issue('--actor', 'boss');
	await shop.json('roles:limit', '--role', 'operator', '--currency', 'BRL', '--per-day', '30');

	const results = await Promise.all(
		Array.from({length: 8}, (_, index) => shop.grant(id, '10', '--actor', 'ana', '--key', `${id} ${index}`)),
	);

	t.is(results.filter(({code}) => code === 0).length, 3);
	t.like((await shop.json('cards:show', '--card', id))[0], {balance: 80});
});

test('what is repeated under its key, refused or interrupted counts once at most', async t => {
	const shop = await openShop();
	const {id} = await shop.issue('--actor', 'boss');
	await shop.json('roles:limit', '--role', 'operator', '--currency', 'BRL', '--per-day', '30');
	const key = ['--key', `repeated ${id}`, '--actor', 'ana'];

	t.is((await shop.grant(id, '20', ...key)).code, 0);
	t.is((await shop.grant(id, '20', ...key)).code, 0);
	t.is((await shop.grant(id, '5', ...key)).code, 1);
	t.is((await shop.grant('f'.repeat(32), '30', '--actor', 'ana')).code, 1);
	t.is((await shop.grant(id, '10', '--actor', 'ana')).code, 0);
	t.is((await shop.grant(id, '0.01', '--actor', 'ana')).code, 1);
	const gave = (await shop.trail('--actor', 'ana')).map(({given}) => given);
	t.deepEqual(gave.at(-2), [{amount: 0, currency: 'BRL', known: true}]);
	const repeated = await shop.grant(id, '20', ...key);
	t.regex(repeated.stdout, /before/);
});

test('a run that goes on under its key has given out what its parts have, known or not', async t => {
	const {prisma, merchant} = await openShop();
	const asset = await server.parts.assets.ofCurrency(merchant.id, 'BRL');
	const actor = await actorId(prisma, merchant.id, 'person', 'ana');
	await prisma.roleLimit.create({data: {merchantId: merchant.id, role: 2, assetId: asset.id, perDay: 100n}});
	const day = {timeZone: merchant.timeZone, now: clock.now()};
	const act = async (amount: bigint, once: string | undefined, moved: bigint | undefined) => {
		const named = {merchantId: merchant.id, actorId: actor, actorName: 'ana', command: 'cards:issue'};
		const action = await beginAction(prisma, {...named, arguments: {}}, clock.now());
		await reserveGiving(prisma, action, {asset, amount, once}, day);
		if (moved !== undefined) {
			await settleGiving(prisma, action, asset.id, moved);
		}
	};

	await act(80n, 'run', 30n);
	await act(80n, 'run', 50n);
	await act(80n, 'run', undefined);
	await t.throwsAsync(act(21n, undefined, 0n), {message: /of which 0\.80 BRL/});
	await act(20n, undefined, undefined);
	await t.throwsAsync(act(1n, 'another run', 0n), {message: /of which 1\.00 BRL/});
	await t.notThrowsAsync(act(80n, 'run', 0n));
});

test('only an admin changes limits, once there is one', async t => {
	const shop = await openShop();
	const limit = (...args: string[]) =>
		shop.run('roles:limit', '--role', 'operator', '--currency', 'BRL', '--per-day', '30', ...args);

	t.is((await limit()).code, 0);
	await shop.admin(`adam${shops}`, 'admin');
	const refused = await limit('--per-command', '1');
	const changed = await limit('--per-command', '2', '--actor', `adam${shops}`);

	t.is(refused.code, 1);
	t.regex(refused.stderr, /Only an admin changes limits/);
	t.is(changed.code, 0);
	t.regex((await shop.run('roles:list')).stdout, /operator +2\.00 BRL +30\.00 BRL/);
	for (const args of [
		['--currency', 'BRL'],
		['--per-day', '1'],
		['--currency', 'BRL', '--program', 'Gold', '--per-day', '1'],
		['--currency', 'BRL', '--per-day', '1', '--none'],
		['--currency', 'BRL', '--per-day', '-1'],
		['--currency', 'BRL', '--per-day', 'much'],
		['--currency', 'XXX', '--per-day', '1'],
	]) {
		t.is((await shop.run('roles:limit', '--role', 'operator', ...args)).code, 2, args.join(' '));
	}
});
