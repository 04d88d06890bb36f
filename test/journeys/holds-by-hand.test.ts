import test from 'ava';
import {uuidOf} from '../../src/cards/public-id.ts';
import {ValueRefusedError} from '../../src/cards/value-moves.ts';
import {changeByHand} from '../../src/holds/by-hand.ts';
import {findHold} from '../../src/holds/list.ts';
import {type HandVerb} from '../../src/ledger/commands.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {buildCard, type BuiltCard} from '../helpers/build.ts';
import {type Clock, makeClock} from '../helpers/clock.ts';
import {type Gateway, openGateway} from '../helpers/gateway.ts';
import {errorCode, type Hub, openHub, resultOf} from '../helpers/hub.ts';
import {jsonLines, runHere} from '../helpers/script.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';
import {newRequestId} from '../helpers/vtex.ts';

// What VTEX gets that comes for what somebody has mended by hand. Each journey ends with the books proved.

let server: TestServer;
let hub: Hub;
let gateway: Gateway;
let clock: Clock;

test.before(async () => {
	clock = makeClock();
	server = await openTestServer({clock});
	hub = openHub(server);
	gateway = openGateway(server);
});
test.after.always(() => server.close());
test.afterEach(t => assertAuditClean(t, server.database));

const dayMs = 86_400_000;
const why = ['--reason', 'mended', '--actor', 'ana', '--yes'];

async function byHand(verb: string, hold: string, ...args: string[]) {
	const {code, stdout, stderr} = await runHere(server.parts, `holds:${verb}`, [
		'--hold',
		hold,
		...args,
		...why,
		'--json',
	]);
	return {code, stderr, value: jsonLines(stdout)[0] ?? {}};
}

const moved = async (verb: string, hold: string, ...args: string[]) =>
	(await byHand(verb, hold, ...args)).value['moved'];

async function holdOf(...args: string[]): Promise<Record<string, unknown>> {
	const {stdout} = await runHere(server.parts, 'holds:list', [...args, '--json']);
	return jsonLines(stdout).at(-1) ?? {};
}

/** By hand once more, with the hold looked up beforehand, so that nothing but the writer decides who comes first. */
async function opened(id: string) {
	const {prisma, assets} = server.parts;
	const hold = await findHold({prisma, merchantId: server.merchant.id}, uuidOf(id) ?? '');
	if (hold === undefined) {
		throw new Error('The test needs a hold.');
	}

	const asset = await assets.byId(server.merchant.id, hold.assetId);
	return (verb: HandVerb, amount = 0n): Promise<bigint> =>
		changeByHand(
			server.parts,
			server.merchant,
			{hold, asset},
			{
				...{verb, amount, actorId: 1, reason: 'mended', key: newRequestId()},
			},
		).then(
			({moved: units}) => units,
			(error: unknown) => {
				if (error instanceof ValueRefusedError) {
					return 0n;
				}

				throw error;
			},
		);
}

/** Each of two that race is the first one to be sent in every second round. */
async function race<A, B>(round: number, a: () => Promise<A>, b: () => Promise<B>): Promise<[A, B]> {
	if (round % 2 === 0) {
		return Promise.all([a(), b()]);
	}

	const [second, first] = await Promise.all([b(), a()]);
	return [first, second];
}

async function paid(card: BuiltCard, value: number): Promise<{paymentId: string; hold: string}> {
	const paymentId = await gateway.pay(card.code, value);
	return {paymentId, hold: String((await holdOf('--payment', paymentId))['id'])};
}

const settleCode = async (paymentId: string, value: number) => {
	const {status, json} = await gateway.settle(paymentId, value);
	return [status, (json as {value: number; code: string | null}).value, (json as {code: string | null}).code];
};
const refundCode = async (paymentId: string, value: number) => {
	const {status, json} = await gateway.refund(paymentId, value);
	return [status, (json as {value: number}).value, (json as {code: string | null}).code];
};

test.serial(
	'a debit that was captured by hand is listed as settled, and VTEX settles what is left',
	async t => {
		const card = await buildCard(server.parts);
		const debit = await hub.debit(card.id, 30);

		t.is(await moved('capture', debit, '--amount', '10'), 10);
		t.is(resultOf<{value: number}>(await hub.settle(card.id, debit, 30)).value, 20);
		t.deepEqual(
			(await hub.settlements(card.id, debit)).map(({value}) => value),
			[10, 20],
		);
		const late = await hub.settle(card.id, debit, 30);
		t.deepEqual([late.status, errorCode(late)], [422, 'exceeds_transaction']);
		t.is(await hub.balance(card.id), 70);
	},
);

test.serial('a debit that was released by hand is listed as cancelled, and is over for VTEX', async t => {
	const card = await buildCard(server.parts);
	const debit = await hub.debit(card.id, 30);

	t.is(await moved('release', debit, '--amount', '12.5'), 12.5);
	t.is(await hub.balance(card.id), 82.5);
	t.is(await moved('release', debit), 17.5);

	t.is((await hub.settle(card.id, debit, 30)).status, 422);
	t.is((await hub.cancel(card.id, debit, 30)).status, 422);
	t.deepEqual(
		(await hub.cancellations(card.id, debit)).map(({value}) => value),
		[12.5, 17.5],
	);
	t.is(await hub.balance(card.id), 100);
});

test.serial(
	'the same value is refunded a second time by hand, and no more than was settled in all',
	async t => {
		const card = await buildCard(server.parts);
		const debit = await hub.debit(card.id, 30);
		const requestId = newRequestId();
		await hub.settle(card.id, debit, 30);
		await hub.cancel(card.id, debit, 10, requestId);
		// VTEX sends the same request for the second return of the same value, and moves nothing.
		await hub.cancel(card.id, debit, 10, requestId);

		t.is(await moved('refund', debit, '--amount', '10'), 10);
		const refused = await byHand('refund', debit, '--amount', '10.01');
		t.is(refused.code, 1);
		t.regex(refused.stderr, /Only 10\.00 BRL is left to refund/);

		t.is(resultOf<{value: number}>(await hub.cancel(card.id, debit, 30)).value, 10);
		t.deepEqual(
			(await hub.cancellations(card.id, debit)).map(({value}) => value),
			[10, 10, 10],
		);
		t.is(await hub.balance(card.id), 100);
	},
);

test.serial('the id that VTEX uses for its own request is another key than the same one by hand', async t => {
	const card = await buildCard(server.parts);
	const debit = await hub.debit(card.id, 30);
	const id = newRequestId();

	resultOf(await hub.settle(card.id, debit, 10, id));
	t.is(await moved('capture', debit, '--amount', '10', '--key', id), 10);
	t.is(await moved('release', debit, '--amount', '10', '--key', id), 10);
	t.is(await moved('refund', debit, '--amount', '10', '--key', id), 10);
	resultOf(await hub.cancel(card.id, debit, 10, id));
	t.is(await hub.balance(card.id), 100);
});

test.serial(
	'a payment that was captured by hand tells the truth to every operation that follows',
	async t => {
		const card = await buildCard(server.parts);
		const {paymentId, hold} = await paid(card, 30);

		t.is(await moved('capture', hold, '--amount', '10'), 10);
		t.deepEqual(await settleCode(paymentId, 30), [200, 20, null]);
		t.deepEqual(await settleCode(paymentId, 30), [500, 0, 'nothing_left']);
		t.is((await gateway.cancel(paymentId)).status, 500);
		t.deepEqual(await refundCode(paymentId, 30), [200, 30, null]);
		t.is(await hub.balance(card.id), 100);
	},
);

test.serial('a payment that was released by hand is cancelled for VTEX, under one cancellation', async t => {
	const card = await buildCard(server.parts);
	const {paymentId, hold} = await paid(card, 30);

	const part = await byHand('release', hold, '--amount', '10');
	t.is(part.code, 1);
	t.regex(part.stderr, /released as a whole.*30\.00 BRL is held/);
	const released = await byHand('release', hold, '--amount', '30');
	t.like(released.value, {moved: 30, paymentStatus: 'cancelled', held: 0});

	const cancelled = resultOf<{cancellationId: string}>(await gateway.cancel(paymentId));
	t.is(cancelled.cancellationId, String(released.value['entryId']));
	t.deepEqual(await settleCode(paymentId, 30), [500, 0, 'payment_not_approved']);
	t.is(resultOf<{status: string}>(await gateway.create({paymentId, value: 30})).status, 'denied');
	t.is((await byHand('release', hold)).code, 1);
	t.is(await hub.balance(card.id), 100);
});

test.serial('a payment is released by hand after a part was settled, and refunded by both', async t => {
	const card = await buildCard(server.parts);
	const {paymentId, hold} = await paid(card, 30);
	await gateway.settle(paymentId, 20);

	t.like((await byHand('release', hold)).value, {moved: 10, paymentStatus: 'approved'});
	t.is(await moved('refund', hold, '--amount', '15'), 15);
	t.deepEqual(await refundCode(paymentId, 20), [200, 5, null]);
	t.deepEqual(await refundCode(paymentId, 20), [500, 0, 'nothing_left']);
	t.is(await hub.balance(card.id), 100);
});

test.serial(
	'what timed out is listed until then, and not captured by hand; VTEX may still settle it',
	async t => {
		const card = await buildCard(server.parts);
		const {paymentId, hold} = await paid(card, 30);
		t.is((await holdOf('--payment', paymentId))['overdue'], false);
		clock.advance(40 * dayMs);
		t.true((await runHere(server.parts, 'holds:list', ['--overdue', '--json'])).stdout.includes(hold));
		await server.parts.payments.releaseForgotten();

		for (const verb of ['capture', 'release', 'refund']) {
			const {code, stderr} = await byHand(verb, hold);
			t.is(code, 1);
			t.regex(stderr, /nothing to (?:capture|release|refund)/);
		}

		t.deepEqual(await settleCode(paymentId, 20), [200, 20, null]);
		const again = await holdOf('--payment', paymentId);
		t.not(again['id'], hold);
		t.like(again, {authorized: 20, captured: 20, paymentId, paymentStatus: 'approved'});
		t.regex((await byHand('refund', hold)).stderr, /nothing to refund/);
		t.is(await moved('refund', String(again['id'])), 20);
		t.is(await hub.balance(card.id), 100);
	},
);

test.serial('a key repeats its answer on a payment too, and is refused for another amount', async t => {
	const card = await buildCard(server.parts);
	const {hold} = await paid(card, 30);

	t.is(await moved('capture', hold, '--key', 'k'), 30);
	t.is(await moved('capture', hold, '--key', 'k'), 30);
	const {code, stderr} = await byHand('capture', hold, '--key', 'k', '--amount', '30');
	t.is(code, 1);
	t.regex(stderr, /another amount/);
	t.is(await moved('refund', hold, '--key', 'k', '--amount', '4'), 4);
});

test.serial(
	'a blocked card gets its refund, and a closed one cannot be closed while something is held',
	async t => {
		const card = await buildCard(server.parts);
		const debit = await hub.debit(card.id, 30);
		await runHere(server.parts, 'cards:block', ['--card', card.id, '--reason', 'lost']);

		t.is((await runHere(server.parts, 'cards:close', ['--card', card.id, '--reason', 'lost'])).code, 1);
		t.is(await moved('capture', debit, '--amount', '20'), 20);
		t.is(await moved('release', debit), 10);
		t.is(await moved('refund', debit, '--amount', '5'), 5);
		await runHere(server.parts, 'cards:close', ['--card', card.id, '--reason', 'lost']);
		// What comes back to a closed card stays there for whoever asks.
		t.is(await moved('refund', debit), 15);
	},
);

// Both at the same moment: what moved in all is never more than was there, and nobody did what was not asked for.

test.serial(
	'a release by hand and a settlement of VTEX never share what is held, however they race',
	async t => {
		for (let round = 0; round < 8; round++) {
			const card = await buildCard(server.parts);
			const debit = await hub.debit(card.id, 30);
			const {paymentId, hold} = await paid(card, 40);
			const [ofDebit, ofPayment] = [await opened(debit), await opened(hold)];
			const [[settled, released], [paidFor, cancelled]] = await Promise.all([
				race(
					round,
					() => hub.settle(card.id, debit, 30),
					() => ofDebit('release'),
				),
				race(
					round,
					() => gateway.settle(paymentId, 40),
					() => ofPayment('release'),
				),
			]);

			t.is(released, settled.status === 200 ? 0n : 30_00n);
			t.is(cancelled, paidFor.status === 200 ? 0n : 40_00n);
			// Had the release refunded, all would be back although VTEX has settled.
			const kept = (settled.status === 200 ? 30 : 0) + (paidFor.status === 200 ? 40 : 0);
			t.is(await hub.balance(card.id), 100 - kept);
		}
	},
);

test.serial('a capture by hand and a cancellation of VTEX share what is held once', async t => {
	for (let round = 0; round < 6; round++) {
		const card = await buildCard(server.parts);
		const debit = await hub.debit(card.id, 30);
		const {paymentId, hold} = await paid(card, 40);
		const [ofDebit, ofPayment] = [await opened(debit), await opened(hold)];
		const [[captured, cancelled], [settled, ended]] = await Promise.all([
			race(
				round,
				() => ofDebit('capture', 20_00n),
				() => hub.cancel(card.id, debit, 30),
			),
			race(
				round,
				() => ofPayment('capture', 25_00n),
				() => gateway.cancel(paymentId),
			),
		]);

		t.deepEqual([cancelled.status, ended.status], [200, 200]);
		t.like(await holdOf('--payment', paymentId), {captured: Number(settled) / 100, held: 0});
		// VTEX cancels a debit whether or not it was captured: what was captured first is refunded (A9).
		t.true([0n, 20_00n].includes(captured));
		t.is(await hub.balance(card.id), 100 - Number(settled) / 100);
	}
});

test.serial('a refund by hand and one of VTEX never give back more than was settled', async t => {
	for (let round = 0; round < 6; round++) {
		const card = await buildCard(server.parts);
		const debit = await hub.debit(card.id, 30);
		const {paymentId, hold} = await paid(card, 40);
		await hub.settle(card.id, debit, 20);
		await gateway.settle(paymentId, 40);
		const [ofDebit, ofPayment] = [await opened(debit), await opened(hold)];
		await Promise.all([
			race(
				round,
				() => ofDebit('refund', 15_00n),
				() => hub.cancel(card.id, debit, 30),
			),
			race(
				round,
				() => ofPayment('refund', 25_00n),
				() => gateway.refund(paymentId, 40),
			),
		]);

		t.is(await hub.balance(card.id), 100);
		t.like(await holdOf('--payment', paymentId), {captured: 40, refunded: 40});
	}
});
