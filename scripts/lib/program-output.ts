import {type Instant} from '../../src/ledger/calendar.ts';
import {writeEarnRules} from '../../src/loyalty/earn-rules-json.ts';
import {type EarnRules} from '../../src/loyalty/earn-rules.ts';
import {type ExpiryPolicy, type Program, type ProgramRate} from '../../src/loyalty/program.ts';
import {formatMoney, toJsonNumber} from '../../src/money/amount.ts';
import {type Asset, currency as currencyOf} from '../../src/money/asset.ts';
import {formatRate} from '../../src/money/convert.ts';
import {type Context} from './command.ts';
import {counted} from './counted.ts';
import {jsonMoment, shownMoment} from './dates.ts';
import {printFields, printTable} from './table.ts';

/** For the help of every command that prints programs. */
export const programJson =
	'--json prints for each program its name, asset, decimals and caption; expires and purchasedExpires as they are typed; pendingDays, graceDays and ' +
	'graceCapDays; minRedemption, maxRedemption, maxBalance, maxPerDay and maxPerOrder in points, null for no limit; clawback; earnRules; and ' +
	'rates: currency, rate (what one point is worth, as text), from, and until, which is null for the last one.';

type ShownRate = ProgramRate & {
	readonly currency: Asset;
	/** When the next rate of the currency takes over. */
	readonly until: Instant | null;
};

/** Print a program, in the mode that was asked for. */
export async function printProgram(context: Context, program: Program): Promise<void> {
	const {print, merchant, parts} = context;
	const rates = await shownRates(context, program);
	print.value(valueOf(program, rates));
	printSettings(context, program);
	if (rates.length === 0) {
		print.line('\nIt has no rate: its points pay for nothing. programs:update --rate BRL=0.01 gives it one.');
		return;
	}

	const {timeZone} = merchant;
	const now = parts.clock();
	print.line();
	printTable(print, rates, [
		{
			title: `1 ${program.asset.code} is worth`,
			text: ({rate, currency}) => `${formatRate(rate, program.asset, currency)} ${currency.code}`,
			isRight: true,
		},
		{title: `From (${timeZone})`, text: ({from}) => shownMoment(from, timeZone)},
		{title: 'Until', text: ({until}) => (until === null ? '' : shownMoment(until, timeZone))},
		{
			title: '',
			text: ({from, until}) => (from > now ? 'planned' : until !== null && until <= now ? 'past' : 'now'),
		},
	]);
}

async function shownRates({parts, merchant}: Context, {rates}: Pick<Program, 'rates'>): Promise<ShownRate[]> {
	return Promise.all(
		rates.map(async (rate, index) => {
			const next = rates[index + 1];
			return {
				...rate,
				currency: await parts.assets.byId(merchant.id, rate.currencyId),
				until: next?.currencyId === rate.currencyId ? next.from : null,
			};
		}),
	);
}

function valueOf(program: Program, rates: readonly ShownRate[]) {
	const {asset, earnRules} = program;
	const amount = (units: bigint | null) => (units === null ? null : toJsonNumber(units, asset));
	return {
		name: program.name,
		asset: asset.code,
		decimals: asset.scale,
		caption: program.caption,
		expires: typedPolicy(program.expiry),
		purchasedExpires: typedPolicy(program.purchasedExpiry),
		pendingDays: program.pendingDays,
		minRedemption: amount(program.redemptionMin),
		maxRedemption: amount(program.redemptionMax),
		maxBalance: amount(program.balanceMax),
		maxPerDay: amount(program.dayMax),
		maxPerOrder: amount(program.orderMax),
		graceDays: program.graceDays,
		graceCapDays: program.graceCapDays,
		clawback: program.clawback,
		earnRules: earnRules && writeEarnRules(earnRules),
		rates: rates.map(({rate, currency, from, until}) => ({
			currency: currency.code,
			rate: formatRate(rate, asset, currency),
			from: jsonMoment(from),
			until: until === null ? null : jsonMoment(until),
		})),
	};
}

function printSettings({print}: Context, program: Program): void {
	const {asset, redemptionMin, redemptionMax, earnRules} = program;
	const amount = (units: bigint) => formatMoney(units, asset);
	const atMost = (units: bigint | null) => (units === null ? 'no limit' : `at most ${amount(units)}`);
	const decimals = asset.scale === 0 ? 'without decimals' : `with ${counted(asset.scale, 'decimal')}`;
	printFields(print, [
		['Program', program.name, 'bold'],
		['Points', `${asset.code}, ${decimals}`],
		['Caption', program.caption],
		['They end', policyText(program.expiry)],
		['Bought ones end', policyText(program.purchasedExpiry)],
		[
			'Can be spent',
			program.pendingDays === 0 ? 'at once' : `${counted(program.pendingDays, 'day')} after they were earned`,
		],
		[
			'Redeemed an order',
			`at least ${amount(redemptionMin)}${redemptionMax === null ? '' : `, ${atMost(redemptionMax)}`}`,
		],
		['Kept in a wallet', atMost(program.balanceMax)],
		['Earned a day', atMost(program.dayMax)],
		['Earned an order', atMost(program.orderMax)],
		[
			'Grace',
			`${counted(program.graceDays, 'day')}, at most ${counted(program.graceCapDays, 'day')} after the first date`,
		],
		['Clawback', clawbackTexts[program.clawback]],
		['Orders earn', earnRules === null ? 'nothing' : earnText(earnRules, asset)],
	]);
}

const clawbackTexts = {
	debt: 'what was spent is a debt of the wallet',
	owed: 'what was spent is noted as owed',
} as const satisfies Record<Program['clawback'], string>;

function typedPolicy(policy: ExpiryPolicy): string {
	return policy.kind === 'never'
		? 'never'
		: policy.kind === 'days'
			? `${policy.count}d`
			: `${policy.kind}${policy.count === 0 ? '' : `+${policy.count}`}`;
}

function policyText(policy: ExpiryPolicy): string {
	if (policy.kind === 'never') {
		return 'never';
	}

	const {kind, count} = policy;
	const later = count === 0 ? '' : `${counted(count, kind === 'days' ? 'day' : kind)} later`;
	if (kind === 'days') {
		return later === '' ? 'with the day' : later;
	}

	return `at the end of the ${kind}${later === '' ? '' : `, ${later}`}`;
}

function earnText(rules: EarnRules, points: Asset): string {
	const money = currencyOf(rules.currency);
	const others = rules.byCategory.size + rules.bySeller.size;
	const {categories, skus, sellers} = rules.excluded;
	const excluded = categories.size + skus.size + sellers.size;
	return [
		`${formatRate(rules.rate, money, points)} ${points.code} for 1 ${money.code}`,
		...(rules.minimum > 0n ? [`from ${formatMoney(rules.minimum, money)}`] : []),
		...(others > 0 ? [counted(others, 'other rate')] : []),
		...(excluded > 0 ? [counted(excluded, 'exclusion')] : []),
		rules.earnOn === 'invoice' ? 'when invoiced' : 'when paid',
	].join(', ');
}
