import {type IncomingHttpHeaders} from 'node:http';

/** Header names of either family, in lower case as Node gives them. */
const families = [
	['x-provider-api-appkey', 'x-provider-api-apptoken'],
	['x-vtex-api-appkey', 'x-vtex-api-apptoken'],
] as const;

export type PresentedCredential = {readonly appKey: string; readonly appToken: string};

/**
 * The pair that a caller presents, by the headers of either protocol. One header alone, or a blank one, is as good as none: then the answer
 * is 401. A pair that is not known is 403. Both come before anything else is looked at and have an empty body, because VTEX probes with
 * invalid credentials (Gift Card Provider Protocol, 3; rules C1).
 */
export function presentedCredential(headers: IncomingHttpHeaders): PresentedCredential | undefined {
	for (const [keyName, tokenName] of families) {
		const appKey = headers[keyName];
		const appToken = headers[tokenName];
		if (isFilled(appKey) && isFilled(appToken)) {
			return {appKey, appToken};
		}
	}

	return undefined;
}

function isFilled(value: string | string[] | undefined): value is string {
	return typeof value === 'string' && value.trim() !== '';
}
