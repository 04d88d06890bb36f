import type Router from '@koa/router';
import {z} from 'zod';
import {type Instant} from '../ledger/calendar.ts';
import {type KeyTools} from '../merchants/vtex-keys.ts';
import {ring} from '../orders/doorbell.ts';
import {findHookOwner} from '../orders/hooks.ts';
import {hookTokenHeader, orderHookPath} from '../orders/source.ts';
import {NotificationBody, PingBody, readNotification} from '../vtex/orders/notification.ts';
import {readBody} from './body.ts';
import {refuse} from './caller.ts';
import {type Log} from './log.ts';
import {type PublishedRoute} from './openapi/published-route.ts';
import {type Context, type State} from './state.ts';

export type OrderHookParts = KeyTools & {
	readonly clock: () => Instant;
	readonly log: Pick<Log, 'info' | 'warn'>;
};

/** As it is published. */
export const orderHook: PublishedRoute = {
	method: 'post',
	path: orderHookPath,
	summary: 'Say that something has happened to an order.',
	access: 'hook',
	params: z.object({}),
	body: z.union([NotificationBody, PingBody]),
	reply: z.strictObject({}).meta({id: 'Noted'}),
	documented: {
		operationId: 'ringForOrder',
		description:
			'The order is only written down, and fetched later. What names no order that could be looked at is answered 200 too, because it would be no better the next time. The ping that comes while the hook is configured may have no token.',
		example: {
			body: {
				Domain: 'Marketplace',
				OrderId: '1530241870044-01',
				CurrentChange: '2027-03-12T14:02:12.9051144Z',
				Origin: {Account: 'lojamonedero', Key: 'vtexappkey-lojamonedero-ABCDEF'},
			},
			reply: {},
		},
	},
};

type Owner = NonNullable<Awaited<ReturnType<typeof findHookOwner>>>;

/**
 * The doorbell that VTEX rings when something has happened to an order (Orders, 1.2 to 1.5). It has a token of its own, in a header that the
 * hook was configured with, and the token names the merchant (rules C1).
 *
 * Whatever is not 200 within 5 seconds VTEX sends again for days. So an order is only written down here, and fetched later; and what would be
 * no better the next time (another account's, or unreadable) is answered 200 and logged. The ping that comes while a hook is configured
 * may have no token, and is refused with a wrong one.
 */
export function orderHookRoute(router: Router<State>, parts: OrderHookParts): void {
	router.post(orderHookPath, async (ctx: Context) => {
		ctx.state.route = orderHookPath;
		const token = ctx.req.headers[hookTokenHeader.toLowerCase()];
		const isPresented = typeof token === 'string' && token.trim() !== '';
		const owner = isPresented ? await findHookOwner(parts, token.trim()) : undefined;
		if (isPresented && owner === undefined) {
			parts.log.warn('An order hook was called with a token that is not known: has it been configured anew?');
			refuse(ctx, 403);
			return;
		}

		await answer(parts, ctx, owner);
	});
}

async function answer(parts: OrderHookParts, ctx: Context, owner: Owner | undefined): Promise<void> {
	const notification = readNotification(await readBody(ctx));
	if (notification.kind !== 'ping' && owner === undefined) {
		parts.log.warn('An order hook was called without a token');
		refuse(ctx, 401);
		return;
	}

	if (notification.kind === 'ring' && owner !== undefined) {
		await note(parts, owner, notification);
	} else if (notification.kind === 'unreadable') {
		parts.log.warn({merchant: owner?.merchant.id}, 'A notification names no order that could be looked at');
	}

	ctx.status = 200;
	ctx.body = {};
}

async function note(
	{prisma, clock, log}: OrderHookParts,
	{merchant, account}: Owner,
	notification: Extract<ReturnType<typeof readNotification>, {kind: 'ring'}>,
): Promise<void> {
	if (notification.account !== null && notification.account !== account) {
		log.warn(
			{merchant: merchant.id},
			'A notification of another VTEX account came by the hook of a merchant',
		);
		return;
	}

	await ring(prisma, merchant.id, notification.ring, clock());
}
