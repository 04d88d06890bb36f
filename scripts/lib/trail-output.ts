import {type MerchantAsset} from '../../src/merchants/assets.ts';
import {formatMoney, toJsonNumber} from '../../src/money/amount.ts';
import {type TrailLine} from '../../src/reports/trail.ts';
import {type Context} from './command.ts';
import {jsonMoment, shownMoment} from './dates.ts';
import {printTable} from './table.ts';
import {unsaid} from './trail-arguments.ts';

/** An action with what it gave out, each in its asset. */
export type ShownAction = Omit<TrailLine, 'given'> & {
	readonly given: readonly {
		readonly asset: MerchantAsset;
		readonly amount: bigint;
		readonly isKnown: boolean;
	}[];
};

export async function shownAction({parts, merchant}: Context, line: TrailLine): Promise<ShownAction> {
	const given = line.given.map(async ({assetId, ...rest}) => ({
		...rest,
		asset: await parts.assets.byId(merchant.id, assetId),
	}));
	return {...line, given: await Promise.all(given)};
}

/** An action as `--json` prints it. */
export function trailValue({begunAt, endedAt, given, ...action}: ShownAction) {
	return {
		...action,
		begunAt: jsonMoment(begunAt),
		endedAt: endedAt === null ? null : jsonMoment(endedAt),
		given: given.map(({asset, amount, isKnown}) => ({
			amount: toJsonNumber(amount, asset),
			currency: asset.code,
			known: isKnown,
		})),
	};
}

const actorWidth = 12;

/** The newest first. Amounts that are led by ≤ are what was reserved: nobody knows how much of it moved. */
export function printTrail({print, merchant}: Context, actions: readonly ShownAction[]): void {
	const {name, timeZone} = merchant;
	if (actions.length === 0) {
		print.line(`${name} has no such action in its trail.`);
		return;
	}

	print.line(`Trail of ${name}, times in ${timeZone}\n`);
	const hasGiven = actions.some(({given}) => given.length > 0);
	printTable(print, actions, [
		{title: 'Action', text: ({id}) => String(id), isRight: true},
		{title: 'When', text: ({begunAt}) => shownMoment(begunAt, timeZone)},
		{title: 'Who', text: ({actor}) => cut(actor, actorWidth)},
		{title: 'Command', text: ({command}) => command},
		{title: 'With', text: ({arguments: given}) => typedText(given), isShrinking: true},
		...(hasGiven ? [{title: 'Gave', text: givenText, isRight: true}] : []),
		{title: 'End', text: endText},
	]);
}

function cut(text: string, width: number): string {
	return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}

/** As it was typed, more or less: `--amount 50.00 --json`. */
function typedText({operand, ...flags}: TrailLine['arguments']): string {
	const texts = Object.entries(flags).flatMap(([name, value]) =>
		(Array.isArray(value) ? value : [value]).map(one =>
			one === true ? `--${name}` : `--${name} ${wordOf(one)}`,
		),
	);
	return [...(operand === undefined ? [] : [wordOf(operand)]), ...texts].join(' ');
}

function wordOf(value: unknown): string {
	const text = String(value);
	return text !== unsaid && /[^\w.,:=@±+-]/.test(text) ? JSON.stringify(text) : text;
}

/** The first amount, and how many others there are. */
function givenText({given: [first, ...others]}: ShownAction): string {
	if (first === undefined) {
		return '';
	}

	const more = others.length === 0 ? '' : ` +${others.length}`;
	return `${first.isKnown ? '' : '≤ '}${formatMoney(first.amount, first.asset)}${more}`;
}

const ends = ['done', 'failed', 'misused'] as const;

function endText({exitCode}: ShownAction): string {
	return exitCode === null ? 'not ended' : (ends[exitCode] ?? String(exitCode));
}
