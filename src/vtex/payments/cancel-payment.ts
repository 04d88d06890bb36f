import {endpoint} from '../endpoint.ts';
import {CancellationReply, OperationRequest, PaymentPath} from './contracts.ts';
import {refused} from './documented.ts';
import {examples} from './examples.ts';
import {cancellationError} from './error-replies.ts';
import {operate} from './operate.ts';
import {type PaymentParts} from './parts.ts';

/**
 * Cancel what is not settled of a payment (Payment Provider Protocol, 8). One that was never created is cancelled too, so that a
 * create which comes later is denied.
 */
export const cancelPayment = cancellationAt('/payments/:paymentId/cancellations', 'cancelPayment');

/** The path as a text about VTEX's test suite spells it. */
export const cancelPaymentMisspelled = cancellationAt(
	'/payments/:paymentId/cancelations',
	'cancelPaymentMisspelled',
);

function cancellationAt(path: `/${string}`, operationId: string) {
	return endpoint(
		{
			method: 'post',
			path,
			summary: 'Cancel what is not settled of a payment.',
			access: 'write',
			params: PaymentPath,
			body: OperationRequest,
			reply: CancellationReply,
			errorBody: cancellationError,
			documented: {
				operationId,
				description:
					'A payment that was never created is cancelled too: a create that comes later is denied.',
				...refused,
				example: {body: examples.cancellationRequest, reply: examples.cancellation},
			},
		},
		async (parts: PaymentParts, call) => {
			const {status, id, common} = await operate(parts, call, 'cancel');
			return {status, body: {...common, cancellationId: id}};
		},
	);
}
