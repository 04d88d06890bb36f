import {Failure} from '../check.ts';
import {described, isObject} from '../expect.ts';
import {type Answer} from '../wire.ts';

/** Nothing may be told to somebody without credentials, so these have no body; every other refusal has one. */
export function expectNoBody({status, text}: Answer, wanted: readonly number[], to: string): void {
	if (!wanted.includes(status) || text !== '') {
		throw new Failure(`${wanted.join(' or ')} without a body to ${to}`, described({status, text}));
	}
}

/**
 * A refusal of something that cannot be done: any 4xx with JSON in it. VTEX turns a refusal without content into an error of its own
 * (KI-1286257), and a 5xx says that something is broken.
 */
export function expectRefused(answer: Answer, to: string): void {
	if (!isRefused(answer)) {
		throw new Failure(`a 4xx with a JSON body to ${to}`, described(answer));
	}
}

export function isRefused({status, json}: Answer): boolean {
	return status >= 400 && status < 500 && status !== 401 && isObject(json);
}
