import {type PrismaClient} from '../db/client.ts';
import {Prisma} from '../db/generated/client.ts';
import {assetOf} from '../merchants/assets.ts';
import {readEarnRules, writeEarnRules} from './earn-rules-json.ts';
import {type Clawback, type ExpiryPolicy, type Program, type ProgramSettings} from './program.ts';

/** Kind of expiry → the number that stands for it in the database. */
export const expiryNumbers = {never: 1, days: 2, month: 3, year: 4} as const satisfies Record<
	ExpiryPolicy['kind'],
	number
>;

export const clawbackNumbers = {debt: 1, owed: 2} as const satisfies Record<Clawback, number>;

/** With what it needs of other tables; `programOf` reads it. */
const include = {
	asset: {select: {id: true, code: true, scale: true, kind: true}},
	programRates: {orderBy: [{currencyId: 'asc'}, {effectiveFrom: 'asc'}]},
} as const satisfies Prisma.ProgramInclude;

type Row = Prisma.ProgramGetPayload<{include: typeof include}>;

/** A merchant's programs as they are now, the oldest first; or the one of an id. */
export async function readPrograms(
	prisma: Pick<PrismaClient, 'program'>,
	merchantId: number,
	id?: number,
): Promise<readonly Program[]> {
	const where = {merchantId, ...(id !== undefined && {id})};
	const rows = await prisma.program.findMany({where, include, orderBy: {id: 'asc'}});
	return rows.map(programOf);
}

function programOf({asset, programRates, ...row}: Row): Program {
	return Object.freeze({
		id: row.id,
		asset: assetOf(asset),
		name: row.name,
		caption: row.caption,
		expiry: policyOf(row.expiryKind, row.expiryCount),
		purchasedExpiry: policyOf(row.purchasedExpiryKind, row.purchasedExpiryCount),
		pendingDays: row.pendingDays,
		redemptionMin: row.redemptionMin,
		redemptionMax: row.redemptionMax,
		balanceMax: row.balanceMax,
		dayMax: row.dayMax,
		orderMax: row.orderMax,
		graceDays: row.graceDays,
		graceCapDays: row.graceCapDays,
		clawback: wordOf(clawbackNumbers, row.clawback),
		earnRules: row.earnRules === null ? null : readEarnRules(row.earnRules),
		rates: programRates.map(({currencyId, effectiveFrom, numerator, denominator}) => ({
			currencyId,
			from: effectiveFrom.getTime(),
			rate: {numerator, denominator},
		})),
	});
}

/** The columns that hold a program's settings. */
export function columnsOf(settings: ProgramSettings) {
	const {expiry, purchasedExpiry, earnRules} = settings;
	return {
		name: settings.name,
		caption: settings.caption,
		expiryKind: expiryNumbers[expiry.kind],
		expiryCount: countOf(expiry),
		purchasedExpiryKind: expiryNumbers[purchasedExpiry.kind],
		purchasedExpiryCount: countOf(purchasedExpiry),
		pendingDays: settings.pendingDays,
		redemptionMin: settings.redemptionMin,
		redemptionMax: settings.redemptionMax,
		balanceMax: settings.balanceMax,
		dayMax: settings.dayMax,
		orderMax: settings.orderMax,
		graceDays: settings.graceDays,
		graceCapDays: settings.graceCapDays,
		clawback: clawbackNumbers[settings.clawback],
		earnRules: earnRules === null ? Prisma.DbNull : (writeEarnRules(earnRules) as Prisma.InputJsonObject),
	} satisfies Prisma.ProgramUpdateInput;
}

function policyOf(number: number, count: number): ExpiryPolicy {
	const kind = wordOf(expiryNumbers, number);
	return kind === 'never' ? {kind} : {kind, count};
}

const countOf = (policy: ExpiryPolicy) => (policy.kind === 'never' ? 0 : policy.count);

/** @throws RangeError for a number that this version does not know: another one wrote it. */
function wordOf<Word extends string>(numbers: Readonly<Record<Word, number>>, number: number): Word {
	const found = (Object.keys(numbers) as Word[]).find(word => numbers[word] === number);
	if (found === undefined) {
		throw new RangeError(
			`A program has ${number} where one of ${Object.values(numbers).join(', ')} belongs; is this service older than the database?`,
		);
	}

	return found;
}
