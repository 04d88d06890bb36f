import {type Check} from '../check.ts';
import {expectEqual, objectOf, textMember} from '../expect.ts';
import {type CallOptions, type CutAt} from '../wire.ts';
import {newRequestId, transactionBody} from './bodies.ts';
import {cardPath, type OperationKind, sumOf, transactionPath} from './hub.ts';
import {type Card, type Rig} from './rig.ts';

/* The Hub with what befalls it: it lists, adds up, sends what is missing, and begins again after everything that breaks. */

/** What goes wrong with one attempt: before the list is asked for, after it, or with the request that it leads to. */
type Mishap = 'none' | 'before the list' | 'after the list' | CutAt;

/** What befalls each attempt in turn; when it is used up, nothing does. All that matters is in one of them. */
const plans: readonly (readonly Mishap[])[] = [
	[],
	['answered', 'answered', 'answered', 'answered', 'answered', 'answered'],
	['sent', 'none', 'sent', 'none', 'sent', 'none'],
	['sent', 'answered', 'after the list', 'answered', 'before the list', 'sent', 'sent', 'answered'],
	['after the list', 'sent', 'after the list', 'answered', 'none', 'answered', 'after the list', 'sent'],
];

type Purchase = {readonly card: Card; readonly id: string};
type Wish = {readonly minor: number; readonly total: number};

export function openClumsyHub(rig: Rig, plan: readonly Mishap[]) {
	const left = [...plan];
	/** The same request until an answer arrives. */
	const persist = async (path: string, call: CallOptions, isDone?: () => Promise<boolean>) => {
		for (;;) {
			const mishap = left.shift() ?? 'none';
			if (mishap === 'before the list') {
				continue;
			}

			if ((await isDone?.()) === true) {
				return undefined;
			}

			if (mishap === 'none') {
				return objectOf(await rig.post(path, call), `to POST ${path}`);
			}

			if (mishap !== 'after the list') {
				await rig.wire.cut('POST', path, mishap, call);
			}
		}
	};

	return {
		async debit(card: Card, minor: number): Promise<string> {
			const body = transactionBody(card.email, {value: rig.money.toWire(minor)});
			const answer = await persist(`${cardPath(card.id)}/transactions`, {body});
			return textMember(answer ?? {}, 'id', 'the transaction');
		},
		async operate(kind: OperationKind, {card, id}: Purchase, {minor, total}: Wish): Promise<void> {
			const body = {value: rig.money.toWire(minor), requestId: newRequestId()};
			await persist(`${transactionPath(card.id, id)}/${kind}`, {body}, async () => {
				return sumOf(await rig.listed(kind, card, id)) >= total;
			});
		},
	};
}

export const journeyChecks: readonly Check<Rig>[] = [
	{
		id: 'G37',
		title: 'Purchases of a Hub with crashes between its steps always end consistent',
		why: 'This is how VTEX works: list, add up, send if it is less, and begin again with the list after every failure. At the end each wish has to have happened once.',
		async run(rig) {
			for (const plan of plans) {
				const hub = openClumsyHub(rig, plan);
				const card = await rig.card();
				const purchase = {card, id: await hub.debit(card, 900)};
				await hub.operate('settlements', purchase, {minor: 600, total: 600});
				// What is not delivered is released; then a part of what was delivered comes back.
				await hub.operate('cancellations', purchase, {minor: 300, total: 300});
				await hub.operate('cancellations', purchase, {minor: 150, total: 450});

				const {listed, money} = rig;
				for (const [kind, wanted] of [
					['settlements', 600],
					['cancellations', 450],
				] as const) {
					const sum = sumOf(await listed(kind, card, purchase.id));
					expectEqual(money.text(sum), money.text(wanted), `${kind} that add up to`);
				}

				await rig.expectBalance(card.id, 550, 'a purchase with mishaps');
			}
		},
	},
	{
		id: 'G56',
		title: 'Of a debit, a settlement and a cancellation whose answers were lost, the same again counts once',
		why: 'VTEX cannot know whether a request whose connection broke was done. It sends it again, and the requestId is all that tells the provider.',
		async run(rig) {
			for (const at of ['sent', 'answered'] as const) {
				const hub = openClumsyHub(rig, [at, at, 'none', at, at, 'none', at, at]);
				const card = await rig.card();
				const purchase = {card, id: await hub.debit(card, 400)};
				await rig.expectBalance(card.id, 600, 'a debit whose answer was lost twice');
				const all = {minor: 300, total: Number.POSITIVE_INFINITY};
				await hub.operate('settlements', purchase, all);
				await hub.operate('cancellations', purchase, {...all, minor: 100});
				const settled = sumOf(await rig.listed('settlements', card, purchase.id));
				expectEqual(rig.money.text(settled), rig.money.text(300), 'settlements that add up to');
				await rig.expectBalance(card.id, 700, 'a cancellation whose answer was lost twice');
			}
		},
	},
];
