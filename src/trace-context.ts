import {randomBytes} from 'node:crypto';

/*
 * W3C Trace Context (https://www.w3.org/TR/trace-context/): by these headers a caller says which trace its request belongs to. What is
 * malformed is ignored, as the specification has it, and never refused.
 */

/** Where in a trace somebody stands. */
export type TraceContext = {
	/** 32 hexadecimal digits, not all of them zero. */
	readonly traceId: string;
	/** Of the caller's own span: 16 hexadecimal digits, not all of them zero. */
	readonly parentId: string;
	/** Whether the caller may have recorded it. */
	readonly isSampled: boolean;
	/** What vendors say to each other, passed on as it came; '' where nothing was said. */
	readonly state: string;
};

/** A context as it travels. */
export type TraceHeaders = {readonly traceparent: string; readonly tracestate?: string};

/** A call of ours to somebody else, as a part of a trace. */
export type OutgoingTrace = {
	readonly traceId: string;
	/** `traceparent`, and `tracestate` where there is one. */
	readonly headers: TraceHeaders;
	/** @param outcome - a word, never anything that was sent or received */
	readonly end: (outcome: string, hasFailed: boolean) => void;
};

/**
 * What is called: `callback`, `vtex`. Facts are numbers and words of ours.
 * @param parent - the request that this is a part of; without it a trace begins
 */
export type BeginTrace = (
	what: 'callback' | 'vtex',
	facts?: Readonly<Record<string, string | number>>,
	parent?: TraceContext,
) => OutgoingTrace;

const parentForm = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;
const sampledFlag = 1;
// A key of one vendor, or of a tenant at a vendor, and a value of printable ASCII that does not end in a space.
const stateMember =
	/^(?:[a-z][\da-z_\-*/]{0,255}|[\da-z][\da-z_\-*/]{0,240}@[a-z][\da-z_\-*/]{0,13})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;
const stateMembersMax = 32;
// What has to be passed on at least; nobody needs us to pass on more.
const stateLengthMax = 512;
const stateMemberSmall = 128;

/** The context of a request by its headers; undefined where `traceparent` is missing or malformed. */
export function readTraceContext(
	traceparent: string | string[] | undefined,
	tracestate: string | string[] | undefined,
): TraceContext | undefined {
	const [, version = '', traceId = '', parentId = '', flags = '', more] =
		typeof traceparent === 'string' ? (parentForm.exec(traceparent.trim()) ?? []) : [];
	const isZero = /^0*$/.test(traceId) || /^0*$/.test(parentId);
	// Version 00 ends with its flags, ff is none; what a later one says beyond them is for those who know it.
	if (version === '' || version === 'ff' || isZero || (version === '00' && more !== undefined)) {
		return undefined;
	}

	const isSampled = (Number.parseInt(flags, 16) & sampledFlag) !== 0;
	return {traceId, parentId, isSampled, state: readState(tracestate)};
}

/** The list without blanks; '' when any member of it is malformed, or there are too many. */
function readState(tracestate: string | string[] | undefined): string {
	const text = Array.isArray(tracestate) ? tracestate.join(',') : (tracestate ?? '');
	const members = text
		.split(',')
		.map(member => member.trim())
		.filter(member => member !== '');
	const keys = new Set(members.map(member => member.slice(0, member.indexOf('='))));
	const isUsable =
		members.length <= stateMembersMax && keys.size === members.length && members.every(isStateMember);
	return isUsable ? shortened(members).join(',') : '';
}

/** Of a list that is too long the large members go first, and then the last ones (W3C Trace Context, 3.3.1.5). */
function shortened(members: readonly string[]): readonly string[] {
	const large = members.findLast(member => member.length > stateMemberSmall) ?? members.at(-1);
	return members.join(',').length <= stateLengthMax
		? members
		: shortened(members.filter(member => member !== large));
}

const isStateMember = (member: string) => stateMember.test(member);

/** The headers that pass a context on. */
export function traceHeaders({traceId, parentId, isSampled, state}: TraceContext): TraceHeaders {
	return {
		traceparent: `00-${traceId}-${parentId}-${isSampled ? '01' : '00'}`,
		...(state !== '' && {tracestate: state}),
	};
}

/**
 * A trace that nobody records here: its number stands in our log, and the other side may write it into theirs. What a caller has begun is
 * passed on as it came.
 */
export const beginUnrecorded: BeginTrace = (_what, _facts, parent) => {
	const context = parent ?? {
		traceId: randomBytes(16).toString('hex'),
		parentId: randomBytes(8).toString('hex'),
		isSampled: false,
		state: '',
	};
	return {traceId: context.traceId, headers: traceHeaders(context), end: () => undefined};
};
