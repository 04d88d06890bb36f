import {type Endpoint} from '../endpoint.ts';
import {cancelPayment, cancelPaymentMisspelled} from './cancel-payment.ts';
import {createPayment} from './create-payment.ts';
import {inboundRequest, inboundRequestOf2022} from './inbound-request.ts';
import {type PaymentParts} from './parts.ts';
import {refundPayment} from './refund-payment.ts';
import {settlePayment} from './settle-payment.ts';

export {manifest as manifestEndpoint} from './manifest.ts';

/** The endpoints that ask for credentials, in the order of Payment Provider Protocol, 3. */
export const paymentEndpoints: readonly Endpoint<PaymentParts>[] = [
	createPayment,
	cancelPayment,
	cancelPaymentMisspelled,
	settlePayment,
	refundPayment,
	inboundRequest,
	inboundRequestOf2022,
];
