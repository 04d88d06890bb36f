import {type Check, Failure} from '../check.ts';
import {described, expectEqual, expectThat, objectOf, shown} from '../expect.ts';
import {type Answer} from '../wire.ts';
import {newRequestId} from './bodies.ts';
import {type Listed, listedOf, type OperationKind, sumOf, transactionPath} from './hub.ts';
import {expectRefused, isRefused} from './refusals.ts';
import {type Card, type Rig} from './rig.ts';

/* Settlements, cancellations and refunds. VTEX has one call for the last two: what comes after a settlement gives money back. */

type Debited = {readonly card: Card; readonly id: string};

/** A card of 1000 with a debit. */
async function debited(rig: Rig, minor: number): Promise<Debited> {
	const card = await rig.card();
	return {card, id: await rig.debit(card, minor)};
}

/** An operation that has to be accepted: its answer. */
async function accepted(
	rig: Rig,
	kind: OperationKind,
	{card, id}: Debited,
	minor: number,
	requestId = newRequestId(),
): Promise<Listed> {
	const answer = await rig.operate(kind, card, id, minor, requestId);
	const after = `to one of the ${kind}, of ${rig.money.text(minor)}`;
	return listedOf(objectOf(answer, after), kind, rig.money);
}

async function expectListed(
	rig: Rig,
	kind: OperationKind,
	{card, id}: Debited,
	values: readonly number[],
): Promise<readonly Listed[]> {
	const listed = await rig.listed(kind, card, id);
	const texts = listed.map(({value}) => rig.money.text(value)).sort();
	const wanted = values.map(rig.money.text).sort();
	expectEqual(texts.join(', '), wanted.join(', '), `these ${kind} listed:`);
	return listed;
}

/** A date with a time, as `new Date` reads it. @throws Failure */
export function expectDate(date: unknown, of: string): void {
	const isDate =
		typeof date === 'string' && /^\d{4}-\d\d-\d\dT/.test(date) && !Number.isNaN(Date.parse(date));
	expectThat(isDate, `a date as 2026-03-11T15:00:00.000Z in ${of}`, shown(date));
}

async function expectEmpty(rig: Rig, kind: OperationKind, {card, id}: Debited): Promise<void> {
	const answer = await rig.get(`${transactionPath(card.id, id)}/${kind}`);
	const isEmpty = answer.status === 200 && Array.isArray(answer.json) && answer.json.length === 0;
	expectThat(isEmpty, `200 and [] for the ${kind} where there are none`, answer);
}

export const operationChecks: readonly Check<Rig>[] = [
	{
		id: 'G23',
		title: 'The lists of settlements and cancellations are empty arrays when there are none',
		why: 'Before it settles or cancels, the Hub adds up these lists. With {} or a 404 in their place it sends nothing, and the order hangs.',
		async run(rig) {
			const purchase = await debited(rig, 300);
			await expectEmpty(rig, 'settlements', purchase);
			await expectEmpty(rig, 'cancellations', purchase);
		},
	},
	{
		id: 'G24',
		title: 'A settlement answers oid, value and date, is listed, and leaves the balance alone',
		why: 'The Hub sends a settlement until the list holds enough; what is not listed is settled again and again.',
		async run(rig) {
			const purchase = await debited(rig, 300);
			const settled = await accepted(rig, 'settlements', purchase, 300);
			expectEqual(settled.value, 300, 'as value of the settlement in minor units,');
			expectDate(settled.date, 'the settlement');
			const [listed] = await expectListed(rig, 'settlements', purchase, [300]);
			expectEqual(listed?.oid, settled.oid, 'in the list, the oid');
			await expectEmpty(rig, 'cancellations', purchase);
			await rig.expectBalance(purchase.card.id, 700, 'a settlement');
		},
	},
	{
		id: 'G25',
		title: 'A settlement repeated under its requestId is one settlement',
		why: 'The Gateway tries again when an answer is late. Two entries make the list say more than was settled.',
		async run(rig) {
			const purchase = await debited(rig, 300);
			const requestId = newRequestId();
			const first = await accepted(rig, 'settlements', purchase, 100, requestId);
			const again = await accepted(rig, 'settlements', purchase, 100, requestId);
			expectEqual(again.oid, first.oid, 'the oid of the first answer,');
			await expectListed(rig, 'settlements', purchase, [100]);
		},
	},
	{
		id: 'G26',
		title: 'A cancellation before settlement gives the value back and is listed',
		why: "An order that is cancelled must not cost the shopper the card's money (KI-491195).",
		async run(rig) {
			const purchase = await debited(rig, 300);
			const cancelled = await accepted(rig, 'cancellations', purchase, 300);
			expectDate(cancelled.date, 'the cancellation');
			await rig.expectBalance(purchase.card.id, 1000, 'a cancellation of everything');
			const [listed] = await expectListed(rig, 'cancellations', purchase, [300]);
			expectEqual(listed?.oid, cancelled.oid, 'in the list, the oid');
			await expectEmpty(rig, 'settlements', purchase);
		},
	},
	{
		id: 'G27',
		title: 'Two cancellations of the same value under different requestIds both count',
		why: 'Two of the same thing are returned on different days. The Hub itself swallows some of these (KI-1118560); a provider must not swallow the rest.',
		async run(rig) {
			const purchase = await debited(rig, 300);
			const first = await accepted(rig, 'cancellations', purchase, 100);
			const second = await accepted(rig, 'cancellations', purchase, 100);
			expectThat(
				first.oid !== second.oid,
				'another oid for the second cancellation',
				`${first.oid} for both`,
			);
			await expectListed(rig, 'cancellations', purchase, [100, 100]);
			await rig.expectBalance(purchase.card.id, 900, 'two cancellations of the same value');
		},
	},
	{
		id: 'G28',
		title:
			'More than the debit never comes back: it is refused, and of the whole value after a part at most the rest moves',
		why: 'After partial cancellations the Hub may ask for the whole debit (KI-309117). Who does what it says gives money away.',
		async run(rig) {
			const purchase = await debited(rig, 300);
			const {card, id} = purchase;
			await accepted(rig, 'cancellations', purchase, 120);
			expectRefused(
				await rig.operate('cancellations', card, id, 301),
				'a cancellation of more than the debit',
			);
			expectRefused(
				await rig.operate('cancellations', card, id, 181),
				'a cancellation of more than what is left',
			);
			await rig.expectBalance(card.id, 820, 'refused cancellations');
			const whole = await rig.operate('cancellations', card, id, 300);
			const left = await wholeAfterPart(rig, purchase, whole);
			await rig.expectBalance(card.id, 820 + left, "a cancellation of the whole debit's value after a part");
			await expectListed(rig, 'cancellations', purchase, left === 0 ? [120] : [120, left]);
		},
	},
	{
		id: 'G29',
		title:
			'A cancellation after settlement gives the value back, also in parts, and never more than the debit',
		why: 'It is the only way to refund: the protocol has no other call.',
		async run(rig) {
			const purchase = await debited(rig, 300);
			await accepted(rig, 'settlements', purchase, 300);
			await accepted(rig, 'cancellations', purchase, 120);
			await rig.expectBalance(purchase.card.id, 820, 'a refund of a part');
			await accepted(rig, 'cancellations', purchase, 180);
			await rig.expectBalance(purchase.card.id, 1000, 'a refund of the rest');
			await expectListed(rig, 'cancellations', purchase, [120, 180]);
			await expectListed(rig, 'settlements', purchase, [300]);
			const more = await rig.operate('cancellations', purchase.card, purchase.id, 1);
			expectRefused(more, 'a refund of more than the debit');
			await rig.expectBalance(purchase.card.id, 1000, 'a refused refund');
		},
	},
	{
		id: 'G52',
		title: 'The same requestId for the debit, its settlement and its cancellation names three requests',
		why: 'The Gateway uses the payment id, which is the same in all three. One key space for all takes the settlement for a repeated debit.',
		async run(rig) {
			const card = await rig.card();
			const requestId = newRequestId();
			const id = await rig.debit(card, 300, {requestId});
			await accepted(rig, 'settlements', {card, id}, 200, requestId);
			await accepted(rig, 'cancellations', {card, id}, 100, requestId);
			await expectListed(rig, 'settlements', {card, id}, [200]);
			await expectListed(rig, 'cancellations', {card, id}, [100]);
			await rig.expectBalance(card.id, 800, 'the three of them');
		},
	},
	{
		id: 'G53',
		title: 'Settlements in parts add up, and what is above the debit is refused',
		why: 'An order is invoiced in parts. A settlement above what was reserved is money that the card never paid.',
		async run(rig) {
			const purchase = await debited(rig, 300);
			await accepted(rig, 'settlements', purchase, 100);
			await accepted(rig, 'settlements', purchase, 100);
			const above = await rig.operate('settlements', purchase.card, purchase.id, 101);
			expectRefused(above, 'a settlement of more than is left');
			await accepted(rig, 'settlements', purchase, 100);
			await expectListed(rig, 'settlements', purchase, [100, 100, 100]);
			await rig.expectBalance(purchase.card.id, 700, 'settlements');
		},
	},
	{
		id: 'G54',
		title: 'A used requestId with another value moves nothing a second time',
		why: 'It is a repetition that somebody has mixed up; whether it is refused or answered as before, it must not count.',
		async run(rig) {
			const purchase = await debited(rig, 300);
			for (const kind of ['settlements', 'cancellations'] as const) {
				const requestId = newRequestId();
				const first = await accepted(rig, kind, purchase, 100, requestId);
				const other = await rig.operate(kind, purchase.card, purchase.id, 50, requestId);
				const isFirst = other.status === 200 && objectOf(other)['oid'] === first.oid;
				expectThat(isFirst || isRefused(other), 'a refusal, or the first answer again', other);
				await expectListed(rig, kind, purchase, [100]);
			}

			await rig.expectBalance(purchase.card.id, 800, 'a cancellation of 1.00 and one that is mixed up');
		},
	},
	{
		id: 'G55',
		title: 'A settlement that comes after the cancellation of everything is refused, and the lists stay true',
		why: 'The two cross on their way. Taking both is goods that are delivered and paid back.',
		async run(rig) {
			const purchase = await debited(rig, 300);
			await accepted(rig, 'cancellations', purchase, 300);
			const late = await rig.operate('settlements', purchase.card, purchase.id, 300);
			expectRefused(late, 'a settlement of what was cancelled');
			await expectEmpty(rig, 'settlements', purchase);
			await expectListed(rig, 'cancellations', purchase, [300]);
			await rig.expectBalance(purchase.card.id, 1000, 'a settlement that came too late');
		},
	},
];

/** How much of the rest moved: all of it, or nothing where the provider refuses. */
async function wholeAfterPart(rig: Rig, {card, id}: Debited, answer: Answer): Promise<number> {
	if (isRefused(answer)) {
		return 0;
	}

	if (answer.status !== 200) {
		throw new Failure('a refusal, or the rest of the debit', described(answer));
	}

	const all = sumOf(await rig.listed('cancellations', card, id));
	expectEqual(rig.money.text(all), rig.money.text(300), 'cancellations that add up to');
	return 180;
}
