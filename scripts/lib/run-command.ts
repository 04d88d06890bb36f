import os from 'node:os';
import process from 'node:process';
import {createInterface} from 'node:readline/promises';
import {fileURLToPath} from 'node:url';
import {openParts, type Parts} from '../../src/assemble.ts';
import {environment, loadConfig} from '../../src/config.ts';
import {actorId} from '../../src/merchants/actors.ts';
import {findMerchant} from '../../src/merchants/merchant.ts';
import {type Command, type Context, UsageError, type Values} from './command.ts';
import {helpOf} from './help.ts';
import {parseFlags} from './parse-flags.ts';
import {openPrint, type Print, type Streams} from './print.ts';

/** Where a command runs: a process of its own, or a test. */
export type Shell = Streams & {
	/** Called once the flags are understood; the parts are closed when the command has ended. */
	readonly open: (print: Print) => Promise<Parts>;
	/** Ends a long run early. */
	readonly signal: (print: Print) => AbortSignal;
	/** Puts a question to whoever sits at the terminal and gives the typed line; undefined where there is none. */
	readonly ask?: ((question: string) => Promise<string>) | undefined;
};

/** Run a command when its file is what was started; a file that is only imported declares it and does nothing. */
export async function runAsScript(fileUrl: string, command: Command): Promise<void> {
	if (process.argv[1] === fileURLToPath(fileUrl)) {
		const {stdout, stderr, argv} = process;
		const open = (print: Print) =>
			openParts(loadConfig(environment()), {purpose: 'script', log: logOf(print)});
		process.exitCode = await runCommand(command, argv.slice(2), {
			stdout,
			stderr,
			open,
			signal: stopSignal,
			ask: process.stdin.isTTY && stderr.isTTY ? askAtTerminal : undefined,
		});
	}
}

/** Returns the exit code: 0 done, 1 refused or failed, 2 wrong usage. */
export async function runCommand(
	command: Command,
	argv: readonly string[],
	shell: Shell,
): Promise<0 | 1 | 2> {
	try {
		const values = parseFlags(command, argv);
		if (values['help'] === true) {
			shell.stdout.write(helpOf(command));
		} else {
			await runWithParts(command, values, shell);
		}

		return 0;
	} catch (error) {
		const isUsage = error instanceof UsageError;
		const help = isUsage ? `\nHelp: npm run --silent ${command.name} -- --help` : '';
		shell.stderr.write(`${messageOf(error)}${help}\n`);
		return isUsage ? 2 : 1;
	}
}

async function runWithParts(command: Command, values: Values, shell: Shell): Promise<void> {
	const print = openPrint(shell, values['json'] === true);
	const signal = shell.signal(print);
	const parts = await shell.open(print);
	try {
		const name = textOf(values['merchant']);
		const merchant = name === undefined ? parts.firstMerchant : await findMerchant(parts.prisma, name);
		const actor = textOf(values['actor']) ?? loginName();
		const context: Context = {
			parts,
			merchant,
			isMerchantNamed: name !== undefined,
			actorId: () => actorId(parts.prisma, merchant.id, 'person', actor),
			print,
			confirm: async question => {
				const typed = await shell.ask?.(`${question} [y/N] `);
				return typed === undefined ? undefined : /^y(?:es)?$/i.test(typed.trim());
			},
			signal,
		};
		await command.run(context, values);
	} finally {
		await parts.close();
	}
}

/** What the parts have to say while they open and work; only what goes wrong interests whoever runs a command. */
function logOf(print: Print): Parameters<typeof openParts>[1]['log'] {
	const tell = (...said: readonly unknown[]) => {
		const message = said.find(part => typeof part === 'string');
		if (message !== undefined) {
			print.note(message);
		}
	};
	return {info: () => undefined, warn: tell, error: tell};
}

/** On standard error, since standard output is for results. */
async function askAtTerminal(question: string): Promise<string> {
	const {stdin: input, stderr: output} = process;
	const terminal = createInterface({input, output});
	try {
		return await terminal.question(question);
	} finally {
		terminal.close();
	}
}

function textOf(value: Values[string]): string | undefined {
	return typeof value === 'string' ? value : undefined;
}

/** Containers run as users without a name. */
function loginName(): string {
	try {
		return os.userInfo().username;
	} catch {
		return `uid ${process.getuid?.() ?? 'unknown'}`;
	}
}

// npm hands on the signal that the terminal has sent to us already, so one Ctrl-C may arrive twice.
const sameSignalMs = 500;

/** Aborted by the first signal; a second one ends the process at once. Also when nobody reads the output any more. */
function stopSignal(print: Print): AbortSignal {
	const stopping = new AbortController();
	let firstAt: number | undefined;
	const stop = () => {
		if (firstAt === undefined) {
			firstAt = performance.now();
			print.note('Stopping after the step at hand; once more stops at once.');
			stopping.abort();
		} else if (performance.now() - firstAt > sameSignalMs) {
			process.exit(1);
		}
	};
	process.on('SIGINT', stop).on('SIGTERM', stop);
	process.stdout.on('error', () => {
		stopping.abort();
	});
	return stopping.signal;
}

/**
 * One clear line for any failure, without a trace. What the database client says may quote rows, and rows hold what nobody should
 * read in a log.
 */
export function messageOf(error: unknown): string {
	if (!(error instanceof Error)) {
		return 'Something failed that told nothing about itself.';
	}

	if (/^(?:Prisma|DriverAdapter)/.test(error.name)) {
		const {code} = error as {code?: unknown};
		const detail = typeof code === 'string' ? `${error.name} ${code}` : error.name;
		return `The database could not do it (${detail}). Is it reachable, and not busy? Doing it again is safe.`;
	}

	return error.message;
}
