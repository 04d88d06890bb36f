import {styleText} from 'node:util';

export type Style = Parameters<typeof styleText>[0];

/** Where a command's results go. Values are for `--json`, lines for people; each call writes in one of the two modes only. */
export type Print = {
	readonly isJson: boolean;
	/** One JSON value on a line of its own. */
	readonly value: (value: unknown) => void;
	/** A line, or several, for people. */
	readonly line: (text?: string) => void;
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
};

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
		note(text) {
			stderr.write(`${text}\n`);
		},
		styled: (style, text) =>
			stdout.isTTY === true && stdout.hasColors?.() === true ? styleText(style, text) : text,
	};
}
