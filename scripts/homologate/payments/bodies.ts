import {randomBytes} from 'node:crypto';

/* Bodies as the Payments Gateway sends them (Payment Provider Protocol, 5 and 8 to 11). */

export type Body = Readonly<Record<string, unknown>>;

/** 32 upper-case hexadecimal digits, as VTEX makes its ids. */
export function newId(): string {
	return randomBytes(16).toString('hex').toUpperCase();
}

/** A card as the checkout sends it. */
export function cardOf(number: string | null, csc: string | null): Body {
	return {holder: 'Ana Prado', number, csc, expiration: {month: '12', year: '2039'}, document: '01234567890'};
}

/** A method without a card comes with none, or with one of nulls or of words. */
export const blankCards: readonly (readonly [name: string, card: Body | null | undefined])[] = [
	['null', null],
	['absent', undefined],
	[
		'of nulls',
		{holder: null, number: null, csc: null, expiration: {month: null, year: null}, document: null},
	],
	[
		'of the words "null"',
		{holder: 'null', number: 'null', csc: 'null', expiration: {month: 'null', year: 'null'}},
	],
];

export type CreateWish = {
	readonly paymentMethod: string;
	/** Currency units. */
	readonly value: number;
	readonly currency: string;
	readonly card: Body | null | undefined;
	readonly callbackUrl: string;
};

/** What asks for a payment, under fresh ids. */
export function createBody({paymentMethod, value, currency, card, callbackUrl}: CreateWish): Body {
	const orderId = `v${randomBytes(5).toString('hex')}kit`;
	return {
		...{reference: orderId, orderId, shopperInteraction: 'ecommerce', verificationOnly: false},
		...{transactionId: newId(), paymentId: newId(), paymentMethod, paymentMethodCustomCode: null},
		...{merchantName: 'homologation', value, referenceValue: value, currency},
		...{installments: 1, installmentsInterestRate: 0, installmentsValue: value},
		...{deviceFingerprint: '12ade389087fe', ipAddress: '203.0.113.7', card},
		miniCart: {
			buyer: buyer(),
			shippingAddress: address,
			billingAddress: address,
			items: [itemOf(value)],
			...{shippingValue: 0, taxValue: 0},
		},
		...{recipients: null, merchantSettings: [], connectorMetadata: []},
		url: `https://homologation.example.com/admin/orders/${orderId}`,
		inboundRequestsUrl: `https://homologation.example.com/inbound-request/${orderId}/:action`,
		...{sandBoxMode: true, totalCartValue: value, callbackUrl},
		returnUrl: `https://homologation.example.com/checkout/orderPlaced/?og=${orderId}`,
	};
}

/** Nobody's twice: a provider that counts what a shopper tries counts it for each payment anew. */
function buyer(): Body {
	return {
		id: null,
		...{firstName: 'Ana', lastName: 'Prado', document: '01234567890', documentType: 'CPF'},
		email: `${randomBytes(6).toString('hex')}@homologation.example.com`,
		...{phone: '+5521987654321', isCorporate: false, corporateName: null, tradeName: null},
		...{corporateDocument: null, createdDate: '2020-02-18T18:17:45'},
	};
}

const address: Body = {
	...{country: 'BRA', street: 'Praia de Botafogo', number: '300', complement: '3º andar'},
	...{neighborhood: 'Botafogo', postalCode: '22250040', city: 'Rio de Janeiro', state: 'RJ'},
};

function itemOf(price: number): Body {
	return {
		...{id: '132981', name: 'Tênis azul', price, quantity: 1, discount: 0},
		...{deliveryType: 'Normal', categoryId: '5', sellerId: '1', taxRate: 0, taxValue: 0},
	};
}
