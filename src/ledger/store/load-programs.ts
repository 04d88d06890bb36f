import {type Instant} from '../calendar.ts';
import {type Terms, type WalletProgram} from '../terms.ts';
import {plainArray} from './arrays.ts';
import {type Transaction} from './ask.ts';
import {type LockedCard} from './lock.ts';

type ProgramRow = [
	assetId: number,
	least: string,
	most: string | null,
	graceDays: number,
	graceCapDays: number,
	rates: [currencyId: number, numerator: string, denominator: string][] | null,
];

// The latest rate to each currency that is effective. A program has a handful of them.
const sql = `SELECT json_agg(json_build_array(asset_id, redemption_min::text, redemption_max::text, grace_days, grace_cap_days, (
		SELECT json_agg(json_build_array(currency_id, numerator::text, denominator::text)) FROM (
			SELECT DISTINCT ON (currency_id) currency_id, numerator, denominator FROM program_rates r
			WHERE r.merchant_id = p.merchant_id AND r.program_id = p.id AND effective_from <= $3::timestamptz
			ORDER BY currency_id, effective_from DESC
		) rate
	)))::text AS programs
	FROM programs p WHERE merchant_id = $1::int AND asset_id = ANY ($2::int[])`;

/**
 * Tell locked wallets what their programs say at `now`. Read after the locks, like all that is decided with; cards of money, of which
 * nearly every batch consists, ask nothing.
 */
export async function addPrograms(
	tx: Transaction,
	merchantId: number,
	locked: readonly LockedCard[],
	now: Instant,
): Promise<void> {
	const wallets = locked.filter(({isWallet}) => isWallet).map(({card}) => card);
	if (wallets.length === 0) {
		return;
	}

	const programs = await readPrograms(tx, merchantId, [...new Set(wallets.map(({assetId}) => assetId))], now);
	for (const wallet of wallets) {
		wallet.program = programs.get(wallet.assetId) ?? null;
	}
}

/** The programs of some points at `now`, by the row of their asset. */
export async function readPrograms(
	tx: Transaction,
	merchantId: number,
	assetIds: readonly number[],
	now: Instant,
): Promise<Map<number, WalletProgram>> {
	const [row] = await tx.$queryRawUnsafe<[{programs: string | null}]>(
		sql,
		merchantId,
		plainArray(assetIds),
		new Date(now).toISOString(),
	);
	const rows = JSON.parse(row.programs ?? '[]') as ProgramRow[];
	return new Map(rows.map(program => [program[0], programOf(program)]));
}

function programOf([, least, most, graceDays, graceCapDays, rates]: ProgramRow): WalletProgram {
	const limits = {least: BigInt(least), most: most === null ? null : BigInt(most)};
	return {
		terms: new Map(
			(rates ?? []).map(([currencyId, numerator, denominator]): [number, Terms] => [
				currencyId,
				{rate: {numerator: BigInt(numerator), denominator: BigInt(denominator)}, ...limits},
			]),
		),
		grace: {days: graceDays, capDays: graceCapDays},
	};
}
