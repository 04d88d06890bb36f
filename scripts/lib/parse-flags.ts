import {parseArgs} from 'node:util';
import {
	type Command,
	type Flag,
	type Flags,
	flagsOf,
	UsageError,
	type Value,
	type Values,
} from './command.ts';
import {nearest} from './nearest.ts';

// Longer values are no value of any flag, but a file that went astray.
const valueLengthMax = 2000;

/**
 * Read what was typed after the command's name.
 * @throws UsageError for an unknown flag or choice (with the nearest right one), a missing or unusable value, or missing flags (all of them)
 */
export function parseFlags(command: Command, argv: readonly string[]): Values {
	return readFlags(command, flagsOf(command), argv);
}

/** A program that is typed with flags, whether or not it is an admin command. */
type Typed = Pick<Command, 'name' | 'operand'>;

/** The same for any program: what `flags` does not name is unknown to it. @throws UsageError as above */
export function readFlags(command: Typed, flags: Flags, argv: readonly string[]): Values {
	const {tokens} = parseArgs({args: [...argv], options: optionsOf(flags), strict: false, tokens: true});
	const values: Record<string, Value> = {};
	for (const token of tokens) {
		if (token.kind === 'positional') {
			takeOperand(command, values, token.value);
		} else if (token.kind === 'option') {
			const flag = Object.hasOwn(flags, token.name) ? flags[token.name] : undefined;
			if (flag === undefined) {
				throw new UsageError(unknownFlag(command, token.rawName, Object.keys(flags)));
			}

			const before = values[token.name];
			if (before !== undefined && flag.type !== 'switch' && flag.repeatable !== true) {
				throw new UsageError(`--${token.name} was given twice.`);
			}

			const value = valueOf(token.name, flag, token.value, token.inlineValue === true);
			values[token.name] =
				flag.repeatable === true ? [...(typeof before === 'object' ? before : []), String(value)] : value;
		}
	}

	return values['help'] === true ? values : complete(command, flags, values);
}

function optionsOf(flags: Flags): Record<string, {type: 'string' | 'boolean'}> {
	return Object.fromEntries(
		Object.entries(flags).map(([name, {type}]) => [name, {type: type === 'switch' ? 'boolean' : 'string'}]),
	);
}

function takeOperand({name, operand}: Typed, values: Record<string, unknown>, text: string): void {
	if (operand === undefined) {
		throw new UsageError(`${name} takes flags only; "${shortened(text)}" is not one.`);
	}

	if (values['operand'] !== undefined) {
		throw new UsageError(`${name} takes one ${operand} at a time.`);
	}

	values['operand'] = text;
}

function valueOf(
	name: string,
	flag: Flag,
	text: string | undefined,
	isInline: boolean,
): string | number | boolean {
	if (flag.type === 'switch') {
		if (text !== undefined) {
			throw new UsageError(`--${name} takes no value.`);
		}

		return true;
	}

	// `--caption --json` forgot a value; one that really begins so can be given as `--caption=--json`.
	if (text === undefined || text.trim() === '' || (!isInline && text.startsWith('--'))) {
		throw new UsageError(`--${name} needs a value: --${name} ${placeholderOf(flag)}.`);
	}

	if (text.length > valueLengthMax) {
		throw new UsageError(`--${name} takes at most ${valueLengthMax} characters.`);
	}

	if (flag.choices !== undefined && !flag.choices.includes(text)) {
		throw new UsageError(wrongChoice(name, flag.choices, text));
	}

	return flag.type === 'whole' ? wholeNumber(name, text) : text;
}

function wholeNumber(name: string, text: string): number {
	const value = /^[1-9]\d{0,8}$/.test(text) ? Number(text) : Number.NaN;
	if (Number.isNaN(value)) {
		throw new UsageError(`--${name} takes a whole number from 1; not "${shortened(text)}".`);
	}

	return value;
}

/** Switches that were not typed are off, and lists are empty; what is required must be there. */
function complete(command: Typed, flags: Flags, values: Record<string, Value>): Values {
	for (const [name, flag] of Object.entries(flags)) {
		if (flag.type === 'switch') {
			values[name] ??= false;
		} else if (flag.repeatable === true) {
			values[name] ??= [];
		}
	}

	const missing = Object.entries(flags)
		.filter(([name, {required}]) => required === true && values[name] === undefined)
		.map(([name, flag]) => `--${name} ${placeholderOf(flag)}`);
	if (missing.length > 0) {
		throw new UsageError(`${command.name} needs ${inWords(missing)}.`);
	}

	return values;
}

/** `a`, `a and b`, `a, b and c` */
function inWords(texts: readonly string[]): string {
	return [texts.slice(0, -1).join(', '), texts.at(-1)].filter(text => text !== '').join(' and ');
}

/** What stands for a flag's value in help and messages. */
export function placeholderOf(flag: Flag): string {
	return flag.placeholder ?? flag.choices?.join('|') ?? (flag.type === 'whole' ? 'N' : 'TEXT');
}

function unknownFlag(command: Typed, typed: string, names: readonly string[]): string {
	const meant = nearest(typed.replace(/^-+/, ''), names);
	return `${command.name} has no flag ${shortened(typed)}. ${meant === undefined ? 'See --help.' : `Did you mean --${meant}?`}`;
}

function wrongChoice(name: string, choices: readonly string[], typed: string): string {
	const meant = nearest(typed, choices);
	return `--${name} takes ${choices.join(', ')}; not "${shortened(typed)}".${meant === undefined ? '' : ` Did you mean ${meant}?`}`;
}

function shortened(text: string): string {
	return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
