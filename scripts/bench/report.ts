import type {Bar} from './bars.ts';
import type {FigureResult} from './figures.ts';
import type {ImportTrial} from './import-trial.ts';
import type {LongRun} from './long-run.ts';
import type {OverloadTrial} from './overload.ts';
import type {ScaleResult} from './scale.ts';

/** All that a run found out; `--json` prints it as it is. */
export type Report = {
	readonly machine: string;
	/** What called the reference ledger; undefined when it was not measured. */
	readonly referenceCalledBy: string | undefined;
	readonly rounds: number;
	readonly seconds: number;
	/** Of the minute before the run began. Above 0.5 somebody else was using the machine. */
	readonly loadBefore: number;
	readonly figures: readonly FigureResult[];
	readonly longRun: LongRun | undefined;
	readonly bars: readonly Bar[];
};

/** All that a run with `--scale` found out. */
export type ScaleReport = Pick<Report, 'machine' | 'rounds' | 'seconds' | 'loadBefore' | 'bars'> & {
	readonly scale: ScaleResult;
};

const busyLoad = 0.5;

/** The report for people. */
export function renderReport(report: Report): string {
	const {figures, longRun, bars, referenceCalledBy} = report;
	return [
		`${report.machine}. Median of ${report.rounds} rounds of ${report.seconds} s each.`,
		report.loadBefore > busyLoad &&
			`The machine was busy before (load ${report.loadBefore.toFixed(1)}): what it can do is more than this.`,
		'',
		renderTable(figureHeadings, figures.map(figureRow)),
		'',
		'µs: processor time per request of the load client, the server and the database.',
		referenceCalledBy !== undefined &&
			`reference: a bare SQL ledger on the same server, 16 clients of ${referenceCalledBy}, no HTTP.`,
		longRun && '',
		longRun && renderLongRun(longRun),
		bars.length > 0 && '',
		bars.length > 0 && renderTable(barHeadings, bars.map(barRow)),
	]
		.filter(line => typeof line === 'string')
		.join('\n');
}

/** The same, of two stores of different sizes. */
export function renderScaleReport({machine, rounds, seconds, loadBefore, bars, scale}: ScaleReport): string {
	return [
		`${machine}. ${whole(scale.cards)} cards and ${whole(scale.postings)} postings, beside a store of 10,000 cards. Median of ${rounds} rounds of ${seconds} s each.`,
		loadBefore > busyLoad &&
			`The machine was busy before (load ${loadBefore.toFixed(1)}): what it can do is more than this.`,
		'',
		renderTable(figureHeadings, scale.figures.map(figureRow)),
		'',
		renderTable(
			['on the large store', 'seconds', 'memory MB'],
			scale.commands.map(({name, seconds: took, megabytes}) => [name, fixed(took, 2), fixed(megabytes, 0)]),
		),
		'',
		renderTable(barHeadings, bars.map(barRow)),
	]
		.filter(line => typeof line === 'string')
		.join('\n');
}

const figureHeadings = [
	...['', 'per second', 'p50 ms', 'p99 ms', 'max ms', 'failed'],
	...['client µs', 'server µs', 'database µs', 'memory MB'],
];

function figureRow(figure: FigureResult): string[] {
	return [
		figure.name,
		whole(figure.perSecond),
		fixed(figure.p50, 2),
		fixed(figure.p99, 2),
		fixed(figure.max, 1),
		whole(figure.failed),
		fixed(figure.loadCpu, 0),
		fixed(figure.serverCpu, 0),
		fixed(figure.databaseCpu, 0),
		fixed(figure.memory && figure.memory / 2 ** 20, 0),
	];
}

const barHeadings = ['', 'measured', 'bar', 'reached'];

function barRow({name, measured, limit, side, unit, reached}: Bar): string[] {
	const digits = unit === 'x' || unit === 's' ? 2 : unit === 'ms' ? 1 : 0;
	const sign = {'at least': '≥', 'at most': '≤', below: '<'}[side];
	const unitText = unit === 'x' ? '×' : ` ${unit}`;
	return [
		name,
		`${fixed(measured, digits)}${unitText}`,
		`${sign} ${fixed(limit, digits)}${unitText}`,
		reached ? 'yes' : 'NO',
	];
}

/** What an import did, for people. */
export function renderImport(trial: ImportTrial, bars: readonly Bar[]): string {
	const {rows, perSecond, importCpu, databaseCpu, memory, before, beside, load} = trial;
	const times = [
		['before', before],
		['beside the import', beside],
	] as const;
	return [
		`${whole(rows)} rows: ${whole(perSecond)} per second; load of the machine ${fixed(load, 1)}.`,
		`Processor time per row: ${fixed(importCpu, 0)} µs of the importing process, ${fixed(databaseCpu, 0)} µs of the database; memory ${fixed(memory, 0)} MB.`,
		'',
		renderTable(
			['Checkouts', 'requests', 'failed', 'p50 ms', 'p99 ms'],
			times.map(([name, {requests, failed, p50, p99}]) => [
				...[name, whole(requests), whole(failed), fixed(p50, 1), fixed(p99, 1)],
			]),
		),
		'',
		renderTable(barHeadings, bars.map(barRow)),
	].join('\n');
}

/** What storms did, for people. */
export function renderOverload(trial: OverloadTrial, bars: readonly Bar[]): string {
	const {apart, capacity, storms, answered, booked, isAuditClean} = trial;
	return [
		`${whole(capacity)} debits a second with 256 connections, each waiting for its answer.`,
		apart === undefined
			? 'Servers and load clients shared all processors.'
			: `Service and database were kept on processor ${apart.servers}, the load clients on ${apart.clients}.`,
		'',
		renderTable(
			[
				...['Storm', 'came/s', 'done/s', 'p50 ms', 'p99 ms', '503/s', '503 p99 ms', 'failed'],
				...['reads p99 ms', 'reads failed', 'as before after s'],
			],
			storms.map(({factor, offered, goodput, accepted, turnedAway, failed, reads, recovery}) => [
				...[
					`${factor} times`,
					whole(offered),
					whole(goodput),
					fixed(accepted.p50, 0),
					fixed(accepted.p99, 0),
				],
				...[whole((turnedAway.count / accepted.count) * goodput), fixed(turnedAway.p99, 0), whole(failed)],
				...[fixed(reads.p99, 0), whole(reads.failed), fixed(recovery, 0)],
			]),
		),
		'',
		`${whole(answered)} debits were answered 200, ${whole(booked)} are in the ledger; the audit found ${isAuditClean ? 'nothing' : 'SOMETHING'}.`,
		'',
		renderTable(barHeadings, bars.map(barRow)),
	].join('\n');
}

function renderLongRun({debits, perSecond, failed, megabytes}: LongRun): string {
	return [
		`${whole(debits)} debits at 256 connections: ${whole(perSecond)} per second, ${whole(failed)} failed.`,
		`Memory of the service in MB, by tenths of the run: ${megabytes.map(part => fixed(part, 0)).join(' ')}`,
	].join('\n');
}

/** The first column is text and left-aligned, the others are figures and right-aligned. */
export function renderTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
	const lines = [headings, ...rows];
	const widths = headings.map((_, column) => Math.max(...lines.map(line => line[column]?.length ?? 0)));
	return lines
		.map(line =>
			line
				.map((cell, column) =>
					column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
				)
				.join('  '),
		)
		.join('\n');
}

/** 12345.6 → `12,346`. */
function whole(value: number): string {
	return Math.round(value).toLocaleString('en-US');
}

function fixed(value: number | undefined, digits: number): string {
	return value === undefined ? '' : value.toFixed(digits);
}
