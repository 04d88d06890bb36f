import {
	createTraceState,
	ROOT_CONTEXT,
	type Span,
	SpanKind,
	SpanStatusCode,
	trace,
	TraceFlags,
	type Tracer,
} from '@opentelemetry/api';
import {OTLPTraceExporter} from '@opentelemetry/exporter-trace-otlp-http';
import {resourceFromAttributes} from '@opentelemetry/resources';
import {
	BasicTracerProvider,
	BatchSpanProcessor,
	ParentBasedSampler,
	TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import {type AnsweredRequest} from '../http/watch.ts';
import {type CommittedBatch} from '../ledger/watch.ts';
import {stageNames} from '../ledger/stages.ts';
import {
	beginUnrecorded,
	type BeginTrace,
	type OutgoingTrace,
	type TraceContext,
	traceHeaders,
} from '../trace-context.ts';
import {type Tracing} from './tracing.ts';

export type OtlpOptions = {
	/** Where the traces go: `/v1/traces` is appended. */
	readonly endpoint: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly serviceName: string;
	/** Part of the traces that is recorded, 0 to 1, where the caller says nothing of it. */
	readonly ratio: number;
	/** How long one delivery may take, and how often there is one, milliseconds. */
	readonly timeoutMs?: number;
	readonly everyMs?: number;
};

// What waits for somebody who does not take it: some megabytes. Beyond it spans are lost, and not the service.
const spansMax = 4096;
const closeMs = 2000;
// Asked every few seconds, and of no interest to anybody.
const silentRoutes = /^\/(?:health|metrics)/;

/**
 * Traces by OpenTelemetry's own packages, sent by OTLP over HTTP. A span is made when what it tells of is over, so that nothing of it is kept
 * meanwhile. Attributes are words and numbers of ours: patterns of routes and no paths, no ids of cards, no bodies, no headers.
 */
export function openOtlpTracing({
	endpoint,
	headers,
	serviceName,
	ratio,
	timeoutMs = 5000,
	everyMs = 2000,
}: OtlpOptions): Tracing {
	const exporter = new OTLPTraceExporter({
		url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
		headers: {...headers},
		timeoutMillis: timeoutMs,
	});
	const provider = new BasicTracerProvider({
		resource: resourceFromAttributes({'service.name': serviceName}),
		sampler: new ParentBasedSampler({root: new TraceIdRatioBasedSampler(ratio)}),
		spanProcessors: [
			new BatchSpanProcessor(exporter, {
				maxQueueSize: spansMax,
				scheduledDelayMillis: everyMs,
				exportTimeoutMillis: timeoutMs,
			}),
		],
	});
	const tracer = provider.getTracer('monedero');
	return {
		answered: request =>
			quietly(request.trace?.traceId, () => {
				const {route, method, ms} = request;
				if (route !== undefined && silentRoutes.test(route)) {
					return request.trace?.traceId;
				}

				const endedAt = Date.now();
				const name = route === undefined ? method : `${method} ${route}`;
				const attributes = attributesOf(request);
				const options = {kind: SpanKind.SERVER, startTime: endedAt - ms, attributes};
				const span = tracer.startSpan(name, options, parentOf(request.trace));
				finish(span, request.status >= 500, endedAt);
				return traceIdOf(span) ?? request.trace?.traceId;
			}),
		committed(batch) {
			quietly(undefined, () => {
				const endedAt = Date.now();
				const startTime = endedAt - durationOf(batch);
				const attributes = batchAttributes(batch);
				tracer.startSpan('ledger.batch', {startTime, attributes}, ROOT_CONTEXT).end(endedAt);
			});
		},
		beginTrace: (what, facts, parent) =>
			quietly(undefined, () => recordedCall(tracer, what, facts, parent)) ??
			beginUnrecorded(what, facts, parent),
		async close() {
			let timer: NodeJS.Timeout | undefined;
			const late = new Promise<void>(resolve => {
				timer = setTimeout(resolve, closeMs);
			});
			// Who does not take traces may be down, or be the reason why we are stopped.
			await Promise.race([provider.shutdown().catch(() => undefined), late]);
			clearTimeout(timer);
		},
	};
}

/** A call of ours as a span of its own, a part of its caller's where there is one. */
function recordedCall(tracer: Tracer, ...[what, facts = {}, parent]: Parameters<BeginTrace>): OutgoingTrace {
	const attributes = Object.fromEntries(
		Object.entries(facts).map(([name, fact]) => [`monedero.${name}`, fact]),
	);
	const span = tracer.startSpan(what, {kind: SpanKind.CLIENT, attributes}, parentOf(parent));
	const {traceId, spanId: parentId, traceFlags} = span.spanContext();
	const isSampled = (traceFlags & TraceFlags.SAMPLED) !== 0;
	return {
		traceId,
		headers: traceHeaders({traceId, parentId, isSampled, state: parent?.state ?? ''}),
		end: (outcome, hasFailed) => {
			quietly(undefined, () => {
				span.setAttribute('monedero.outcome', outcome);
				finish(span, hasFailed);
			});
		},
	};
}

function attributesOf({method, route, status, caller, errorCode, requestId}: AnsweredRequest) {
	return {
		'http.request.method': method,
		'http.response.status_code': status,
		'monedero.request_id': requestId,
		...(route !== undefined && {'http.route': route}),
		...(caller !== undefined && {'monedero.merchant': caller.merchant.name}),
		...(errorCode !== undefined && {'error.type': errorCode}),
	};
}

function batchAttributes({merchantId, commands, outcomes, waitedMs, stages}: CommittedBatch) {
	const times = stages === undefined ? [] : stageNames.map(name => [`monedero.${name}_ms`, stages[name]]);
	return {
		'monedero.merchant_id': merchantId,
		'monedero.commands': commands.length,
		'monedero.refused': outcomes.filter(({kind}) => kind === 'refused').length,
		'monedero.wait_ms': waitedMs,
		...(Object.fromEntries(times) as Record<string, number>),
	};
}

function durationOf({stages}: CommittedBatch): number {
	return stages === undefined ? 0 : stageNames.reduce((sum, name) => sum + stages[name], 0);
}

/** The caller's span as ours sees it. */
function parentOf(sent: TraceContext | undefined) {
	if (sent === undefined) {
		return ROOT_CONTEXT;
	}

	const {traceId, parentId: spanId, isSampled, state} = sent;
	return trace.setSpanContext(ROOT_CONTEXT, {
		...{traceId, spanId, isRemote: true},
		traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
		...(state !== '' && {traceState: createTraceState(state)}),
	});
}

function finish(span: Span, hasFailed: boolean, endedAt?: number): void {
	if (hasFailed) {
		span.setStatus({code: SpanStatusCode.ERROR});
	}

	span.end(endedAt);
}

/** Of a span that is recorded. */
function traceIdOf(span: Span): string | undefined {
	return span.isRecording() || (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0
		? span.spanContext().traceId
		: undefined;
}

/** A trace is worth no payment: where making it fails, there is none. */
function quietly<Result>(otherwise: Result, work: () => Result): Result {
	try {
		return work();
	} catch {
		return otherwise;
	}
}
