import {type Check} from '../check.ts';
import {expectThat} from '../expect.ts';
import {expectDone, expectRefused, movedBy, skipManual} from './answers.ts';
import {newId} from './bodies.ts';
import {type Created} from './gateway.ts';
import {type PaymentsRig, value} from './rig.ts';
import {expectEchoes} from './shapes.ts';

const [part, rest] = [12, value - 12] as const;

type Settled = {readonly payment: Created; readonly settleId: string};

/** A payment of which all was settled. @throws Skip where none is approved; Failure where it cannot be settled */
async function settled({approved, gateway}: PaymentsRig): Promise<Settled> {
	const payment = await approved();
	const {id} = expectDone(await gateway.settle(payment, value), 'settlements', value);
	return {payment, settleId: id};
}

/** What was settled goes back, at once or in parts, and never more (Payment Provider Protocol, 10 and 13). */
export const refundChecks: readonly Check<PaymentsRig>[] = [
	{
		id: 'P15',
		title: 'What was settled is refunded in parts, up to all of it',
		why: 'Shoppers send back one thing at a time. Who takes the first refund for the last keeps their money.',
		async run(rig) {
			const {payment, settleId} = await settled(rig);
			const requestId = newId();
			const first = expectDone(
				await rig.gateway.refund(payment, part, {settleId, requestId}),
				'refunds',
				part,
				'to a part',
			);
			expectEchoes(first.members, {paymentId: payment.paymentId, requestId});
			const second = expectDone(
				await rig.gateway.refund(payment, rest, {settleId}),
				'refunds',
				rest,
				'to the rest',
			);
			expectThat(first.id !== second.id, 'a refundId of its own for each part', first.id);
		},
	},
	{
		id: 'P16',
		title: 'One more refund than was settled is the 500 shape',
		why: 'Money that goes out twice does not come back. VTEX repeats a refund that it is not sure of, and merchants press buttons twice.',
		async run(rig) {
			const {payment, settleId} = await settled(rig);
			expectDone(await rig.gateway.refund(payment, value, {settleId}), 'refunds', value);
			expectRefused(
				await rig.gateway.refund(payment, 1, {settleId}),
				'refunds',
				'to one more refund when all went back',
			);
		},
	},
	{
		id: 'P17',
		title: 'A refund that is sent again under its requestId is answered the same, and refunds once',
		why: 'VTEX repeats a refund whose answer was lost. Each repetition that counts is money out of the till.',
		async run(rig) {
			const {payment, settleId} = await settled(rig);
			const again = {settleId, requestId: newId()};
			const first = expectDone(await rig.gateway.refund(payment, part, again), 'refunds', part);
			const second = expectDone(
				await rig.gateway.refund(payment, part, again),
				'refunds',
				part,
				'to the same requestId again',
			);
			expectThat(second.id === first.id, `the refundId ${first.id} again`, second.id);
			expectDone(
				await rig.gateway.refund(payment, rest, {settleId}),
				'refunds',
				rest,
				`to the rest after ${part} went back, and was repeated`,
			);
		},
	},
	{
		id: 'P42',
		title: 'Nothing is refunded that was not settled',
		why: 'A refund that overtakes its settlement, or asks for more than was sent, gives away money that the store never had.',
		async run(rig) {
			const payment = await rig.approved();
			const early = await rig.gateway.refund(payment, part, {settleId: newId()});
			skipManual(early, 'refunds');
			expectRefused(early, 'refunds', 'to a refund before any settlement');
			const {id: settleId} = expectDone(
				await rig.gateway.settle(payment, part),
				'settlements',
				part,
				'after a refund that was refused',
			);
			const above = movedBy(
				await rig.gateway.refund(payment, value, {settleId}),
				'refunds',
				`to ${value} of which ${part} were settled`,
			);
			expectThat(above <= part, `at most ${part} refunded, or 500 and refundId null`, `${above}`);
		},
	},
	{
		id: 'P46',
		title: 'Refunds that arrive together give back no more than was settled',
		why: 'Two people at the store click at the same moment. Who reads what is left and writes it afterwards pays both.',
		async run(rig) {
			const {payment, settleId} = await settled(rig);
			const answers = await Promise.all(
				Array.from({length: 5}, () => rig.gateway.refund(payment, rest, {settleId})),
			);
			const moved = answers.reduce((sum, answer) => sum + movedBy(answer, 'refunds'), 0);
			expectThat(
				moved <= value,
				`at most ${value} given back by 5 refunds of ${rest} in parallel`,
				`${moved}`,
			);
			if (moved < value) {
				const answer = await rig.gateway.refund(payment, value - moved, {settleId});
				expectDone(answer, 'refunds', value - moved, `to the rest after ${moved} went back`);
			}
		},
	},
	{
		id: 'P54',
		title: 'A refund under the requestId of a settlement is a request of its own',
		why: "VTEX's own guide shows both under one id. Who looks for the id alone answers the settlement again, and the shopper waits for money that nobody sends.",
		async run(rig) {
			const payment = await rig.approved();
			const requestId = newId();
			const {id: settleId} = expectDone(
				await rig.gateway.settle(payment, value, {requestId}),
				'settlements',
				value,
			);
			expectDone(
				await rig.gateway.refund(payment, part, {requestId, settleId}),
				'refunds',
				part,
				"to a refund under the settlement's requestId",
			);
			expectDone(await rig.gateway.refund(payment, rest, {settleId}), 'refunds', rest, 'to the rest');
		},
	},
];
