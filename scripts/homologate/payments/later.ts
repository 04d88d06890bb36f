import {type Check, Skip} from '../check.ts';
import {expectThat, type Members, shown} from '../expect.ts';
import {expectDone, expectPayment, paymentOf} from './answers.ts';
import {cardOf} from './bodies.ts';
import {createdBy} from './gateway.ts';
import {type Callback, type Mailbox} from './listener.ts';
import {invoiceMethods} from './offer.ts';
import {decided, type PaymentsRig} from './rig.ts';
import {expectPaymentForm} from './shapes.ts';
import {
	approvalStory,
	expectCallback,
	expectEnd,
	firstCallback,
	soundStory,
	type Waiting,
	waiting,
	waitingWith,
} from './waiting.ts';

/** What else would come soon has come by then. */
const quietSeconds = 2;

/** Payments that are decided later, and the callbacks that say so (Payment Provider Protocol, 6). */
export const laterChecks: readonly Check<PaymentsRig>[] = [
	{
		id: 'P06',
		title:
			'A payment that is approved later is told by one callback, to the exact callbackUrl, with the whole answer and both keys',
		why: "VTEX signs the address: one byte that differs, the query left out or no keys, and it refuses the callback, and the order waits for the Gateway's next question. A second callback authorizes again.",
		async run(rig) {
			const story = await approvalStory(rig);
			expectPaymentForm(story.payment, story.asked['paymentId']);
			expectCallback(story.callback, story.box, story, 'approved');
			await rig.wait(() => story.box.received[1], quietSeconds);
			const {length} = story.box.received;
			expectThat(length === 1, 'one callback, as it was answered 200', `${length}`);
		},
	},
	{
		id: 'P07',
		title: 'The create that is sent again after the end is answered with the end, under the same tid',
		why: 'A callback that arrives while the Gateway is asking is dropped. The answer to the next question is then the only way to learn that the money is there.',
		async run(rig) {
			const begun = await waiting(rig, 'approved');
			const last = await expectEnd(rig, begun, 'approved');
			const {tid} = begun.payment.members;
			expectThat(
				last.members['tid'] === tid,
				`the tid ${shown(tid)} that it had while it waited`,
				last.answer,
			);
		},
	},
	{
		id: 'P08',
		title: 'A payment that is denied later is told by a callback',
		why: 'Until it is told, VTEX keeps the order and its stock waiting, up to seven days.',
		async run(rig) {
			const {box, begun} = await waitingWith(rig, 'denied', [200]);
			expectCallback(await firstCallback(rig, box), box, begun, 'denied');
			await expectEnd(rig, begun, 'denied');
		},
	},
	{
		id: 'P09',
		title: 'A callback that is answered 500 is sent again until it is taken, with the same outcome',
		why: 'VTEX has bad minutes as well. A callback that is sent once is an order that hangs whenever it has one.',
		async run(rig) {
			const {box, begun} = await waitingWith(rig, 'approved', [500, 500, 200]);
			await firstCallback(rig, box);
			const third = await rig.wait(() => box.received[2]);
			const {length} = box.received;
			expectThat(
				third !== undefined,
				'a third callback after two that were answered 500',
				`${length} in all`,
			);
			box.received.forEach(callback => {
				expectCallback(callback, box, begun, 'approved');
			});
		},
	},
	{
		id: 'P10',
		title: 'Where a callback is never answered, the create that is sent again tells the outcome',
		why: 'That VTEX does not take a callback says nothing about the payment: it is approved, and whoever asks has to be told.',
		async run(rig) {
			const {box, begun} = await waitingWith(rig, 'approved', ['silence']);
			try {
				await firstCallback(rig, box);
				await expectEnd(rig, begun, 'approved');
			} finally {
				rig.listener?.hangUp();
			}
		},
	},
	{
		id: 'P20',
		title: 'A payment that is cancelled while it waits is denied from then on, and no callback approves it',
		why: 'The store has given the order up. A payment that is approved after that is money for goods which nobody sends.',
		async run(rig) {
			const {box, control, ...begun} = await cancelledWaiting(rig);
			await decided(rig, control.asked);
			const approval = await rig.wait(() => box?.received.find(isApproval), quietSeconds);
			expectThat(
				approval === undefined,
				'no approving callback of a cancelled payment',
				approval?.body ?? 'none',
			);
			await expectEnd(rig, begun, 'denied');
		},
	},
	{
		id: 'P33',
		title: 'A bank invoice waits with the address of its page, and is approved when it was paid',
		why: "Without the address the shopper has nothing to pay. It is one of the cases of VTEX's test suite.",
		async run(rig) {
			const {methods} = await rig.offer();
			const paymentMethod = methods.find(method => invoiceMethods.includes(method));
			if (paymentMethod === undefined) {
				throw new Skip('The manifest offers no bank invoice.');
			}

			const asked = await rig.body({paymentMethod, card: null});
			const payment = expectPayment(await rig.gateway.create(asked), 'undefined', 'to a bank invoice');
			expectThat(
				pageOf(payment.members) !== undefined,
				'the address of the invoice as paymentUrl',
				payment.answer,
			);
			expectPaymentForm(payment, asked['paymentId']);
			await expectEnd(rig, {asked}, 'approved');
		},
	},
	{
		id: 'P34',
		title: 'A payment that leads the shopper to a page keeps the address of it while it waits',
		why: "The redirect of VTEX's test suite: a create without a card. The Gateway may ask again before the shopper has gone there, and sends her where the last answer says.",
		async run(rig) {
			const {method} = await rig.offer();
			const asked = await rig.body({card: cardOf(null, null)});
			const payment = paymentOf(await rig.gateway.create(asked), `to a create for ${method} without a card`);
			const page = pageOf(payment.members);
			if (payment.status !== 'undefined' || page === undefined) {
				throw new Skip(`The provider leads nobody to a page for ${method}.`);
			}

			const again = paymentOf(await rig.gateway.create(asked), 'to the same create again');
			const isSame = again.status !== 'undefined' || pageOf(again.members) === page;
			expectThat(isSame, `the address ${shown(page)} again`, again.answer);
			await expectEnd(rig, {asked}, 'approved');
		},
	},
	{
		id: 'P35',
		title: 'No callback is sent before the create was answered',
		why: 'The Gateway stores a payment after it has read the answer. A callback that comes sooner is lost, and the order stays in "authorizing".',
		async run(rig) {
			const {callback, answeredAtMs} = await soundStory(rig);
			const aheadMs = answeredAtMs - callback.atMs;
			expectThat(aheadMs <= 0, 'the callback after the answer', `it ${Math.ceil(aheadMs)} ms ahead of it`);
		},
	},
	{
		id: 'P36',
		title: 'A payment that was decided in its answer is not called back about',
		why: 'VTEX knows already. Another approval authorizes again, and where a gift card paid a part, the order may be cancelled.',
		async run(rig) {
			if (rig.options.isLater) {
				throw new Skip('The provider was said to decide every payment later (--later).');
			}

			const box = rig.mailbox([200]);
			await rig.approved({callbackUrl: box.url});
			const callback = await rig.wait(() => box.received[0], quietSeconds);
			expectThat(
				callback === undefined,
				'no callback about a payment that was approved at once',
				callback?.body ?? 'none',
			);
		},
	},
];

type Cancelled = Waiting & {readonly control: Waiting; readonly box: Mailbox | undefined};

/** Times that a payment is made until one can be cancelled before it is decided. */
const attemptsMax = 5;

/**
 * A payment that was cancelled while it waited. The control was asked for before it and was waiting still, so this one was, too; when
 * that one is approved, this one would have been.
 */
async function cancelledWaiting(rig: PaymentsRig): Promise<Cancelled> {
	for (let attempt = 1; attempt <= attemptsMax; attempt++) {
		const box = rig.listener?.openMailbox([200]);
		const control = await waiting(rig, 'approved');
		const begun = await waiting(rig, 'approved', box?.url);
		const payment = createdBy(begun.asked, begun.payment.members);
		expectDone(await rig.gateway.cancel(payment), 'cancellations', undefined, 'to a payment that waits');
		if (paymentOf(await rig.gateway.create(control.asked)).status === 'undefined') {
			return {...begun, control, box};
		}
	}

	throw new Skip('The provider decides so soon that nothing can be cancelled before.');
}

function isApproval({body}: Callback): boolean {
	return body.includes('"approved"');
}

/** Where a shopper is led to, under the name of today or an older one. */
const pageNames = ['paymentUrl', 'bankIssueInvoiceId', 'bankIssueUrl', 'redirectUrl'];

function pageOf(members: Members): unknown {
	return pageNames
		.map(name => members[name])
		.find(page => typeof page === 'string' && /^https?:\/\//i.test(page));
}
