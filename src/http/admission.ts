import {type IncomingMessage, type ServerResponse} from 'node:http';
import {type Socket} from 'node:net';
import {presentedCredential} from '../vtex/authenticate.ts';

export type AdmissionTools = {
	/** How long the oldest command has been waiting for its batch, milliseconds. */
	readonly waitingMs: () => number;
	/** Told once a second while requests are turned away: how many since the last time. */
	readonly onTurnedAway: (count: number) => void;
};

export type AdmissionLimits = {
	/** Writes that were let in and are not answered. More make the service no faster, and every one of them waits longer. */
	readonly writesMax: number;
	/** While a command waits this long for its batch, whatever the reason, those that come now would wait for longer. */
	readonly waitingMsMax: number;
};

export type Admission = {
	/** True when the request was answered here and now. */
	readonly turnAway: (request: IncomingMessage, response: ServerResponse) => boolean;
	/** Writes that were let in and are not answered. */
	readonly count: () => number;
	/** Whether a write was turned away within the last second. */
	readonly isTurningAway: () => boolean;
	readonly close: () => void;
};

/** How many of its writes were let in and are not answered. */
type Connection = {letIn: number};

// One batch that is being written and one that gathers. More would make it no faster: they only wait, and what they hold in memory costs
// the collector.
export const admissionLimits: AdmissionLimits = {writesMax: 512, waitingMsMax: 2000};

const busyReply = JSON.stringify({
	error: {
		code: 'overloaded',
		message: 'The service is busy; send the request again in a moment, under the same id.',
	},
});
const busyHeaders = {
	'Content-Type': 'application/json; charset=utf-8',
	'Content-Length': Buffer.byteLength(busyReply),
	'Retry-After': '1',
};
const tellEveryMs = 1000;

/**
 * Answers 503 to writes of gift cards that could not be answered soon, before anything is done for them: a request that is let in and then
 * given up has cost as much as one that was worth something, so that under overload nothing would be answered in time. Reads go on, and
 * payments too: those are answered by what the writer says, because VTEX counts errors against a payment provider (B4).
 */
export function openAdmission(
	{waitingMs, onTurnedAway}: AdmissionTools,
	{writesMax, waitingMsMax}: AdmissionLimits = admissionLimits,
): Admission {
	let letIn = 0;
	let turnedAway = 0;
	let lastTurnedAwayAt = -Infinity;
	const connections = new WeakMap<Socket, Connection>();
	const leave = (connection: Connection, count: number) => {
		letIn -= count;
		connection.letIn -= count;
	};
	const connectionOf = ({socket}: IncomingMessage): Connection => {
		const known = connections.get(socket);
		if (known !== undefined) {
			return known;
		}

		const connection = {letIn: 0};
		connections.set(socket, connection);
		// Answers that stand behind another one of their connection are told nothing when it is gone.
		socket.once('close', () => {
			leave(connection, connection.letIn);
		});
		return connection;
	};
	const timer = setInterval(() => {
		if (turnedAway > 0) {
			onTurnedAway(turnedAway);
			turnedAway = 0;
		}
	}, tellEveryMs);
	timer.unref();

	return {
		turnAway(request, response) {
			if (!isGiftCardWrite(request)) {
				return false;
			}

			// Whoever is not let in anyway is told so by whom it concerns (rules C1).
			if (presentedCredential(request.headers) === undefined) {
				return false;
			}

			if (letIn >= writesMax || waitingMs() > waitingMsMax) {
				turnedAway++;
				lastTurnedAwayAt = performance.now();
				response.writeHead(503, busyHeaders).end(busyReply);
				return true;
			}

			const connection = connectionOf(request);
			letIn++;
			connection.letIn++;
			response.once('close', () => {
				leave(connection, Math.min(1, connection.letIn));
			});
			return false;
		},
		count: () => letIn,
		isTurningAway: () => performance.now() - lastTurnedAwayAt < tellEveryMs,
		close() {
			clearInterval(timer);
		},
	};
}

// Asked of every request: no pattern, and no parsing of its address.
function isGiftCardWrite({method, url = ''}: IncomingMessage): boolean {
	return method === 'POST' && url.includes('/giftcards') && !url.includes('/_search');
}
