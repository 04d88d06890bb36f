import test from 'ava';
import {type AnsweredRequest} from '../../src/http/watch.ts';
import {type Job} from '../../src/jobs/job.ts';
import {type CommittedBatch} from '../../src/ledger/watch.ts';
import {type Metrics, openMetrics} from '../../src/metrics/metrics.ts';
import {deferred} from '../helpers/deferred.ts';
import {readScrape, type Scrape} from '../helpers/scrape.ts';
import {authorizing} from '../helpers/state.ts';
import {type TestContext} from '../helpers/test-context.ts';

function open(t: TestContext): Metrics & {readonly scrape: () => Promise<Scrape>} {
	const metrics = openMetrics();
	t.teardown(metrics.close);
	return {...metrics, scrape: async () => readScrape((await metrics.render()).text)};
}

const request: AnsweredRequest = {
	...{method: 'GET', route: '/giftcards/:giftCardId', status: 200, ms: 20, requestId: 'r'},
	...{caller: undefined, errorCode: undefined, trace: undefined},
};
const job = {name: 'seal-entries', everySeconds: 60} as Job;
const requests = 'monedero_http_request_duration_seconds_count';

test('two services in one process count for themselves', async t => {
	const [one, other] = [open(t), open(t)];

	one.answered(request);

	t.is((await one.scrape()).value(requests), 1);
	t.is((await other.scrape()).value(requests), undefined);
});

test('a request belongs to the bucket of its time: what VTEX still waits for is told from what it does not', async t => {
	const metrics = open(t);

	for (const ms of [1500, 1501, 5000, 13_000]) {
		metrics.answered({...request, ms});
	}

	const {value} = await metrics.scrape();
	const within = (le: string) => value('monedero_http_request_duration_seconds_bucket', {le});
	t.deepEqual(['1', '1.5', '5', '12', '+Inf'].map(within), [0, 1, 3, 3, 4]);
});

test('whatever clients call their methods, and codes however many, the figures stay few', async t => {
	const metrics = open(t);

	for (let count = 0; count < 500; count++) {
		metrics.answered({...request, method: `M${count}`, status: 600 + count, errorCode: `code_${count}`});
	}

	const {series, value} = await metrics.scrape();
	t.is(value(requests, {method: 'other', status: 'other'}), 500);
	// What is there from the start has codes of its own.
	t.is(series('monedero_http_errors_total'), 8 + 101);
	t.is(value('monedero_http_errors_total', {code: 'other'}), 400);
});

test('a protocol is known by its routes', async t => {
	const metrics = open(t);
	const routes = [
		'/giftcards/_search',
		'/payments',
		'/manifest',
		'/authorization/token',
		'/pay/:secret',
		'x',
	];

	for (const route of routes) {
		metrics.answered({...request, route, errorCode: 'invalid_request'});
	}

	const {value} = await metrics.scrape();
	const count = (protocol: string) => value('monedero_http_errors_total', {protocol});
	t.deepEqual(['giftcards', 'payments', 'authorization', 'other'].map(count), [1, 2, 1, 2]);
});

test('only credentials of programs count as refused: a page refuses by the same statuses', async t => {
	const metrics = open(t);
	const nobody = {...request, route: undefined};
	for (const refused of [
		{...nobody, status: 401},
		{...nobody, status: 403},
		{...request, route: '/hooks/orders', status: 403},
		{...request, route: '/pay/:secret', status: 403},
		{...request, route: '/authorization/redirect', status: 401},
	]) {
		metrics.answered(refused);
	}

	const {value} = await metrics.scrape();
	const count = (reason: string) => value('monedero_credentials_refused_total', {reason});
	t.deepEqual(['missing', 'wrong', 'role', 'hook'].map(count), [1, 1, 0, 1]);
});

test('a refusal counts once under its name, and its repetition only as a repeated command', async t => {
	const metrics = open(t);
	const refused = {kind: 'refused', refusal: 'cardBlocked', isReplay: false} as const;
	const outcomes: CommittedBatch['outcomes'] = [refused, refused, {...refused, isReplay: true}];

	metrics.writer.committed({
		...{merchantId: 1, commands: outcomes.map(() => authorizing()), outcomes, waitedMs: 4},
		stages: {lock: 1, load: 2, decide: 3, write: 4, commit: 5},
	});

	const {value} = await metrics.scrape();
	t.is(value('monedero_refusals_total', {verb: 'authorize', refusal: 'cardBlocked'}), 2);
	t.is(value('monedero_commands_total', {verb: 'authorize', result: 'refused'}), 2);
	t.is(value('monedero_commands_total', {verb: 'authorize', result: 'repeated'}), 1);
	t.is(value('monedero_writer_batch_commands_sum'), 3);
	t.is(value('monedero_writer_stage_duration_seconds_sum', {stage: 'wait'}), 0.004);
	t.is(value('monedero_writer_stage_duration_seconds_sum', {stage: 'commit'}), 0.005);
});

test('a run that another process had is neither a success nor a time; one that failed is no success', async t => {
	const metrics = open(t);
	metrics.beginJobs([job]);
	const success = async () => (await metrics.scrape()).value('monedero_job_last_success_timestamp_seconds');
	const begun = (await success()) ?? 0;

	metrics.jobs.ran(job, 'skipped', 5);
	metrics.jobs.ran(job, 'failed', 50);
	t.is(await success(), begun);
	metrics.jobs.ran(job, 'done', 500);

	const {value} = await metrics.scrape();
	t.true(((await success()) ?? 0) >= begun);
	for (const result of ['skipped', 'failed', 'done']) {
		t.is(value('monedero_job_runs_total', {job_name: 'seal-entries', result}), 1, result);
	}

	t.is(value('monedero_job_duration_seconds_count'), 2);
});

test('a figure that cannot be counted fails nothing', t => {
	const metrics = open(t);

	t.notThrows(() => {
		metrics.answered({...request, ms: Number.NaN});
		metrics.turnedAway(-1);
		metrics.onAttempt('delivered', Number.NaN);
	});
});

const backlog = {merchants: [], audits: []};
const gauged = {
	writer: {pending: () => 7, waitingMs: () => 1500},
	requestsInFlight: () => 3,
	pools: {writer: {totalCount: 4, idleCount: 1, waitingCount: 2, options: {max: 4} as never}},
};

test('a database that does not answer holds up no scrape, and what was read before is shown on', async t => {
	const metrics = open(t);
	const gate = deferred<typeof backlog>();
	t.teardown(() => {
		gate.resolve(backlog);
	});
	metrics.open(gauged, {
		backlog: () => gate.promise,
		liability: () => Promise.resolve([]),
		onFailure: () => undefined,
	});

	const begunAt = performance.now();
	const {value} = await metrics.scrape();

	t.true(performance.now() - begunAt < 10_000);
	t.is(value('monedero_writer_pending_commands'), 7);
	t.is(value('monedero_writer_oldest_wait_seconds'), 1.5);
	t.is(value('monedero_http_requests_in_flight'), 3);
	t.is(value('monedero_pool_connections', {pool: 'writer', state: 'busy'}), 3);
	t.is(value('monedero_pool_waiting', {pool: 'writer'}), 2);
	t.is(value('monedero_callbacks_waiting'), undefined);
});

test('figures of the database that cannot be read are counted, and the others are shown', async t => {
	const metrics = open(t);
	const told: unknown[] = [];
	metrics.open(gauged, {
		backlog: () => Promise.reject(new Error('no database')),
		liability: () => Promise.resolve([{merchant: 'acme', currency: 'BRL', owed: 12.34}]),
		onFailure: error => told.push(error),
	});

	const {value} = await metrics.scrape();

	t.is(value('monedero_database_figures_failures_total', {figures: 'backlog'}), 1);
	t.is(value('monedero_database_figures_failures_total', {figures: 'liability'}), 0);
	t.is(value('monedero_liability', {merchant: 'acme', currency: 'BRL'}), 12.34);
	t.is(told.length, 1);
});
