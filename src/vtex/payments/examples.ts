/* Bodies of the published document, all of one payment. */

const paymentId = '7F3A9C15D2E84B06A1C5E9027B4D68F0';
const requestId = 'D41D8CD98F00B204E9800998ECF8427E';
const done = {paymentId, requestId, code: null};

export const examples = {
	manifest: {
		paymentMethods: [
			{name: 'Privatelabels', allowsSplit: 'disabled'},
			{name: 'Promissories', allowsSplit: 'disabled'},
		],
		customFields: [],
		autoSettleDelay: {minimum: '0', maximum: '120'},
	},
	create: {
		paymentId,
		transactionId: 'C4E1F0A27B5D4C3E9A8F06D2B1735E94',
		reference: '1530241870044',
		orderId: '1530241870044-01',
		paymentMethod: 'Privatelabels',
		value: 29.9,
		currency: 'BRL',
		card: {number: 'P4TZ-9HXM-2WQD-K7QX', csc: null},
		miniCart: {buyer: {id: '3b1abc17-5f2e-4d77-9f0a-1c2d3e4f5a6b', email: 'ana@example.com'}},
		callbackUrl: 'https://lojamonedero.vtexpayments.com.br/callback',
		returnUrl: 'https://lojamonedero.vtexpayments.com.br/return',
	},
	payment: {
		paymentId,
		status: 'approved',
		authorizationId: '0199f3c27d4e7a51b8c6d2e4f0a19357',
		tid: '5b0f6d3c8e1a5947b2d4f7a96c03e185',
		nsu: '482913077',
		acquirer: 'Monedero',
		code: null,
		message: null,
		delayToAutoSettle: 432_000,
		delayToAutoSettleAfterAntifraud: 432_000,
		delayToCancel: 86_400,
		maxValue: 29.9,
	},
	operation: {requestId, value: 29.9},
	settlement: {
		...done,
		settleId: '0199f3c29a1b7c40952ee6f07d3184ab',
		value: 29.9,
		message: 'Successfully settled',
	},
	refund: {
		...done,
		refundId: '0199f3c2b35d7e12a4809c6fe1d2735b',
		value: 29.9,
		message: 'Successfully refunded',
	},
	cancellationRequest: {requestId},
	cancellation: {
		...done,
		cancellationId: '0199f3c2c6e87f349d21b05af8437e6c',
		message: 'Successfully cancelled',
	},
	inboundRequest: {requestId, requestData: {body: ''}},
	inbound: {
		paymentId,
		requestId,
		responseData: {
			statusCode: 200,
			contentType: 'application/json',
			content: `{"paymentId":"${paymentId}","status":"approved"}`,
		},
	},
};
