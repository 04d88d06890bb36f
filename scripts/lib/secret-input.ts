import process from 'node:process';
import {createInterface} from 'node:readline/promises';
import {type Readable, Writable} from 'node:stream';

// More is a file that went astray.
const lengthMax = 1000;

/**
 * The first line of a stream, without its end: how commands take what must stand neither in a list of processes nor in a shell's
 * history. Empty when nothing comes.
 * @throws Error for more than a line that somebody types
 */
export async function readSecret(input: Readable): Promise<string> {
	let text = '';
	for await (const chunk of input.setEncoding('utf8')) {
		text += chunk as string;
		if (text.length > lengthMax) {
			throw new Error(
				`Standard input holds more than ${lengthMax} characters, which is no secret that is typed.`,
			);
		}

		if (text.includes('\n')) {
			break;
		}
	}

	return text.split(/\r?\n/, 1)[0] ?? '';
}

/**
 * The same, from whoever sits at the terminal, who is asked and does not see what is typed; from standard input where nobody does.
 * @throws Error for more than a line that somebody types, and when the person ends the question
 */
export async function askSecret(question: string): Promise<string> {
	const {stdin: input, stderr} = process;
	if (!input.isTTY || !stderr.isTTY) {
		return readSecret(input);
	}

	stderr.write(question);
	// The terminal's own echo is off while readline has it, and readline writes into nothing.
	const terminal = createInterface({input, output: new Writable({write: passOver}), terminal: true});
	// Of Ctrl-C and Ctrl-D nobody else is told while readline has the terminal.
	const ended = new AbortController();
	const end = () => {
		ended.abort();
	};
	terminal.once('SIGINT', end).once('close', end);
	try {
		return await terminal.question('', {signal: ended.signal});
	} catch (error) {
		throw new Error('Nothing was entered.', {cause: error});
	} finally {
		terminal.close();
		stderr.write('\n');
	}
}

function passOver(_chunk: unknown, _encoding: unknown, done: () => void): void {
	done();
}
