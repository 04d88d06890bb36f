import {type Check, Skip} from '../check.ts';
import {described, expectEqual, expectThat, listOf, objectMember, objectOf, textMember} from '../expect.ts';
import {newRequestId} from './bodies.ts';
import {cardPath, transactionPath} from './hub.ts';
import {expectDate} from './operations.ts';
import {expectRefused} from './refusals.ts';
import {type Rig} from './rig.ts';

const day = 24 * 60 * 60 * 1000;

function unlessSkipped(error: unknown): undefined {
	if (error instanceof Skip) {
		throw error;
	}
}

export const transactionChecks: readonly Check<Rig>[] = [
	{
		id: 'G18',
		title: 'A debit lowers the balance at once, and answers cardId, a non-empty id and _self.href',
		why: 'There is no second call that authorises. An empty id is taken by the Hub, and the order can then never be settled: it hangs after invoicing (KI-855864).',
		async run(rig) {
			const card = await rig.card();
			const answer = await rig.transact(card, {value: rig.money.toWire(300)});
			const debit = objectOf(answer, 'to a debit');
			textMember(debit, 'id', 'the transaction');
			expectEqual(debit['cardId'], card.id, 'the id of the card as cardId,');
			textMember(objectMember(debit, '_self', 'the transaction'), 'href', '_self of the transaction');
			await rig.expectBalance(card.id, 700, 'a debit of 3');
		},
	},
	{
		id: 'G21',
		title:
			'A debit above the balance is refused with a JSON body and moves nothing; one of exactly the balance succeeds',
		why: 'A card that pays more than it holds is the store giving away goods.',
		async run(rig) {
			const card = await rig.card();
			for (const minor of [1001, 100_000]) {
				const answer = await rig.transact(card, {value: rig.money.toWire(minor)});
				expectRefused(answer, `a debit of ${rig.money.text(minor)} on a balance of ${rig.money.text(1000)}`);
			}

			await rig.expectBalance(card.id, 1000, 'a refused debit');
			await rig.debit(card, 1000);
			await rig.expectBalance(card.id, 0, 'a debit of everything');
			expectRefused(await rig.transact(card, {value: rig.money.toWire(1)}), 'a debit on an empty card');
		},
	},
	{
		id: 'G22',
		title: 'A debit on an expired card, or by a stranger on a restricted one, is refused with a JSON body',
		why: 'Between the search and the debit minutes pass, and the search is not the guard: only the debit is.',
		async run(rig) {
			const past = {
				emissionDate: new Date(Date.now() - 20 * day).toISOString(),
				expiringDate: new Date(Date.now() - 10 * day).toISOString(),
			};
			// Whether such a card can be made, and value put on it, is the provider's choice.
			const expired = await rig.card({funds: 0, members: past}).catch(unlessSkipped);
			if (expired !== undefined) {
				await rig.transact(expired, {operation: 'Credit', value: rig.money.toWire(1000)});
				const late = await rig.transact(expired, {value: rig.money.toWire(1)});
				expectRefused(late, 'a debit on a card that expired ten days ago');
			}

			const owned = await rig.card({members: {restrictedToOwner: true}});
			const stranger = {id: owned.id, email: rig.newEmail()};
			expectRefused(
				await rig.transact(stranger, {value: rig.money.toWire(1)}),
				"a stranger's debit on a card with restrictedToOwner",
			);
			await rig.expectBalance(owned.id, 1000, 'a refused debit');
			await rig.debit(owned, 1);
			await rig.expectBalance(owned.id, 999, "its owner's debit");
		},
	},
	{
		id: 'G30',
		title: 'A credit adds to the balance, and cancelling the credit takes it back',
		why: 'Rewards are granted as credits, and taken back when the order is returned.',
		async run(rig) {
			const card = await rig.card({funds: 0});
			const id = await rig.credit(card, 255);
			await rig.expectBalance(card.id, 255, 'a credit');
			objectOf(await rig.operate('cancellations', card, id, 255), 'to the cancellation of a credit');
			await rig.expectBalance(card.id, 0, 'the cancellation of a credit');
			expectEqual((await rig.listed('cancellations', card, id)).length, 1, 'cancellations listed:');
		},
	},
	{
		id: 'G31',
		title: 'A card with multipleCredits false takes one credit and refuses the next',
		why: 'The merchant asked for a card that cannot be recharged. The native cards do not keep this (KI-583669); a provider that tells the flag has to.',
		async run(rig) {
			const card = await rig.card({funds: 400, members: {multipleCredits: false}});
			const second = await rig.transact(card, {operation: 'Credit', value: rig.money.toWire(100)});
			expectRefused(second, 'a second credit on a card with multipleCredits false');
			await rig.expectBalance(card.id, 400, 'a refused credit');
		},
	},
	{
		id: 'G32',
		title: 'A card with multipleRedemptions false refuses a second debit',
		why: 'A voucher for one purchase that pays a second one is worth more than was sold.',
		async run(rig) {
			const card = await rig.card({members: {multipleRedemptions: false}});
			await rig.debit(card, 300);
			const second = await rig.transact(card, {value: rig.money.toWire(100)});
			expectRefused(second, 'a second debit on a card with multipleRedemptions false');
		},
	},
	{
		id: 'G33',
		title: 'The authorization of a transaction has oid, value and date',
		why: 'The Hub reads it to know what was reserved.',
		async run(rig) {
			const card = await rig.card();
			const id = await rig.debit(card, 592);
			const path = `${transactionPath(card.id, id)}/authorization`;
			const authorization = objectOf(await rig.get(path), 'for an authorization');
			textMember(authorization, 'oid', 'the authorization');
			const value = rig.money.fromWire(authorization['value'], 'value of the authorization');
			expectEqual(rig.money.text(value), rig.money.text(592), 'the value of the debit,');
			expectDate(authorization['date'], 'the authorization');
		},
	},
	{
		id: 'G34',
		title:
			'A transaction shows value, date, operation, requestId and its three links, and is listed under its card',
		why: 'Support and reconciliation find a payment by its requestId, and follow the links to what became of it.',
		async run(rig) {
			const card = await rig.card({funds: 0});
			const credit = await rig.credit(card, 1000);
			const requestId = newRequestId();
			const debit = await rig.debit(card, 300, {requestId, description: 'Homologation'});
			const shown = objectOf(await rig.get(transactionPath(card.id, debit)), 'for a transaction');
			const value = rig.money.fromWire(shown['value'], 'value of the transaction');
			expectEqual(rig.money.text(value), rig.money.text(300), 'the value of the debit,');
			expectEqual(shown['operation'], 'Debit', 'as operation,');
			expectEqual(shown['requestId'], requestId, 'as requestId,');
			expectDate(shown['date'], 'the transaction');
			for (const name of ['settlement', 'cancellation', 'authorization']) {
				textMember(objectMember(shown, name, 'the transaction'), 'href', `${name} of the transaction`);
			}

			const other = objectOf(await rig.get(transactionPath(card.id, credit)), 'for a credit');
			expectEqual(other['operation'], 'Credit', 'as operation,');
			const list = await rig.get(`${cardPath(card.id)}/transactions`);
			const ids = listOf(list, 'for the transactions of a card').map(one => one['id']);
			expectThat(ids.includes(debit) && ids.includes(credit), 'both transactions listed', described(list));
		},
	},
	{
		id: 'G35',
		title: "VTEX's own example: 5.00 credited, 1.20 debited leaves 3.80, 0.20 cancelled leaves 4.00",
		why: 'It is the one calculation that VTEX has published.',
		async run(rig) {
			const card = await rig.card({funds: 0});
			await rig.credit(card, 500);
			const debit = await rig.debit(card, 120);
			await rig.expectBalance(card.id, 380, 'the debit');
			objectOf(await rig.operate('cancellations', card, debit, 20), 'to a partial cancellation');
			await rig.expectBalance(card.id, 400, 'the cancellation');
		},
	},
	{
		id: 'G38',
		title: "Amounts are JSON numbers with at most the currency's decimals",
		why: 'The Hub adds them up. A text is joined instead of added, and a balance of 2.3000000000000003 is refused at the payment step.',
		async run(rig) {
			const card = await rig.card({funds: 330});
			const finding = {client: {email: card.email}};
			// 3.30 less 1.10 is 2.1999999999999997 to who counts in binary fractions.
			const id = await rig.debit(card, 110);
			for (const [minor, left] of [
				[10, 210],
				[20, 190],
			] as const) {
				await rig.debit(card, minor);
				await rig.expectBalance(card.id, left, 'several debits');
			}

			const settled = await rig.operate('settlements', card, id, 110);
			const answers = [await rig.get(cardPath(card.id)), await rig.search(finding), settled];
			for (const {text} of answers) {
				const noisy = /"(?:balance|totalBalance|value)"\s*:\s*(-?\d+\.\d+(?:e-?\d+)?|"[^"]*")/gi;
				for (const [, number = ''] of text.matchAll(noisy)) {
					const decimals = number.split('.')[1]?.replace(/0+$/, '').length ?? 0;
					const isPlain = !/["e]/i.test(number) && decimals <= rig.money.decimals;
					expectThat(isPlain, `a JSON number with at most ${rig.money.decimals} decimals`, number);
				}
			}
		},
	},
	{
		id: 'G40',
		title: 'A transaction of one card is unknown under another card',
		why: 'Whoever mixes them up settles or refunds to a card that never paid.',
		async run(rig) {
			const card = await rig.card();
			const other = await rig.card();
			const id = await rig.debit(card, 300);
			const path = transactionPath(other.id, id);
			for (const part of ['', '/authorization', '/settlements', '/cancellations']) {
				expectRefused(
					await rig.get(`${path}${part}`),
					`GET ${part === '' ? 'a transaction' : part} under another card`,
				);
			}

			expectRefused(await rig.operate('settlements', other, id, 100), 'a settlement under another card');
			expectRefused(await rig.operate('cancellations', other, id, 100), 'a cancellation under another card');
			expectRefused(
				await rig.operate('cancellations', card, 'homologation-nothing', 100),
				'a cancellation of nothing',
			);
			await rig.expectBalance(card.id, 700, 'refused operations');
			await rig.expectBalance(other.id, 1000, 'refused operations');
		},
	},
];
