/** Which addresses may be called, or returned to, besides VTEX's. */
export type HostRules = {
	/** As configured: `pay.example.com` or `*.example.org`, with `:8443` where the port is not 443. */
	readonly extraHosts: readonly string[];
	/** The payment's merchant is a sandbox: this machine may be used too, on every port and without TLS. */
	readonly isSandbox: boolean;
};

/** An address that may be called. */
export type Target = {
	readonly isSecure: boolean;
	readonly host: string;
	readonly port: number;
	/** What follows host and port, as it was received; it begins with a slash. */
	readonly path: string;
	/** The operator vouches for the host, so it may be in a private network. Of others only public addresses are called. */
	readonly isConfigured: boolean;
	/** Whether our VTEX keys may go there. */
	readonly takesKeys: boolean;
};

/** Why an address may not be called, and what to do about it. */
export type UnusableAddress = {readonly problem: string};

const vtexDomains = [
	'vtexpayments.com.br',
	'vtexcommercestable.com.br',
	'myvtex.com',
	'vtex.com',
	'vtex.com.br',
];
// VTEX's gateway, and nothing else: on the other domains every account may serve applications of its own, which could keep our keys.
const gatewayDomain = 'vtexpayments.com.br';
const loopbackHosts = new Set(['127.0.0.1', 'localhost']);

// Stricter than the standard parser, which repairs what it reads: what is looked at here is what is used, byte for byte.
const urlForm =
	/^(https?):\/\/([a-z0-9.-]{1,253})(?::(\d{1,5}))?([/?][^\0-\x20\x7f#]*)?(?:#[^\0-\x20\x7f]*)?$/i;
const hostForm = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;
const urlLengthMax = 4096;

/** Whether a callback may be sent to an address that came in a request: https on VTEX's domains, and what the rules add. */
export function mayCall(url: string, rules: HostRules): boolean {
	return !('problem' in targetOf(url, rules));
}

/** Whether a browser may be sent to an address that came in a request. The same addresses as for `mayCall`. */
export function mayReturn(url: string, rules: HostRules): boolean {
	return mayCall(url, rules);
}

/** Take an address apart, without changing anything about it, when it may be called. */
export function targetOf(url: string, rules: HostRules): Target | UnusableAddress {
	const [matched, scheme = '', typedHost = '', typedPort, rest = '/'] =
		url.length > urlLengthMax ? [] : (urlForm.exec(url) ?? []);
	const host = typedHost.toLowerCase();
	if (matched === undefined || !hostForm.test(host)) {
		return {
			problem:
				'The callback address is malformed: it must look like https://host/path, without a user name, spaces or control characters.',
		};
	}

	const isSecure = scheme.toLowerCase() === 'https';
	const port = typedPort === undefined ? (isSecure ? 443 : 80) : Number(typedPort);
	const isLoopback = loopbackHosts.has(host);
	if (!isSecure && !isLoopback) {
		return {problem: 'The callback address is not an https address, so nothing is sent there.'};
	}

	const isOurs = rules.isSandbox && isLoopback;
	const isConfigured = isOurs || rules.extraHosts.some(pattern => matches(pattern, host, port, isSecure));
	const isVtex = port === 443 && vtexDomains.some(domain => host.endsWith(`.${domain}`));
	if (!isConfigured && !isVtex) {
		const place = `${host}${port === 443 ? '' : `:${port}`}`;
		return {
			problem: `Callbacks may not be sent to ${place}. If that is the right place, add ${place} to CALLBACK_HOSTS, start the service again, and use callbacks:retry.`,
		};
	}

	return {
		isSecure,
		host,
		port,
		path: rest.startsWith('/') ? rest : `/${rest}`,
		isConfigured,
		takesKeys: isConfigured || host.endsWith(`.${gatewayDomain}`),
	};
}

/** `*.example.org` stands for what is below it, at any depth, and not for itself. */
function matches(pattern: string, host: string, port: number, isSecure: boolean): boolean {
	const [name = '', typedPort] = pattern.toLowerCase().split(':');
	const wanted = typedPort === undefined ? (isSecure ? 443 : 80) : Number(typedPort);
	return port === wanted && (name.startsWith('*.') ? host.endsWith(name.slice(1)) : host === name);
}
