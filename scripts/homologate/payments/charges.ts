import {isObject} from '../expect.ts';
import {type Answer} from '../wire.ts';
import {type Created, type Gateway} from './gateway.ts';

/** What payments have taken from a real card and not given back yet. */
export type Charges = {
	/** Look at a request that was answered. */
	readonly note: (path: string, body: unknown, answer: Answer) => void;
	/** Cancel what is open and refund what was settled, as far as the provider does it. Never fails. */
	readonly giveBack: (gateway: Gateway) => Promise<void>;
};

/** What was settled and refunded, by the provider's ids: repeated under its id it is the same one. */
type Charge = {
	readonly payment: Created;
	readonly settled: Map<string, number>;
	readonly refunded: Map<string, number>;
};

// Whoever has stopped the kit waits for it.
const tidying = {isTidying: true, timeoutMs: 5000} as const;

export function watchCharges(): Charges {
	const charges = new Map<string, Charge>();
	return {
		note(path, body, {status, json}) {
			if (status !== 200 || !isObject(body) || !isObject(json)) {
				return;
			}

			const {paymentId, transactionId, value} = body;
			const charge = charges.get(String(paymentId));
			if (path === '/payments' && json['status'] !== 'denied') {
				const payment = {paymentId: String(paymentId), transactionId, value: Number(value), tid: json['tid']};
				charges.set(payment.paymentId, charge ?? {payment, settled: new Map(), refunded: new Map()});
			} else if (path.endsWith('/settlements')) {
				charge?.settled.set(String(json['settleId']), Number(json['value']));
			} else if (path.endsWith('/refunds')) {
				charge?.refunded.set(String(json['refundId']), Number(json['value']));
			}
		},
		async giveBack(gateway) {
			const left = [...charges.values()];
			charges.clear();
			for (const {payment, settled, refunded} of left) {
				// What is refused here was given back before; what fails is for the merchant to put right.
				await gateway.cancel(payment, {}, tidying).catch(() => undefined);
				let rest = sum(settled) - sum(refunded);
				for (const [settleId, value] of settled) {
					const part = Math.min(value, rest);
					rest -= part;
					if (part > 0) {
						await gateway.refund(payment, part, {settleId}, tidying).catch(() => undefined);
					}
				}
			}
		},
	};
}

function sum(values: ReadonlyMap<string, number>): number {
	return [...values.values()].reduce((total, one) => total + one, 0);
}
