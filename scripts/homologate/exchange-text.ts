import {bar} from './blackout.ts';

/* An exchange as people read it in a report: nearly as it went over the wire. */

// Enough to see what is wrong; a page of HTML is not read to its end.
const lengthMax = 4000;

export type Sent = {
	readonly method: string;
	readonly path: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly payload: Buffer | undefined;
};

type Received = {
	readonly status: number;
	readonly headers: NodeJS.Dict<string | readonly string[]>;
	readonly text: string;
};

/** @param rightOnes - credentials, which a header may not show even where they are too short to be looked for everywhere */
export function requestText({method, path, headers, payload}: Sent, rightOnes: readonly string[]): string {
	const lines = Object.entries(headers).map(
		([name, value]) => `${name}: ${rightOnes.includes(value) && value !== '' ? bar : value}`,
	);
	return [`${method} ${path}`, ...lines, ...bodyLines(payload?.toString() ?? '')].join('\n');
}

export function answerText({status, headers, text}: Received): string {
	const lines = Object.entries(headers).map(
		([name, value]) => `${name}: ${name === 'set-cookie' ? bar : [value].flat().join(', ')}`,
	);
	return [`${status}`, ...lines, ...bodyLines(text)].join('\n');
}

function bodyLines(text: string): string[] {
	return text === '' ? [] : ['', text];
}

export function shortened(text: string): string {
	return text.length > lengthMax ? `${text.slice(0, lengthMax)}… (${text.length} characters)` : text;
}
