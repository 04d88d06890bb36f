import os from 'node:os';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {type Action, beginAction, endAction} from '../../src/admins/actions.ts';
import {spelled} from '../../src/admins/admins.ts';
import {reserveGiving, settleGiving} from '../../src/admins/giving.ts';
import {openParts, type Parts} from '../../src/assemble.ts';
import {environment, loadConfig} from '../../src/config.ts';
import {commandLine} from '../../src/config-command-line.ts';
import {actorId} from '../../src/merchants/actors.ts';
import {findMerchant, type Merchant} from '../../src/merchants/merchant.ts';
import {askOn} from './ask.ts';
import {type Command, type Context, UsageError, type Values} from './command.ts';
import {helpOf} from './help.ts';
import {parseFlags} from './parse-flags.ts';
import {openPrint, type Print, type Streams} from './print.ts';
import {trailArguments} from './trail-arguments.ts';

/** Where a command runs: a process of its own, or a test. */
export type Shell = Streams & {
	/** Called once the flags are understood; the parts are closed when the command has ended. */
	readonly open: (print: Print, values: Values, signal: AbortSignal) => Promise<Parts>;
	/** Ends a long run early. */
	readonly signal: (print: Print) => AbortSignal;
	/** Puts a question to whoever sits at the terminal and gives the typed line; undefined where there is none. */
	readonly ask?: ((question: string) => Promise<string>) | undefined;
};

/** Run a command when its file is what was started; a file that is only imported declares it and does nothing. */
export async function runAsScript(fileUrl: string, command: Command): Promise<void> {
	if (process.argv[1] === fileURLToPath(fileUrl)) {
		const {stdout, stderr, argv} = process;
		const open = async (print: Print, values: Values, signal: AbortSignal) =>
			openParts(await command.prepare(loadConfig(environment()), values, signal), {
				purpose: 'script',
				isBulk: command.isBulk === true,
				log: logOf(print),
			});
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
		const exitCode = exitCodeOf(error);
		const help = exitCode === 2 ? `\nHelp: ${commandLine(command.name, '--help')}` : '';
		shell.stderr.write(`${messageOf(error)}${help}\n`);
		return exitCode;
	}
}

const exitCodeOf = (error: unknown) => (error instanceof UsageError ? 2 : 1);

async function runWithParts(command: Command, values: Values, shell: Shell): Promise<void> {
	const print = openPrint(shell, values['json'] === true);
	const signal = shell.signal(print);
	const parts = await shell.open(print, values, signal);
	try {
		const name = textOf(values['merchant']);
		const merchant = name === undefined ? parts.firstMerchant : await findMerchant(parts.prisma, name);
		const action = await begin(parts, merchant, command, values);
		const context: Context = {
			parts,
			merchant,
			isMerchantNamed: name !== undefined,
			actorId: () => Promise.resolve(action.actorId),
			action,
			give: openGive(parts, merchant, action, print),
			print,
			confirm: async question => {
				const typed = await shell.ask?.(`${question} [y/N] `);
				return typed === undefined ? undefined : /^y(?:es)?$/i.test(typed.trim());
			},
			signal,
		};
		await runRecorded(command, context, values);
	} finally {
		await parts.close();
	}
}

/** Write the command into the audit trail. Where that cannot be done, nothing is. */
async function begin(parts: Parts, merchant: Merchant, command: Command, values: Values): Promise<Action> {
	const {prisma, clock} = parts;
	// A flag of the command's own may mean somebody else.
	const typed = Object.hasOwn(command.flags, 'actor') ? undefined : textOf(values['actor']);
	const actorName = spelled(typed ?? loginName());
	try {
		const action = {
			merchantId: merchant.id,
			actorId: await actorId(prisma, merchant.id, 'person', actorName),
			actorName,
			command: command.name,
			arguments: trailArguments(command, values),
		};
		return await beginAction(prisma, action, clock());
	} catch (error) {
		throw new Error(`Nothing was done, because the audit trail could not be written. ${messageOf(error)}`, {
			cause: error,
		});
	}
}

/** Run a command whose beginning is in the audit trail, and write its end there. */
async function runRecorded(command: Command, context: Context, values: Values): Promise<void> {
	const {parts, action, print} = context;
	const end = async (exitCode: 0 | 1 | 2) =>
		endAction(parts.prisma, action, exitCode, parts.clock()).catch((error: unknown) => {
			print.note(`The end of this could not be written to the audit trail. ${messageOf(error)}`);
		});
	try {
		if (action.role === 'viewer' && command.changes(values)) {
			throw new Error(
				`A viewer only looks, and this would change something. Nothing was done. Somebody else may do it: --actor NAME.`,
			);
		}

		await command.run(context, values);
	} catch (error) {
		await end(exitCodeOf(error));
		throw error;
	}

	await end(0);
}

function openGive(
	{prisma, clock}: Parts,
	{timeZone}: Merchant,
	action: Action,
	print: Print,
): Context['give'] {
	return async giving => {
		await reserveGiving(prisma, action, giving, {timeZone, now: clock()});
		return {
			moved: amount =>
				settleGiving(prisma, action, giving.asset.id, amount).catch((error: unknown) => {
					// It has moved, whatever became of our note.
					print.note(
						`How much was given out could not be written to the audit trail, which counts all of it. ${messageOf(error)}`,
					);
				}),
		};
	};
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
	return askOn({input, output}, question);
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
