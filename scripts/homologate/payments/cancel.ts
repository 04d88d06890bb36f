import {type Check} from '../check.ts';
import {expectThat} from '../expect.ts';
import {type Answer} from '../wire.ts';
import {expectDone, expectPayment, expectRefused, movedBy, paymentOf, skipManual} from './answers.ts';
import {newId} from './bodies.ts';
import {type PaymentsRig, value} from './rig.ts';
import {expectEchoes} from './shapes.ts';

const [part, rest] = [10, value - 10] as const;

/** What was not settled goes back, for good (Payment Provider Protocol, 8 and 13). */
export const cancelChecks: readonly Check<PaymentsRig>[] = [
	{
		id: 'P18',
		title: 'A cancellation is answered with its id and what it was asked under',
		why: "Without an id VTEX takes it for failed and repeats it for a day. It is one of the cases of VTEX's test suite.",
		async run({approved, gateway}) {
			const payment = await approved();
			const requestId = newId();
			const {members} = expectDone(await gateway.cancel(payment, {requestId}), 'cancellations');
			expectEchoes(members, {paymentId: payment.paymentId, requestId});
		},
	},
	{
		id: 'P19',
		title: 'What was cancelled cannot be settled',
		why: 'The order is gone. A settlement that comes late, out of a queue, must not charge for it.',
		async run(rig) {
			const payment = await rig.approved();
			expectDone(await rig.gateway.cancel(payment), 'cancellations');
			expectRefused(
				await rig.gateway.settle(payment, value),
				'settlements',
				'to a settlement after the cancellation',
			);
		},
	},
	{
		id: 'P21',
		title: 'A cancellation after everything was settled is refused, or gives it back once',
		why: 'Whether a provider cancels or leaves it to refunds is its own choice; that value goes back by both is a loss.',
		async run({approved, gateway}) {
			const payment = await approved();
			const {id: settleId} = expectDone(await gateway.settle(payment, value), 'settlements', value);
			const isCancelled = isDone(
				await gateway.cancel(payment),
				'to a cancellation after everything was settled',
			);
			const refund = await gateway.refund(payment, value, {settleId});
			skipManual(refund, 'refunds');
			if (isCancelled) {
				expectRefused(refund, 'refunds', 'to a refund of what a cancellation gave back');
			} else {
				expectDone(refund, 'refunds', value, 'to a refund after a cancellation that was refused');
			}
		},
	},
	{
		id: 'P39',
		title: 'A cancellation that comes before its payment is kept: the payment is denied when it comes',
		why: 'Messages overtake each other. A payment that is approved after its cancellation was confirmed takes money for an order that nobody knows any more.',
		async run({approved, gateway, body}) {
			// Without this, what is wrong is not the order of things.
			await approved();
			const asked = await body();
			const early = {paymentId: String(asked['paymentId']), transactionId: asked['transactionId'], value};
			const requestId = newId();
			const isKept = isDone(
				await gateway.cancel(early, {requestId}),
				'to a cancellation of an unknown payment',
			);
			const payment = paymentOf(await gateway.create(asked), 'to a create after its cancellation');
			if (isKept) {
				const isDenied = payment.status === 'denied';
				expectThat(
					isDenied,
					'the status "denied" to a create after its cancellation was confirmed',
					payment.answer,
				);
			} else {
				// VTEX repeats what was refused, so this has to do it.
				const again = await gateway.cancel(early, {requestId});
				expectDone(again, 'cancellations', undefined, 'to the same cancellation when the payment is there');
			}
		},
	},
	{
		id: 'P40',
		title: 'A cancellation that is sent again is answered with the same id',
		why: 'VTEX repeats it until it reads an id. One that is refused the second time, because nothing is left, is repeated for a day and ends on the desk of a merchant.',
		async run({approved, gateway}) {
			const payment = await approved();
			const requestId = newId();
			const first = expectDone(await gateway.cancel(payment, {requestId}), 'cancellations');
			const again = expectDone(
				await gateway.cancel(payment, {requestId}),
				'cancellations',
				undefined,
				'to the same requestId again',
			);
			expectThat(again.id === first.id, `the cancellationId ${first.id} again`, again.id);
			expectDone(
				await gateway.cancel(payment),
				'cancellations',
				undefined,
				'to another cancellation of a cancelled payment',
			);
		},
	},
	{
		id: 'P55',
		title: 'A payment that was cancelled is answered denied when it is created again',
		why: 'The Gateway asks by creating. One that still answers approved is taken for paid.',
		async run(rig) {
			const asked = await rig.body();
			const payment = await rig.approved(asked);
			expectDone(await rig.gateway.cancel(payment), 'cancellations');
			expectPayment(await rig.gateway.create(asked), 'denied', 'to the same create after its cancellation');
		},
	},
	{
		id: 'P44',
		title: 'Of a settlement and a cancellation that arrive together, one wins',
		why: 'An order is invoiced while it is cancelled. Who does both charges the shopper and gives the value back, or neither of them.',
		async run({approved, gateway}) {
			const payment = await approved();
			const race = [gateway.settle(payment, value), gateway.cancel(payment)] as const;
			const [settlement, cancellation] = await Promise.all(race);
			const moved = movedBy(settlement, 'settlements', 'to a settlement beside a cancellation');
			const isCancelled = isDone(cancellation, 'to a cancellation beside a settlement');
			if (moved === 0) {
				// Where both were turned away, VTEX asks again.
				expectDone(isCancelled ? cancellation : await gateway.cancel(payment), 'cancellations');
				expectRefused(await gateway.settle(payment, value), 'settlements', 'after the cancellation');
			} else {
				const settleId = expectDone(settlement, 'settlements', moved).id;
				const back = movedBy(await gateway.refund(payment, moved, {settleId}), 'refunds');
				const isOnce = isCancelled ? back === 0 : back === moved;
				expectThat(
					isOnce,
					`${moved} that was settled to go back ${isCancelled ? 'by the cancellation alone' : 'by a refund'}`,
					`${back} refunded after a cancellation that was ${isCancelled ? 'done' : 'refused'}`,
				);
			}
		},
	},
	{
		id: 'P47',
		title: 'A cancellation after a part was settled leaves nothing to settle, and takes nothing back twice',
		why: 'One parcel was sent, the other will not be. VTEX cancels what is left, and may refund the first.',
		async run({approved, gateway}) {
			const payment = await approved();
			const {id: settleId} = expectDone(await gateway.settle(payment, part), 'settlements', part);
			const isCancelled = isDone(await gateway.cancel(payment), 'to a cancellation after a part was settled');
			const later = await gateway.settle(payment, rest);
			if (isCancelled) {
				expectRefused(later, 'settlements', 'to the rest after it was cancelled');
			} else {
				expectDone(later, 'settlements', rest, 'to the rest after a cancellation that was refused');
			}

			const first = movedBy(await gateway.refund(payment, part, {settleId}), 'refunds');
			const second = movedBy(await gateway.refund(payment, part, {settleId}), 'refunds');
			const most = isCancelled ? part : value;
			expectThat(first + second <= most, `at most ${most} given back`, `${first + second}`);
		},
	},
];

/** Whether a cancellation was done, or refused in the form for it. @throws Failure for what is neither; Skip for manual ones */
function isDone(answer: Answer, after: string): boolean {
	if (answer.status === 200) {
		expectDone(answer, 'cancellations', undefined, after);
		return true;
	}

	expectRefused(answer, 'cancellations', `or 200 with an id ${after}`);
	return false;
}
