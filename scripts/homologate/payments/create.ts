import {type Check, Skip} from '../check.ts';
import {expectThat, shown} from '../expect.ts';
import {type Answer} from '../wire.ts';
import {expectPayment, idsOf, type PaymentAnswer, paymentOf} from './answers.ts';
import {cardOf, newId} from './bodies.ts';
import {expectHeldOnce} from './held.ts';
import {testCards} from './options.ts';
import {type PaymentsRig, value} from './rig.ts';
import {delayNames, expectPaymentForm} from './shapes.ts';

const decidesLater = 'The provider was said to decide every payment later (--later).';

/** The payment itself: what it answers, and that it is made once (Payment Provider Protocol, 5 and 13). */
export const createChecks: readonly Check<PaymentsRig>[] = [
	{
		id: 'P02',
		title: 'A payment is approved, with ids that are texts and delays that are whole seconds',
		why: "VTEX's test suite refuses null and numbers as ids, and a store settles and refunds by them later; without delays VTEX takes its own, up to days.",
		async run({options, gateway, body}) {
			if (options.isLater) {
				throw new Skip(decidesLater);
			}

			const asked = await body();
			const payment = expectPayment(
				await gateway.create(asked),
				'approved',
				'to a create with an approving card',
			);
			expectPaymentForm(payment, asked['paymentId']);
		},
	},
	{
		id: 'P03',
		title: 'A create that is sent again is answered with the same ids, and charges once',
		why: 'The Gateway repeats every create whose answer it missed, under the same paymentId. Who charges again takes the money of one order twice.',
		async run(rig) {
			const asked = await rig.body();
			const payment = await rig.approved(asked);
			const again = expectPayment(await rig.gateway.create(asked), 'approved', 'to the same create again');
			const ids = JSON.stringify({
				tid: payment.tid,
				nsu: payment.nsu,
				authorizationId: payment.authorizationId,
			});
			const got = JSON.stringify(idsOf(again));
			expectThat(got === ids, `the ids of the first answer, ${ids}, to the same create again`, got);
			await expectHeldOnce(rig, payment);
		},
	},
	{
		id: 'P04',
		title:
			'A create that is sent again with another value is answered as the first, and charges nothing more',
		why: 'The paymentId alone says which payment it is. A changed cart under the same id is a mistake of somebody, and no second purchase.',
		async run(rig) {
			const payment = await rig.approved();
			const asked = await rig.body({
				paymentId: payment.paymentId,
				value: value * 2,
				referenceValue: value * 2,
			});
			const again = expectPayment(
				await rig.gateway.create(asked),
				'approved',
				'to the same paymentId with twice the value',
			);
			const ids = idsOf(again);
			expectThat(
				ids.tid === payment.tid,
				`the tid ${JSON.stringify(payment.tid)} of the first answer`,
				JSON.stringify(ids.tid),
			);
			await expectHeldOnce(rig, payment);
		},
	},
	{
		id: 'P05',
		title: 'A refusal is 200 with the status denied',
		why: 'An error says that the provider is in trouble. More than five in five minutes, and VTEX holds all payments of the store back for hours.',
		async run({options, gateway, body}) {
			if (options.isLater) {
				throw new Skip(decidesLater);
			}

			const asked = await body({card: cardOf(testCards.deny, '123')});
			const payment = expectPayment(await gateway.create(asked), 'denied', 'to a create with a denied card');
			expectPaymentForm(payment, asked['paymentId']);
		},
	},
	{
		id: 'P37',
		title: 'The delays of a payment are within what VTEX takes, and do not change from answer to answer',
		why: 'A delayToCancel that changes starts a second plan of retries beside the first, and the shorter one may cancel a payment that is fine; one below five minutes cancels shoppers who are still paying.',
		async run(rig) {
			const asked = await rig.body();
			const payment = await rig.approved(asked);
			const answers = [1, 2].map(async () => paymentOf(await rig.gateway.create(asked)));
			const [first, second] = await Promise.all(answers);
			for (const name of delayNames) {
				const [one, other] = [first?.members[name], second?.members[name]];
				expectThat(one === other, `the same ${name} in every answer`, `${String(one)} and ${String(other)}`);
				const [least, most] = delayLimits[name];
				const isWithin = typeof one !== 'number' || (one >= least && one <= most);
				expectThat(
					isWithin,
					`${name} from ${least} to ${most} seconds`,
					`${String(one)} for ${payment.paymentId}`,
				);
			}
		},
	},
	{
		id: 'P38',
		title: 'A create whose answer was lost is made once, and its repetition tells how it ended',
		why: 'Between VTEX and a provider connections break at the worst of moments. What was charged then has to be found again, under the same ids, and not made anew.',
		async run(rig) {
			const asked = await rig.body();
			for (const at of ['sent', 'answered'] as const) {
				await rig.wire.cut('POST', '/payments', at, {body: asked});
			}

			const payment = await rig.approved(asked);
			const again = paymentOf(await rig.gateway.create(asked), 'to the same create again');
			expectThat(again.members['tid'] === payment.tid, 'the same tid in every answer', again.answer);
			await expectHeldOnce(rig, payment);
		},
	},
	{
		id: 'P28',
		title: 'Equal creates that arrive together are one payment',
		why: "The Gateway's retry can overtake its first attempt. Who looks first and writes afterwards charges both.",
		async run(rig) {
			const asked = await rig.body();
			const answers = await Promise.all(Array.from({length: 8}, () => rig.gateway.create(asked)));
			const payments = answers.map(answer => paymentOf(answer, 'to each of 8 equal creates in parallel'));
			const tids = new Set(payments.map(({members}) => members['tid']));
			expectThat(tids.size === 1, 'one tid in 8 parallel answers', `${tids.size} of them`);
			const payment = await rig.approved(asked);
			expectThat(tids.has(payment.tid), 'the tid of the parallel answers afterwards', shown(payment.tid));
			await expectHeldOnce(rig, payment);
		},
	},
	{
		id: 'P49',
		title: 'A paymentId is kept as it came, whatever form it has',
		why: 'Ids of 32 digits, with dashes and of 128 letters have all been sent. One that is cut, or stored as a number, is a payment that nobody finds again.',
		async run(rig) {
			// Without this, what is wrong is not the id.
			await rig.approved();
			for (const paymentId of [dashed(newId()), newId().repeat(4)]) {
				const asked = await rig.body({paymentId});
				const answer = await rig.gateway.create(asked);
				const {members} = expectNotDenied(answer, `to the paymentId ${paymentId}`);
				expectThat(members['paymentId'] === paymentId, `the paymentId ${paymentId} as it was sent`, answer);
				await expectHeldOnce(rig, await rig.approved(asked));
			}
		},
	},
];

/** In seconds (Payment Provider Protocol, 7): of the two texts about the least delayToCancel the milder one. */
const delayLimits = {
	delayToAutoSettle: [0, 604_800],
	delayToAutoSettleAfterAntifraud: [0, 604_800],
	delayToCancel: [300, 2_592_000],
} as const;

function expectNotDenied(answer: Answer, after: string): PaymentAnswer {
	const payment = paymentOf(answer, after);
	expectThat(payment.status !== 'denied', `no denial ${after}`, answer);
	return payment;
}

function dashed(id: string): string {
	return id.toLowerCase().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
