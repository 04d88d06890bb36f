/** An answer that this client cannot delimit, or bytes that nobody asked for. */
export class UnreadableAnswerError extends Error {
	override readonly name = 'UnreadableAnswerError';
}

const headEnd = Buffer.from('\r\n\r\n', 'latin1');
const contentLength = /\r\ncontent-length: *(\d+)\r\n/i;
// More than any head that a sane server sends; a limit, so that a broken one cannot fill the memory.
const headBytesMax = 65_536;
const statusesWithoutBody = new Set([204, 304]);

/**
 * Reads HTTP/1.1 answers that state their length, one after the other, from the chunks of one connection.
 *
 * Made for measuring: nothing but the status is kept, and bodies are skipped by length. The returned function takes the first
 * `length` bytes of `bytes`, calls `onAnswer` once for each answer that is complete with them, and keeps no reference to
 * the buffer. It throws UnreadableAnswerError for an answer without a length (chunked, or until the connection closes).
 */
export function createResponseReader(
	onAnswer: (status: number) => void,
): (bytes: Buffer, length: number) => void {
	let partialHead: Buffer | undefined;
	let status = 0;
	let bodyBytesLeft = 0;

	const readHead = (bytes: Buffer, start: number, end: number): void => {
		// With one of the two line ends that close it, so that the last header matches like the others.
		const head = bytes.toString('latin1', start, end + 2);
		status = Number(head.slice(9, 12));
		const length = contentLength.exec(head)?.[1];
		if (!head.startsWith('HTTP/1.1 ') || (length === undefined && !statusesWithoutBody.has(status))) {
			throw new UnreadableAnswerError(`Not an HTTP/1.1 answer with a content-length: ${head.slice(0, 40)}`);
		}

		bodyBytesLeft = Number(length ?? 0);
	};

	return (chunk, chunkLength) => {
		let bytes = chunk;
		let length = chunkLength;
		let at = 0;
		while (at < length) {
			if (bodyBytesLeft === 0) {
				if (partialHead !== undefined) {
					bytes = Buffer.concat([partialHead, bytes.subarray(at, length)]);
					length = bytes.length;
					at = 0;
					partialHead = undefined;
				}

				const end = bytes.indexOf(headEnd, at);
				// The buffer is used again and again: a match beyond `length` is an older answer's.
				if (end === -1 || end + headEnd.length > length) {
					partialHead = Buffer.from(bytes.subarray(at, length));
					if (partialHead.length > headBytesMax) {
						throw new UnreadableAnswerError('The head of an answer does not end.');
					}

					return;
				}

				readHead(bytes, at, end);
				at = end + headEnd.length;
			}

			const skipped = Math.min(bodyBytesLeft, length - at);
			bodyBytesLeft -= skipped;
			at += skipped;
			if (bodyBytesLeft === 0) {
				onAnswer(status);
			}
		}
	};
}
