import {type TraceContext, traceHeaders} from '../../trace-context.ts';
import {keptText} from './values.ts';

/*
 * What is kept of a request besides what moves value: for the admin, and for disputes about a split. Members are named here one by
 * one, so that a card, a buyer or an address never slips in (B9); the texts can be stored as jsonb. The cart is VTEX's: the order's id leads there.
 */

type Kept = string | number | boolean | null | readonly Kept[] | {readonly [member: string]: Kept};
type Members = Readonly<Record<string, unknown>>;

/** A setting or a piece of metadata. */
export type Pair = {readonly name: string; readonly value: string};

// The particulars of one payment. A body may have 512 kB.
const sizeMax = 65_536;
// UTF-8 has no more for a unit of a text.
const bytesPerUnitMax = 3;
const textLengthMax = 1024;
const listLengthMax = 500;

/** In English, Spanish and Portuguese. */
const secretName = /pass|secret|token|key|csc|cvv|cvc|senha|segredo|chave|clave|contrase|secreto|\bpin\b/i;

const recipientMembers = [
	...['id', 'name', 'documentType', 'document', 'role', 'chargeProcessingFee', 'chargebackLiable', 'amount'],
	// As the create, the refund and the split guide spell it, and as the settlement does.
	...['comissionAmount', 'commissionAmount'],
];
const createMembers = [
	...['shopperInteraction', 'merchantName', 'paymentMethodCustomCode', 'installments', 'installmentsValue'],
	...['installmentsInterestRate', 'referenceValue', 'totalCartValue', 'url', 'sellerId', 'selerId'],
];
const pairLists = ['merchantSettings', 'connectorMetadata', 'customFields'] as const;
const operationMembers = [...['value', 'transactionId', 'authorizationId', 'tid', 'nsu', 'settleId']];

/**
 * JSON text of what a create says about its payment.
 * @param trace - that the create belongs to: the payment's callbacks will, too
 */
export function particularsOf(body: Members, trace?: TraceContext): string {
	const kept = keptOf(body, createMembers);
	if (trace !== undefined) {
		kept['trace'] = traceHeaders(trace);
	}

	return fitted(kept);
}

/** JSON text of what a settlement, refund or cancellation says. */
export function operationParticularsOf(body: Members): string {
	return fitted(keptOf(body, operationMembers));
}

/** Names and values, in the order sent; without what looks like a secret. */
export function pairsOf(value: unknown): Pair[] {
	return elementsOf(value).flatMap(({name, type, value: said}) => {
		const [key, text] = [keptText(name, textLengthMax), keptText(said, textLengthMax)];
		const isSecret = secretName.test(key ?? '') || /password/i.test(keptText(type, textLengthMax) ?? '');
		return key === null || text === null || isSecret ? [] : [{name: key, value: text}];
	});
}

/** The metadata in particulars, to be echoed. @param particulars - JSON text, as made here */
export function connectorMetadataIn(particulars: string): Pair[] {
	// Most payments have none, and each is answered for: looking is cheaper than parsing.
	return particulars.includes('"connectorMetadata"')
		? pairsOf(membersOf(JSON.parse(particulars))?.['connectorMetadata'])
		: [];
}

/** Those members, and the lists that a create and the operations have in common; nothing where there is nothing. */
function keptOf(body: Members, names: readonly string[]): Record<string, Kept> {
	const kept = picked(body, names);
	for (const name of pairLists) {
		const pairs = pairsOf(body[name]);
		if (pairs.length > 0) {
			kept[name] = pairs;
		}
	}

	const recipients = elementsOf(body['recipients']);
	if (recipients.length > 0) {
		kept['recipients'] = recipients.map(recipient => picked(recipient, recipientMembers));
	}

	return kept;
}

function picked(members: Members, names: readonly string[]): Record<string, Kept> {
	const kept: Record<string, Kept> = {};
	for (const name of names) {
		const value = scalar(members[name]);
		if (value !== null) {
			kept[name] = value;
		}
	}

	return kept;
}

function scalar(value: unknown): string | number | boolean | null {
	return (typeof value === 'number' && Number.isFinite(value)) || typeof value === 'boolean'
		? value
		: keptText(value, textLengthMax);
}

function elementsOf(value: unknown): Members[] {
	const list = Array.isArray(value) ? (value as unknown[]).slice(0, listLengthMax) : [];
	return list.map(membersOf).filter(element => element !== undefined);
}

function membersOf(value: unknown): Members | undefined {
	return typeof value === 'object' && value !== null && !Array.isArray(value)
		? (value as Members)
		: undefined;
}

/** Where all is too long, everything goes but the metadata, which is echoed and short by the protocol. */
function fitted(kept: Record<string, Kept>): string {
	const text = JSON.stringify(kept);
	if (text.length * bytesPerUnitMax <= sizeMax || Buffer.byteLength(text) <= sizeMax) {
		return text;
	}

	const {connectorMetadata} = kept;
	const short = JSON.stringify({connectorMetadata, isShortened: true});
	return Buffer.byteLength(short) <= sizeMax ? short : JSON.stringify({isShortened: true});
}
