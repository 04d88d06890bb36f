/** One server among those that a URL names. */
export type Host = {
	/** A name, an address without brackets, or the folder of a socket. */
	readonly host: string;
	readonly port: number;
	/** The URL of this server alone, as `pg` reads it. Holds the password: never to be logged. */
	readonly url: string;
};

const usualPort = 5432;
// Scheme, whatever stands before the hosts, the hosts, and the rest: `URL` knows only one host.
const urlParts = /^(postgres(?:ql)?:\/\/)(?:([^@/?#]*)@)?([^/?#]*)([^?#]*)(?:\?([^#]*))?$/i;
const hostAndPort = /^(\[[^\]]*\]|[^:[\]]*)(?::(\d{1,5})?)?$/;

/**
 * The servers that a connection URL names, in its order, as libpq would read them: `postgresql://user@one:5432,two:5433/name`, or
 * `?host=one,two&port=5432,5433`, where one port may stand for all. What only chooses among servers is left out of their own URLs.
 * @returns none where the URL is not one of PostgreSQL
 */
export function hostsOf(url: string): readonly Host[] {
	const [, scheme, user, authority = '', path = '', query = ''] = urlParts.exec(url) ?? [];
	if (scheme === undefined) {
		return [];
	}

	const params = new URLSearchParams(query);
	const named = authority.split(',').map(part => hostAndPort.exec(part));
	if (named.includes(null)) {
		return [];
	}

	const asked = {hosts: params.get('host')?.split(','), ports: params.get('port')?.split(',')};
	const hosts = asked.hosts ?? named.map(parts => unbracketed(decoded(parts?.[1] ?? '')));
	const ports = asked.ports ?? named.map(parts => parts?.[2] ?? '');
	if (ports.length !== 1 && ports.length !== hosts.length) {
		return [];
	}

	for (const name of ['host', 'port', 'target_session_attrs', 'load_balance_hosts']) {
		params.delete(name);
	}

	const before = user === undefined ? scheme : `${scheme}${user}@`;
	const found = hosts.map((host, index) => {
		const port = ports[ports.length === 1 ? 0 : index] ?? '';
		return hostOf({before, host, port: port === '' ? usualPort : Number(port), path, params});
	});
	return found.every(({port, url: one}) => port > 0 && port < 65_536 && URL.canParse(one)) ? found : [];
}

type Parts = {
	readonly before: string;
	readonly host: string;
	readonly port: number;
	readonly path: string;
	readonly params: URLSearchParams;
};

/** A host that is no name, the folder of a socket among them, stands in the query: there `pg` reads every host. */
function hostOf({before, host, port, path, params}: Parts): Host {
	if (/^[\w.-]+$/.test(host)) {
		const rest = params.size === 0 ? '' : `?${params.toString()}`;
		return {host, port, url: `${before}${host}:${port}${path}${rest}`};
	}

	const own = new URLSearchParams(params);
	own.set('host', host === '' ? 'localhost' : host);
	own.set('port', String(port));
	return {host: host === '' ? 'localhost' : host, port, url: `${before}localhost${path}?${own.toString()}`};
}

function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

function unbracketed(host: string): string {
	return host.replace(/^\[(.*)\]$/, '$1');
}

/** Where a database is looked for, without user and password: for messages. */
export function addressOf(url: string): string {
	const [, , , , path = ''] = urlParts.exec(url) ?? [];
	return `${hostsOf(url)
		.map(({host, port}) => `${host}:${port}`)
		.join(',')}${path}`;
}
