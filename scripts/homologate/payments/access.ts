import {type Check, Skip} from '../check.ts';
import {expectThat, isObject, objectOf, shown} from '../expect.ts';
import {type Answer, type CallOptions, type CredentialNames} from '../wire.ts';
import {expectDone, expectPayment, expectRefused} from './answers.ts';
import {type Created, createdBy} from './gateway.ts';
import {type PaymentsRig, value} from './rig.ts';

/** Who may ask, how fast answers come, and calls that are passed on (Payment Provider Protocol, 1, 2 and 11). */
export const accessChecks: readonly Check<PaymentsRig>[] = [
	{
		id: 'P22',
		title: 'Wrong, missing and blank credentials are refused, and have no effect',
		why: "Anybody can find the provider's address, and anybody can send the header of the test suite. Who is let in without the merchant's credentials refunds to himself.",
		async run(rig) {
			const {gateway} = rig;
			const payment = await rig.approved();
			const stranger = await rig.body();
			const unborn = createdBy(stranger, {});
			for (const credentials of ['wrong', 'wrong-token', 'none', 'blank'] as const) {
				const call: CallOptions = {credentials};
				const name = `with ${credentials} credentials`;
				expectTurnedAway(await gateway.create(stranger, call), `a create ${name}`);
				expectTurnedAway(await gateway.settle(payment, value, {}, call), `a settlement ${name}`);
				expectTurnedAway(await gateway.refund(payment, value, {}, call), `a refund ${name}`);
				expectTurnedAway(await gateway.cancel(payment, {}, call), `a cancellation ${name}`);
			}

			const afterwards = 'after requests with wrong credentials';
			const early = await gateway.settle(unborn, value);
			const isUnknown = early.status >= 400 || early.json === undefined || !hasSettleId(early);
			expectThat(isUnknown, `no payment ${afterwards}`, early);
			const {id: settleId} = expectDone(
				await gateway.settle(payment, value),
				'settlements',
				value,
				afterwards,
			);
			expectDone(await gateway.refund(payment, value, {settleId}), 'refunds', value, afterwards);
		},
	},
	{
		id: 'P23',
		title: 'Credentials are read from both families of headers, in any case',
		why: 'Connectors on VTEX IO get X-PROVIDER-API-AppKey, others X-VTEX-API-AppKey, and the test suite writes them in another case than the Gateway.',
		async run(rig) {
			const asked = await rig.body();
			const {tid} = await rig.approved(asked);
			for (const credentialNames of spellings) {
				const answer = await rig.gateway.create(asked, {credentialNames});
				const {members} = expectPayment(answer, 'approved', `to credentials in ${credentialNames[0]}`);
				expectThat(
					members['tid'] === tid,
					`the tid ${shown(tid)} to credentials in ${credentialNames[0]}`,
					answer,
				);
			}
		},
	},
	{
		id: 'P29',
		title: 'Inbound requests are answered under both paths',
		why: 'VTEX documents /inbound/{action} today, and documented /inbound-request/{action} before. Which one a store sends depends on its age.',
		async run(rig) {
			const payment = await rig.approved();
			const answers = new Map<string, Answer>();
			for (const path of ['inbound', 'inbound-request']) {
				answers.set(path, await rig.gateway.inbound(payment, path));
			}

			if ([...answers.values()].every(({status}) => [404, 405, 501].includes(status))) {
				throw new Skip('The provider takes no inbound requests, which are optional.');
			}

			for (const [path, answer] of answers) {
				const {responseData, paymentId} = objectOf(answer, `to /payments/{paymentId}/${path}/status`);
				const {statusCode, contentType, content} = isObject(responseData) ? responseData : {};
				const isWhole =
					Number.isInteger(statusCode) && typeof contentType === 'string' && typeof content === 'string';
				expectThat(
					isWhole,
					'responseData with a whole number as statusCode and texts as contentType and content',
					answer,
				);
				expectThat(paymentId === payment.paymentId, `the paymentId ${payment.paymentId}`, answer);
			}
		},
	},
	{
		id: 'P31',
		title: 'Every answer comes within 5 seconds, and nearly all of them far sooner',
		why: "The test suite fails a provider that needs longer, and in the checkout the shopper is watching. What is slow on a quiet day is what times out on a sale's.",
		async run(rig) {
			for (let round = 0; round < 5; round++) {
				await purchase(rig, await rig.approved());
			}

			const {answerMs} = rig;
			const byTime = rig.seen.toSorted((one, other) => one.answer.ms - other.answer.ms);
			const [usual, slowest] = [byTime[Math.ceil(byTime.length * 0.99) - 1], byTime.at(-1)];
			expectThat((slowest?.answer.ms ?? 0) < answerMs, `every answer within ${answerMs} ms`, timed(slowest));
			expectThat(
				(usual?.answer.ms ?? 0) < answerMs / 2,
				`99 of 100 answers within ${answerMs / 2} ms`,
				timed(usual),
			);
		},
	},
	{
		id: 'P51',
		title: 'A settlement that is refused does not ask for a refund by hand',
		why: 'With settleId null and the code refund-manually the Gateway refunds, and refunds again.',
		async run(rig) {
			const payment = await rig.approved();
			expectDone(await rig.gateway.cancel(payment), 'cancellations');
			expectRefused(await rig.gateway.settle(payment, value), 'settlements', 'after the cancellation');
			const wrong = rig.seen.find(({call, answer: {json}}) => {
				const isSettlement = call.endsWith('/settlements') && isObject(json);
				return isSettlement && json['settleId'] === null && json['code'] === 'refund-manually';
			});
			expectThat(
				wrong === undefined,
				'another code than refund-manually where settleId is null',
				wrong?.answer ?? 'none',
			);
		},
	},
];

const spellings: readonly CredentialNames[] = [
	['X-VTEX-API-AppKey', 'X-VTEX-API-AppToken'],
	['X-PROVIDER-API-AppKey', 'X-PROVIDER-API-AppToken'],
	['x-vtex-api-appkey', 'x-vtex-api-apptoken'],
	['x-provider-api-appkey', 'x-provider-api-apptoken'],
	['X-VTEX-API-APPKEY', 'X-VTEX-API-APPTOKEN'],
	['X-Provider-Api-AppKey', 'X-Provider-Api-AppToken'],
];

/** Neither what is done nor an error of the provider, which VTEX would repeat and count. */
function expectTurnedAway(answer: Answer, what: string): void {
	expectThat(
		answer.status >= 400 && answer.status < 500,
		`a refusal, such as 401 or 403, to ${what}`,
		answer,
	);
}

function hasSettleId({json}: Answer): boolean {
	return isObject(json) && typeof json['settleId'] === 'string';
}

/** From settlement to refund. */
async function purchase({gateway}: PaymentsRig, payment: Created): Promise<void> {
	const {id: settleId} = expectDone(await gateway.settle(payment, value), 'settlements', value);
	await gateway.refund(payment, value, {settleId});
	await gateway.cancel(payment);
}

function timed(seen: PaymentsRig['seen'][number] | undefined): string {
	return seen === undefined ? 'none' : `${Math.round(seen.answer.ms)} ms for ${seen.call}`;
}
