import {keptText} from './values.ts';

/*
 * What is kept of a request besides what moves value: for the admin, and for disputes about a split. Members are named here one by
 * one, so that a card, a buyer or an address never slips in (B9); the texts can be stored as jsonb.
 */

type Kept = string | number | boolean | null | readonly Kept[] | {readonly [member: string]: Kept};
type Members = Readonly<Record<string, unknown>>;

/** A setting or a piece of metadata. */
export type Pair = {readonly name: string; readonly value: string};

// The particulars of one payment. A body may have 512 kB, nearly all of it cart.
const sizeMax = 65_536;
const textLengthMax = 1024;
const listLengthMax = 500;

/** In English, Spanish and Portuguese. */
const secretName = /pass|secret|token|key|csc|cvv|cvc|senha|segredo|chave|clave|contrase|secreto|\bpin\b/i;

const itemMembers = [
	...['id', 'name', 'price', 'quantity', 'discount', 'deliveryType', 'categoryId'],
	...['sellerId', 'taxRate', 'taxValue'],
];
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

/** JSON text of what a create says about its payment. */
export function particularsOf(body: Members): string {
	const cart = membersOf(body['miniCart']);
	return fitted({
		...picked(body, createMembers),
		...alongside(body),
		...(cart !== undefined && {
			miniCart: {
				...picked(cart, ['shippingValue', 'taxValue']),
				items: listOf(cart['items'], itemMembers),
			},
		}),
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
	return pairsOf(membersOf(JSON.parse(particulars))?.['connectorMetadata']);
}

/** What a create and the operations have in common; nothing where there is nothing. */
function alongside(body: Members): Record<string, Kept> {
	const lists = {
		merchantSettings: pairsOf(body['merchantSettings']),
		connectorMetadata: pairsOf(body['connectorMetadata']),
		customFields: pairsOf(body['customFields']),
		recipients: listOf(body['recipients'], recipientMembers),
	};
	return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
}

function listOf(value: unknown, names: readonly string[]): Record<string, Kept>[] {
	return elementsOf(value).map(element => picked(element, names));
}

function picked(members: Members, names: readonly string[]): Record<string, Kept> {
	return Object.fromEntries(
		names.flatMap(name => {
			const value = scalar(members[name]);
			return value === null ? [] : [[name, value] as const];
		}),
	);
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

/** The cart goes first where all is too long, then everything but the metadata, which is echoed and short by the protocol. */
function fitted({miniCart, ...rest}: Record<string, Kept>): string {
	const {connectorMetadata} = rest;
	const shortened = {isShortened: true} as const;
	const attempts: Record<string, Kept | undefined>[] = [
		{...rest, miniCart},
		{...rest, ...shortened},
		{connectorMetadata, ...shortened},
	];
	const texts = attempts.map(attempt => JSON.stringify(attempt));
	return texts.find(text => Buffer.byteLength(text) <= sizeMax) ?? JSON.stringify(shortened);
}
