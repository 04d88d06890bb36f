import {randomBytes} from 'node:crypto';

/** What a request presents: the right pair, or one of the ways in which it can be wrong. */
export type Credentials =
	| 'right'
	| 'wrong'
	| 'wrong-key'
	| 'wrong-token'
	| 'none'
	| 'blank'
	| 'blank-key'
	| 'blank-token'
	| 'key-only'
	| 'token-only';

type Pair = {readonly appKey: string | undefined; readonly appToken: string | undefined};

/** The headers of a request that presents these credentials; undefined members are left out. */
export function credentialHeaders(
	credentials: Credentials,
	[keyName, tokenName]: readonly [key: string, token: string],
	right: {readonly appKey: string; readonly appToken: string},
): Record<string, string> {
	const {appKey, appToken} = presented(credentials, right);
	return {
		...(appKey !== undefined && {[keyName]: appKey}),
		...(appToken !== undefined && {[tokenName]: appToken}),
	};
}

function presented(credentials: Credentials, right: Pair): Pair {
	switch (credentials) {
		case 'right':
			return right;
		case 'wrong':
			return {appKey: wrongText(), appToken: wrongText()};
		case 'wrong-key':
			return {...right, appKey: wrongText()};
		case 'wrong-token':
			return {...right, appToken: wrongText()};
		case 'none':
			return {appKey: undefined, appToken: undefined};
		case 'blank':
			return {appKey: '', appToken: ''};
		case 'blank-key':
			return {...right, appKey: ''};
		case 'blank-token':
			return {...right, appToken: ''};
		case 'key-only':
			return {...right, appToken: undefined};
		case 'token-only':
			return {...right, appKey: undefined};
	}
}

function wrongText(): string {
	return `wrong-${randomBytes(12).toString('hex')}`;
}
