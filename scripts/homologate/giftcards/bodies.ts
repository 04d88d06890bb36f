import {randomBytes} from 'node:crypto';

/* The bodies that VTEX publishes for the Gift Card Provider Protocol, member by member; checks change what they are about. */

export type Body = Readonly<Record<string, unknown>>;

export const publishedSearch = {
	client: {id: '3b1abc17', email: 'email@domain.com', document: '234235'},
	cart: {
		grandTotal: 182,
		relationName: '',
		redemptionCode: 'BAHD-ASDB-ADQW-ASDQ',
		discounts: 20,
		shipping: 2,
		taxes: 0,
		items: [{productId: '2000000', id: '2000002', refId: 'MEV41', name: 'Shoes', price: 200, quantity: 1}],
		itemsTotal: 200,
	},
};

export const publishedCard = {
	relationName: 'loyalty-program',
	emissionDate: '2020-08-01T13:15:30Z',
	expiringDate: '2020-09-01T13:15:30Z',
	caption: 'Loyalty program',
	restrictedToOwner: true,
	multipleRedemptions: true,
	multipleCredits: true,
	profileId: '92de2249-0e02-4ca9-a4aa-a09cc9d8f7ff',
	currencyCode: 'USD',
};

export const publishedTransaction = {
	operation: 'Debit',
	value: 3,
	description: 'GiftCardHub',
	redemptionToken: 'b2dac6f2-f365-48cd-82a9-0b376a55557a',
	redemptionCode: '***********ASDQ',
	requestId: 'B56CBE231DEE4E1A859183C1030CE926',
	orderInfo: {
		orderId: 'v500',
		sequence: 5_006_128,
		cart: {
			items: [
				{
					id: '2001023',
					productId: '2000492',
					refId: '35994',
					name: 'Vaporizador Des. ColC4nia Branco',
					value: 14.99,
					price: 14.99,
					quantity: 1,
					shippingDiscount: 0,
					discount: -7.5,
					priceTags: [
						{name: 'discount@price-discount_store_183#4911bf6f-22a2-4af1-a365-cce895c3df2c', value: 0},
					],
				},
			],
			grandTotal: 0,
			discounts: -7.5,
			shipping: 7.27,
			taxes: 0,
			itemsTotal: 14.99,
		},
		clientProfile: {
			email: 'michael.scott96@mail.com',
			firstName: 'Michael',
			lastName: 'Scott',
			document: '02906792063',
			phone: '+551111111111',
			birthDate: '0001-01-01T00:00:00',
			isCorporate: false,
		},
		shipping: {
			receiverName: 'Michael Scott',
			postalCode: '22250040',
			city: 'Rio de Janeiro',
			state: 'RJ',
			country: 'BRA',
			street: 'Praia de Botafogo',
			number: '111',
			neighborhood: 'Botafogo',
			complement: 'House',
			reference: 'Subway',
		},
	},
};

/** An id as VTEX makes them for payments, and sends as request id: 32 hexadecimal digits in capitals. */
export function newRequestId(): string {
	return randomBytes(16).toString('hex').toUpperCase();
}

/** The published search of nobody and without a code; members of `client` and `cart` over that. */
export function searchBody({client = {}, cart = {}}: {client?: Body; cart?: Body} = {}): Body {
	const nobody = {id: '', email: '', document: ''};
	return {
		client: {...nobody, ...client},
		cart: {...publishedSearch.cart, relationName: null, redemptionCode: null, ...cart},
	};
}

/** The published transaction of a shopper under a request id of its own; members over that. */
export function transactionBody(email: string, members: Body): Body {
	const {orderInfo} = publishedTransaction;
	const clientProfile = {...orderInfo.clientProfile, email, document: ''};
	return {
		...publishedTransaction,
		redemptionToken: null,
		requestId: newRequestId(),
		orderInfo: {...orderInfo, clientProfile},
		...members,
	};
}

/** The published card, valid for a year; members over that. */
export function cardBody(members: Body): Body {
	const now = Date.now();
	return {
		...publishedCard,
		// Clocks differ, and time zones.
		emissionDate: new Date(now - 2 * day).toISOString(),
		expiringDate: new Date(now + 365 * day).toISOString(),
		restrictedToOwner: false,
		...members,
	};
}

const day = 24 * 60 * 60 * 1000;
