import test from 'ava';
import fc from 'fast-check';
import {changeStatus} from '../../src/cards/block.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {buildCard} from '../helpers/build.ts';
import {makeClock} from '../helpers/clock.ts';
import {errorCode, openHub} from '../helpers/hub.ts';
import {withServer} from '../helpers/server.ts';

const start = Date.parse('2026-12-20T15:00:00Z');
const dayMs = 86_400_000;

const cents = fc.integer({min: 1, max: 6000});
const step = fc.oneof(
	fc.record({kind: fc.constant('debit' as const), cents}),
	fc.record({kind: fc.constant('credit' as const), cents}),
	fc.record({kind: fc.constant('settle' as const), cents, which: fc.nat(20)}),
	fc.record({kind: fc.constant('cancel' as const), cents, which: fc.nat(20)}),
	fc.record({kind: fc.constant('days' as const), days: fc.integer({min: 1, max: 12})}),
	fc.record({
		kind: fc.constant('block' as const),
		to: fc.constantFrom('blocked' as const, 'active' as const),
	}),
);

// Goal: search, read and debit mean the same by "balance", whatever has happened (B10). Method: random lives of a card across
// its last day; after every step one cent more than the balance shown is refused, and at the end all of it is spent.
test('what search and read show is exactly what a debit may take, at every moment', async t => {
	const clock = makeClock(start);
	const server = await withServer(t, {clock});
	const hub = openHub(server);
	const life = fc.record({steps: fc.array(step, {maxLength: 10}), singleUse: fc.boolean()});

	await fc.assert(
		fc.asyncProperty(life, async ({steps, singleUse}) => {
			clock.set(start);
			const card = await buildCard(server.parts, {amount: '50.00', expires: '2026-12-31', singleUse});
			const transactions: string[] = [];
			const live = async (one: (typeof steps)[number]): Promise<void> => {
				switch (one.kind) {
					case 'debit':
					case 'credit': {
						const answer = await hub.transact(card.id, {operation: one.kind, value: one.cents / 100});
						if (answer.status === 200) {
							transactions.push((answer.json as {id: string}).id);
						}

						break;
					}

					case 'settle':
					case 'cancel': {
						const id = transactions[one.which % Math.max(transactions.length, 1)];
						if (id !== undefined) {
							await hub[one.kind](card.id, id, one.cents / 100);
						}

						break;
					}

					case 'days':
						clock.advance(one.days * dayMs);
						break;
					case 'block': {
						const {cardId} = card;
						const change = {merchantId: server.merchant.id, cardId, actorId: 1, reason: 'test'};
						await changeStatus(server.parts.prisma, {...change, now: clock.now(), to: one.to});
						break;
					}
				}
			};

			for (const one of [...steps, {kind: 'days', days: 1} as const]) {
				await live(one);
				const balance = await hub.balance(card.id);
				const found = await hub.found({cart: {redemptionCode: card.code}});
				t.deepEqual(
					found.map(listed => listed.balance),
					balance === 0 ? [] : [balance],
				);
				const above = await hub.transact(card.id, {value: Math.round(balance * 100 + 1) / 100});
				t.is(above.status, 422);
				t.true(balance === 0 || errorCode(above) === 'insufficient_balance');
			}

			const rest = await hub.balance(card.id);
			if (rest > 0) {
				await hub.debit(card.id, rest);
				t.is(await hub.balance(card.id), 0);
			}
		}),
		{numRuns: 12},
	);
	await assertAuditClean(t, server.database);
});
