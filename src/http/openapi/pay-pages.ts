import {z} from 'zod';
import {payPath} from '../../pages/pay.ts';
import {type PublishedRoute} from './published-route.ts';

const page = {
	path: payPath,
	access: 'open',
	params: z.object({secret: z.string().describe('From `paymentUrl`.')}),
	replyType: 'text/html',
} as const;
const over = {
	404: 'There is no such page, or its time is over.',
	410: 'The page was used; it says how it ended.',
};

/** The page of a payment, as it is published: what a browser may be answered. */
export const payPages: readonly PublishedRoute[] = [
	{
		...page,
		method: 'get',
		summary: 'Show a shopper the payment that waits for them.',
		documented: {operationId: 'showPayment', statuses: over},
	},
	{
		...page,
		method: 'post',
		summary: 'Confirm or decline the payment.',
		body: z
			.object({
				token: z.string().describe('From the page that is shown.'),
				action: z.enum(['confirm', 'decline']),
				pin: z.string().optional().describe("The wallet's PIN, to confirm."),
			})
			.meta({id: 'PayForm'}),
		documented: {
			operationId: 'takePayment',
			description: 'Only from a page of ours: a browser says where a form comes from.',
			statuses: {
				303: 'Back to the store, where `returnUrl` may be gone to. Otherwise the page says how it ended, under 200.',
				403: 'The form is not ours.',
				...over,
				422: 'The PIN is missing or wrong. The form again.',
				429: 'The PIN was wrong too often. The form again.',
			},
		},
	},
];
