import {type Check} from '../check.ts';
import {expectThat} from '../expect.ts';
import {expectDone, expectRefused, movedBy} from './answers.ts';
import {newId} from './bodies.ts';
import {type Created, type Gateway} from './gateway.ts';
import {type PaymentsRig, value} from './rig.ts';
import {expectEchoes} from './shapes.ts';

const [part, rest] = [10, value - 10] as const;

/** What was approved is settled, at once or in parts, and never more (Payment Provider Protocol, 9 and 13). */
export const settleChecks: readonly Check<PaymentsRig>[] = [
	{
		id: 'P11',
		title: 'A full settlement is answered with its id, its value and what it was asked under',
		why: 'The settleId is what refunds are asked for by, and the value is what the store believes it has been paid.',
		async run({approved, gateway}) {
			const payment = await approved();
			const requestId = newId();
			const settled = expectDone(await gateway.settle(payment, value, {requestId}), 'settlements', value);
			expectEchoes(settled.members, {paymentId: payment.paymentId, requestId});
		},
	},
	{
		id: 'P12',
		title: 'A payment is settled in parts',
		why: 'An order that is sent in two parcels is invoiced twice. Who takes the first settlement for the last loses the rest.',
		async run({approved, gateway}) {
			const payment = await approved();
			const first = expectDone(await gateway.settle(payment, part), 'settlements', part, 'to the first part');
			const second = expectDone(
				await gateway.settle(payment, rest),
				'settlements',
				rest,
				'to the second part',
			);
			expectThat(first.id !== second.id, 'a settleId of its own for each part', first.id);
		},
	},
	{
		id: 'P13',
		title: 'No more is settled than was approved',
		why: 'VTEX may send the whole value after a part. Who settles it charges the shopper for more than she has agreed to.',
		async run({approved, gateway}) {
			const payment = await approved();
			expectDone(await gateway.settle(payment, rest), 'settlements', rest);
			const above = movedBy(
				await gateway.settle(payment, value),
				'settlements',
				`to ${value} of which ${part} are left`,
			);
			expectThat(above <= part, `at most ${part} of ${value} settled, or 500 and settleId null`, `${above}`);
			if (above < part) {
				expectDone(
					await gateway.settle(payment, part - above),
					'settlements',
					part - above,
					'to what is left',
				);
			}

			expectRefused(await gateway.settle(payment, 1), 'settlements', 'to a settlement when nothing is left');
		},
	},
	{
		id: 'P14',
		title: 'A settlement that is sent again under its requestId is answered the same, and settles once',
		why: 'A settlement whose answer was lost is repeated for a day. Each repetition that counts takes the money again.',
		async run({approved, gateway}) {
			const payment = await approved();
			const requestId = newId();
			const first = expectDone(await gateway.settle(payment, part, {requestId}), 'settlements', part);
			const again = expectDone(
				await gateway.settle(payment, part, {requestId}),
				'settlements',
				part,
				'to the same requestId again',
			);
			expectThat(again.id === first.id, `the settleId ${first.id} again`, again.id);
			expectDone(
				await gateway.settle(payment, rest),
				'settlements',
				rest,
				`to the rest after ${part} was settled, and repeated`,
			);
		},
	},
	{
		id: 'P41',
		title: 'A settlement that comes before its payment is refused, and done when it is sent again',
		why: 'Messages overtake each other. A refusal that is remembered for good makes VTEX cancel, after a day of retries, what was paid for.',
		async run({approved, gateway, body}) {
			// Without this, what is wrong is not the order of things.
			await approved();
			const asked = await body();
			const early = {paymentId: String(asked['paymentId']), transactionId: asked['transactionId'], value};
			const requestId = newId();
			const refused = await gateway.settle(early, value, {requestId});
			const isRefused = refused.status >= 400 || movedBy(refused, 'settlements') === 0;
			expectThat(isRefused, 'a settlement of an unknown payment to be refused', refused);
			const payment = await approved(asked);
			const answer = await gateway.settle(payment, value, {requestId});
			expectDone(answer, 'settlements', value, 'to the same settlement when the payment is there');
		},
	},
	{
		id: 'P45',
		title: 'Settlements that arrive together settle once for a requestId, and no more than was approved',
		why: "Retries and two parcels meet. Who reads what is left and writes it afterwards settles more than the payment's value.",
		async run({approved, gateway}) {
			const repeated = await approved();
			const requestId = newId();
			const settle = () => gateway.settle(repeated, part, {requestId});
			const equal = await Promise.all(Array.from({length: 5}, settle));
			const ids = new Set<string>();
			for (const answer of equal) {
				// Who is busy may say so: nothing was done then, and VTEX asks again.
				const last = answer.status === 200 ? answer : await settle();
				ids.add(expectDone(last, 'settlements', part, 'to each of 5 equal settlements in parallel').id);
			}

			expectThat(ids.size === 1, 'one settleId for one requestId', `${ids.size}`);
			await settleRest(gateway, repeated, part);

			const raced = await approved();
			const answers = await Promise.all(Array.from({length: 5}, () => gateway.settle(raced, rest)));
			const moved = answers.reduce((sum, answer) => sum + movedBy(answer, 'settlements'), 0);
			expectThat(
				moved <= value,
				`at most ${value} settled by 5 settlements of ${rest} in parallel`,
				`${moved}`,
			);
			await settleRest(gateway, raced, moved);
		},
	},
	{
		id: 'P48',
		title: 'Amounts that are nothing, or below it, move nothing',
		why: 'The Gateway has sent settlements of 0, and takes an order for finished when one is answered as done. A refund of −5 would be a charge.',
		async run({approved, gateway}) {
			const payment = await approved();
			for (const amount of [0, -5]) {
				const settled = await gateway.settle(payment, amount);
				const isRefused = settled.status >= 400 || movedBy(settled, 'settlements') === 0;
				expectThat(
					isRefused && !hasId(settled.json, 'settleId'),
					`a settlement of ${amount} to be refused`,
					settled,
				);
			}

			const {id: settleId} = expectDone(await gateway.settle(payment, part), 'settlements', part);
			const refunded = await gateway.refund(payment, -5, {settleId});
			expectThat(
				refunded.status >= 400 && !hasId(refunded.json, 'refundId'),
				'a refund of -5 to be refused',
				refunded,
			);
			expectDone(await gateway.settle(payment, rest), 'settlements', rest, 'to the rest after all that');
		},
	},
];

function hasId(json: unknown, name: string): boolean {
	return (
		typeof json === 'object' && json !== null && typeof (json as Record<string, unknown>)[name] === 'string'
	);
}

/** Settle what is left after so much. @throws Failure where it is not there any more, or not all that there is */
async function settleRest(gateway: Gateway, payment: Created, moved: number): Promise<void> {
	const left = payment.value - moved;
	if (left > 0) {
		expectDone(
			await gateway.settle(payment, left),
			'settlements',
			left,
			`to the rest after ${moved} was settled`,
		);
	}

	expectRefused(await gateway.settle(payment, 1), 'settlements', 'to a settlement when nothing is left');
}
