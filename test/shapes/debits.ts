import {setTimeout as delay} from 'node:timers/promises';
import {type Hub, newPaymentId, openHub} from '../../scripts/demo/hub.ts';
import {jsonLines, runScript, type ScriptEnvironment} from '../helpers/script.ts';
import type {ExecutionContext} from 'ava';
import {until} from '../helpers/until.ts';

export const pair = {PROVIDER_APP_KEY: 'key-of-the-store', PROVIDER_APP_TOKEN: 'token-of-the-store'};

export type Shopped = {readonly cardId: string; readonly code: string};

/** Debits of 1.00 from several sides at once, each repeated under its request id until it was answered, as VTEX repeats them. */
export type Debits = {
	/** Answered so far. */
	readonly count: () => number;
	/** Calls that were not answered with success, by what was said instead. */
	readonly failures: readonly string[];
	/** Resolves when so many more were answered. */
	readonly more: (count: number) => Promise<void>;
	/** Begin no further ones, and wait until those under way are answered. Returns the id of each debit by its request id. */
	readonly stop: () => Promise<ReadonlyMap<string, string>>;
};

export const initialValue = 100_000;
const repeatedAtOnce = 20;

export function hubAt(serviceUrl: string): Hub {
	return openHub({serviceUrl, appKey: pair.PROVIDER_APP_KEY, appToken: pair.PROVIDER_APP_TOKEN});
}

/** A card of 100,000.00, issued by the command. */
export async function issueCard(env: ScriptEnvironment): Promise<Shopped> {
	const {stdout, stderr} = await runScript('cards:issue', ['--amount', String(initialValue), '--json'], env);
	const [card] = jsonLines(stdout);
	if (card === undefined) {
		throw new Error(stderr);
	}

	return {cardId: String(card['id']), code: String(card['redemptionCode'])};
}

/**
 * They end with the test, however it ends.
 * @param hubs - asked before each call: a balancer gives it to one of those in turn
 */
export function beginDebits(
	t: ExecutionContext,
	hubs: () => readonly Hub[],
	card: Shopped,
	clients = 8,
): Debits {
	const answers = new Map<string, string>();
	const failures: string[] = [];
	let isStopping = false;
	let isOver = false;
	let turn = 0;
	t.teardown(() => {
		isStopping = true;
		isOver = true;
	});
	const debit = async (requestId: string): Promise<void> => {
		while (!isOver) {
			const available = hubs();
			try {
				const hub = available[turn++ % available.length];
				const {id} = (await hub?.debit(card.cardId, purchaseOf(requestId, card))) ?? {};
				if (id !== undefined) {
					answers.set(requestId, id);
					return;
				}
			} catch (error) {
				failures.push((error as Error).message);
			}

			await delay(10);
		}
	};
	const client = async () => {
		while (!isStopping) {
			await debit(newPaymentId());
		}
	};
	const running = Promise.all(Array.from({length: clients}, client));
	return {
		count: () => answers.size,
		failures,
		async more(count) {
			const wanted = answers.size + count;
			await until(`${wanted} debits are answered`, () => answers.size >= wanted);
		},
		async stop() {
			isStopping = true;
			await running;
			return answers;
		},
	};
}

/** Every debit that was answered is there, once; repeated, it gets the same answer; the card has what is left; the books are right. */
export async function assertAllThere(
	t: ExecutionContext,
	answers: ReadonlyMap<string, string>,
	{hub, card, env, installation}: {hub: Hub; card: Shopped; env: ScriptEnvironment; installation?: string},
): Promise<void> {
	t.is(new Set(answers.values()).size, answers.size);
	// Of so many a card's list has the latest only; each is asked for again.
	const all = [...answers];
	for (let from = 0; from < all.length; from += repeatedAtOnce) {
		const part = all.slice(from, from + repeatedAtOnce);
		const repeated = part.map(async ([requestId]) => hub.debit(card.cardId, purchaseOf(requestId, card)));
		t.deepEqual(
			(await Promise.all(repeated)).map(({id}) => id),
			part.map(([, id]) => id),
		);
	}

	t.is((await hub.card(card.cardId)).balance, initialValue - answers.size);
	const audit = await runScript('ledger:audit', [], env, undefined, installation);
	t.is(audit.code, 0, audit.stdout);
}

function purchaseOf(requestId: string, {code}: Shopped) {
	return {value: 1, requestId, code, orderId: 'v1-01', email: 'shopper@example.com'};
}
