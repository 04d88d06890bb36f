import {stripVTControlCharacters} from 'node:util';

export type Counts = {readonly passed: number; readonly failed: number};

/**
 * How many tests passed and failed, from ava's output. Its summary names those that passed only when none failed; then the ticks
 * before it are counted. An exit code that is not 0, or a run in which nothing passed, is a failure whatever the output says.
 */
export function countsOf(output: string, exitCode: number): Counts {
	const lines = stripVTControlCharacters(output).split('\n');
	const sum = (pattern: RegExp) =>
		lines.reduce((total, line) => total + Number(pattern.exec(line)?.[1] ?? 0), 0);
	const ticks = lines.filter(line => /^ {2}[✔√] /.test(line)).length;
	const failed = sum(
		/^ {2}(\d+) (?:tests? failed|hooks? failed|uncaught exceptions?|unhandled rejections?)$/,
	);
	const passed = sum(/^ {2}(\d+) tests? passed$/) || ticks;
	return {passed, failed: failed === 0 && (exitCode !== 0 || passed === 0) ? 1 : failed};
}
