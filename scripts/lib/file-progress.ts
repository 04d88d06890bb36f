import process from 'node:process';
import {SingleBar} from 'cli-progress';

/** How far a file has been read, on standard error. */
export type FileProgress = {
	/** The same chunks, counted as they pass. */
	readonly count: (chunks: AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array>;
	/** One more line was read. */
	readonly row: () => void;
	readonly close: () => void;
};

// Smaller files are done before anybody has read how far they are.
const barFrom = 1024 ** 2;
const tenths = 10;

/**
 * A bar on a terminal; elsewhere a line for each tenth of the file. Nothing for small files.
 * @param task - what is being done: "Checking"
 * @param size - of the file, in bytes
 * @param note - where a line goes
 */
export function openFileProgress(task: string, size: number, note: (text: string) => void): FileProgress {
	const bar = process.stderr.isTTY && size >= barFrom ? openBar(task) : undefined;
	const startedAt = performance.now();
	let read = 0;
	let rows = 0;
	let told = 0;
	const rate = () => perSecond(rows, performance.now() - startedAt);
	bar?.start(100, 0, {rate: rate()});
	return {
		async *count(chunks) {
			for await (const chunk of chunks) {
				yield chunk;
				read += chunk.length;
				bar?.update(Math.floor((read / size) * 100), {rate: rate()});
				const done = Math.floor((read / size) * tenths);
				if (bar === undefined && size >= barFrom && done > told) {
					told = done;
					note(`${task}: ${done * (100 / tenths)} %, ${rate()}`);
				}
			}
		},
		row() {
			rows++;
		},
		close() {
			bar?.stop();
		},
	};
}

function perSecond(rows: number, ms: number): string {
	return `${Math.round(rows / Math.max(ms / 1000, 0.001)).toLocaleString('en-US')} lines/s`;
}

function openBar(task: string): SingleBar {
	return new SingleBar({
		format: `${task} {bar} {percentage} %, {rate}, {eta_formatted} left`,
		stream: process.stderr,
		clearOnComplete: true,
		hideCursor: true,
		// Ctrl-C is the command's own.
		gracefulExit: false,
	});
}
