import {type Played} from './play.ts';
import {historyText, type Step} from './steps.ts';

/** One line for a run that kept every promise; what was broken comes below it otherwise. */
export function renderRun(seed: number, {problems, ...run}: Played, seconds: number): string {
	const faults = [...run.staged.values()].reduce((sum, count) => sum + count, 0);
	const kept = problems.length === 0 ? '✔' : '✘';
	return (
		`${kept} seed ${seed}: ${run.asked} steps, ${faults} faults, ${run.replayed} asked again, ${run.repeated} repeated, ` +
		`${run.checks} checks, ${seconds.toFixed(0)} s`
	);
}

/** What a whole evening came to. */
export function renderTotal(runs: readonly Played[]): string {
	const staged = new Map<string, number>();
	for (const [fault, count] of runs.flatMap(run => [...run.staged])) {
		staged.set(fault, (staged.get(fault) ?? 0) + count);
	}

	const sum = (of: (run: Played) => number) =>
		runs.reduce((total, run) => total + of(run), 0).toLocaleString('en');
	const faults = [...staged].toSorted().map(([fault, count]) => `  ${fault.padEnd(16)}${count}`);
	const notStaged = [...new Set(runs.flatMap(run => run.notStaged))].map(why => `Not staged: ${why}.`);
	return [
		'',
		`${runs.length} ${runs.length === 1 ? 'run' : 'runs'}, ${sum(run => run.asked)} steps; every promise was kept.`,
		`${sum(run => run.replayed)} requests were asked again after a fault, ${sum(run => run.repeated)} answers repeated and compared, ` +
			`${sum(run => run.callbacks)} callbacks taken.`,
		...faults,
		...notStaged,
	].join('\n');
}

export type Failure = {
	readonly seed: number;
	readonly services: number;
	readonly plant: string | undefined;
	readonly shrunk: readonly Step[];
	/** Steps before it was shrunk. */
	readonly of: number;
	readonly problems: readonly string[];
	readonly file: string;
};

const problemsMax = 10;

/** The seed, what was broken, the shrunk history, and how to see it again. */
export function renderFailure({seed, services, plant, shrunk, of, problems, file}: Failure): string {
	const more = problems.length - problemsMax;
	return [
		'',
		`A promise was broken by seed ${seed}:`,
		...problems.slice(0, problemsMax).map(problem => `  ✘ ${problem}`),
		...(more > 0 ? [`  and ${more} more`] : []),
		'',
		`Of ${of} steps these ${shrunk.length} do it:`,
		historyText(shrunk).trimEnd(),
		'',
		`See it again: npm run simulate -- --history ${file} --services ${services}${plant === undefined ? '' : ` --plant ${plant}`}`,
	].join('\n');
}
