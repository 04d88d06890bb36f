import {type Instant, localDate} from '../../src/ledger/calendar.ts';
import {type MerchantAsset} from '../../src/merchants/assets.ts';
import {type Context, type Flag, UsageError} from './command.ts';
import {momentOf, shownMoment} from './dates.ts';

/** For reports on the books as they were. */
export const asOfFlag = {
	type: 'text',
	placeholder: 'T',
	description: 'As it was then: a day, or a moment with its offset; without it now.',
} as const satisfies Flag;

/**
 * The past moment that was typed; null for now, which today means too.
 * @throws UsageError for a day or moment that is yet to come
 */
export function pastMomentOf(
	{parts, merchant: {timeZone}}: Context,
	text: string | undefined,
): Instant | null {
	if (text === undefined) {
		return null;
	}

	const now = parts.clock();
	const moment = momentOf('as-of', text, timeZone);
	if (moment <= now) {
		return moment;
	}

	if (text === localDate(now, timeZone)) {
		return null;
	}

	throw new UsageError('--as-of takes a day or a moment that has passed.');
}

/** The moment that a report is of, for people: `2026-12-31 23:59 (America/Sao_Paulo)`. */
export function shownAsOf({parts, merchant: {timeZone}}: Context, asOf: Instant | null): string {
	return `${shownMoment(asOf ?? parts.clock(), timeZone)} (${timeZone})`;
}

/** The assets of a report's rows, by their row. */
export async function assetsOf(
	{parts, merchant}: Context,
	rows: readonly {readonly assetId: number}[],
): Promise<(assetId: number) => MerchantAsset> {
	const assets = new Map<number, MerchantAsset>();
	for (const {assetId} of rows) {
		assets.set(assetId, await parts.assets.byId(merchant.id, assetId));
	}

	return assetId => {
		const asset = assets.get(assetId);
		if (asset === undefined) {
			throw new RangeError(`Asset ${assetId} is not of this report.`);
		}

		return asset;
	};
}
