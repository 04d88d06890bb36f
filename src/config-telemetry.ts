import {z} from 'zod';

/* The variables by which a service lets itself be looked at: metrics, and traces by OpenTelemetry under its own names. */

const headerText = /^[\x21-\x7e]+$/;

/** `name=value,name=value` with percent-encoded values, as OpenTelemetry writes it. */
function headersOf(text: string, context: z.RefinementCtx): Readonly<Record<string, string>> {
	const headers: Record<string, string> = {};
	for (const pair of text.split(',')) {
		const [, name = '', value = ''] = /^\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*(.*?)\s*$/.exec(pair) ?? [];
		const decoded = decodedText(value);
		if (name === '' || decoded === undefined) {
			context.addIssue({
				code: 'custom',
				message: 'must list headers as name=value, separated by commas, with percent-encoded values',
			});
			return z.NEVER;
		}

		headers[name.toLowerCase()] = decoded;
	}

	return headers;
}

function decodedText(value: string): string | undefined {
	try {
		const decoded = decodeURIComponent(value);
		return /^[\x20-\x7e]*$/.test(decoded) ? decoded : undefined;
	} catch {
		return undefined;
	}
}

export const telemetryVariables = [
	{
		name: 'METRICS_TOKEN',
		description:
			'Bearer token that GET /metrics asks for. Without it only this machine reads them, if PUBLIC_URL is local.',
		isSecret: true,
		schema: z
			.string()
			.min(16, 'is shorter than 16 characters; make one with: openssl rand -base64 36')
			.regex(headerText, 'must hold printable ASCII without blanks, as a header can carry it'),
	},
	{
		name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
		description:
			'Where traces are sent to, by OTLP over HTTP, such as http://localhost:4318; without it there are none.',
		schema: z.url({
			protocol: /^https?$/,
			error: 'must be an http or https address, such as http://localhost:4318',
		}),
	},
	{
		name: 'OTEL_EXPORTER_OTLP_HEADERS',
		description: 'Headers that traces are sent with: name=value, separated by commas.',
		isSecret: true,
		schema: z.string().transform(headersOf),
	},
	{
		name: 'OTEL_SERVICE_NAME',
		default: 'monedero',
		description: 'Name of the service in traces.',
		schema: z.string().max(200, 'is longer than 200 characters'),
	},
	{
		name: 'OTEL_TRACES_SAMPLER_ARG',
		default: '1',
		description: 'Part of the requests that are traced, 0 to 1, where the caller says nothing of it.',
		schema: z
			.string()
			.regex(/^(?:0(?:\.\d{1,9})?|1(?:\.0{1,9})?)$/, 'must be a number from 0 to 1, such as 0.1')
			.transform(Number),
	},
] as const;
