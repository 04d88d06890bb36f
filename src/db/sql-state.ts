/**
 * The SQLSTATE and constraint behind an error, whichever wrapper it arrived in. Over the driver adapter the same violation comes as
 * P2002, P2003, P2010, P2039, P2034 or, found at COMMIT, as a bare `DriverAdapterError` without any Prisma code; from `pg`
 * itself it is a plain `DatabaseError`. Nothing here returns a message or a detail: PostgreSQL prints the row into them.
 */

type DriverCause = {
	readonly kind?: string;
	readonly originalCode?: string;
	readonly originalMessage?: string;
	readonly constraint?: {readonly index?: string};
};

type Layer = {
	readonly code?: unknown;
	readonly message?: unknown;
	readonly severity?: unknown;
	readonly constraint?: unknown;
	readonly meta?: {readonly driverAdapterError?: {readonly cause?: DriverCause}};
	readonly cause?: unknown;
};

const retryable: ReadonlySet<string> = new Set(['40001', '40P01']);

// Class 08 is the connection itself; 57P01 to 57P03 and 57P05 are a server that ends sessions or is starting or stopping; 25P03 is a
// session that was ended because its transaction stood idle; 25006 is a server that takes no writes, such as a former primary.
const lostStates = /^(?:08...|57P0[1235]|25P03|25006)$/;
const lostKinds: ReadonlySet<unknown> = new Set([
	'ConnectionClosed',
	'DatabaseNotReachable',
	'SocketTimeout',
]);
const lostCodes: ReadonlySet<unknown> = new Set([
	...['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENOENT', 'ENOTFOUND', 'EPIPE', 'ETIMEDOUT'],
	...['EHOSTDOWN', 'ENETUNREACH', 'EAI_AGAIN', 'ENOPRIMARY', 'EFATE'],
	...['P1001', 'P1002', 'P1008', 'P1017'],
]);

// `pg` gives these no code. They are its own sentences, without anything of ours or of the row in them.
const lostMessages =
	/^(?:Connection terminated|Client has encountered a connection error|Client was closed|timeout exceeded when trying to connect|timeout expired|Cannot use a pool after)/;

/** The five characters of the SQLSTATE, or `undefined` where the error did not come from a statement. */
export function sqlStateOf(error: unknown): string | undefined {
	for (const layer of layersOf(error)) {
		const state =
			driverCauseOf(layer)?.originalCode ?? (layer.severity === undefined ? undefined : layer.code);
		if (typeof state === 'string') {
			return state;
		}
	}

	return undefined;
}

/** The name of the constraint or unique index that was violated, or that a trigger named in its error. */
export function constraintOf(error: unknown): string | undefined {
	for (const layer of layersOf(error)) {
		const cause = driverCauseOf(layer);
		// The adapter keeps the name of a CHECK in the sentence only.
		const quoted = /constraint "([^"]+)"/.exec(cause?.originalMessage ?? '')?.[1];
		const name = cause?.constraint?.index ?? quoted ?? layer.constraint;
		if (typeof name === 'string') {
			return name;
		}
	}

	return undefined;
}

/** Whether the same transaction may simply be run again: a serialization failure or a deadlock. */
export function isRetryable(error: unknown): boolean {
	return retryable.has(sqlStateOf(error) ?? '');
}

/**
 * Whether the connection was lost or could not be made. When this happens at COMMIT, or under the statement that it was sent behind, the
 * transaction's fate is unknown (rules B4); before that it did nothing.
 */
export function isConnectionLost(error: unknown): boolean {
	const state = sqlStateOf(error);
	if (state !== undefined) {
		return lostStates.test(state);
	}

	return layersOf(error).some(
		layer =>
			lostKinds.has(driverCauseOf(layer)?.kind) ||
			lostCodes.has(layer.code) ||
			(typeof layer.message === 'string' && lostMessages.test(layer.message)),
	);
}

// 53: out of connections, memory or disk; 55P03: a lock; 57014: a statement that took longer than it may.
const passingStates = /^(?:53...|55P03|57014)$/;
// Prisma could not get a connection, or begin its transaction, in time.
const passingCodes: ReadonlySet<unknown> = new Set(['P2024', 'P2028']);

/** Whether the database does not answer, and the same request may succeed in a moment. */
export function isUnavailable(error: unknown): boolean {
	const code = (error as {code?: unknown} | null | undefined)?.code;
	return isConnectionLost(error) || passingCodes.has(code) || passingStates.test(sqlStateOf(error) ?? '');
}

/** The error and its causes, outermost first. The limit only guards against a cause that leads back to itself. */
function layersOf(error: unknown): Layer[] {
	const layers: Layer[] = [];
	for (let layer = error; typeof layer === 'object' && layer !== null && layers.length < 8;) {
		layers.push(layer);
		layer = (layer as Layer).cause;
	}

	return layers;
}

function driverCauseOf(layer: Layer): DriverCause | undefined {
	return layer.meta?.driverAdapterError?.cause ?? ('kind' in layer ? (layer as DriverCause) : undefined);
}
