import {createInterface} from 'node:readline/promises';

type Terminal = {readonly input: NodeJS.ReadableStream; readonly output: NodeJS.WritableStream};

/**
 * Put a question, and read the line that answers it. Nothing is the answer of whoever ends it by Ctrl-C or Ctrl-D: while the question
 * stands the terminal's keys are its own, and nobody else would be told.
 */
export async function askOn({input, output}: Terminal, question: string): Promise<string> {
	const terminal = createInterface({input, output});
	const ended = new AbortController();
	const end = () => {
		ended.abort();
	};
	terminal.once('SIGINT', end).once('close', end);
	try {
		return await terminal.question(question, {signal: ended.signal});
	} catch (error) {
		if (ended.signal.aborted) {
			output.write('\n');
			return '';
		}

		throw error;
	} finally {
		terminal.close();
	}
}
