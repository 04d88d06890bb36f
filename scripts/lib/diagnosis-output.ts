import {type Diagnosis} from '../../src/assemble-setup.ts';
import {type Context} from './command.ts';
import {type Print, type Style} from './print.ts';
import {printTable} from './table.ts';

const marks: Readonly<Record<Diagnosis['outcome'], string>> = {
	passed: '✔',
	warning: '!',
	failed: '✘',
	skipped: '-',
};

const styles: Readonly<Partial<Record<Diagnosis['outcome'], Style>>> = {failed: 'red', warning: 'yellow'};

/** Everything that a doctor finds, each told as it comes. @throws Error when it is stopped before that */
export async function collect(
	{signal}: Pick<Context, 'signal'>,
	diagnoses: AsyncIterable<Diagnosis>,
	tell: (diagnosis: Diagnosis) => void = () => undefined,
): Promise<Diagnosis[]> {
	const all: Diagnosis[] = [];
	for await (const diagnosis of diagnoses) {
		tell(diagnosis);
		all.push(diagnosis);
		if (signal.aborted) {
			throw new Error('It was stopped before everything was looked at.');
		}
	}

	return all;
}

/** What was found, and below it what to do about it. */
export function printDiagnoses(print: Print, diagnoses: readonly Diagnosis[]): void {
	printTable(print, diagnoses, [
		{title: '', text: ({outcome}) => marks[outcome]},
		{title: 'Check', text: ({title}) => title},
		{title: 'Found', text: ({found}) => found, isWrapping: true},
	]);
	for (const {outcome, title, advice} of diagnoses) {
		if (advice !== undefined) {
			print.line(print.styled(styles[outcome] ?? 'dim', `\n${marks[outcome]} ${title}`));
			print.line(advice);
		}
	}
}

/** How many ended so. */
export function countOf(diagnoses: readonly Diagnosis[], outcome: Diagnosis['outcome']): number {
	return diagnoses.filter(diagnosis => diagnosis.outcome === outcome).length;
}
