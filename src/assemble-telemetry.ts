import {type Parts, type PartsWatch} from './assemble.ts';
import {type Config} from './config.ts';
import {type InFlight} from './http/in-flight.ts';
import {type Log} from './http/log.ts';
import {type RequestWatch} from './http/watch.ts';
import {readBacklog} from './metrics/backlog.ts';
import {readLiabilities} from './metrics/liability.ts';
import {type Metrics, openMetrics} from './metrics/metrics.ts';
import {type Tracing, untraced} from './tracing/tracing.ts';

/** Who looks on while a service works. */
export type Telemetry = {
	/** For `openParts`. */
	readonly watch: PartsWatch;
	readonly requests: RequestWatch;
	readonly metrics: Metrics;
	/** Stop looking; hands over what is left of the traces, within two seconds. */
	readonly close: () => Promise<void>;
};

/** Metrics always; traces where the configuration says who takes them. Comes before the parts, which tell it what they do. */
export async function openTelemetry(
	config: Pick<Config, 'otlpEndpoint' | 'otlpHeaders' | 'serviceName' | 'traceRatio'>,
): Promise<Telemetry> {
	const metrics = openMetrics();
	const tracing = await openTracing(config);
	const {onAttempt, onLook, guesses} = metrics;
	return {
		watch: {
			writer: {
				committed(batch) {
					metrics.writer.committed(batch);
					tracing.committed(batch);
				},
				setBack: metrics.writer.setBack,
			},
			beginTrace: tracing.beginTrace,
			...{guesses, onAttempt, onLook},
		},
		requests: {
			answered(request) {
				metrics.answered(request);
				return tracing.answered(request);
			},
		},
		metrics,
		async close() {
			metrics.close();
			await tracing.close();
		},
	};
}

/** The packages of OpenTelemetry are loaded by those who use them, and by nobody else. */
async function openTracing(config: Parameters<typeof openTelemetry>[0]): Promise<Tracing> {
	const {otlpEndpoint: endpoint, otlpHeaders: headers, serviceName, traceRatio: ratio} = config;
	if (endpoint === undefined) {
		return untraced;
	}

	const {openOtlpTracing} = await import('./tracing/otlp.ts');
	return openOtlpTracing({endpoint, headers, serviceName, ratio});
}

/** Let the metrics ask the parts of a service, now that there are any. */
export function askParts(
	{metrics}: Telemetry,
	{prisma, clock, writer, pools}: Parts,
	{inFlight, log}: {readonly inFlight: InFlight; readonly log: Log},
): void {
	metrics.open(
		{writer, pools, requestsInFlight: inFlight.count},
		{
			backlog: () => readBacklog(prisma, clock()),
			liability: () => readLiabilities(prisma),
			onFailure(error) {
				log.warn({error}, 'Figures for the metrics cannot be read; those read before are shown on');
			},
		},
	);
}
