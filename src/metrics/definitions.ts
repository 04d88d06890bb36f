import {type Definition} from './definition.ts';
import {processDefinitions, sharedDefinitions} from './shared-definitions.ts';

/*
 * Every figure that the service shows, as data: it makes the instruments, `docs/metrics.md` is compared with it, and so are the names
 * in the dashboard and the alerts. Labels have few values by construction: patterns of routes, words of ours, names of merchants.
 */

// VTEX waits 1.5 s for a card in the cart, 5 s for a payment; after 12 s we answer 503 ourselves.
const requestBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2.5, 5, 12];
const stageBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const batchBuckets = [1, 2, 4, 8, 16, 32, 64, 128, 256];
const jobBuckets = [0.01, 0.05, 0.25, 1, 5, 15, 60, 300, 1800];
const callBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export const requestDefinitions = {
	requestSeconds: {
		name: 'monedero_http_request_duration_seconds',
		type: 'histogram',
		help: 'Time from the turn of a request until its answer was handed over, by pattern of the route (none where nobody was let that far) and class of the status; its count is the number of requests.',
		labels: ['method', 'route', 'status'],
		buckets: requestBuckets,
	},
	errors: {
		name: 'monedero_http_errors_total',
		type: 'counter',
		help: 'Errors that were answered, by protocol and code.',
		labels: ['protocol', 'code'],
	},
	credentials: {
		name: 'monedero_credentials_refused_total',
		type: 'counter',
		help: 'Requests refused for their credentials: missing (401), wrong (403), of a role that may only read (403), or the token of an order hook.',
		labels: ['reason'],
	},
	inFlight: {
		name: 'monedero_http_requests_in_flight',
		type: 'gauge',
		help: 'Requests that are being worked on.',
		labels: [],
	},
	turnedAway: {
		name: 'monedero_turned_away_total',
		type: 'counter',
		help: 'Writes of gift cards that were answered 503 at the door, because more came than could be answered soon. Counted once a second.',
		labels: [],
	},
	guesses: {
		name: 'monedero_guesses_total',
		type: 'counter',
		help: 'Wrong redemption codes and PINs (missed), and look-ups of somebody who had too many of them and was answered as if no code were known (limited).',
		labels: ['result'],
	},
} as const satisfies Record<string, Definition>;

export const writerDefinitions = {
	batchCommands: {
		name: 'monedero_writer_batch_commands',
		type: 'histogram',
		help: 'Commands that were committed together; its count is the number of batches.',
		labels: [],
		buckets: batchBuckets,
	},
	stageSeconds: {
		name: 'monedero_writer_stage_duration_seconds',
		type: 'histogram',
		help: 'Time of a batch by stage: wait (of its oldest command, until it began), lock (and what is loaded with it), load, decide, write (the statement put together), commit (and the database writing).',
		labels: ['stage'],
		buckets: stageBuckets,
	},
	commands: {
		name: 'monedero_commands_total',
		type: 'counter',
		help: 'Commands of the ledger that were decided, by verb: done, refused, or repeated (answered as the first time).',
		labels: ['verb', 'result'],
	},
	refusals: {
		name: 'monedero_refusals_total',
		type: 'counter',
		help: 'Commands of the ledger that were refused for the first time, by verb and refusal, for both protocols and whoever else moves value.',
		labels: ['verb', 'refusal'],
	},
	setbacks: {
		name: 'monedero_writer_setbacks_total',
		type: 'counter',
		help: 'Batches that were not committed as they were: conflict (runs again), taken (another process wrote the same key), lock (its commands wait aside), failure (runs in parts).',
		labels: ['reason'],
	},
	pending: {
		name: 'monedero_writer_pending_commands',
		type: 'gauge',
		help: 'Commands that wait or are being written.',
		labels: [],
	},
	oldest: {
		name: 'monedero_writer_oldest_wait_seconds',
		type: 'gauge',
		help: 'How long the oldest command has been waiting for its batch; from 2 s on writes are turned away.',
		labels: [],
	},
	poolConnections: {
		name: 'monedero_pool_connections',
		type: 'gauge',
		help: 'Connections to the database by pool and state; without those of the thread that commits large batches.',
		labels: ['pool', 'state'],
	},
	poolMax: {
		name: 'monedero_pool_connections_max',
		type: 'gauge',
		help: 'The most connections that a pool makes.',
		labels: ['pool'],
	},
	poolWaiting: {
		name: 'monedero_pool_waiting',
		type: 'gauge',
		help: 'Who waits for a connection of a pool.',
		labels: ['pool'],
	},
} as const satisfies Record<string, Definition>;

export const backgroundDefinitions = {
	callbackAttempts: {
		name: 'monedero_callback_attempts_total',
		type: 'counter',
		help: 'Attempts to call VTEX back about a payment: delivered, failed (repeated later), given_up (not any more).',
		labels: ['result'],
	},
	callbackSeconds: {
		name: 'monedero_callback_duration_seconds',
		type: 'histogram',
		help: 'Time of an attempt to call VTEX back, our own reading and writing included.',
		labels: [],
		buckets: callBuckets,
	},
	orderLooks: {
		name: 'monedero_order_looks_total',
		type: 'counter',
		help: 'Looks at orders of VTEX: done, failed (repeated later), given_up (not until it is rung for again), held (VTEX wants no more questions for now).',
		labels: ['result'],
	},
	jobRuns: {
		name: 'monedero_job_runs_total',
		type: 'counter',
		help: 'Runs of recurring jobs: done, failed, or skipped because another process ran the job just then.',
		labels: ['job_name', 'result'],
	},
	jobSeconds: {
		name: 'monedero_job_duration_seconds',
		type: 'histogram',
		help: 'Time of the runs that did the work of a job.',
		labels: ['job_name'],
		buckets: jobBuckets,
	},
	jobSuccess: {
		name: 'monedero_job_last_success_timestamp_seconds',
		type: 'gauge',
		help: 'When this process last ran a job to its end; until it has, when it began to run jobs. One process at a time runs a job, so take the latest of all.',
		labels: ['job_name'],
	},
	jobInterval: {
		name: 'monedero_job_interval_seconds',
		type: 'gauge',
		help: 'Time from the end of a run to the beginning of the next.',
		labels: ['job_name'],
	},
} as const satisfies Record<string, Definition>;

/** All of them, in the order in which they are documented. */
export const definitions: readonly Definition[] = [
	requestDefinitions,
	writerDefinitions,
	backgroundDefinitions,
	sharedDefinitions,
	processDefinitions,
].flatMap(group => Object.values<Definition>(group));

/** The table of `docs/metrics.md`, in Markdown. */
export function metricsTable(): string {
	const rows = definitions.map(definition => {
		const {name, type, labels, isShared} = definition;
		const origin = isShared === true ? 'database' : 'process';
		const named = labels.map(label => `\`${label}\``).join(', ');
		return `| \`${name}\` | ${type} | ${named} | ${origin} | ${definition.help} |`;
	});
	return ['| Metric | Type | Labels | Of | Meaning |', '|---|---|---|---|---|', ...rows, ''].join('\n');
}
