import {isObject} from '../expect.ts';
import {type Wire} from '../wire.ts';
import {suiteHeader} from './gateway.ts';

/** What a provider's manifest offers. */
export type Offer = {
	/** The method that the checks pay with. */
	readonly method: string;
	/** All names, as they are spelled. */
	readonly methods: readonly string[];
};

/** Methods of which VTEX knows that a shopper types a card number (Payment Provider Protocol, 4). */
const cardMethods = [
	...[
		'Visa',
		'Mastercard',
		'MasterCard',
		'American Express',
		'Discover',
		'JCB',
		'Diners',
		'Elo',
		'Hipercard',
	],
	...['Aura', 'Banricompras', 'Credz', 'Cabal', 'Patagonia 365', 'Cartes Bancaires (CB)', 'VirtualDebitElo'],
	...['Visa Electron', 'Maestro', 'Mastercard Debit', 'Cobranded', 'Privatelabels'],
] as const;

/** All names that VTEX has published; a provider may agree upon others with VTEX. */
export const knownMethods: readonly string[] = [
	...cardMethods,
	...['Débito Online', 'Apple Pay', 'Google Pay', 'Promissories', 'Cash', 'cash', 'Pix', 'Safetypay'],
	...['BankInvoice', 'Boleto Bancário', 'FichaDeposito', 'Rapipago', 'OXXO', 'Voucher', 'Bitcoin'],
	...['Venda Direta Credito', 'Venda Direta Debito'],
];

/** By either of its two names, as the connector's option `usesBankInvoiceEnglishName` says. */
export const invoiceMethods: readonly string[] = ['BankInvoice', 'Boleto Bancário'];

export function takesCard(method: string): boolean {
	return (cardMethods as readonly string[]).includes(method);
}

/** Ask for the manifest. One that cannot be read offers nothing; P01 says what is wrong with it. */
export async function readOffer(wire: Pick<Wire, 'send'>, wished: string | undefined): Promise<Offer> {
	const {json} = await wire.send('GET', '/manifest', {credentials: 'none', headers: suiteHeader});
	const listed = isObject(json) && Array.isArray(json['paymentMethods']) ? json['paymentMethods'] : [];
	const methods = (listed as readonly unknown[]).flatMap(one =>
		isObject(one) && typeof one['name'] === 'string' ? [one['name']] : [],
	);
	const method = wished ?? methods.find(takesCard) ?? methods[0] ?? 'Visa';
	return {method, methods};
}
