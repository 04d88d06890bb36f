import {type Flag, UsageError} from './command.ts';
import {type Print} from './print.ts';

/** For commands that print a file instead of a table: `csv: csvFlag` among the flags. */
export const csvFlag = {
	type: 'switch',
	description: 'Print a file of comma-separated values, with what --json prints.',
} as const satisfies Flag;

/** @throws UsageError for two forms at once */
export function checkForm(print: Print, isCsv: boolean): void {
	if (isCsv && print.isJson) {
		throw new UsageError('Give --json or --csv, not both.');
	}
}
