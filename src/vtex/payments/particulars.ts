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
const operationMembers = [...['value', 'transactionId', 'authorizationId', 'tid', 'nsu', 'settleId']];

/**
 * JSON text of what a create says about its payment.
 * @param trace - that the create belongs to: the payment's callbacks will, too
 */
export function particularsOf(body: Members, trace?: TraceContext): string {
	return fitted({
		...picked(body, createMembers),
		...alongside(body),
		...(trace !== undefined && {trace: traceHeaders(trace)}),
	});
}

/** JSON text of what a settlement, refund or cancellation says. */
export function operationParticularsOf(body: Members): string {
	return fitted({...picked(body, operationMembers), ...alongside(body)});
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

/** What a create and the operations have in common; nothing where there is nothing. */
function alongside(body: Members): Record<string, Kept> {
	const lists = {
		merchantSettings: pairsOf(body['merchantSettings']),
		connectorMetadata: pairsOf(body['connectorMetadata']),
		customFields: pairsOf(body['customFields']),
		recipients: elementsOf(body['recipients']).map(element => picked(element, recipientMembers)),
	};
	return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
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
	if (Buffer.byteLength(text) <= sizeMax) {
		return text;
	}

	const {connectorMetadata} = kept;
	const short = JSON.stringify({connectorMetadata, isShortened: true});
	return Buffer.byteLength(short) <= sizeMax ? short : JSON.stringify({isShortened: true});
}
