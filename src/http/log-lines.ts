import pino from 'pino';

/** Where a logger writes its lines. */
export type LogLines = {
	readonly write: (line: string) => void;
	/** Write what is gathered, now; to be called before the process ends. */
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
	const pass = () => {
		if (length > 0) {
			destination.write(Buffer.from(gathered.join('')) as unknown as string);
			gathered = [];
			length = 0;
		}
	};
	setInterval(pass, flushEveryMs).unref();
	return {
		write(line) {
			gathered.push(line);
			length += line.length;
			if (length >= pieceLength) {
				pass();
			}
		},
		flush() {
			pass();
			destination.flushSync();
		},
	};
}
