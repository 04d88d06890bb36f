import {z} from 'zod';
import {cents, moment, object, present, requiredText, text} from '../orders/contracts.ts';

/*
 * What is read of `GET /api/pvt/transactions/{id}/payments`, `/settlements` and `/refunds` (Orders, 5). Holders and digits of cards, addresses
 * and devices stand there too, and do not get past this file. Readers are lenient with what only informs, and strict with what would make
 * a payment look as if nothing had been captured or refunded: a list that is missing is no empty list.
 */

const listMax = 1000;

/** Hundredths that moved for one payment. */
const Action = object({paymentId: requiredText, value: cents.transform(present), date: moment});

const actions = z
	.array(z.unknown(), 'is not a list.')
	.max(listMax, `has more than ${listMax} entries.`)
	.pipe(z.array(Action));

/** `{requests, actions}`: what was asked for, and what was done for each payment. The published sample has the actions of settlements. */
export const Actions = object({actions});
export type Actions = z.output<typeof Actions>;

/** No sample of refunds is published: a bare list of the same entries is taken as well. */
export const RefundActions = z.preprocess(
	answer => (Array.isArray(answer) ? {actions: answer as unknown[]} : answer),
	Actions,
);

const Payment = object({
	id: requiredText,
	status: requiredText,
	value: cents.transform(present),
	currencyCode: text,
	fields: z.unknown().optional(),
});

export const Payments = z
	.array(z.unknown(), 'is not a list.')
	.max(listMax, `has more than ${listMax} entries.`)
	.pipe(z.array(Payment));

/** A refund as a payment keeps it among its own fields, in JSON within JSON. */
export const KeptRefunds = z
	.array(object({ValueAsInt: cents.transform(present), RefundDate: moment}))
	.max(listMax);
