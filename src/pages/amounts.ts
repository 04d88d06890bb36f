import {formatAmount} from '../money/amount.ts';
import {type Asset} from '../money/asset.ts';

/** An amount as people of this locale write it, exact, with all decimals of its asset: `R$ 29,90`, `120 PTS`. */
export function amountText(units: bigint, asset: Asset, locale: string): string {
	const decimals = {minimumFractionDigits: asset.scale, maximumFractionDigits: asset.scale};
	// Intl takes decimal text to the last digit; a number would not keep it.
	const exact = formatAmount(units, asset) as `${number}`;
	return asset.kind === 'money'
		? new Intl.NumberFormat(locale, {style: 'currency', currency: asset.code, ...decimals}).format(exact)
		: `${new Intl.NumberFormat(locale, decimals).format(exact)} ${asset.code}`;
}
