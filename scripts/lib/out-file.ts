import {randomBytes} from 'node:crypto';
import {access, link, open, rename, rm} from 'node:fs/promises';
import path from 'node:path';
import {finished} from 'node:stream/promises';
import {type Context, type Flags} from './command.ts';
import {fileProblem} from './file-error.ts';
import {openPrint, OutputClosedError, type Print} from './print.ts';

/** Where a command writes that prints a file. */
export const outFlags = {
	out: {
		type: 'text',
		placeholder: 'FILE',
		description:
			'Write this file, for its owner only, and not to standard output. It is there once it is complete.',
		isFile: true,
	},
	force: {type: 'switch', description: 'Write over the file that --out names.'},
} as const satisfies Flags;

type Wish = {readonly out: string | undefined; readonly force: boolean};

/**
 * Write a file, or to standard output. A file has another name beside its own until it is complete: whoever finds it finds all of it.
 * @param write - what is written, as a command prints it
 * @throws Error for a file that is there already, or cannot be written
 */
export async function writeOut<Result>(
	{print}: Pick<Context, 'print'>,
	{out, force}: Wish,
	write: (print: Print) => Promise<Result>,
): Promise<Result> {
	if (out === undefined) {
		return write(print);
	}

	if (!force && (await exists(out))) {
		throw existsError(out);
	}

	const unfinished = path.join(
		path.dirname(out),
		`.${path.basename(out)}.${randomBytes(6).toString('hex')}.part`,
	);
	try {
		const result = await writeFile(unfinished, print, write);
		await publish(unfinished, out, force);
		return result;
	} catch (error) {
		throw isSystemError(error) ? new Error(`${out} cannot be written: ${fileProblem(error)}.`) : error;
	} finally {
		// Where it could not be made, there is nothing to be removed either.
		await rm(unfinished, {force: true}).catch(() => undefined);
	}
}

async function writeFile<Result>(
	file: string,
	{isJson, note}: Print,
	write: (print: Print) => Promise<Result>,
): Promise<Result> {
	// Somebody else's file of this name is not touched; and what is written may be personal.
	const handle = await open(file, 'wx', 0o600);
	const stream = handle.createWriteStream({flush: true});
	const closed = finished(stream);
	// Whoever waits for room is told of it, too.
	closed.catch(() => undefined);
	try {
		const result = await write(openPrint({stdout: stream, stderr: {write: note}}, isJson));
		stream.end();
		await closed;
		return result;
	} catch (error) {
		stream.destroy();
		await closed.catch(() => undefined);
		// What the disk said is clearer.
		throw error instanceof OutputClosedError ? (stream.errored ?? error) : error;
	}
}

/** Give a complete file its name. Without `force` never in place of another, also one that has appeared meanwhile. */
async function publish(unfinished: string, out: string, force: boolean): Promise<void> {
	if (force) {
		await rename(unfinished, out);
		return;
	}

	try {
		await link(unfinished, out);
	} catch (error) {
		if (!isSystemError(error) || !withoutLinks.has(error.code)) {
			throw isSystemError(error) && error.code === 'EEXIST' ? existsError(out) : error;
		}

		await rename(unfinished, out);
	}
}

// Memory cards and network drives may know no second name for a file.
const withoutLinks: ReadonlySet<unknown> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

async function exists(file: string): Promise<boolean> {
	return access(file).then(
		() => true,
		() => false,
	);
}

function existsError(file: string): Error {
	return new Error(`${file} is there already. Name another file, or give --force to write over it.`);
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
	return error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string';
}
