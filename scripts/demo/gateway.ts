import {randomUUID} from 'node:crypto';
import {AnswerLostError, ProviderRefusal} from './hub.ts';
import {callProvider, type Registration, type Request} from './provider-call.ts';

/** A call that is over; its path is without the slash that the address gets. */
export type GatewayCall = Request & {readonly status: number | null; readonly text: string};

export type GatewayOptions = Registration & {
	/** Told of every call when it is over. */
	readonly onCall?: (call: GatewayCall) => void;
};

export type PaymentWish = {
	/** 32 hexadecimal digits, which a retry repeats. */
	readonly paymentId: string;
	/** Currency units. */
	readonly value: number;
	readonly orderId: string;
	readonly email: string;
	/** As the shopper typed it into the field for the card's number. */
	readonly code: string;
};

/** What a create answers (Payment Provider Protocol, 5.2), as far as the Gateway needs it again. */
export type Payment = {
	readonly paymentId: string;
	readonly status: 'approved' | 'denied' | 'undefined';
	readonly tid: string;
	readonly nsu: string | null;
	readonly authorizationId: string | null;
};

export type Settlement = {readonly settleId: string | null; readonly value: number};
export type Refund = {readonly refundId: string | null; readonly value: number};
export type Cancellation = {readonly cancellationId: string | null};

/** VTEX's Payment Gateway as a connector of private labels meets it (Payment Provider Protocol, 5 and 8 to 10). */
export type Gateway = {
	readonly create: (wish: PaymentWish) => Promise<Payment>;
	/** Capture so much of what was approved. */
	readonly settle: (payment: Payment, value: number) => Promise<Settlement>;
	/** Give back so much of what was settled. */
	readonly refund: (payment: Payment, {settleId}: Settlement, value: number) => Promise<Refund>;
	/** Release what was not settled, whatever that is. */
	readonly cancel: (payment: Payment) => Promise<Cancellation>;
};

const mediaType = 'application/json';
const headers = {Accept: mediaType, 'Content-Type': mediaType};

/** Every call throws {@link ProviderRefusal} for an answer other than 200, and {@link AnswerLostError} for none. */
export function openGateway({onCall, ...registration}: GatewayOptions): Gateway {
	const post = async <Body>(path: string, body: unknown): Promise<Body> => {
		const request: Request = {method: 'POST', path, body, headers};
		const {status, text} = await callProvider(registration, request);
		onCall?.({...request, status, text});
		if (status === null) {
			throw new AnswerLostError(`The answer to POST ${path} got lost.`);
		}

		if (status !== 200) {
			throw new ProviderRefusal(request, status, text);
		}

		return JSON.parse(text) as Body;
	};

	const operate = <Body>(
		kind: 'settlements' | 'refunds' | 'cancellations',
		{paymentId, tid, nsu, authorizationId}: Payment,
		members: Readonly<Record<string, unknown>>,
	) =>
		post<Body>(`payments/${encodeURIComponent(paymentId)}/${kind}`, {
			...{paymentId, tid, nsu, authorizationId},
			requestId: newGatewayId(),
			transactionId: paymentId,
			...members,
		});

	return {
		create: wish => post('payments', paymentBody(wish)),
		settle: (payment, value) => operate('settlements', payment, {value}),
		refund: (payment, {settleId}, value) => operate('refunds', payment, {settleId, value}),
		// The one amount that is described in cents; nobody should rely on it (Payment Provider Protocol, 8).
		cancel: payment => operate('cancellations', payment, {value: 0}),
	};
}

function newGatewayId(): string {
	return randomUUID().replaceAll('-', '').toUpperCase();
}

function paymentBody({paymentId, value, orderId, email, code}: PaymentWish): unknown {
	const person = {firstName: 'Sample', lastName: 'Shopper', document: '01234567890', documentType: 'cpf'};
	return {
		...{reference: orderId, orderId, shopperInteraction: 'ecommerce', transactionId: paymentId, paymentId},
		...{paymentMethod: 'Privatelabels', paymentMethodCustomCode: null, merchantName: 'store'},
		...{value, referenceValue: value, currency: 'BRL', installments: 1, installmentsInterestRate: 0},
		card: {
			holder: 'Sample Shopper',
			number: code,
			csc: null,
			expiration: {month: null, year: null},
			document: null,
			token: null,
		},
		miniCart: {
			buyer: {id: null, ...person, email, phone: '+5521999999999', isCorporate: false},
			items: [{id: '2000002', name: 'Shoes', price: value, quantity: 1, discount: 0, sellerId: '1'}],
			shippingValue: 0,
			taxValue: 0,
		},
		...{deviceFingerprint: '75076388', ipAddress: '203.0.113.7', recipients: null, merchantSettings: []},
		url: `https://store.example.com/orders/${orderId}`,
		callbackUrl: `https://store.example.com/payments/${paymentId}/callback`,
		returnUrl: `https://store.example.com/checkout/${orderId}`,
	};
}
