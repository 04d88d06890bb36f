import {OrderSourceError, type OrderSource} from '../../orders/source.ts';
import {type VtexAccess} from '../../merchants/vtex-keys.ts';
import {hookConfigOf, hookStateOf} from './hook-config.ts';
import {listOrders, readGroup} from './list.ts';
import {readOrder, UnreadableOrderError} from './read-order.ts';
import {askVtex, type RequestLimits, requestLimits} from './request.ts';

const hookPath = '/api/orders/hook/config';

/** A store's orders at VTEX, by its Orders API. What comes back is read at once and kept nowhere: it has names and codes in it (Orders, 4.5). */
export function openVtexOrders(over: Partial<RequestLimits> = {}): OrderSource {
	const limits = {...requestLimits, ...over};
	const get = (access: VtexAccess, path: string, what: string) =>
		askVtex(access, {method: 'GET', path, what}, limits);
	return {
		read,
		async fetch(access, orderId) {
			const path = `/api/oms/pvt/orders/${encodeURIComponent(orderId)}`;
			return read(await get(access, path, 'the order'));
		},
		list: (access, filter) => listOrders(path => get(access, path, 'the list of orders'), filter),
		async group(access, groupId) {
			const path = `/api/oms/pvt/orders/order-group/${encodeURIComponent(groupId)}`;
			try {
				return readGroup(await get(access, path, 'the orders of a purchase'));
			} catch (error) {
				if (isAbsent(error)) {
					return [];
				}

				throw error;
			}
		},
		async hookState(access, wanted) {
			try {
				return hookStateOf(await get(access, hookPath, 'the order hook'), wanted);
			} catch (error) {
				if (isAbsent(error)) {
					return 'none';
				}

				throw error;
			}
		},
		async configureHook(access, wanted) {
			const request = {method: 'POST', path: hookPath, what: 'the order hook'} as const;
			// The body of the answer is the sample of a notification.
			await askVtex(access, {...request, body: hookConfigOf(wanted)}, limits);
		},
		async removeHook(access) {
			try {
				await askVtex(access, {method: 'DELETE', path: hookPath, what: 'the order hook'}, limits);
			} catch (error) {
				if (!isAbsent(error)) {
					throw error;
				}
			}
		},
	};
}

function read(document: unknown) {
	try {
		return readOrder(document);
	} catch (error) {
		// Its message names a member and repeats nothing of it.
		throw error instanceof UnreadableOrderError ? new OrderSourceError('unreadable', error.message) : error;
	}
}

const isAbsent = (error: unknown) => error instanceof OrderSourceError && error.problem === 'absent';
