import test from 'ava';
import fc from 'fast-check';
import {assertAuditClean} from '../helpers/audit.ts';
import {buildCard} from '../helpers/build.ts';
import {openHub, type Operation} from '../helpers/hub.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';
import {mishaps, openSimulatedHub} from '../helpers/simulated-hub.ts';

let server: TestServer;
let other: TestServer;

test.before(async () => {
	server = await openTestServer();
	other = await openTestServer({database: server.database});
});
test.after.always(async () => {
	await other.close();
	await server.close();
});

const cents = (operations: readonly Operation[]) =>
	operations.reduce((total, {value}) => total + Math.round(value * 100), 0);

// Goal: whatever breaks between the Hub's steps, each wish of it happens exactly once. Method: random purchases with random
// mishaps, the attempts going to two instances of the service in turn; fast-check prints the seed of a failure.
test('G37: a simulated Hub with crashes between its steps always ends consistent', async t => {
	const hub = openHub(server);
	const purchase = fc.record({
		debit: fc.integer({min: 1, max: 10_000}),
		settledShare: fc.double({min: 0, max: 1, noNaN: true}),
		refundedShare: fc.double({min: 0, max: 1, noNaN: true}),
		plan: fc.array(fc.constantFrom(...mishaps), {maxLength: 20}),
	});

	await fc.assert(
		fc.asyncProperty(purchase, async ({debit, settledShare, refundedShare, plan}) => {
			const card = await buildCard(server.parts);
			const {debit: order, operate} = openSimulatedHub([server, other], plan);
			const settled = Math.floor(debit * settledShare);
			const refunded = Math.floor(settled * refundedShare);
			const whole = debit / 100;

			const id = await order(card.id, whole);
			const place = {cardId: card.id, id};
			if (settled > 0) {
				await operate('settlements', place, {value: settled / 100, total: settled / 100});
			}

			// What is not delivered is released, then a part of what was delivered comes back.
			const released = debit - settled;
			if (released > 0) {
				await operate('cancellations', place, {value: released / 100, total: released / 100});
			}

			if (refunded > 0) {
				await operate('cancellations', place, {value: refunded / 100, total: (released + refunded) / 100});
			}

			t.is(cents(await hub.settlements(card.id, id)), settled);
			t.is(cents(await hub.cancellations(card.id, id)), released + refunded);
			t.is(Math.round((await hub.balance(card.id)) * 100), 10_000 - settled + refunded);
		}),
		{numRuns: 25},
	);

	await assertAuditClean(t, server.database);
});
