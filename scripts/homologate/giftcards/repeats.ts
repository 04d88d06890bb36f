import {type Check} from '../check.ts';
import {expectEqual} from '../expect.ts';
import {newRequestId} from './bodies.ts';
import {expectRefused} from './refusals.ts';
import {type Rig} from './rig.ts';

/* Transactions that are sent again: the requestId says which are the same. */

export const repeatChecks: readonly Check<Rig>[] = [
	{
		id: 'G20',
		title: 'The same requestId with another value or operation is refused and moves nothing',
		why: 'Either of the two was never meant. Who does both charges twice, and who answers the first hides the mistake.',
		async run(rig) {
			const card = await rig.card();
			const requestId = newRequestId();
			await rig.debit(card, 100, {requestId});
			for (const [operation, minor] of [
				['Debit', 101],
				['Credit', 100],
			] as const) {
				const answer = await rig.transact(card, {operation, value: rig.money.toWire(minor), requestId});
				expectRefused(
					answer,
					`a ${operation.toLowerCase()} of ${rig.money.text(minor)} under a used requestId`,
				);
			}

			await rig.expectBalance(card.id, 900, 'refused repetitions');
		},
	},
	{
		id: 'G45',
		title: 'A repeated debit is answered as before even when nothing is left on the card',
		why: 'VTEX asks for an authorization again after a callback (KI-740499). Who looks at the balance before the requestId cancels an order that is paid.',
		async run(rig) {
			const card = await rig.card();
			const requestId = newRequestId();
			const id = await rig.debit(card, 1000, {requestId});
			expectEqual(await rig.debit(card, 1000, {requestId}), id, 'the id of the first answer,');
			await rig.expectBalance(card.id, 0, 'a repeated debit');
		},
	},
	{
		id: 'G46',
		title: 'A repeated credit counts once',
		why: 'Rewards are sent again when an answer is lost; each repetition that counts is money given away (KI-760896, KI-844079).',
		async run(rig) {
			const card = await rig.card({funds: 0});
			const requestId = newRequestId();
			const id = await rig.credit(card, 250, {requestId});
			expectEqual(await rig.credit(card, 250, {requestId}), id, 'the id of the first answer,');
			await rig.expectBalance(card.id, 250, 'a repeated credit');
		},
	},
	{
		id: 'G47',
		title: 'The same requestId on another card is another request',
		why: 'The key belongs to the card. A purchase that is paid with two cards may carry the same id to both.',
		async run(rig) {
			const requestId = newRequestId();
			for (const card of [await rig.card(), await rig.card()]) {
				await rig.debit(card, 200, {requestId});
				await rig.expectBalance(card.id, 800, 'a debit');
			}
		},
	},
];
