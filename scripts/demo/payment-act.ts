import {type Payment} from './gateway.ts';
import {newPaymentId} from './hub.ts';
import {amountOf, look, type Scene, short} from './scene.ts';
import {expect} from './stage.ts';

/** What the second order takes of the card, and what becomes of that. */
const [paid, settled, refunded] = ['50.00', '30.00', '10.00'] as const;
const order = {orderId: 'v1700000store-02', email: 'shopper@example.com'};

/**
 * The card of the first order, on which 80.00 are left, pays a second one through the Payment Provider Protocol: its code is
 * typed as the number of a private label.
 * @throws StoryError when something is not as it should be; whatever the calls throw
 */
export async function payAsPrivateLabel(scene: Scene): Promise<void> {
	const payment = await createTwice(scene);
	await settleAndRefund(scene, payment);
	await cancelRest(scene, payment);
}

async function createTwice(scene: Scene): Promise<Payment> {
	const {stage, gateway, card} = scene;
	stage.step(`Another order: the card pays ${paid} BRL as a private label. VTEX asks twice.`);
	const wish = {...order, paymentId: newPaymentId(), value: Number(paid), code: card.code};
	const payment = await gateway.create(wish);
	expect('The payment', payment.status, 'approved');
	const repeated = await gateway.create(wish);
	expect('The status of the repeated payment', repeated.status, 'approved');
	expect('The ids of the repeated payment', idsOf(repeated), idsOf(payment));
	stage.remark(`the same payment both times: ${short(payment.tid)}`);
	await look(scene, {balance: '30.00', held: paid, entries: ['authorize']});
	return payment;
}

async function settleAndRefund(scene: Scene, payment: Payment): Promise<void> {
	const {stage, gateway} = scene;
	stage.step(`${settled} BRL are invoiced, and ${refunded} BRL of that come back.`);
	const settlement = await gateway.settle(payment, Number(settled));
	expect('The settled value', amountOf(scene, settlement.value), settled);
	const refund = await gateway.refund(payment, settlement, Number(refunded));
	expect('The refunded value', amountOf(scene, refund.value), refunded);
	await look(scene, {balance: '40.00', held: '20.00', entries: ['capture', 'refund']});
}

async function cancelRest(scene: Scene, payment: Payment): Promise<void> {
	const {stage, gateway} = scene;
	stage.step('The rest of the order is cancelled: what was never settled is free again.');
	const cancel = async () => (await gateway.cancel(payment)).cancellationId;
	const first = await cancel();
	expect('The cancellation', first === null ? 'refused' : 'done', 'done');
	expect('The id of the repeated cancellation', await cancel(), first);
	await look(scene, {balance: '60.00', held: '0.00', entries: ['release']});
}

function idsOf({tid, nsu, authorizationId}: Payment): string {
	return [tid, nsu, authorizationId].join();
}
