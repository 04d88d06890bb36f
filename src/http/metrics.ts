import {createHash, timingSafeEqual} from 'node:crypto';
import {type IncomingMessage} from 'node:http';
import {BlockList, isIP} from 'node:net';
import {type Context, type Next} from './state.ts';

export type MetricsParts = {
	/**
	 * What a reader has to present as `Authorization: Bearer …`; undefined lets readers on this machine in, and nobody else; where the service
	 * is reached from elsewhere nobody at all, because then a proxy may stand in front.
	 */
	readonly token: string | undefined;
	/** Where the service is reached; without it on this machine. */
	readonly publicUrl?: string;
	/** The figures in the text format of Prometheus. Must not take long, whatever the database does. */
	readonly render: () => Promise<{readonly contentType: string; readonly text: string}>;
};

/**
 * `GET /metrics`, at the root (the operator's contract). For who may not read it there is nothing at this path: the request goes on, and gets what
 * every unknown path gets, 401 without credentials of a provider and 403 with wrong ones. So nobody learns whether there are
 * metrics, or how close a token came.
 */
export function metricsRoute({
	token,
	publicUrl = 'http://localhost',
	render,
}: MetricsParts): (ctx: Context, next: Next) => Promise<unknown> {
	const mayRead = token === undefined ? readerHere(publicUrl) : bears(token);
	// Not `async`: nothing of it shall stay in memory while another request waits for its answer.
	return (ctx, next) => {
		const isAsked = ctx.path === '/metrics' && (ctx.method === 'GET' || ctx.method === 'HEAD');
		return isAsked && mayRead(ctx.req) ? answer(ctx) : next();
	};

	async function answer(ctx: Context): Promise<void> {
		const {contentType, text} = await render();
		ctx.state.route = '/metrics';
		ctx.status = 200;
		ctx.set('Content-Type', contentType);
		ctx.set('Cache-Control', 'no-store');
		ctx.body = text;
	}
}

/** Digests are compared, so that neither the time it takes nor its length says anything of the token. */
function bears(token: string): (request: IncomingMessage) => boolean {
	const digest = (text: string) => createHash('sha256').update(text).digest();
	const expected = digest(token);
	return ({headers}) => {
		const [, presented = ''] = /^Bearer +([^\s]+) *$/i.exec(headers.authorization ?? '') ?? [];
		return timingSafeEqual(digest(presented), expected);
	};
}

/** A proxy may pass on whatever `Host` its caller has written, and nothing that tells of itself: so where one is likely, nobody is let in. */
function readerHere(publicUrl: string): (request: IncomingMessage) => boolean {
	return loopbackNames.test(new URL(publicUrl).host) ? isOnThisMachine : () => false;
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');
const loopbackNames = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

// What the usual proxies and tunnels add of their own accord.
const proxyHeaders = [
	...['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-port'],
	...['x-real-ip', 'x-client-ip', 'cf-connecting-ip', 'cf-ray', 'true-client-ip', 'x-cluster-client-ip'],
];

/**
 * Whether a request comes from this machine itself. A reverse proxy on it has loopback for everybody's address, and gives itself away by
 * its headers, by the public name in `Host`, or by HTTP/1.0, which nginx spoke before 1.29.7 unless told otherwise and no monitoring does. A
 * proxy that hides all three cannot be told apart: behind one, set METRICS_TOKEN.
 */
export function isOnThisMachine({
	socket,
	headers,
	httpVersion,
}: Pick<IncomingMessage, 'headers' | 'httpVersion'> & {
	readonly socket: Pick<IncomingMessage['socket'], 'remoteAddress'>;
}): boolean {
	// An IPv4 peer of a socket that listens on both is written as an IPv6 address.
	const address = (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
	const family = isIP(address);
	return (
		family !== 0 &&
		loopback.check(address, family === 4 ? 'ipv4' : 'ipv6') &&
		httpVersion === '1.1' &&
		loopbackNames.test(headers.host ?? '') &&
		proxyHeaders.every(name => headers[name] === undefined)
	);
}
