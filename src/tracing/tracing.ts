import {type CommittedBatch} from '../ledger/watch.ts';
import {type AnsweredRequest} from '../http/watch.ts';
import {beginUnrecorded, type BeginTrace} from '../trace-context.ts';

/** Traces of what a service does. Nothing here throws, and nothing waits for whoever takes the traces. */
export type Tracing = {
	/** @returns the id of its trace, where there is one */
	readonly answered: (request: AnsweredRequest) => string | undefined;
	readonly committed: (batch: CommittedBatch) => void;
	readonly beginTrace: BeginTrace;
	/** Hand over what is left, within two seconds. */
	readonly close: () => Promise<void>;
};

/** Where nobody takes traces: what callers say of theirs stands in the log. */
export const untraced: Tracing = {
	answered: ({trace}) => trace?.traceId,
	committed: () => undefined,
	beginTrace: beginUnrecorded,
	close: () => Promise.resolve(),
};
