import {randomBytes} from 'node:crypto';
import {readFileSync} from 'node:fs';

const folder = new URL('../fixtures/vtex/giftcards/', import.meta.url);

/** A published body, byte for byte: `oas-search.request`. */
export function sampleText(name: string): string {
	return readFileSync(new URL(`${name}.json`, folder), 'utf8');
}

type Body = Record<string, unknown>;

function sample(name: string): Body {
	return JSON.parse(sampleText(name)) as Body;
}

/** A request id as the gateway makes it: 32 upper-case hexadecimal digits. */
export function newRequestId(): string {
	return randomBytes(16).toString('hex').toUpperCase();
}

/** The published search, without its client and code; members of `client` and `cart` over that. */
export function searchBody({client = {}, cart = {}}: {client?: Body; cart?: Body} = {}): Body {
	const published = sample('oas-search.request');
	return {...published, client, cart: {...(published['cart'] as Body), redemptionCode: null, ...cart}};
}

/** The published debit under a fresh request id, and without its client; members over that. */
export function transactionBody(members: Body = {}): Body {
	const published = sample('oas-create-transaction.request');
	const orderInfo = {...(published['orderInfo'] as Body), clientProfile: null};
	return {...published, orderInfo, requestId: newRequestId(), ...members};
}

/** A settlement or cancellation under a fresh request id. */
export function operationBody(value: unknown, requestId: string = newRequestId()): Body {
	return {value, requestId};
}

/** The published card, valid for ever; members over that. */
export function cardBody(members: Body = {}): Body {
	const published = sample('oas-create-card.request');
	return {...published, emissionDate: null, expiringDate: null, currencyCode: 'BRL', ...members};
}
