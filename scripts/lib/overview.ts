import {type Command} from './command.ts';
import {wrapped} from './help.ts';
import {type Program} from './programs.ts';

/** What is no admin command, and has a help of its own. */
const others: Readonly<Record<string, string>> = {
	start:
		'Start the service: what happens without a command, too. Its configuration is the environment, or the file .env.',
	demo: 'Tell a purchase from the first call to the audit, on a service and a database of its own.',
	reconcile: 'The same as orders:reconcile.',
	homologate: 'Try any gift card or payment provider as VTEX would, and say what it does wrong.',
};

/** What `monedero --help` prints: every program with what it does, the commands in the order of the README's table. */
export function overview(programs: readonly Program[], commands: readonly Command[]): string {
	const summaries = {
		...others,
		...Object.fromEntries(commands.map(({name, summary}) => [name, summary])),
	};
	const told = Object.entries(summaries).filter(([name]) => programs.some(program => program.name === name));
	const column = Math.max(...told.map(([name]) => name.length)) + 4;
	const lines = told.map(([name, summary]) => `  ${name.padEnd(column - 2)}${wrapped(summary, column)}`);
	return [
		'Usage: monedero [COMMAND] [FLAGS]',
		'monedero COMMAND --help explains a command, with examples; monedero --version prints the version.',
		lines.join('\n'),
		'Exit codes: 0 done, 1 refused or failed, 2 wrong usage.\n',
	].join('\n\n');
}
