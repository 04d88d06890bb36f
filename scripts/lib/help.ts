import {commandLine} from '../../src/config-command-line.ts';
import {type Command, commonFlagsOf, type Flag, type Flags} from './command.ts';
import {placeholderOf} from './parse-flags.ts';

export {commandLine} from '../../src/config-command-line.ts';

/** Nothing that a command prints about itself is wider. */
export const widthMax = 100;

/** What `--help` prints. */
export function helpOf(command: Command): string {
	const parts = [
		`Usage: ${usageOf(command)}`,
		wrapped(command.summary, 0),
		...(command.details ?? []).map(paragraph => wrapped(paragraph, 0)),
		...(Object.keys(command.flags).length > 0 ? [flagLines(command.flags)] : []),
		`With every command:\n${flagLines(commonFlagsOf(command))}`,
		`Examples:\n${command.examples.map(example => `  ${exampleLine(command, example)}`).join('\n')}`,
		'Exit codes: 0 done, 1 refused or failed, 2 wrong usage.',
	];
	return `${parts.join('\n\n')}\n`;
}

/** A call of the command as it is typed; a long one goes on in further lines, as a shell reads it. */
export function exampleLine({name}: Pick<Command, 'name'>, example: string): string {
	const [first = '', ...rest] = example.split(/ (?=--)/);
	const lines = [commandLine(name, first)];
	for (const part of rest) {
		const line = lines.at(-1) ?? '';
		// Two for the indent of the help, two for the mark that the line goes on.
		if (line.length + 1 + part.length > widthMax - 4) {
			lines[lines.length - 1] = `${line} \\`;
			lines.push(`      ${part}`);
		} else {
			lines[lines.length - 1] = `${line} ${part}`;
		}
	}

	return lines.join('\n');
}

function usageOf(command: Command): string {
	const required = Object.entries(command.flags)
		.filter(([, flag]) => flag.required)
		.map(([name, flag]) => flagText(name, flag));
	const operand = command.operand === undefined ? [] : [`[${command.operand}]`];
	return commandLine(command.name, [...operand, ...required, '[FLAGS]'].join(' '));
}

function flagText(name: string, flag: Flag): string {
	return flag.type === 'switch' ? `--${name}` : `--${name} ${placeholderOf(flag)}`;
}

/** A line or more for each flag, with its explanation. */
export function flagLines(flags: Flags): string {
	const texts = Object.entries(flags).map(([name, flag]) => ({text: flagText(name, flag), flag}));
	// A flag with a long list of choices has its explanation on the next line instead of pushing all others aside.
	const column = Math.max(4, ...texts.map(({text}) => text.length).filter(length => length <= 30)) + 4;
	return texts
		.map(({text, flag}) => {
			const description = wrapped(`${flag.description}${flag.required ? ' Required.' : ''}`, column);
			const isLong = text.length + 4 > column;
			return `  ${text}${isLong ? `\n${' '.repeat(column)}` : ' '.repeat(column - 2 - text.length)}${description}`;
		})
		.join('\n');
}

/** Text in lines of at most `widthMax`, all but the first indented. */
export function wrapped(text: string, indent: number): string {
	const lines: string[] = [];
	let line = '';
	for (const word of text.split(' ')) {
		if (line !== '' && indent + line.length + 1 + word.length > widthMax) {
			lines.push(line);
			line = word;
		} else {
			line = line === '' ? word : `${line} ${word}`;
		}
	}

	return [...lines, line].join(`\n${' '.repeat(indent)}`);
}
