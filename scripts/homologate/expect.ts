import {Failure} from './check.ts';
import {type Answer} from './wire.ts';

/* What checks say of answers. Each throws a Failure that says what should have come and what came. */

const textMax = 200;

/** An answer in few words: `200 and {"id":"card_24"}`. */
export function described({status, text}: Pick<Answer, 'status' | 'text'>): string {
	return text === '' ? `${status} without a body` : `${status} and ${shortened(text)}`;
}

/** Any value in few words, as JSON. */
export function shown(value: unknown): string {
	return value === undefined ? 'nothing' : shortened(JSON.stringify(value));
}

function shortened(text: string): string {
	const line = text.replaceAll(/\s+/g, ' ');
	return line.length > textMax ? `${line.slice(0, textMax)}…` : line;
}

/**
 * @throws Failure where the two are not the same value
 */
export function expectEqual(got: unknown, wanted: unknown, what: string): void {
	if (!Object.is(got, wanted)) {
		throw new Failure(`${what} ${shown(wanted)}`, shown(got));
	}
}

/** @throws Failure unless it holds */
export function expectThat(holds: boolean, expected: string, got: string | Answer): asserts holds {
	if (!holds) {
		throw new Failure(expected, typeof got === 'string' ? got : described(got));
	}
}

/**
 * @param after - what was asked, as the end of the sentence: `to a debit of 10`
 * @throws Failure for another status
 */
export function expectStatus(answer: Answer, wanted: number | readonly number[], after = ''): void {
	const statuses = [wanted].flat();
	if (!statuses.includes(answer.status)) {
		throw new Failure(`${statuses.join(' or ')}${after === '' ? '' : ` ${after}`}`, described(answer));
	}
}

export type Members = Readonly<Record<string, unknown>>;

/** The object of a 200. @throws Failure */
export function objectOf(answer: Answer, after = ''): Members {
	const {status, json} = answer;
	if (status !== 200 || !isObject(json)) {
		throw new Failure(`200 and a JSON object${after === '' ? '' : ` ${after}`}`, described(answer));
	}

	return json;
}

/** The list of objects of a 200. @throws Failure */
export function listOf(answer: Answer, after = ''): readonly Members[] {
	const {status, json} = answer;
	if (status !== 200 || !Array.isArray(json) || !json.every(isObject)) {
		throw new Failure(`200 and a JSON array of objects${after === '' ? '' : ` ${after}`}`, described(answer));
	}

	return json;
}

export function isObject(value: unknown): value is Members {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member that is a text with something in it. @throws Failure */
export function textMember(members: Members, name: string, of = 'the answer'): string {
	const value = members[name];
	if (typeof value !== 'string' || value === '') {
		throw new Failure(`a non-empty text as ${name} of ${of}`, shown(value));
	}

	return value;
}

/** A member that is a JSON number. @throws Failure */
export function numberMember(members: Members, name: string, of = 'the answer'): number {
	const value = members[name];
	if (typeof value !== 'number') {
		throw new Failure(`a JSON number as ${name} of ${of}`, shown(value));
	}

	return value;
}

/** A member that is an object. @throws Failure */
export function objectMember(members: Members, name: string, of = 'the answer'): Members {
	const value = members[name];
	if (!isObject(value)) {
		throw new Failure(`an object as ${name} of ${of}`, shown(value));
	}

	return value;
}
