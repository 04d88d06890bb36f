import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {type Command} from '../../scripts/lib/command.ts';
import {parseFlags} from '../../scripts/lib/parse-flags.ts';
import {hashCode} from '../../src/cards/pepper.ts';
import {uuidOf} from '../../src/cards/public-id.ts';
import {codeCandidates} from '../../src/cards/redemption-code.ts';
import {identifierNumbers} from '../../src/customers/customers.ts';
import {identifiersOf} from '../../src/customers/identity.ts';
import {noNote, scriptScope} from '../../src/ledger/commands.ts';
import {actorId} from '../../src/merchants/actors.ts';
import {saveVtexKeys} from '../../src/merchants/vtex-keys.ts';
import {ring} from '../../src/orders/doorbell.ts';
import {plantCallback} from '../callbacks/rows.ts';
import {day} from './state.ts';
import {openHub} from './hub.ts';
import {orderSample} from './orders.ts';
import {openOrdersApi, ordersKey, returnsKey, storeKeys} from './orders-api.ts';
import {runHere, runScript, type ScriptResult, scriptSecrets} from './script.ts';
import {openTestServer, type ServerOptions, type TestServer} from './server.ts';
import {accountKey, accountToken, openRegistry, type Registry} from './simulated-registry.ts';
import {type TestContext} from './test-context.ts';

/*
 * A shop in which the examples of `--help` work as they are printed: the cards, customers, orders and files that they name are there.
 * Who adds a command looks through its examples, and adds a scene below where they need something that is not there yet.
 */

/** What the examples of a command need besides the shop. */
export type Scene = {
	/** Run in a shop of their own, because they take away what other examples need, or need something gone. */
	readonly isAlone?: true;
	/** Before the first of them, in this order. */
	readonly before?: (world: World) => Promise<unknown>;
	/** Files that they read, by name. */
	readonly files?: Readonly<Record<string, string>>;
	/** Words that stand for something that is only known now, or would take too long: `10000` becomes `20`. */
	readonly words?: (world: World) => Readonly<Record<string, string>>;
	/** What is typed at standard input, by example. */
	readonly input?: Readonly<Record<string, string>>;
	/** Examples that are meant to end otherwise than done. */
	readonly exits?: Readonly<Record<string, 1 | 2>>;
};

/** What a scene prepares, to be replaced for words of its examples. */
export type World = {
	readonly server: TestServer;
	/** Where files are. */
	readonly folder: string;
	/** Its account at VTEX, with the Gift Card Hub. */
	readonly registry: Registry;
	/** Runs a command in the shop. @throws Error when it is not done */
	readonly run: (name: string, ...args: string[]) => Promise<ScriptResult>;
};

const firstCard = {id: '4f1d2c3b4a5968778695a4b3c2d1e0f0', code: '7KQW-2D9M-XH4T-PC63'};
const secondCard = {id: '5a2e3d4c5b6a79889706b5c4d3e2f101', code: '3MNP-8RTV-K2WX-9DH0'};
const payment = 'F5C1A4E20D3B4E07B7E871F5B5BC9F91';
const orderIds = ['1530241870044-01', '1530241870048-01'] as const;

const orders = orderIds.map(orderId => ({...orderSample('order-invoiced-full'), orderId}));
const earnRules = {currency: 'BRL', rate: {numerator: '1', denominator: '100'}};

/** By the name of the command; those without one need nothing. */
const scenes: Readonly<Record<string, Scene>> = {
	'merchants:create': {isAlone: true, before: ({server}) => rename(server, 'first')},
	// Takes the sandbox away, in which an account can be simulated.
	'merchants:update': {isAlone: true},
	// From then on only an admin changes limits.
	'admins:create': {isAlone: true},
	'roles:limit': {isAlone: true, before: makeGold},
	'credentials:vtex': {
		isAlone: true,
		input: {
			'--account acme --app-key vtexappkey-acme-ABCDEF': 'token\n',
			'--app-key vtexappkey-acme-GHIJKL --returns': 'token\n',
		},
	},
	'vtex:doctor': {
		isAlone: true,
		before: useRegistry,
		input: {'--app-key acme-4f1d2c3b4a59': 'token-of-nobody-0123456789\n'},
		// From a process of its own, which knows no PUBLIC_URL, nobody is reached.
		exits: {'--app-key acme-4f1d2c3b4a59': 1},
	},
	'vtex:register': {isAlone: true, before: useRegistry},
	'vtex:show': {isAlone: true, before: useRegistry},
	'vtex:unregister': {isAlone: true, before: registerFirst},
	'credentials:revoke': {isAlone: true, before: makeCredential},
	'cards:issue': {words: () => ({'10000': '20'})},
	'cards:pin': {input: {'--code 7KQW-2D9M-XH4T-PC63 --reason "chosen in the shop" --pin-stdin': '4711\n'}},
	'cards:close': {isAlone: true},
	'cards:transfer': {isAlone: true},
	'cards:reissue': {isAlone: true},
	'cards:import': {
		isAlone: true,
		files: {
			'cards.csv': 'code,amount,currency,expires\nCF03-D5BF-4YQ1-2Y8Y,50.00,BRL,2027-12-31\n',
			'campaign.csv': 'key,amount,currency,pin\nc1,20.00,BRL,new\n',
		},
	},
	'credits:undo': {
		isAlone: true,
		files: {'march.csv': 'card,amount,currency\n4f1d2c3b4a5968778695a4b3c2d1e0f0,5.00,BRL\n'},
		before: ({run, folder}) =>
			run('credits:import', path.join(folder, 'march.csv'), '--run', 'march', '--reason', 'campaign'),
	},
	'credits:import': {
		isAlone: true,
		files: {
			'credits.csv': 'key,card,amount,currency\nk1,4f1d2c3b4a5968778695a4b3c2d1e0f0,5.00,BRL\n',
			'apology.csv': 'customer-email,amount\nana@example.com,"7,50"\n',
		},
	},
	'credits:grant': {before: makeGold},
	'customers:import': {
		files: {'customers.csv': 'email,document\nbia@example.com,11144477735\n'},
		isAlone: true,
	},
	'holds:capture': {isAlone: true, before: makeHold, words: () => holdWords},
	'holds:release': {isAlone: true, before: makeHold, words: () => holdWords},
	'holds:refund': {isAlone: true, before: makeCapturedHold, words: () => holdWords},
	'customers:merge': {isAlone: true},
	'customers:erase': {isAlone: true, before: giveCardsAway},
	'programs:create': {
		isAlone: true,
		files: {'earn.json': JSON.stringify(earnRules)},
		// Two ways to make the one program: whoever takes both is told that it is there.
		exits: {
			'--name Gold --asset PTS --rate BRL=0.01 --rate USD=0.002 --expires year+1 --pending 14d --min-redemption 500 --earn-rules earn.json': 1,
		},
	},
	'programs:show': {before: makeGold},
	'programs:update': {isAlone: true, before: makeGold},
	// The shop's database is not an embedded one: test/shapes/backup.test.ts copies and restores one that is.
	'db:backup': {
		exits: {'--to /backups/monday': 2, '--to /backups/monday --with-secrets /safe/monday --json': 2},
	},
	'db:restore': {
		exits: {
			'--from /backups/monday --secrets /safe/monday': 2,
			'--from /backups/monday --data-dir ./restored --json': 2,
		},
	},
	'callbacks:list': {isAlone: true, before: makeCallback},
	'callbacks:retry': {isAlone: true, before: makeCallback},
	'orders:hook': {isAlone: true},
	'orders:earn': {
		before: makeEarning,
		files: {'orders.json': JSON.stringify(orders), 'rules.json': JSON.stringify(earnRules)},
	},
	'orders:reconcile': {isAlone: true, files: {'orders.csv': 'order\n1530241870044-01\n'}},
	'orders:retry': {before: announceOrders},
	'orders:list': {before: announceOrders},
};

export const sceneOf = ({name}: Pick<Command, 'name'>): Scene => scenes[name] ?? {};

/** What an example did. */
export type Performed = ScriptResult & {
	readonly expected: 0 | 1 | 2;
	/** Whether it is declared to change anything. */
	readonly mayChange: boolean;
	/** The tables whose rows it changed, without those of the audit trail. */
	readonly changed: readonly string[];
};

export type Stage = {
	readonly perform: (command: Command, example: string) => Promise<Performed>;
	readonly close: () => Promise<void>;
};

/** The shop with nothing of any scene, and an empty folder. */
export async function openShop(
	options: Pick<ServerOptions, 'clock'> = {},
): Promise<World & {readonly close: () => Promise<void>}> {
	const cleanUps: (() => unknown)[] = [];
	const t: TestContext = {teardown: cleanUp => cleanUps.push(cleanUp)};
	const server = await openTestServer({...options, env: {MERCHANT: 'acme', SANDBOX: 'true'}});
	const folder = await mkdtemp(path.join(os.tmpdir(), 'monedero-examples-'));
	const world: World = {
		server,
		folder,
		registry: await openRegistry(t),
		async run(name, ...args) {
			const result = await runHere(server.parts, name, args);
			if (result.code !== 0) {
				throw new Error(`The shop of the examples could not be made: ${name}: ${result.stderr}`);
			}

			return result;
		},
	};
	await furnish(t, world);
	return {
		...world,
		async close() {
			await Promise.all(cleanUps.map(cleanUp => cleanUp()));
			await server.close();
			await rm(folder, {recursive: true});
		},
	};
}

/** A shop with what the scenes of some commands prepare, and a folder with their files. */
export async function openStage(performed: readonly Command[]): Promise<Stage> {
	const world = await openShop();
	const {server, folder, close} = world;
	const prepared = new Set<Scene['before']>();
	for (const {before, files = {}} of performed.map(sceneOf)) {
		for (const [name, text] of Object.entries(files)) {
			await writeFile(path.join(folder, name), text);
		}

		if (before !== undefined && !prepared.has(before)) {
			prepared.add(before);
			await before(world);
		}
	}

	return {
		async perform(command, example) {
			const {words, input = {}, exits = {}} = sceneOf(command);
			const replaced = words?.(world) ?? {};
			const args = shellWords(example).map(word => replaced[word] ?? inFolder(folder, word));
			const before = await fingerprints(server);
			const typed = input[example];
			const result = await (typed === undefined
				? runHere(server.parts, command.name, args, () => Promise.resolve('y'))
				: runScript(command.name, args, {DATABASE_URL: server.database.url, ...scriptSecrets}, typed));
			const after = await fingerprints(server);
			return {
				...result,
				expected: exits[example] ?? 0,
				mayChange: command.changes(parseFlags(command, args)),
				changed: [...after].filter(([table, print]) => before.get(table) !== print).map(([table]) => table),
			};
		},
		close,
	};
}

/** A word of an example, or the path of the file that it names. */
export const inFolder = (folder: string, word: string) =>
	/\.(?:csv|jsonl?|svg)$/.test(word) ? path.join(folder, word) : word;

/** What a shell makes of an example, up to where it redirects the output. */
export function shellWords(line: string): string[] {
	const [typed = ''] = line.split(' > ');
	return [...typed.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
}

/** The trail is written by every command, and the first command of a person makes the person's row. */
const trailTables = ['actions', 'action_values', 'actors', '_prisma_migrations'];

/** Of each table, what all of its rows say. */
async function fingerprints({database}: TestServer): Promise<ReadonlyMap<string, string>> {
	const {pool} = database.general;
	const {rows: tables} = await pool.query<{name: string}>(
		"SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL ($1)",
		[trailTables],
	);
	const of = ({name}: {name: string}) =>
		`SELECT '${name}' AS name, coalesce(md5(string_agg(row::text, ';' ORDER BY row::text)), '') AS print FROM ${name} AS row`;
	const {rows} = await pool.query<{name: string; print: string}>(tables.map(of).join(' UNION ALL '));
	return new Map(rows.map(({name, print}) => [name, print]));
}

async function furnish(t: TestContext, {server}: World): Promise<void> {
	const {parts, merchant, clock} = server;
	await makeCustomer(server, 12, {email: 'ana@example.com', document: '111.444.777-35'});
	await makeCustomer(server, 17, {email: 'ana@work.example'});
	await makeCard(server, {...firstCard, ownerId: '12'});
	await makeCard(server, {...secondCard, ownerId: null});

	const api = await openOrdersApi(t);
	orders.forEach(api.put);
	for (const [purpose, appKey] of [
		['orders', ordersKey],
		['returns', returnsKey],
	] as const) {
		const keys = {
			purpose,
			appKey,
			account: merchant.name,
			url: api.url,
			appToken: storeKeys[appKey as never],
		};
		await saveVtexKeys(parts, {...merchant, sandbox: true}, keys, clock.now());
	}
}

async function makeCustomer(
	{parts, merchant}: TestServer,
	id: number,
	names: {readonly email: string; readonly document?: string},
) {
	await parts.prisma.$executeRaw`
		INSERT INTO customers (merchant_id, id) OVERRIDING SYSTEM VALUE VALUES (${merchant.id}::int, ${id}::bigint)`;
	await parts.prisma.customerIdentifier.createMany({
		data: identifiersOf(names).map(({kind, value}) => ({
			...{merchantId: merchant.id, customerId: BigInt(id), value},
			kind: identifierNumbers[kind],
		})),
	});
}

type CardWish = {readonly id: string; readonly code: string; readonly ownerId: string | null};

async function makeCard({parts, merchant, clock}: TestServer, {id, code, ownerId}: CardWish): Promise<void> {
	const {prisma, peppers, writer, assets} = parts;
	const publicId = uuidOf(id) ?? '';
	const [stored = ''] = codeCandidates(code, false);
	const [row] = await prisma.$queryRaw<[{id: string}]>`
		SELECT nextval(pg_get_serial_sequence('cards', 'id'))::text AS id`;
	const outcome = await writer.submit(merchant, {
		verb: 'issue',
		cardId: row.id,
		actorId: await actorId(prisma, merchant.id, 'person', 'shop'),
		assetId: (await assets.ofCurrency(merchant.id, 'BRL')).id,
		amount: 1000_00n,
		origin: 'fundingSold',
		key: {scope: scriptScope, space: 'issue', key: publicId},
		note: noNote,
		card: {
			...{publicId, ownerId, restricted: false, singleUse: false, rechargeable: true},
			...{
				pepperId: peppers.current.id,
				codeHash: hashCode(stored, peppers.current.key),
				codeLast4: stored.slice(-4),
			},
			...{caption: null, relationName: null, emittedAt: clock.now() - day, status: 'active'},
			expiresAt: clock.now() + 10 * day,
		},
	});
	if (outcome.kind === 'refused') {
		throw new Error(`The card of the examples was refused: ${outcome.refusal}`);
	}
}

// What single scenes begin with.

async function rename({parts, merchant}: TestServer, name: string): Promise<void> {
	await parts.prisma.merchant.update({where: {id: merchant.id}, data: {name}});
}

/** The account whose Hub is simulated, in place of the one whose orders are. */
async function useRegistry({server: {parts, merchant, clock}, registry}: World): Promise<void> {
	// The shop's clock stands still, and with it the time after which new credentials work.
	Object.assign(parts.setup, {proof: {attempts: 1, waitMs: 0}});
	const keys = {
		purpose: 'orders',
		account: merchant.name,
		appKey: accountKey,
		appToken: accountToken,
	} as const;
	await saveVtexKeys(parts, {...merchant, sandbox: true}, {...keys, url: registry.url}, clock.now());
}

async function registerFirst(world: World): Promise<void> {
	await useRegistry(world);
	await world.run('vtex:register', '--unchecked', '--yes', '--save', path.join(world.folder, 'first.json'));
}

/** What stands in the examples, and the hold that was made for them. */
const holdWords: Record<string, string> = {};

async function makeHold({server}: World): Promise<void> {
	holdWords['019e2f6b7c3a7d51a4e08c5f2b9d6e13'] = await openHub(server).debit(firstCard.id, 50);
}

async function makeCapturedHold(world: World): Promise<void> {
	await makeHold(world);
	await world.run('holds:capture', '--hold', Object.values(holdWords)[0] ?? '', '--reason', 'delivered');
}

/** Several scenes begin with it. */
async function makeGold({server, run}: World): Promise<void> {
	if ((await server.parts.prisma.program.count()) > 0) {
		return;
	}

	await run('programs:create', '--name', 'Gold', '--asset', 'PTS', '--rate', 'BRL=0.01');
}

async function makeEarning(world: World): Promise<void> {
	await makeGold(world);
	await world.run('programs:update', '--earn-rules', path.join(world.folder, 'rules.json'));
}

/** Somebody whose cards have nothing on them can be erased without giving up any. */
async function giveCardsAway({server: {parts}}: World): Promise<void> {
	await parts.prisma.card.updateMany({data: {ownerId: null}});
}

async function makeCredential({server}: World): Promise<void> {
	const {parts, merchant} = server;
	const appKey = 'acme-4f1d2c3b4a59';
	await parts.prisma.credential.create({
		data: {
			...{appKey, merchantId: merchant.id, role: 1},
			...{tokenSalt: new Uint8Array(16), tokenHash: new Uint8Array(32)},
			actorId: await actorId(parts.prisma, merchant.id, 'credential', appKey),
		},
	});
}

async function makeCallback({server: {parts, merchant, clock}}: World): Promise<void> {
	await plantCallback(parts.prisma, {
		...{merchantId: merchant.id, paymentId: payment},
		url: 'https://acme.myvtex.com/callback',
		nextAt: clock.now() + day / 2,
	});
}

async function announceOrders({server: {parts, merchant, clock}}: World): Promise<void> {
	for (const orderId of orderIds) {
		await ring(parts.prisma, merchant.id, {orderId, atLeast: null}, clock.now());
	}
}
