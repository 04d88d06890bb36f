import {type Readable} from 'node:stream';

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
