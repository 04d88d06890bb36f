import {type IncomingHttpHeaders} from 'node:http';
import {type Caller, type CredentialCheck} from '../merchants/credential-check.ts';

/**
 * Missing credentials are answered 401, wrong ones 403, both with an empty body, before anything else is looked at: VTEX probes with
 * invalid ones (Gift Card Provider Protocol, 3; rules C1).
 */
export type Authentication =
	| {readonly kind: 'missing'}
	| {readonly kind: 'wrong'}
	| {readonly kind: 'caller'; readonly caller: Caller};

const missing: Authentication = {kind: 'missing'};
const wrong: Authentication = {kind: 'wrong'};

/** Who calls, by the headers of either family; names are in lower case already. One header alone, or a blank one, is as good as none. */
export async function authenticate(
	credentials: CredentialCheck,
	headers: IncomingHttpHeaders,
): Promise<Authentication> {
	const pair =
		pairOf(headers['x-provider-api-appkey'], headers['x-provider-api-apptoken']) ??
		pairOf(headers['x-vtex-api-appkey'], headers['x-vtex-api-apptoken']);
	if (pair === undefined) {
		return missing;
	}

	const caller = await credentials.check(...pair);
	return caller === undefined ? wrong : {kind: 'caller', caller};
}

type HeaderValue = string | string[] | undefined;

function pairOf(appKey: HeaderValue, appToken: HeaderValue): [appKey: string, appToken: string] | undefined {
	return typeof appKey === 'string' && typeof appToken === 'string' && appKey.trim() && appToken.trim()
		? [appKey, appToken]
		: undefined;
}
