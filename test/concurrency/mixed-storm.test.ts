import test from 'ava';
import fc from 'fast-check';
import {assertAuditClean} from '../helpers/audit.ts';
import {type BuiltCard, buildCard} from '../helpers/build.ts';
import {fromWallet, openGateway, withCode} from '../helpers/gateway.ts';
import {openHub, resultOf} from '../helpers/hub.ts';
import {type Answer, openTestServer, type TestServer} from '../helpers/server.ts';
import {newRequestId} from '../helpers/vtex.ts';

let servers: readonly [TestServer, TestServer];

test.before(async () => {
	const first = await openTestServer();
	servers = [first, await openTestServer({database: first.database})];
});
test.after.always(async () => {
	await servers[1].close();
	await servers[0].close();
});

const purchases = 70;
const cards = 5;
/** The last two belong to one customer, whose wallet they are. */
const walletCards = 2;
/** Cents. Less than what is asked of a card on the whole, so that some of it is refused. */
const issued = 200_00;
const inFlight = 24;
const attemptsMax = 20;

const cents = fc.integer({min: 1, max: 4000});
/** A request is sent once to three times; each copy comes up to `late` places later than it should. */
const copies = fc.array(fc.nat(30), {minLength: 1, maxLength: 3});
const purchase = fc.record({
	by: fc.constantFrom('debit', 'debit', 'credit', 'code', 'code', 'wallet', 'wallet'),
	card: fc.nat(cards - 1),
	cents: fc.integer({min: 500, max: 4000}),
	copies,
	operations: fc.array(fc.record({does: fc.constantFrom('settle', 'undo', 'refund'), cents, copies}), {
		maxLength: 4,
	}),
});
type Purchase = typeof purchase extends fc.Arbitrary<infer Value> ? Value : never;

/** What was answered to a request, all its copies taken together: what it was called, and the cents that it moved. */
type Outcome = {id: string | undefined; moved: number};
type Asked = {readonly send: (server: TestServer) => Promise<void>; readonly at: number};

type Bought = Purchase & {
	/** Whose wallet the last two cards are. */
	readonly owner: {readonly document: string};
	readonly paymentId: string;
	/** The id of the transaction, or the tid of the payment, once one was accepted. */
	readonly started: Outcome;
	readonly settled: Outcome[];
	readonly undone: Outcome[];
};

const isPayment = ({by}: Purchase) => by === 'code' || by === 'wallet';
const sum = (outcomes: readonly Outcome[]) => outcomes.reduce((total, {moved}) => total + moved, 0);
const toCents = (value: unknown) => Math.round(Number(value) * 100);

/** A machine that is too busy says so, and VTEX asks again. */
async function untilDecided(call: () => Promise<Answer>): Promise<Answer> {
	for (let attempt = 1; ; attempt++) {
		const answer = await call();
		const {code, status} = (answer.json ?? {}) as {code?: string; status?: string};
		const isOpen = answer.status === 503 || code === 'overloaded' || status === 'undefined';
		if (!isOpen || attempt === attemptsMax) {
			return answer;
		}
	}
}

/** Ask once more for the same thing: what was accepted before must be accepted now, and the same way. */
async function ask(
	outcome: Outcome,
	call: () => Promise<Answer>,
	idName: string,
	moved?: number,
): Promise<void> {
	const wasDone = outcome.id !== undefined;
	const {status, text, json} = await untilDecided(call);
	const body = (json ?? {}) as Readonly<Record<string, unknown>>;
	const answered = status === 200 ? body[idName] : undefined;
	if (typeof answered === 'string') {
		const value = moved ?? toCents(body['value']);
		if (outcome.id !== undefined && (outcome.id !== answered || outcome.moved !== value)) {
			throw new Error(`${outcome.id} ${outcome.moved} was answered later as ${answered} ${value}`);
		}

		Object.assign(outcome, {id: answered, moved: value});
	} else if (wasDone || text === '' || ![404, 422, 500].includes(status)) {
		throw new Error(`Nobody should be answered ${status} ${text} here.`);
	}
}

/** The first call of a purchase, by one protocol or the other. */
function start(bought: Bought, card: BuiltCard): (server: TestServer) => Promise<void> {
	const {by, started, paymentId, owner} = bought;
	const value = bought.cents / 100;
	if (!isPayment(bought)) {
		const operation = by === 'debit' ? 'Debit' : 'Credit';
		const members = {operation, value, requestId: paymentId};
		return server => ask(started, () => openHub(server).transact(card.id, members), 'id', bought.cents);
	}

	const payer = by === 'wallet' ? fromWallet(owner) : withCode(card.code);
	return async server => {
		const answer = await untilDecided(() => openGateway(server).create({...payer, value, paymentId}));
		const {status, tid} = resultOf<{status: string; tid: string}>(answer);
		// A repeated create shows the present: a payment that was cancelled meanwhile is denied, under the same tid.
		if ((started.id ?? tid) !== tid || !['approved', 'denied'].includes(status)) {
			throw new Error(`${started.id} was answered later as ${tid}, ${status}`);
		}

		started.id = tid;
	};
}

/** A later call of a purchase. A transaction is operated only once its id is known; a payment at any time, also too early. */
function operate(bought: Bought, card: BuiltCard, does: string, value: number) {
	const requestId = newRequestId();
	const outcome: Outcome = {id: undefined, moved: 0};
	const {paymentId, started} = bought;
	(does === 'settle' ? bought.settled : bought.undone).push(outcome);
	return async (server: TestServer): Promise<void> => {
		const [hub, gateway] = [openHub(server), openGateway(server)];
		if (!isPayment(bought)) {
			const {id} = started;
			if (id !== undefined) {
				const call = does === 'settle' ? hub.settle : hub.cancel;
				await ask(outcome, () => call(card.id, id, value, requestId), 'oid');
			}
		} else if (does === 'settle') {
			await ask(outcome, () => gateway.settle(paymentId, value, {requestId}), 'settleId');
		} else if (does === 'refund') {
			await ask(outcome, () => gateway.refund(paymentId, value, {requestId}), 'refundId');
		} else {
			// Its answer names no value: what it releases was not captured, which is what counts in the end.
			await ask(outcome, () => gateway.cancel(paymentId, {requestId}), 'cancellationId', 0);
		}
	};
}

/** All requests with their copies, each at its place in time, which some miss by far. */
function planOf(bought: readonly Bought[], made: readonly BuiltCard[]): Asked[] {
	return bought
		.flatMap((one, index) => {
			const card = made[one.card] ?? failed();
			const first = start(one, card);
			const later = one.operations.map(({does, cents, copies}) => ({
				send: operate(one, card, does, cents / 100),
				copies,
			}));
			return [{send: first, copies: one.copies}, ...later].flatMap(({send, copies}, step) =>
				copies.map(late => ({send, at: 5 * (index + 2 * step) + late})),
			);
		})
		.sort((a, b) => a.at - b.at);
}

async function unleash(asked: readonly Asked[]): Promise<void> {
	const queue = asked.entries();
	await Promise.all(
		Array.from({length: inFlight}, async () => {
			for (const [n, {send}] of queue) {
				await send(servers[n % 2 === 0 ? 0 : 1]);
			}
		}),
	);
}

/** What VTEX does with every purchase in the end: it settles the whole of one half and cancels the other. */
function conclude(bought: Bought, index: number, card: BuiltCard) {
	return bought.by === 'credit'
		? () => Promise.resolve()
		: operate(bought, card, index % 2 === 0 ? 'settle' : 'undo', bought.cents / 100);
}

/** What a purchase did to the balance of its card, by the answers. */
function effectOf(bought: Bought): number {
	if (isPayment(bought)) {
		return sum(bought.undone) - sum(bought.settled);
	}

	return bought.by === 'credit'
		? bought.started.moved - sum(bought.undone)
		: sum(bought.undone) - bought.started.moved;
}

// Goal: whatever both protocols ask of a few cards at once, the answers add up to the balances. Method: seeded storms of some 300
// requests through two services, repeated, late and too early; then every purchase is settled or cancelled.
for (const seed of [1, 2]) {
	test(`after storm ${seed} of both protocols the cards have what the answers say, and nothing is held`, async t => {
		const [{parts, database}] = servers;
		// A customer of this storm alone: the storms run side by side.
		const owner = {document: `1112223334${seed}`};
		const made = await Promise.all(
			Array.from({length: cards}, (_, n) =>
				buildCard(parts, {amount: '200.00', ...(n >= cards - walletCards && {owner})}),
			),
		);
		const bought = fc.sample(purchase, {seed, numRuns: purchases}).map((one): Bought => ({
			...one,
			owner,
			paymentId: newRequestId(),
			started: {id: undefined, moved: 0},
			settled: [],
			undone: [],
		}));
		const asked = planOf(bought, made);
		await unleash(asked);
		await unleash(bought.map((one, n) => ({send: conclude(one, n, made[one.card] ?? failed()), at: n})));

		t.true(asked.length > 250, `${asked.length} requests`);
		for (const by of ['debit', 'code', 'wallet'] as const) {
			t.true(bought.filter(one => one.by === by && sum(one.settled) > 0).length > 0, by);
		}

		const rows = await database.general.prisma.card.findMany({
			where: {id: {in: made.map(({cardId}) => BigInt(cardId))}},
			orderBy: {id: 'asc'},
		});
		t.deepEqual(
			rows.map(({held}) => held),
			made.map(() => 0n),
		);
		const own = made.slice(0, cards - walletCards);
		for (const [n, card] of own.entries()) {
			const effects = bought.filter(one => one.card === n && one.by !== 'wallet').map(effectOf);
			t.is(Number(rows.find(({id}) => id === BigInt(card.cardId))?.available), total(effects), `card ${n}`);
		}

		const all = rows.reduce((amount, {available}) => amount + Number(available), 0);
		t.is(all, total(bought.map(effectOf)) + issued * (cards - 1), 'all cards');
		// A refusal of VTEX's wishes may be a 500 by the protocol; a failure of ours would carry its error. That a busy machine says so is none.
		t.deepEqual(
			servers.flatMap(({logged}) =>
				logged().filter(({error, status}) => error !== undefined && status !== 503),
			),
			[],
		);
		await assertAuditClean(t, database);
	});
}

/** What a card must have after all that, in cents. */
function total(effects: readonly number[]): number {
	return effects.reduce((amount, effect) => amount + effect, issued);
}

function failed(): never {
	throw new Error('A purchase names a card that is not there.');
}
