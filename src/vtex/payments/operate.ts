import {type z} from 'zod';
import {wireIdOf} from '../../cards/public-id.ts';
import {OverloadedError} from '../../ledger/writer.ts';
import {toJsonNumber} from '../../money/amount.ts';
import {type PaymentOutcome} from '../../payments/wish.ts';
import {type Call} from '../endpoint.ts';
import {type OperationRequest, type PaymentPath} from './contracts.ts';
import {invalid, type Reason, refusalReason} from './error-replies.ts';
import {operationParticularsOf, type Pair, pairsOf} from './particulars.ts';
import {type PaymentParts} from './parts.ts';
import {echo} from './replies.ts';
import {plainValue, saidText} from './values.ts';

type OperationBody = z.output<typeof OperationRequest>;
export type OperationCall = Call<z.output<typeof PaymentPath>, OperationBody>;
export type OperationKind = 'cancel' | 'settle' | 'refund';

/** What an operation came to, for the endpoint to say in its own words. */
export type Operated = {
	/** 500 where it was refused: the gateway tries again for a day, and then tells the merchant. */
	readonly status: 200 | 500;
	/** Null where nothing was done. */
	readonly id: string | null;
	/** What really moved, in currency units. */
	readonly value: number;
	/** The members that all operations answer. */
	readonly common: {
		readonly paymentId: string;
		readonly requestId: string | null;
		readonly code: string | null;
		readonly message: string;
		readonly connectorMetadata?: Pair[];
	};
};

const doneMessages = {
	cancel: 'Successfully cancelled',
	settle: 'Successfully settled',
	refund: 'Successfully refunded',
} as const satisfies Record<OperationKind, string>;

const overloaded: Reason = ['overloaded', 'The request could not be finished in time. Send it again.'];

/**
 * Cancel, settle or refund a payment, once for each request id (Payment Provider Protocol, 8 to 10 and 13). A cancellation's value is
 * described in cents by one text and in units by none, so it is not read: what is open is cancelled.
 * @throws {ProtocolError} 400 when the body names another payment, or no amount
 */
export async function operate(
	parts: PaymentParts,
	call: OperationCall,
	kind: OperationKind,
): Promise<Operated> {
	const {
		caller: {merchant, actorId},
		body,
	} = call;
	const paymentId = paymentNamed(call);
	const {requestId, settleId} = body;
	const amountText = kind === 'cancel' ? null : amountOf(body);
	const failed = ([code, message]: Reason): Operated => ({
		status: 500,
		id: null,
		value: 0,
		common: {paymentId, requestId, code, message},
	});
	try {
		const particulars = operationParticularsOf(body);
		const operation = {paymentId, requestId, settleId, amountText, particulars, actorId};
		const outcome = await parts.payments[kind](merchant, operation);
		if (outcome.kind === 'refused') {
			return failed(refusalReason(outcome.refusal));
		}

		const value = movedBy(outcome);
		const message = messageOf(kind, {value, amountText});
		const echoed = echo(pairsOf(body['connectorMetadata']));
		return {
			status: 200,
			id: wireIdOf(outcome.id),
			value,
			common: {paymentId, requestId, code: null, message, ...echoed},
		};
	} catch (error) {
		if (error instanceof OverloadedError) {
			return failed(overloaded);
		}

		throw error;
	}
}

/** The path decides; a body that names another payment is a mistake which must not move anything. */
export function paymentNamed({params: {paymentId}, body}: OperationCall): string {
	if (body.paymentId !== null && body.paymentId !== paymentId) {
		throw invalid('paymentId', "is not the path's. Send the same one in both.");
	}

	return paymentId;
}

function amountOf({value}: OperationBody): string {
	const text = plainValue(value);
	if (text === undefined) {
		throw invalid(
			'value',
			saidText(value) === null
				? 'is missing. Send an amount.'
				: 'is not an amount. Send a JSON number, or text without thousands marks.',
		);
	}

	return text;
}

function movedBy({moved, asset}: Extract<PaymentOutcome, {kind: 'done'}>): number {
	return asset === null ? 0 : toJsonNumber(moved, asset);
}

function messageOf(
	kind: OperationKind,
	{value, amountText}: {readonly value: number; readonly amountText: string | null},
): string {
	const isReduced = amountText !== null && value < Number(amountText);
	return isReduced ? `${doneMessages[kind]}, as far as something was left` : doneMessages[kind];
}
