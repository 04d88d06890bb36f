import {styleText} from 'node:util';

export type Style = Parameters<typeof styleText>[0];

/** Where a command's results go. Values are for `--json`, lines for people; each call writes in one of the two modes only. */
export type Print = {
	readonly isJson: boolean;
	/** One JSON value on a line of its own. */
	readonly value: (value: unknown) => void;
	/** A line, or several, for people. */
	readonly line: (text?: string) => void;
	/**
	 * Ends when whoever reads has room for more: what prints without end waits for it every now and then, and its memory stays constant.
	 * @throws {OutputClosedError} when nobody reads any more
	 */
	readonly room: () => Promise<void>;
	/** A remark on standard error, in both modes: what must be known but is no result. */
	readonly note: (text: string) => void;
	/** Colour and weight where a terminal shows them; the bare text elsewhere. */
	readonly styled: (style: Style, text: string) => string;
};

/** What is written to: a terminal, a file, or a test. */
export type Output = {
	readonly write: (text: string) => unknown;
	readonly isTTY?: boolean;
	readonly hasColors?: () => boolean;
	/** As streams have them. Without them there is always room, and somebody who reads. */
	readonly writableNeedDrain?: boolean;
	readonly errored?: Error | null;
	readonly once?: (event: 'drain' | 'error' | 'close', listener: () => void) => unknown;
	readonly off?: (event: 'drain' | 'error' | 'close', listener: () => void) => unknown;
};

/** Nobody reads what is printed any more, as behind `| head`; or there is no place for it, as on a full disk. */
export class OutputClosedError extends Error {
	override readonly name = 'OutputClosedError';

	constructor() {
		super('The output ends here, incomplete: nobody reads it any more, or there is no place for it.');
	}
}

export type Streams = {readonly stdout: Output; readonly stderr: Output};

export function openPrint({stdout, stderr}: Streams, isJson: boolean): Print {
	return {
		isJson,
		value(value) {
			if (isJson) {
				stdout.write(`${JSON.stringify(value)}\n`);
			}
		},
		line(text = '') {
			if (!isJson) {
				stdout.write(`${text}\n`);
			}
		},
		room: () => roomIn(stdout),
		note(text) {
			stderr.write(`${text}\n`);
		},
		styled: (style, text) =>
			stdout.isTTY === true && stdout.hasColors?.() === true ? styleText(style, text) : text,
	};
}

async function roomIn(output: Output): Promise<void> {
	if (output.writableNeedDrain === true && isOpen(output)) {
		await new Promise<void>(resolve => {
			const events = ['drain', 'error', 'close'] as const;
			const done = () => {
				events.forEach(event => output.off?.(event, done));
				resolve();
			};
			events.forEach(event => output.once?.(event, done));
		});
	}

	if (!isOpen(output)) {
		throw new OutputClosedError();
	}
}

function isOpen({errored}: Output): boolean {
	return errored === undefined || errored === null;
}
