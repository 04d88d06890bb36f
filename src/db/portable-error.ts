/** As much of an error as `sql-state.ts` and the log read, in a form that travels between threads. */
export type PortableError = {
	readonly name: string;
	readonly message: string;
	readonly stack: string | undefined;
	/** Codes, kinds and constraints, as whoever threw it has put them there. */
	readonly marks: Readonly<Record<string, unknown>>;
	readonly cause: PortableError | undefined;
};

const markNames = ['code', 'severity', 'constraint', 'kind', 'originalCode', 'originalMessage'] as const;
// Only guards against a cause that leads back to itself.
const depthMax = 8;

/** Take an error apart. What structured cloning leaves out of an error is just what tells its kind. */
export function packError(error: unknown, depth = 1): PortableError {
	if (typeof error !== 'object' || error === null) {
		return {name: typeof error, message: '', stack: undefined, marks: {}, cause: undefined};
	}

	const {name, message, stack, cause, meta} = error as Error & {meta?: Meta};
	const marks = Object.fromEntries(
		markNames
			.map(mark => [mark, plain((error as unknown as Record<string, unknown>)[mark])] as const)
			.filter(([, value]) => value !== undefined),
	);
	const inner = cause ?? meta?.driverAdapterError;
	return {
		name: typeof name === 'string' ? name : 'object',
		message: typeof message === 'string' ? message : '',
		stack,
		marks,
		cause: inner === undefined || depth === depthMax ? undefined : packError(inner, depth + 1),
	};
}

type Meta = {readonly driverAdapterError?: unknown};

/** The index of a constraint is the only mark that is no text. */
function plain(mark: unknown): unknown {
	if (typeof mark === 'object' && mark !== null) {
		const {index} = mark as {index?: unknown};
		return typeof index === 'string' ? {index} : undefined;
	}

	return mark;
}

/** Put it together again: an error that says the same to `sqlStateOf`, `constraintOf`, `isConnectionLost` and the log. */
export function unpackError({name, message, stack, marks, cause}: PortableError): Error {
	const error = new Error(message, cause === undefined ? undefined : {cause: unpackError(cause)});
	return Object.assign(error, marks, {name, stack});
}
