import {type TraceContext} from '../trace-context.ts';
import {type Caller} from '../merchants/credential-check.ts';

/** A request that was answered, by what may be said about it anywhere. */
export type AnsweredRequest = {
	readonly method: string;
	/** The pattern; undefined where no route was found, or nobody was let that far. */
	readonly route: string | undefined;
	readonly status: number;
	/** From its turn until its answer was handed over, milliseconds. */
	readonly ms: number;
	readonly caller: Caller | undefined;
	/** Of an error in the form of our protocols: one of a few words. */
	readonly errorCode: string | undefined;
	/** As the caller sent it. */
	readonly trace: TraceContext | undefined;
	/** Our id of it. */
	readonly requestId: string;
};

/** Who looks on while requests are answered. Must not throw. */
export type RequestWatch = {
	/** Told once of each request, when it is answered. @returns the id of its trace, for its line in the log */
	readonly answered: (request: AnsweredRequest) => string | undefined;
};

/** Nobody looks on; the trace is the caller's. */
export const unwatched: RequestWatch = {answered: ({trace}) => trace?.traceId};
