import {formatMoney, MAX_UNITS} from '../money/amount.ts';
import {type Asset} from '../money/asset.ts';
import {type ExpiryPolicy, type ProgramSettings} from './program.ts';

/** What a program is that nobody said more about than its name: points that never end and that nothing limits. */
export function defaultSettings(name: string): ProgramSettings {
	return {
		name,
		caption: name,
		expiry: {kind: 'never'},
		purchasedExpiry: {kind: 'never'},
		pendingDays: 0,
		redemptionMin: 1n,
		redemptionMax: null,
		balanceMax: null,
		dayMax: null,
		orderMax: null,
		graceDays: 30,
		graceCapDays: 365,
		clawback: 'owed',
		earnRules: null,
	};
}

/** Of names and captions. Checkout has one line for them. */
const textLengthMax = 100;
const pendingDaysMax = 3660;
const graceDaysMax = 3660;
const graceCapDaysMax = 36_600;
/** A hundred years, whatever they are counted in. */
const expiryCountMax = {days: 36_600, month: 1200, year: 100} as const;

/**
 * What is wrong with the settings of a program, as a sentence that says what to do; undefined where nothing is.
 *
 * Besides what the database refuses, this finds what would be accepted and work for nobody.
 */
export function problemOf(settings: ProgramSettings, asset: Asset): string | undefined {
	return textProblem(settings) ?? timeProblem(settings) ?? limitProblem(settings, asset);
}

function textProblem({name, caption}: ProgramSettings): string | undefined {
	for (const [what, text] of [
		['name', name],
		['caption', caption],
	] as const) {
		if (text.trim() !== text || text === '' || text.length > textLengthMax || /\p{Cc}|\p{Cs}/u.test(text)) {
			return `The ${what} of a program is a line of 1 to ${textLengthMax} characters. Write another one.`;
		}
	}

	return undefined;
}

function timeProblem(settings: ProgramSettings): string | undefined {
	const {expiry, purchasedExpiry, pendingDays, graceDays, graceCapDays} = settings;
	return (
		countProblem(expiry) ??
		countProblem(purchasedExpiry) ??
		daysProblem('Points wait', pendingDays, pendingDaysMax) ??
		daysProblem('The grace is', graceDays, graceDaysMax) ??
		daysProblem('The cap on grace is', graceCapDays, graceCapDaysMax)
	);
}

function countProblem(policy: ExpiryPolicy): string | undefined {
	return policy.kind === 'never' || isWithin(policy.count, expiryCountMax[policy.kind])
		? undefined
		: 'Points end within a hundred years, or never. Write fewer days, months or years.';
}

function daysProblem(what: string, days: number, daysMax: number): string | undefined {
	return isWithin(days, daysMax) ? undefined : `${what} 0 to ${daysMax} whole days. Write another number.`;
}

const isWithin = (count: number, countMax: number) =>
	Number.isInteger(count) && count >= 0 && count <= countMax;

function limitProblem(settings: ProgramSettings, asset: Asset): string | undefined {
	const {redemptionMin, redemptionMax, balanceMax, dayMax, orderMax} = settings;
	const shown = (units: bigint) => formatMoney(units, asset);
	const limits = [redemptionMin, redemptionMax, balanceMax, dayMax, orderMax].filter(limit => limit !== null);
	if (limits.some(limit => limit <= 0n || limit > MAX_UNITS)) {
		return `Every limit is above zero and at most ${shown(MAX_UNITS)}. Write another one, or none.`;
	}

	if (redemptionMax !== null && redemptionMax < redemptionMin) {
		return `An order would redeem at least ${shown(redemptionMin)} and at most ${shown(redemptionMax)}, so none could. Change one of the two.`;
	}

	return balanceMax !== null && balanceMax < redemptionMin
		? `A wallet would carry at most ${shown(balanceMax)} and an order redeem at least ${shown(redemptionMin)}, so none could. Change one of the two.`
		: undefined;
}
