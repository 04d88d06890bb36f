import process from 'node:process';
import {openParts} from '../../src/assemble.ts';
import {environment, loadConfig} from '../../src/config.ts';
import {runHere} from './script.ts';

// A process in which one command after the other is run as `npm run` does it, without starting another process each time: what it is
// asked comes by message, and so does what the command printed.

export type DeskQuestion = {readonly id: number; readonly name: string; readonly args: readonly string[]};
export type DeskAnswer =
	| {readonly ready: true}
	| {readonly id: number; readonly code: number; readonly stdout: string; readonly stderr: string};

const quiet = {info: () => undefined, warn: () => undefined, error: () => undefined};
const parts = await openParts(loadConfig(environment()), {purpose: 'script', log: quiet});
const say = (answer: DeskAnswer) => process.send?.(answer);

process.on('message', (question: Partial<DeskQuestion>) => {
	const {id, name, args} = question;
	if (id !== undefined && name !== undefined && args !== undefined) {
		void runHere(parts, name, args).then(
			({code, stdout, stderr}) => say({id, code: code ?? 1, stdout, stderr}),
			(error: unknown) => say({id, code: 1, stdout: '', stderr: `The desk failed: ${String(error)}`}),
		);
	}
});
process.on('disconnect', () => process.exit(0));
process.channel?.ref();
say({ready: true});
