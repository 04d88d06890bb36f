import test from 'ava';
import {type Hub, newPaymentId, openHub} from '../../scripts/demo/hub.ts';
import {killAndWait, postmasterOf, withDataDir} from '../helpers/embedded.ts';
import {jsonLines, runScript} from '../helpers/script.ts';
import {startService} from '../helpers/service.ts';

const pair = {PROVIDER_APP_KEY: 'key-of-the-store', PROVIDER_APP_TOKEN: 'token-of-the-store'};
const clients = 16;

/** What clients were told before the service was gone: the id of the debit by its request id, or nothing. */
type Told = Map<string, string | undefined>;

/** Debit 1.00 from several sides at once, again and again until nobody answers any more; `onAnswer` is told how many did. */
async function debitUntilGone(
	hub: Hub,
	{cardId, code}: {cardId: string; code: string},
	onAnswer: (count: number) => void,
): Promise<Told> {
	const told: Told = new Map();
	let answers = 0;
	const client = async () => {
		for (;;) {
			const requestId = newPaymentId();
			told.set(requestId, undefined);
			const {id} = await hub.debit(cardId, {
				value: 1,
				requestId,
				code,
				orderId: 'v1-01',
				email: 'shopper@example.com',
			});
			told.set(requestId, id);
			onAnswer(++answers);
		}
	};
	await Promise.allSettled(Array.from({length: clients}, client));
	return told;
}

for (const victims of ['the service', 'the service and its database'] as const) {
	test(`kill -9 of ${victims} in the middle of debits loses none that was answered, and none moves value twice`, async t => {
		const dataDir = await withDataDir(t);
		const env = {DATA_DIR: dataDir, ...pair};
		const start = async () => {
			const service = startService(t, env);
			const serviceUrl = await service.ready();
			return {
				service,
				hub: openHub({serviceUrl, appKey: pair.PROVIDER_APP_KEY, appToken: pair.PROVIDER_APP_TOKEN}),
			};
		};
		const first = await start();
		const issued = await runScript('cards:issue', ['--amount', '100000', '--json'], env);
		const [card] = jsonLines(issued.stdout);
		const [cardId, code] = [String(card?.['id']), String(card?.['redemptionCode'])];
		const postmaster = postmasterOf(dataDir);
		let dead = Promise.resolve();
		const fatal = 20 + Math.floor(Math.random() * 60);
		t.log(`killed after ${fatal} answers`);

		const told = await debitUntilGone(first.hub, {cardId, code}, count => {
			if (count === fatal) {
				first.service.kill('SIGKILL');
				dead = victims === 'the service' ? dead : killAndWait(postmaster);
			}
		});
		await first.service.ended();
		await dead;

		const second = await start();
		const before = new Set((await second.hub.transactions(cardId)).map(({id}) => id));
		const answered = [...told.values()].filter(id => id !== undefined);
		t.true(answered.length >= fatal);
		t.deepEqual(
			answered.filter(id => !before.has(id)),
			[],
		);
		// What VTEX does now: everything again, under the same request ids.
		for (const [requestId, id] of told) {
			const repeated = await second.hub.debit(cardId, {
				value: 1,
				requestId,
				code,
				orderId: 'v1-01',
				email: 'shopper@example.com',
			});
			t.true(id === undefined || id === repeated.id);
		}

		t.is((await second.hub.card(cardId)).balance, 100_000 - told.size);
		const audit = await runScript('ledger:audit', [], env);
		t.is(audit.code, 0, audit.stdout);
		second.service.kill('SIGTERM');
		t.is(await second.service.ended(), 0);
	});
}
