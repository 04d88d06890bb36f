import type {FigureResult} from './figures.ts';
import type {ImportTrial} from './import-trial.ts';
import type {LongRun} from './long-run.ts';
import type {OverloadTrial} from './overload.ts';
import {scaleName, type ScaleResult} from './scale.ts';

/** A promise about speed or size, and whether this run kept it. It is shown, never a test: machines differ and are busy. */
export type Bar = {
	readonly name: string;
	readonly measured: number;
	readonly limit: number;
	readonly side: 'at least' | 'at most' | 'below';
	readonly unit: 'x' | 'ms' | 's' | 'MB' | 'per second' | 'debits';
	readonly reached: boolean;
};

type Figures = ReadonlyMap<string, FigureResult>;

/** The bars for which this run measured everything. */
export function barsOf(figures: Figures, longRun: LongRun | undefined): Bar[] {
	return [
		ratio('debits at 256 / reference, spread', figures, ['debits@256', 'reference-spread'], 0.4),
		ratio('debits at 256 / reference, one house account', figures, ['debits@256', 'reference-house'], 2),
		below('p99 of debits at 100', figures.get('debits@100')?.p99, 150, 'ms'),
		atMost('median of a lone debit', figures.get('debits@1')?.p50, 3, 'ms'),
		ratio('debits of points at 256 / debits at 256', figures, ['points@256', 'debits@256'], 0.8),
		ratio('payments at 256 / debits at 256', figures, ['payments@256', 'debits@256'], 0.8),
		below('p99 of payments at 100', figures.get('payments@100')?.p99, 200, 'ms'),
		...[64, 256].flatMap(connections => [
			...ceiling('reads', figures, connections),
			...ceiling('searches', figures, connections),
		]),
		below('memory of the service at 256', memoryOf(figures), 350, 'MB'),
		atMost('memory grown in 200,000 debits', longRun?.grownMegabytes, longRun?.grownMegabytesMax ?? 0, 'MB'),
	].filter(bar => bar !== undefined);
}

/** What a store of many cards loses against one of few, and what its admins wait for. */
export function barsOfScale({figures, commands}: ScaleResult): Bar[] {
	const found = new Map(figures.map(result => [result.name, result]));
	const seconds = (name: string) => commands.find(command => command.name === name)?.seconds;
	const megabytes = (name: string) => commands.find(command => command.name === name)?.megabytes;
	const kept = (workload: 'debits' | 'reads' | 'searches', limit: number) =>
		ratio(
			`${workload}, large / small`,
			found,
			[scaleName(workload, 'large'), scaleName(workload, 'small')],
			limit,
		);
	return [
		kept('searches', 0.9),
		kept('reads', 0.9),
		kept('debits', 0.85),
		below('ledger:liability', seconds('ledger:liability'), 10, 's'),
		below('ledger:audit', seconds('ledger:audit'), 60, 's'),
		below('memory of cards:export', megabytes('cards:export'), 300, 'MB'),
		below('memory of entries:export', megabytes('entries:export'), 300, 'MB'),
		below('cards:show, service running', seconds('cards:show, service running'), 1, 's'),
		below('cards:show, nothing running', seconds('cards:show, nothing running'), 2, 's'),
	].filter(bar => bar !== undefined);
}

/** The bars of an import beside checkouts. */
export function importBars({perSecond, beside, memory}: ImportTrial): Bar[] {
	const name = 'rows imported';
	const rate = {name, measured: perSecond, limit: 5000, reached: perSecond >= 5000} as const;
	return [
		{...rate, side: 'at least', unit: 'per second'} as const,
		below('p99 of the checkouts beside it', beside.p99, 250, 'ms'),
		below('memory of the importing process', memory, 400, 'MB'),
	].filter(bar => bar !== undefined);
}

/** The bars of storms, of which each is reached by all. */
export function barsOfOverload({capacity, storms, answered, booked}: OverloadTrial): Bar[] {
	const worst = (of: (storm: OverloadTrial['storms'][number]) => number) => Math.max(...storms.map(of));
	const share = Math.min(...storms.map(({goodput}) => goodput / capacity));
	return [
		{
			...{name: 'debits done in a storm / capacity', measured: share, limit: 0.8, reached: share >= 0.8},
			...({side: 'at least', unit: 'x'} as const),
		},
		below(
			'p99 of debits done in a storm',
			worst(({accepted}) => accepted.p99),
			8000,
			'ms',
		),
		below(
			'p99 of being turned away',
			worst(({turnedAway}) => turnedAway.p99),
			1000,
			'ms',
		),
		below(
			'p99 of reads in a storm',
			worst(({reads}) => reads.p99),
			1000,
			'ms',
		),
		atMost(
			'until all is as before',
			worst(({recovery}) => recovery),
			5,
			's',
		),
		atMost('debits answered and not booked', Math.max(0, answered - booked), 0, 'debits'),
	].filter(bar => bar !== undefined);
}

/** Against the empty route for the same requests, which for reads is a harder bar than against one with bodies. */
function ceiling(name: 'reads' | 'searches', figures: Figures, connections: number): (Bar | undefined)[] {
	const pair = [`${name}@${connections}`, `empty-${name}@${connections}`] as const;
	return [ratio(`${name} at ${connections} / empty route`, figures, pair, 0.25)];
}

function ratio(
	name: string,
	figures: Figures,
	[over, under]: readonly [string, string],
	limit: number,
): Bar | undefined {
	const [upper, lower] = [figures.get(over), figures.get(under)];
	if (upper === undefined || lower === undefined || lower.perSecond === 0) {
		return undefined;
	}

	const measured = upper.perSecond / lower.perSecond;
	return {name, measured, limit, side: 'at least', unit: 'x', reached: measured >= limit};
}

function atMost(
	name: string,
	measured: number | undefined,
	limit: number,
	unit: 'ms' | 's' | 'MB' | 'debits',
): Bar | undefined {
	return measured === undefined
		? undefined
		: {name, measured, limit, side: 'at most', unit, reached: measured <= limit};
}

function below(
	name: string,
	measured: number | undefined,
	limit: number,
	unit: 'ms' | 's' | 'MB' | 'debits',
): Bar | undefined {
	const bar = atMost(name, measured, limit, unit);
	return bar && {...bar, side: 'below', reached: bar.measured < limit};
}

/** The most in any figure at 256 connections. */
function memoryOf(figures: Figures): number | undefined {
	const memories = ['debits@256', 'points@256', 'payments@256', 'reads@256', 'searches@256']
		.map(name => figures.get(name)?.memory)
		.filter(memory => memory !== undefined);
	return memories.length === 0 ? undefined : Math.max(...memories) / 2 ** 20;
}
