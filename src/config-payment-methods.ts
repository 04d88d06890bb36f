import {z} from 'zod';

/** How a payment method pays: a card by its code, the shopper's wallet at once, or after confirming on our page. */
export type PaymentWay = 'code' | 'wallet' | 'confirmed';

// As the manifest spells them (Payment Provider Protocol, 4).
const methodNames = [
	...[
		'Visa',
		'Mastercard',
		'American Express',
		'Discover',
		'JCB',
		'Diners',
		'Elo',
		'Hipercard',
		'Aura',
		'Banricompras',
		'Credz',
	],
	...[
		'Cabal',
		'Patagonia 365',
		'Cartes Bancaires (CB)',
		'VirtualDebitElo',
		'Visa Electron',
		'Maestro',
		'Mastercard Debit',
	],
	...[
		'Débito Online',
		'Cobranded',
		'Privatelabels',
		'Apple Pay',
		'Google Pay',
		'Promissories',
		'Cash',
		'Pix',
		'Safetypay',
	],
	...[
		'BankInvoice',
		'FichaDeposito',
		'Rapipago',
		'OXXO',
		'Voucher',
		'Bitcoin',
		'Venda Direta Credito',
		'Venda Direta Debito',
	],
];

/** `Privatelabels:code,Promissories:wallet` → the way by method. */
export function paymentMethodsOf(text: string, context: z.RefinementCtx): ReadonlyMap<string, PaymentWay> {
	const methods = new Map<string, PaymentWay>();
	for (const pair of text.split(',')) {
		const [typed = '', way = ''] = pair.split(':').map(part => part.trim());
		const name = methodNames.find(known => known.toLowerCase() === typed.toLowerCase());
		if (name === undefined || !['code', 'wallet', 'confirmed'].includes(way) || methods.has(name)) {
			context.addIssue({
				code: 'custom',
				message: `must list payment methods of VTEX, each once and with code, wallet or confirmed, such as Privatelabels:code,Promissories:wallet`,
			});
			return z.NEVER;
		}

		methods.set(name, way as PaymentWay);
	}

	return methods;
}
