import {type Parts} from '../../src/assemble.ts';
import {type Action} from '../../src/admins/actions.ts';
import {type Giving} from '../../src/admins/giving.ts';
import {type Config} from '../../src/config.ts';
import {type Merchant} from '../../src/merchants/merchant.ts';
import {type Print} from './print.ts';

/** One flag of a command, as people type it and as `--help` explains it. */
export type Flag = {
	/** `switch` takes no value; `whole` takes a whole number of at least one. */
	readonly type: 'text' | 'whole' | 'switch';
	/** What stands for the value in the help; without it, for a choice, its values. */
	readonly placeholder?: string;
	readonly choices?: readonly string[];
	readonly description: string;
	readonly required?: true;
	/** May be typed more than once; a list of its values then, empty where it was not typed. */
	readonly repeatable?: true;
	/** What opens or pays something: a redemption code, a token. The audit trail has `…` in its place. */
	readonly isSecret?: true;
	/** What names a customer or may do so, as any sentence that somebody types. The audit trail has `…` in its place. */
	readonly isPersonal?: true;
	/** The name of a file. The audit trail has it without its folders, which may say whose machine it was. */
	readonly isFile?: true;
};

export type Flags = Readonly<Record<string, Flag>>;

type ValueOf<F extends Flag> = F extends {type: 'switch'}
	? boolean
	: F extends {type: 'whole'}
		? number
		: F extends {choices: readonly (infer Choice)[]}
			? Choice
			: F extends {repeatable: true}
				? readonly string[]
				: string;

/** What a command's `run` is given: its flags by name, and the operand where it takes one. */
export type Args<F extends Flags> = {
	readonly [Name in keyof F]: F[Name] extends {type: 'switch'} | {required: true} | {repeatable: true}
		? ValueOf<F[Name]>
		: ValueOf<F[Name]> | undefined;
} & {readonly operand: string | undefined};

/** What surrounds a command while it runs. */
export type Context = {
	readonly parts: Parts;
	/** The one that `--merchant` names, or the first. */
	readonly merchant: Merchant;
	/** Whether `--merchant` was given: what concerns all merchants without it. */
	readonly isMerchantNamed: boolean;
	/** The row of the person that `--actor` names. */
	readonly actorId: () => Promise<number>;
	/** This command as the audit trail has it, with the role that its actor has. */
	readonly action: Action;
	/**
	 * Reserve value that the command is about to give out, once for each asset and before anything moves.
	 * @throws {ValueRefusedError} when it is more than the actor's role may give out
	 */
	readonly give: (giving: Giving) => Promise<Given>;
	readonly print: Print;
	/** Ask the person a question that yes or no answers; undefined where nobody sits at a terminal. */
	readonly confirm: (question: string) => Promise<boolean | undefined>;
	/** Aborted by the first Ctrl-C, or when nobody reads the output any more: finish the step at hand, then stop. */
	readonly signal: AbortSignal;
};

/** Value that was reserved. Until it is said what moved, all of it counts. */
export type Given = {
	/** How much moved at last, in minor units: nothing where it had been done before under its key. Never fails. */
	readonly moved: (amount: bigint) => Promise<void>;
};

type Declaration<F extends Flags> = {
	/** As it is called: `cards:issue`. */
	readonly name: string;
	/** One sentence, for the help and the README. */
	readonly summary: string;
	/** More for the help, one paragraph an item. */
	readonly details?: readonly string[];
	/** Placeholder of an argument without a flag, always optional. */
	readonly operand?: string;
	readonly flags: F;
	/** Whether it changes anything, which a viewer may not: always, never, or as its flags say. */
	readonly changes: boolean | ((args: Args<F>) => boolean);
	/** Whether it may give the ledger thousands of commands. */
	readonly isBulk?: true;
	/** What follows `npm run --silent NAME -- `. */
	readonly examples: readonly string[];
	/**
	 * What has to happen before anything is opened, a database that is put in its place: it says with which configuration it goes on.
	 * @throws {UsageError}
	 */
	readonly prepare?: (config: Config, args: Args<F>, signal: AbortSignal) => Promise<Config>;
	/** Prints what it did; throws an Error whose message is one clear line when it did not. */
	readonly run: (context: Context, args: Args<F>) => Promise<void>;
};

/** A command whose flags are no longer known to the compiler. */
export type Command = Omit<Declaration<Flags>, 'run' | 'changes' | 'prepare'> & {
	readonly changes: (args: Values) => boolean;
	readonly prepare: (config: Config, args: Values, signal: AbortSignal) => Promise<Config>;
	readonly run: (context: Context, args: Values) => Promise<void>;
};

/** Flags as they were typed, and the operand. */
export type Values = Readonly<Record<string, Value>>;

export type Value = string | number | boolean | readonly string[] | undefined;

/** Declare a command once; parsing, help and the README's table follow from it. */
export function defineCommand<const F extends Flags>(declaration: Declaration<F>): Command {
	const {changes, prepare} = declaration;
	// `parseFlags` makes exactly what the flags say, which the compiler cannot follow through a record of any flags.
	return {
		...declaration,
		changes: values => (typeof changes === 'boolean' ? changes : changes(values as Args<F>)),
		prepare: async (config, values, signal) => prepare?.(config, values as Args<F>, signal) ?? config,
		run: (context, values) => declaration.run(context, values as Args<F>),
	};
}

/** Typed wrongly: exit code 2. The message says what would have been right. */
export class UsageError extends Error {
	override readonly name = 'UsageError';
}

/** Flags of every command. */
export const commonFlags = {
	merchant: {type: 'text', placeholder: 'NAME', description: 'The merchant; without it the first one.'},
	actor: {
		type: 'text',
		placeholder: 'NAME',
		description: 'Who does this, for the books; without it your login name.',
	},
	json: {
		type: 'switch',
		description: 'Print one JSON value per line on standard output, and nothing else there.',
	},
	help: {type: 'switch', description: 'Print this.'},
} as const satisfies Flags;

/** What may be typed after a command. A flag of its own has its own meaning, also under the name of a common one. */
export function flagsOf({flags}: Pick<Command, 'flags'>): Flags {
	return {...flags, ...commonFlagsOf({flags})};
}

/** Those of the common flags that a command has no other meaning for. */
export function commonFlagsOf({flags}: Pick<Command, 'flags'>): Flags {
	return Object.fromEntries(
		Object.entries<Flag>(commonFlags).filter(([name]) => !Object.hasOwn(flags, name)),
	);
}
