import {once} from 'node:events';
import net from 'node:net';
import {type TestContext} from './test-context.ts';

/** A connection that says exactly what it is told to. */
export type RawConnection = {
	readonly send: (text: string) => void;
	/** Everything received so far. */
	readonly received: () => string;
	/** Resolves when what was received matches; rejects when the connection ends or a minute passes before. */
	readonly until: (pattern: RegExp) => Promise<string>;
	/** Everything received until the other side closes. */
	readonly ended: () => Promise<string>;
	/** Hang up. */
	readonly close: () => void;
};

const patienceMs = 60_000;

export async function connect(t: TestContext, port: number): Promise<RawConnection> {
	const socket = net.connect(port, '127.0.0.1');
	let received = '';
	socket.setEncoding('latin1');
	socket.on('data', (text: string) => (received += text));
	// A connection that is cut is what some tests wait for.
	socket.on('error', () => undefined);
	t.teardown(() => socket.destroy());
	await once(socket, 'connect');
	const closed = new Promise<void>(resolve =>
		socket.once('close', () => {
			resolve();
		}),
	);

	return {
		send: text => socket.write(text, 'latin1'),
		received: () => received,
		until: pattern =>
			new Promise((resolve, reject) => {
				const timer = setTimeout(() => {
					reject(new Error(`Nothing like ${pattern} within ${patienceMs} ms, but: ${received}`));
				}, patienceMs);
				const look = () => {
					if (pattern.test(received)) {
						clearTimeout(timer);
						resolve(received);
					}
				};
				socket.on('data', look);
				void closed.then(() => {
					clearTimeout(timer);
					look();
					reject(new Error(`The connection ended without anything like ${pattern}: ${received}`));
				});
				look();
			}),
		ended: () => closed.then(() => received),
		close: () => {
			socket.destroy();
		},
	};
}

/** One request in its exact bytes, and the whole answer in its own. */
export async function exchange(
	t: TestContext,
	port: number,
	head: readonly string[],
	body = '',
): Promise<string> {
	const connection = await connect(t, port);
	connection.send([...head, 'Host: test', 'Connection: close', '', body].join('\r\n'));
	return connection.ended();
}
