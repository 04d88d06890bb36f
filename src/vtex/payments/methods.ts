/** Name in the manifest → how it pays. */
export type OfferedMethods = ReadonlyMap<string, 'code' | 'wallet' | 'confirmed'>;

/** How a payment is to be made, as its create asks for it; null where the method is not offered. */
export type WishedWay = 'code' | 'wallet' | 'confirmed' | 'sandboxBankInvoice' | 'sandboxRedirect' | null;

/** What a sandbox offers besides, for the homologation. */
export const bankInvoice = 'BankInvoice';

// The method has a second name, by the connector's option `usesBankInvoiceEnglishName` (Payment Provider Protocol, 4).
const bankInvoiceNames: readonly string[] = [bankInvoice, 'Boleto Bancário'].map(comparable);

// Longer than any name of VTEX's.
const nameLengthMax = 100;

/**
 * The method as the manifest spells it, and how it pays. Names count in any case: VTEX itself writes `cash` and `MasterCard` too.
 * In a sandbox a method that pays by code, but comes without one, is the redirect of the homologation.
 *
 * @param named - as sent; null for none
 */
export function wayOf(
	offered: OfferedMethods,
	named: string | null,
	{isSandbox, hasCode}: {readonly isSandbox: boolean; readonly hasCode: boolean},
): {readonly method: string; readonly way: WishedWay} {
	const typed = comparable(named ?? '');
	for (const [method, way] of offered) {
		if (comparable(method) === typed) {
			return {method, way: isSandbox && way === 'code' && !hasCode ? 'sandboxRedirect' : way};
		}
	}

	return isSandbox && bankInvoiceNames.includes(typed)
		? {method: bankInvoice, way: 'sandboxBankInvoice'}
		: {method: (named ?? '').slice(0, nameLengthMax), way: null};
}

function comparable(name: string): string {
	return name.trim().normalize('NFC').toLowerCase();
}
