import {type ParameterizedContext} from 'koa';
import {type TraceContext} from '../trace-context.ts';
import {type ErrorContent} from '../vtex/endpoint.ts';
import {type Caller} from '../merchants/credential-check.ts';

/** What is known of a request on its way. */
export type State = {
	/** Ours, unique among all processes. */
	requestId: string;
	/** VTEX's `x-vtex-operation-id`, where it was usable. */
	operationId: string | undefined;
	/** The trace that the caller says it belongs to. */
	trace: TraceContext | undefined;
	/** By `performance.now()`. */
	begunAt: number;
	/** Nobody but health probes gets past authentication without one. */
	caller: Caller | undefined;
	/** The pattern, never the path itself: card ids are half a secret. */
	route: string | undefined;
	/** How the route writes an error, where it is not our usual form. */
	errorBody: ((error: ErrorContent) => unknown) | undefined;
	/** The code of an error, where one was answered. */
	errorCode: string | undefined;
	/** Why the answer is not what the caller hoped for, for the log. */
	failure: unknown;
	/** Answered in place of its handler, which took too long. */
	isLate: boolean;
	isLogged: boolean;
};

export type Context = ParameterizedContext<State>;
export type Next = () => Promise<unknown>;
