import {lookup as resolveByDns} from 'node:dns';
import {BlockList, isIPv4, type LookupFunction} from 'node:net';

/** A name that may be called led to addresses of private networks only. */
export class PrivateAddressError extends Error {
	override readonly name = 'PrivateAddressError';
	readonly code = 'PRIVATE_ADDRESS';
}

/** As `dns.lookup` with `all`. */
export type Resolve = (
	host: string,
	options: {readonly all: true},
	callback: (
		error: NodeJS.ErrnoException | null,
		addresses: {readonly address: string; readonly family: number}[],
	) => void,
) => void;

/** IPv4 that is not the public internet: this machine, private networks, link-local, shared, test and reserved ranges. */
const notPublic = new BlockList();
for (const [network, prefix] of [
	['0.0.0.0', 8],
	['10.0.0.0', 8],
	['100.64.0.0', 10],
	['127.0.0.0', 8],
	['169.254.0.0', 16],
	['172.16.0.0', 12],
	['192.0.0.0', 24],
	['192.0.2.0', 24],
	['192.88.99.0', 24],
	['192.168.0.0', 16],
	['198.18.0.0', 15],
	['198.51.100.0', 24],
	['203.0.113.0', 24],
	['224.0.0.0', 3],
] as const) {
	notPublic.addSubnet(network, prefix, 'ipv4');
}

/** The public internet of IPv6, without loopback, unique-local, link-local and IPv4-mapped addresses, which are all elsewhere. */
const global6 = new BlockList();
global6.addSubnet('2000::', 3, 'ipv6');
/** Protocol assignments with Teredo, documentation, and 6to4: the first and the last carry IPv4 addresses of any kind. */
const notPublic6 = new BlockList();
for (const [network, prefix] of [
	['2001::', 23],
	['2001:db8::', 32],
	['2002::', 16],
	['3fff::', 20],
] as const) {
	notPublic6.addSubnet(network, prefix, 'ipv6');
}

/** Whether an address, as a resolver writes it, is on the public internet. */
export function isPublic(address: string): boolean {
	return isIPv4(address)
		? !notPublic.check(address, 'ipv4')
		: global6.check(address, 'ipv6') && !notPublic6.check(address, 'ipv6');
}

/**
 * For connections: resolves to public addresses only. It is asked at the time of each connection, so a name cannot change between
 * looking and calling.
 */
export function publicLookup(resolve: Resolve = resolveByDns): LookupFunction {
	return (host, options, callback) => {
		resolve(host, {...options, all: true}, (error, addresses) => {
			const open = error === null ? addresses.filter(({address}) => isPublic(address)) : [];
			const [first] = open;
			if (error !== null || first === undefined) {
				callback(error ?? new PrivateAddressError('No public address.'), '');
			} else if (options.all === true) {
				callback(null, open);
			} else {
				callback(null, first.address, first.family);
			}
		});
	};
}
