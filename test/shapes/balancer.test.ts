import test, {type ExecutionContext} from 'ava';
import {newPaymentId, openHub} from '../../scripts/demo/hub.ts';
import {openSignUps} from '../../src/admins/sign-ups.ts';
import {openCredentialCheck} from '../../src/merchants/credential-check.ts';
import {plantCallback} from '../callbacks/rows.ts';
import {untilAnswered} from '../helpers/ask.ts';
import {type TestDatabase, withDatabase} from '../helpers/database.ts';
import {newMerchant} from '../helpers/merchant.ts';
import {openReceiver} from '../helpers/receiver.ts';
import {jsonLines, runScript, scriptSecrets} from '../helpers/script.ts';
import {type ServiceProcess, startService} from '../helpers/service.ts';
import {until} from '../helpers/until.ts';
import {openBalancer} from './balancer.ts';
import {openLoad, pair, shopper} from './load.ts';

/* Two processes of the service on one database, as behind a balancer. */

type Two = {
	readonly database: TestDatabase;
	readonly env: Readonly<Record<string, string>>;
	readonly services: readonly [ServiceProcess, ServiceProcess];
	/** Base path included. */
	readonly urls: readonly [string, string];
	readonly card: {readonly id: string; readonly code: string};
};

async function openTwo(t: ExecutionContext): Promise<Two> {
	const database = await withDatabase(t);
	const env = {
		DATABASE_URL: database.url,
		...scriptSecrets,
		...pair,
		SANDBOX: 'true',
		RETURN_HOSTS: 'vtex.example.com',
	};
	// Both at once: the schema is there, the first merchant and its credential are made once.
	const services = [startService(t, env), startService(t, env)] as const;
	const [first, second] = await Promise.all(services.map(service => service.ready()));
	const issued = await runScript('cards:issue', ['--amount', '100000', '--json'], env);
	t.is(issued.code, 0, issued.stderr);
	const [card] = jsonLines(issued.stdout);
	return {
		database,
		env,
		services,
		urls: [first ?? '', second ?? ''],
		card: {id: String(card?.['id']), code: String(card?.['redemptionCode'])},
	};
}

const hubOf = (serviceUrl: string) =>
	openHub({serviceUrl, appKey: pair.PROVIDER_APP_KEY, appToken: pair.PROVIDER_APP_TOKEN});

async function assertBooks(t: ExecutionContext, env: Two['env']): Promise<void> {
	const audit = await runScript('ledger:audit', [], env);
	t.is(audit.code, 0, audit.stdout + audit.stderr);
}

test.serial(
	'kill -9 of one process behind a balancer under load: the other one carries on, nothing is lost and nothing is done twice',
	async t => {
		const {services, urls, env, card} = await openTwo(t);
		const balancer = await openBalancer(
			t,
			urls.map(url => new URL(url).origin),
		);
		const load = openLoad(t, `${balancer.origin}${new URL(urls[0]).pathname.replace(/\/$/, '')}`, card);

		load.begin();
		await until('both are given requests, and there is load', () => load.answeredAt.length > 100);
		t.true(balancer.given.every(count => count > 20));
		services[0].kill('SIGKILL');
		await services[0].ended();
		await until('the balancer has noticed', () => !balancer.isReady(0));
		const count = load.answeredAt.length;
		await until('the other one carries on', () => load.answeredAt.length > count + 50);
		await load.end();

		t.log(`${load.told.size} asked for, ${[...load.told.values()].filter(Boolean).length} answered at once`);
		t.deepEqual(await load.replay(), []);
		t.is(await load.balance(), 100_000 - load.told.size);
		await assertBooks(t, env);
	},
);

test.serial(
	'one order whose calls go to both, each of them twice and at once: done once, answered the same',
	async t => {
		const {urls, env, card} = await openTwo(t);
		const hubs = urls.map(hubOf);
		const [first, second] = hubs as [ReturnType<typeof hubOf>, ReturnType<typeof hubOf>];
		for (let round = 0; round < 30; round++) {
			const purchase = {...shopper, value: 10, requestId: newPaymentId(), code: card.code};
			const debits = await Promise.all([...hubs, ...hubs].map(hub => hub.debit(card.id, purchase)));
			t.is(new Set(debits.map(({id}) => id)).size, 1);
			const [debit] = debits;
			if (debit === undefined) {
				return;
			}

			const [settle, cancel] = [newPaymentId(), newPaymentId()];
			const settled = await Promise.all(hubs.map(hub => hub.settle(debit, 6, settle)));
			const oids = settled.flatMap(({sent, listed}) => [...(sent === undefined ? [] : [sent]), ...listed]);
			t.is(new Set(oids.map(({oid}) => oid)).size, 1);
			await Promise.all(hubs.map(hub => hub.cancel(debit, 4, cancel)));
		}

		t.is((await first.card(card.id)).balance, 100_000 - 30 * 6);
		t.is((await second.card(card.id)).balance, 100_000 - 30 * 6);
		t.deepEqual(await first.transactions(card.id), await second.transactions(card.id));
		await assertBooks(t, env);
	},
);

test.serial('a revoked credential is refused by both processes within ten seconds', async t => {
	const {urls, env, card} = await openTwo(t);
	const made = await runScript('credentials:create', ['--json'], env);
	const [{appKey = '', appToken = ''} = {}] = jsonLines(made.stdout) as {
		appKey?: string;
		appToken?: string;
	}[];
	const statuses = () =>
		Promise.all(
			urls.map(async url => {
				const answer = await fetch(`${url}/giftcards/${card.id}`, {
					headers: {'X-PROVIDER-API-AppKey': appKey, 'X-PROVIDER-API-AppToken': appToken},
				});
				return answer.status;
			}),
		);
	await until('both know the new credential', async () => (await statuses()).every(status => status === 200));

	const revoked = await runScript('credentials:revoke', ['--app-key', appKey, '--yes', '--json'], env);
	const revokedAt = performance.now();
	t.is(revoked.code, 0, revoked.stderr);
	await until('both refuse it', async () => (await statuses()).every(status => status !== 200));

	t.true(performance.now() - revokedAt < 10_000);
	t.deepEqual(await statuses(), [403, 403]);
});

test.serial(
	'a sign-up begun at one process and ended at both at once gives credentials once, and they work at both',
	async t => {
		const {urls, database} = await openTwo(t);
		const {prisma} = database.general;
		const applicationId = 'vtex';
		const begun = await fetch(`${urls[0]}/authorization/token`, {
			method: 'POST',
			headers: {'Content-Type': 'application/json'},
			body: JSON.stringify({applicationId, returnUrl: 'https://vtex.example.com/?code='}),
		});
		t.is(begun.status, 200);
		const {token} = (await begun.json()) as {token: string};
		const admin = {name: 'ana', role: 'admin', merchant: await newMerchant(prisma)} as const;
		const consented = await openSignUps(prisma).consent({applicationId, token}, admin, new Date());
		const query = new URLSearchParams({applicationId, authorizationCode: consented?.code ?? ''}).toString();

		const answers = await Promise.all(
			[...urls, ...urls].map(url => untilAnswered(() => fetch(`${url}/authorization/credentials?${query}`))),
		);

		t.deepEqual(answers.map(({status}) => status).sort(), [200, 400, 400, 400]);
		const given = (await answers.find(({ok}) => ok)?.json()) as {appKey: string; appToken: string};
		t.truthy(await openCredentialCheck(prisma, Date.now).check(given.appKey, given.appToken));
	},
);

test.serial('callbacks that both processes could deliver arrive once for each attempt', async t => {
	const {database, services} = await openTwo(t);
	const {prisma} = database.general;
	const receiver = await openReceiver(t);
	const merchant = await prisma.merchant.findFirstOrThrow();
	const ids = Array.from({length: 60}, (_, index) => `P${index}`);
	const end = Date.now() + 86_400_000;
	for (const paymentId of ids) {
		await plantCallback(prisma, {
			merchantId: merchant.id,
			paymentId,
			url: receiver.at('/callback'),
			nextAt: Date.now(),
			until: end,
		});
	}

	await until(
		'everything is delivered',
		async () => (await prisma.callback.count({where: {status: 1}})) === 0,
	);

	const arrived = receiver.received.map(({body}) => (JSON.parse(body) as {paymentId: string}).paymentId);
	t.deepEqual([...new Set(arrived)].sort(), ids.toSorted());
	// What arrived and was not answered in time has failed for the process, which says so and repeats it.
	const lines = services.flatMap(service => service.stdout().split('\n'));
	const failures = (id: string) =>
		lines.filter(line => line.includes('A callback failed') && line.includes(`"payment":"${id}"`)).length;
	t.deepEqual(
		ids.filter(id => arrived.filter(one => one === id).length > 1 + failures(id)),
		[],
	);
});
