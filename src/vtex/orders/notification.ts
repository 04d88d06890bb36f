import {z} from 'zod';
import {isOrderId, type Ring} from '../../orders/doorbell.ts';
import {saidText} from '../payments/values.ts';
import {momentOf} from './moments.ts';

/** What VTEX says when it calls the order hook. `account` is whose order it is, where it says so, in small letters. */
export type Notification =
	| {readonly kind: 'ping'}
	| {readonly kind: 'ring'; readonly account: string | null; readonly ring: Ring}
	| {readonly kind: 'unreadable'};

const said = z
	.unknown()
	.transform(value => saidText(value)?.trim() ?? null)
	.meta({type: ['string', 'null']});

/** Both kinds of filter write their names like this. The state is not read: the order itself tells it (Orders, 6 rule 1). */
export const NotificationBody = z
	.object({
		Domain: said.optional(),
		OrderId: said,
		CurrentChange: said.optional(),
		Origin: z.object({Account: said.optional()}).nullish().catch(null),
	})
	.meta({id: 'OrderNotification'});

/** The ping that comes while a hook is configured. */
export const PingBody = z.looseObject({hookConfig: z.literal('ping')}).meta({id: 'HookPing'});

/** A notification, or the ping that comes while the hook is configured (Orders, 1.2, 1.3 and 1.5). */
export function readNotification(body: unknown): Notification {
	if (isPing(body)) {
		return {kind: 'ping'};
	}

	const {data} = NotificationBody.safeParse(body);
	const orderId = data?.OrderId ?? '';
	if (data === undefined || !isOrderId(orderId)) {
		return {kind: 'unreadable'};
	}

	return {
		kind: 'ring',
		account: data.Origin?.Account?.toLowerCase() ?? null,
		ring: {orderId, atLeast: atLeastOf(data)},
	};
}

const isPing = (body: unknown) =>
	typeof body === 'object' && body !== null && 'hookConfig' in body && body.hookConfig === 'ping';

/**
 * The document that is fetched must not be older than the change that was announced, else it lags. Only the workflow that sold the order moves
 * its document for certain: one that delivers has times of its own, and a changed document names none (year 1).
 */
function atLeastOf({
	Domain: domain,
	CurrentChange: change,
}: z.output<typeof NotificationBody>): Ring['atLeast'] {
	return domain?.toLowerCase() === 'marketplace' ? (momentOf(change ?? '') ?? null) : null;
}
