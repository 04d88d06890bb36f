import {type Socket} from 'node:net';
import pg from 'pg';
import {type Host, hostsOf} from './hosts.ts';
import {type Member, openPrimaryFinder, type PrimaryFinder, standingOf} from './primary.ts';

/** What `pg` has to be told so that it connects to the server of a URL, or to the primary of several. */
export type Target = Pick<pg.PoolConfig, 'connectionString' | 'Client'>;

type Inner = {readonly connection: {readonly stream: Socket}};
type Done = (error?: Error) => void;

// Of one thread. Pools of one URL share what they know, and few URLs are ever used.
const finders = new Map<string, PrimaryFinder>();

/** A URL with one server costs nothing and is left as it is. */
export function targetOf(url: string): Target {
	const hosts = hostsOf(url);
	const [first] = hosts;
	if (first === undefined || hosts.length === 1) {
		return {connectionString: url};
	}

	let finder = finders.get(url);
	if (finder === undefined) {
		finder = openPrimaryFinder(hosts);
		finders.set(url, finder);
	}

	return {connectionString: first.url, Client: clientOf(finder)};
}

/** Connections of this URL have gone silent: where there are several servers, another one may be the primary by now. */
export function suspect(url: string): void {
	finders.get(url)?.lookAgain();
}

/** A client of the kind that the target asks for, outside every pool. */
export function newClient(config: pg.ClientConfig, {connectionString, Client}: Target): pg.Client {
	const Kind = (Client ?? pg.Client) as unknown as typeof pg.Client;
	return new Kind({...config, ...(connectionString !== undefined && {connectionString})});
}

/** Connections that look for the primary before they connect, and make sure of it before they are used. */
function clientOf(finder: PrimaryFinder): typeof pg.Client {
	return class PrimaryClient extends pg.Client {
		override connect(): Promise<pg.Client>;
		override connect(callback: Done): void;
		override connect(callback?: Done): Promise<pg.Client> | undefined {
			const connected = connectToPrimary(this, finder, () => super.connect());
			if (callback === undefined) {
				return connected;
			}

			connected.then(() => {
				callback();
			}, callback);
			return undefined;
		}
	};
}

async function connectToPrimary(
	client: pg.Client,
	finder: PrimaryFinder,
	connect: () => Promise<unknown>,
): Promise<pg.Client> {
	const {stream} = (client as unknown as Inner).connection;
	const host = await finder.find();
	if (stream.destroyed) {
		// The pool has lost its patience meanwhile; connecting would bring the socket back to life.
		throw new Error('Connection terminated: the primary was not found in time');
	}

	Object.assign(client, {host: host.host, port: host.port});
	const leave = join(client, finder, host);
	try {
		await connect();
		if (!finder.accept(host, await standingOf(client))) {
			throw new Error('Connection terminated: the server is no longer the primary');
		}

		return client;
	} catch (error) {
		leave();
		finder.doubt(host);
		(client as unknown as Inner).connection.stream.destroy();
		throw error;
	}
}

/** Until it ends, the connection goes when another server becomes the primary, and its loss is a reason to look again. */
function join(client: pg.Client, finder: PrimaryFinder, host: Host): () => void {
	const member: Member = {
		host,
		drop: reason => {
			(client as unknown as Inner).connection.stream.destroy(reason);
		},
	};
	finder.members.add(member);
	const leave = () => {
		finder.members.delete(member);
	};
	client.once('end', leave);
	client.on('error', () => {
		finder.doubt(host);
	});
	return leave;
}
