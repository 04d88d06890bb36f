import {type z} from 'zod';
import {type VtexAccess} from '../../merchants/vtex-keys.ts';
import {type Asset} from '../../money/asset.ts';
import {OrderSourceError} from '../../orders/source.ts';
import {type GatewayPayment, type MoneySource, type Movement} from '../../reconcile/source.ts';
import {amountsIn, type ReadAmount, UnreadableOrderError} from '../orders/cents.ts';
import {askVtex, type RequestLimits, requestLimits} from '../orders/request.ts';
import {Actions, KeptRefunds, Payments, RefundActions} from './contracts.ts';

/** The states in which nothing more is asked of a payment (Payment Provider Protocol, 14). Another one means that it goes on. */
const closedStates: ReadonlySet<string> = new Set([
	'finished',
	'canceled',
	'cancelled',
	'denied',
	'refunded',
]);

/** A store's money side at VTEX, by its Payments Gateway API. Nothing is changed there, and what comes back is kept nowhere. */
export function openVtexGateway(over: Partial<RequestLimits> = {}): MoneySource {
	const limits = {...requestLimits, ...over};
	const ask = (access: VtexAccess, transactionId: string, part: string) =>
		askVtex(
			access,
			{
				method: 'GET',
				host: 'payments',
				path: `/api/pvt/transactions/${encodeURIComponent(transactionId)}/${part}`,
				what: `the ${part} of a transaction`,
			},
			limits,
		);
	return {
		async payments(access, transactionId, asset) {
			const payments = read(Payments, await ask(access, transactionId, 'payments'), 'payments');
			const settled = read(Actions, await ask(access, transactionId, 'settlements'), 'settlements');
			const refunded = await refundsOf(() => ask(access, transactionId, 'refunds'));
			return payments.map(payment => paymentOf(payment, {settled, refunded, asset}));
		},
	};
}

/** Undefined where VTEX has no such list: what stands with each payment has to do then. */
async function refundsOf(ask: () => Promise<unknown>): Promise<Actions | undefined> {
	try {
		return read(RefundActions, await ask(), 'refunds');
	} catch (error) {
		if (error instanceof OrderSourceError && error.problem === 'absent') {
			return undefined;
		}

		throw error;
	}
}

type Money = {readonly settled: Actions; readonly refunded: Actions | undefined; readonly asset: Asset};

function paymentOf(
	{id, status, value, currencyCode, fields}: z.output<typeof Payments>[number],
	{settled, refunded, asset}: Money,
): GatewayPayment {
	if (currencyCode !== null && currencyCode.toUpperCase() !== asset.code) {
		throw new OrderSourceError(
			'unreadable',
			`The payments of a transaction cannot be read: one is in another currency than its order, which is in ${asset.code}.`,
		);
	}

	return inUnits(asset, amount => ({
		...{id, status, isClosed: closedStates.has(status.toLowerCase())},
		value: amount(value, 'value'),
		captures: movementsOf(settled, id, amount),
		refunds: refunded === undefined ? keptRefunds(fields, amount) : movementsOf(refunded, id, amount),
	}));
}

function movementsOf({actions}: Actions, paymentId: string, amount: ReadAmount): Movement[] {
	return actions
		.filter(action => action.paymentId === paymentId)
		.map(({value, date}) => ({amount: amount(value, 'actions'), at: instantOf(date)}));
}

/** Of a payment that keeps its refunds itself; none where it has no such field. */
function keptRefunds(fields: unknown, amount: ReadAmount): Movement[] {
	const list = Array.isArray(fields) ? (fields as {name?: unknown; value?: unknown}[]) : [];
	const kept = list.find(field => field.name === 'refund')?.value;
	return kept === undefined || kept === null || kept === ''
		? []
		: read(KeptRefunds, parsed(kept), 'payments').map(({ValueAsInt: value, RefundDate: date}) => ({
				amount: amount(value, 'fields'),
				at: instantOf(date),
			}));
}

function parsed(text: unknown): unknown {
	try {
		return typeof text === 'string' ? (JSON.parse(text) as unknown) : text;
	} catch {
		return undefined;
	}
}

const instantOf = (moment: string | null) => (moment === null ? null : Date.parse(moment));

/** Amounts in the order's currency; hundredths that it cannot hold show that they are none. */
function inUnits<Result>(asset: Asset, make: (amount: ReadAmount) => Result): Result {
	try {
		return make(amountsIn(asset));
	} catch (error) {
		throw error instanceof UnreadableOrderError
			? new OrderSourceError(
					'unreadable',
					`An amount of the Payments Gateway is finer than ${asset.code} can hold, if its amounts are hundredths.`,
				)
			: error;
	}
}

/** The message names a member and repeats nothing of it. */
function read<Schema extends z.ZodType>(schema: Schema, answer: unknown, part: string): z.output<Schema> {
	const result = schema.safeParse(answer);
	if (!result.success) {
		const [issue] = result.error.issues;
		const member = issue === undefined || issue.path.length === 0 ? 'the answer' : issue.path.join('.');
		throw new OrderSourceError(
			'unreadable',
			`The ${part} of a transaction cannot be read: ${member} ${issue?.message ?? 'is something else.'}`,
		);
	}

	return result.data;
}
