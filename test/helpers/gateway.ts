import {resultOf} from './hub.ts';
import {
	type Body,
	cardMember,
	openGateway as openPlainGateway,
	type Gateway as PlainGateway,
	type PaymentAnswer,
} from './payments.ts';
import {type TestServer} from './server.ts';

/** The Payment Gateway's calls, and those of a checkout, which expect a 200 and throw on anything else. */
export type Gateway = PlainGateway & {
	/** Ask a card for a payment by its code; whatever became of it. */
	readonly ask: (code: string, value: unknown, members?: Body) => Promise<PaymentAnswer>;
	/** The id of a payment that was approved. */
	readonly pay: (code: string, value: unknown, members?: Body) => Promise<string>;
};

export function openGateway(server: Pick<TestServer, 'call'>): Gateway {
	const gateway = openPlainGateway(server);
	const ask: Gateway['ask'] = async (code, value, members) =>
		resultOf(await gateway.create({value, ...withCode(code), ...fromNobody, ...members}));

	return {
		...gateway,
		ask,
		async pay(code, value, members) {
			const payment = await ask(code, value, members);
			if (payment.status !== 'approved') {
				throw new Error(`Expected an approved payment, got ${JSON.stringify(payment)}`);
			}

			return payment.paymentId;
		},
	};
}

/** The members of a create that pay by a redemption code. */
export function withCode(code: string, csc: string | null = null): Body {
	return {paymentMethod: 'Privatelabels', card: cardMember(code, csc)};
}

/** The members of a create that pay from the wallet of whom VTEX has identified. */
export function fromWallet(buyer: Body): Body {
	return {paymentMethod: 'Promissories', card: null, miniCart: cartOf(buyer)};
}

const fromNobody = {miniCart: cartOf({})};

/** A cart of one line, and who buys it. */
function cartOf(buyer: Body): Body {
	const nobody = {id: null, firstName: 'Ana', lastName: 'Prado', document: null, email: null, phone: null};
	const items = [{id: '8', name: 'Shoes', price: 30, quantity: 1, discount: 0, sellerId: '1'}];
	return {buyer: {...nobody, ...buyer}, items, shippingValue: 0, taxValue: 0};
}
