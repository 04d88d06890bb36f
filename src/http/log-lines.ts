import {once} from 'node:events';
import pino from 'pino';

/** Where a logger writes its lines. */
export type LogLines = {
	readonly write: (line: string) => void;
	/** Write everything, in its order, and close; what comes later is lost. */
	readonly close: () => Promise<void>;
	/** Write what is gathered, now, for a process that ends without notice: it may overtake a piece that is being written. */
	readonly flush: () => void;
};

// A line alone would cost a system call for each request; gathered by pino's own destination, it would be measured again with each
// line that follows. So they are gathered here, and the destination gets few large pieces.
const pieceLength = 16 * 1024;
const flushEveryMs = 200;
// What may wait for a reader that has stopped reading. Beyond it lines are lost, and not the service.
const waitingMax = 16 * 1024 * 1024;

/** Lines to a file descriptor, written soon and together, without holding up the process. */
export function openLogLines(fd: number): LogLines {
	const destination = pino.destination({
		dest: fd,
		sync: false,
		contentMode: 'buffer',
		maxLength: waitingMax,
	});
	// Whoever read our lines may be gone; that is no reason to stop serving.
	destination.on('error', () => undefined);
	let gathered: string[] = [];
	let length = 0;
	let isClosed = false;
	const pass = () => {
		if (length > 0 && !isClosed) {
			destination.write(Buffer.from(gathered.join('')) as unknown as string);
			gathered = [];
			length = 0;
		}
	};
	const timer = setInterval(pass, flushEveryMs).unref();
	return {
		write(line) {
			gathered.push(line);
			length += line.length;
			if (length >= pieceLength) {
				pass();
			}
		},
		async close() {
			pass();
			isClosed = true;
			clearInterval(timer);
			const closed = once(destination, 'close');
			destination.end();
			await closed;
		},
		flush() {
			pass();
			if (!isClosed) {
				destination.flushSync();
			}
		},
	};
}
