import {once} from 'node:events';
import {type AddressInfo, connect, createServer, type NetConnectOpts, type Socket} from 'node:net';

/** What stands between a client and its server, passes everything on, and now and then does not. */
export type Proxy = {
	readonly port: number;
	/** Break every connection there is, both ways, with a reset. */
	readonly cut: () => void;
	/** So many more answers get lost: what was asked was passed on, and the connection breaks when the answer begins. */
	readonly loseAnswers: (count: number) => void;
	/** No more mishaps, from now on. */
	readonly mend: () => void;
	readonly close: () => Promise<void>;
};

type Pair = {readonly client: Socket; readonly server: Socket};

/**
 * @param to - told when a client comes, since a server that was started again may be elsewhere
 * @param alter - changes what goes back to the client, to see whether the simulator finds it
 * @param port - 0 takes a free one
 */
export async function openProxy(
	to: () => NetConnectOpts,
	{
		alter = chunk => chunk,
		port = 0,
	}: {readonly alter?: (chunk: Buffer) => Buffer; readonly port?: number} = {},
): Promise<Proxy> {
	const pairs = new Set<Pair>();
	let losses = 0;
	const accept = (client: Socket) => {
		const server = connect(to());
		const pair = {client, server};
		pairs.add(pair);
		const end = () => {
			reset(pair);
			pairs.delete(pair);
		};
		for (const socket of [client, server]) {
			socket.setNoDelay(true);
			socket.on('error', end).on('close', end);
		}

		passOn(client, server, chunk => chunk);
		passOn(server, client, chunk => {
			if (losses > 0) {
				losses--;
				end();
				return undefined;
			}

			return alter(chunk);
		});
	};
	const listener = createServer(accept).listen(port, '127.0.0.1');
	await once(listener, 'listening');
	const cut = () => {
		for (const pair of pairs) {
			reset(pair);
		}

		pairs.clear();
	};

	return {
		port: (listener.address() as AddressInfo).port,
		cut,
		loseAnswers(count) {
			losses = count;
		},
		mend() {
			losses = 0;
		},
		async close() {
			const closed = once(listener, 'close');
			listener.close();
			cut();
			await closed;
		},
	};
}

function reset({client, server}: Pair): void {
	client.resetAndDestroy();
	server.destroy();
}

/** With back pressure, and the end passed on. */
function passOn(from: Socket, to: Socket, change: (chunk: Buffer) => Buffer | undefined): void {
	from.on('data', (chunk: Buffer) => {
		const changed = change(chunk);
		if (changed !== undefined && !to.destroyed && !to.write(changed)) {
			from.pause();
			to.once('drain', () => from.resume());
		}
	});
	from.on('end', () => to.end());
}
