import {openEndpoint} from '../endpoint.ts';
import {ManifestReply, NoBody, NoPath} from './contracts.ts';
import {examples} from './examples.ts';
import {bankInvoice} from './methods.ts';
import {type PaymentParts} from './parts.ts';

const hourSeconds = 3600;

/**
 * What can be paid with here (Payment Provider Protocol, 4). The longest delay that a merchant may choose for the settlement is
 * the one after which its hold would be released as forgotten.
 */
export const manifest = openEndpoint(
	{
		method: 'get',
		path: '/manifest',
		summary: 'List the payment methods.',
		access: 'open',
		params: NoPath,
		body: NoBody,
		reply: ManifestReply,
		documented: {operationId: 'getManifest', example: {reply: examples.manifest}},
	},
	({methods, sandbox, delays}: Pick<PaymentParts, 'methods' | 'sandbox' | 'delays'>) => {
		const names = new Set([...methods.keys(), ...(sandbox ? [bankInvoice] : [])]);
		return {
			body: {
				paymentMethods: Array.from(names, name => ({name, allowsSplit: 'disabled' as const})),
				customFields: [],
				autoSettleDelay: {minimum: '0', maximum: String(Math.floor(delays.autoSettle / hourSeconds))},
			},
		};
	},
);
