/** Why an address does not do as `serviceUrl`, and what to do. */
export type AddressProblem = {
	/** A `warning` may work all the same. */
	readonly weight: 'failed' | 'warning';
	/** A sentence. */
	readonly problem: string;
	/** Another one. */
	readonly advice: string;
};

const ipv4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;
// Names of one machine or one network (RFC 6761, RFC 6762, RFC 8375).
const localName = /^(?:.+\.)?(?:localhost|local|internal|lan|home\.arpa|test|invalid|example)$/;

type Rule = AddressProblem & {
	readonly isBroken: (url: URL, typed: string) => boolean;
	/** Does not matter where VTEX is simulated on this machine. */
	readonly isOfInternet?: true;
};

/** In the order in which people would mend them (Gift Card Provider Protocol, 2; Orders, 7). */
const rules: readonly Rule[] = [
	{
		weight: 'failed',
		problem: 'It is not https.',
		advice:
			'Put a reverse proxy in front, or give TLS_CERT_FILE and TLS_KEY_FILE, and set PUBLIC_URL=https://….',
		isBroken: ({protocol}) => protocol !== 'https:',
		isOfInternet: true,
	},
	{
		weight: 'failed',
		problem: 'Its host is an IP address.',
		advice: 'Give it a domain: certificates are for names, and VTEX asks for one.',
		isBroken: ({hostname}) => ipv4.test(hostname) || hostname.startsWith('['),
		isOfInternet: true,
	},
	{
		weight: 'failed',
		problem: 'Its host is a name that the internet does not know.',
		advice: 'Set PUBLIC_URL to the domain by which the internet reaches the service.',
		isBroken: ({hostname}) =>
			localName.test(hostname) || (!hostname.includes('.') && !hostname.startsWith('[')),
		isOfInternet: true,
	},
	{
		weight: 'failed',
		problem: 'It holds a user or a password.',
		advice: 'Leave them out: VTEX sends an app key and an app token.',
		isBroken: ({username, password}) => username !== '' || password !== '',
	},
	{
		weight: 'failed',
		problem: 'It holds a query or a fragment, and VTEX puts paths behind it.',
		advice: 'Leave out what begins with ? or #.',
		isBroken: (_url, typed) => /[?#]/.test(typed),
	},
	{
		weight: 'failed',
		problem: 'It has no path, which VTEX advises against.',
		advice: 'Set BASE_PATH=/v1, which is what is there without it.',
		isBroken: ({pathname}) => pathname === '/',
	},
	{
		weight: 'failed',
		problem: 'It ends in a slash, and VTEX puts another one behind it.',
		advice: 'Take the slash at the end away.',
		isBroken: ({pathname}, typed) => pathname !== '/' && typed.endsWith('/'),
	},
	{
		weight: 'warning',
		problem: 'It names a port, and VTEX documents none but 443.',
		advice: 'Serve it at port 443 where that can be had.',
		isBroken: ({port}) => port !== '',
		isOfInternet: true,
	},
];

const unreadable: AddressProblem = {
	weight: 'failed',
	problem: 'It is no address.',
	advice: 'Give one such as https://cards.example.com/v1.',
};

/** What may be shown of an address that somebody typed. */
export function withoutUser(typed: string): string {
	return typed
		.replace(/\/\/[^/?#]*@/, '//')
		.replace(/[?#].*$/, '')
		.slice(0, 200);
}

/**
 * What is wrong with an address as the `serviceUrl` of a provider, without asking anybody.
 * @param isSimulated - where VTEX is simulated on this machine, what only the internet asks for is told as a warning
 */
export function serviceUrlProblems(
	typed: string,
	{isSimulated}: {readonly isSimulated: boolean},
): AddressProblem[] {
	if (!URL.canParse(typed) || !/^https?:\/\//i.test(typed) || /[\s\p{Cc}]/u.test(typed)) {
		return [unreadable];
	}

	const url = new URL(typed);
	return rules
		.filter(({isBroken}) => isBroken(url, typed))
		.map(({weight, problem, advice, isOfInternet}) => ({
			weight: isSimulated && isOfInternet === true ? 'warning' : weight,
			problem,
			advice,
		}));
}
