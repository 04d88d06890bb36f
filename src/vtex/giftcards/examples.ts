/* Bodies of the published document, all of one card. */

const cardId = '3e91a7c05d6b4f08a2c4917be65d20f3';
const transactionId = '0199f3c27d4e7a51b8c6d2e4f0a19357';
const requestId = '72D6A1C4E9F04B3D8A5071C2E6B94F38';
const cardHref = `/lojamonedero/giftcards/${cardId}`;
const transactionHref = `lojamonedero/giftcards/${cardId}/transactions/${transactionId}`;

const client = {
	id: '3b1abc17-5f2e-4d77-9f0a-1c2d3e4f5a6b',
	email: 'ana@example.com',
	document: '52998224725',
};

const card = {
	id: cardId,
	redemptionCode: '************K7QX',
	balance: 150.5,
	relationName: 'ana-2027',
	caption: 'Gift card',
	provider: 'Monedero',
	emissionDate: '2027-03-11T12:00:00.000',
	expiringDate: '2027-12-31T23:59:59.000',
	currencyCode: 'BRL',
	discount: false,
	restrictedToOwner: false,
	multipleRedemptions: true,
	multipleCredits: true,
	transaction: {href: `${cardHref}/transactions`},
	transactions: {href: `${cardHref}/transactions`},
	_self: {href: cardHref},
};

export const examples = {
	search: {
		client,
		cart: {grandTotal: 182, redemptionCode: 'P4TZ-9HXM-2WQD-K7QX', currencyCode: 'BRL'},
	},
	listedCard: {
		id: cardId,
		provider: 'Monedero',
		balance: 150.5,
		totalBalance: 150.5,
		relationName: 'ana-2027',
		caption: 'Gift card',
		_self: {href: cardHref},
	},
	card,
	createCard: {
		relationName: 'ana-2027',
		profileId: 'ana@example.com',
		caption: 'Gift card',
		expiringDate: '2027-12-31T23:59:59',
		restrictedToOwner: false,
		multipleRedemptions: true,
		multipleCredits: true,
		currencyCode: 'BRL',
	},
	createdCard: {
		...card,
		balance: 0,
		redemptionCode: 'P4TZ-9HXM-2WQD-K7QX',
		profileId: 'ana@example.com',
	},
	debit: {
		operation: 'Debit',
		value: 29.9,
		requestId,
		description: 'Order 1530241870044-01',
		orderInfo: {orderId: '1530241870044-01', clientProfile: client},
	},
	transactionLink: {cardId, id: transactionId, _self: {href: transactionHref}},
	transaction: {
		value: 29.9,
		description: 'Order 1530241870044-01',
		date: '2027-03-11T15:00:00.000Z',
		requestId,
		settlement: {href: `/${transactionHref}/settlements`},
		cancellation: {href: `/${transactionHref}/cancellations`},
		authorization: {href: `/${transactionHref}/authorization`},
		operation: 'Debit',
	},
	operationRequest: {value: 29.9, requestId: 'B0E7D9532C1F48AD96E4A83F5701C26D'},
	operation: {oid: '0199f3c29a1b7c40952ee6f07d3184ab', value: 29.9, date: '2027-03-11T15:00:00.000Z'},
};
