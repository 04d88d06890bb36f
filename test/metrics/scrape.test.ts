import {randomBytes} from 'node:crypto';
import {existsSync, readFileSync} from 'node:fs';
import test from 'ava';
import {parse} from 'yaml';
import {metricsFile, metricsParts, withGeneratedParts} from '../../scripts/readme.ts';
import {formatCode, makeRedemptionCode} from '../../src/cards/redemption-code.ts';
import {definitions} from '../../src/metrics/definitions.ts';
import {ask} from '../helpers/ask.ts';
import {buildCard, type BuiltCard} from '../helpers/build.ts';
import {openHub} from '../helpers/hub.ts';
import {cardMember, openGateway, selectors} from '../helpers/payments.ts';
import {namesIn, readScrape, type Scrape} from '../helpers/scrape.ts';
import {openReceiver} from '../helpers/receiver.ts';
import {runHere} from '../helpers/script.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';
import {newRequestId} from '../helpers/vtex.ts';

// One journey through both protocols, and one look at what it left behind: the tests ask what stands there.

const docs = new URL('../../docs/', import.meta.url);
let server: TestServer;
let card: BuiltCard;
let shown: Scrape;

async function scrape(): Promise<Scrape> {
	const response = await fetch(`${server.origin}/metrics`);
	return readScrape(await response.text());
}

// Hooks have no teardown of their own.
const closers: (() => unknown)[] = [];

test.before(async () => {
	server = await openTestServer({env: {SANDBOX: 'true', GUESS_LIMIT: '1'}});
	const hub = openHub(server);
	const gateway = openGateway(server);
	card = await buildCard(server.parts);
	const requestId = newRequestId();
	const debit = await hub.debit(card.id, 30, {requestId});
	await hub.debit(card.id, 30, {requestId});
	await hub.transact(card.id, {operation: 'Debit', value: 500});
	await hub.settle(card.id, debit, 10);
	await hub.cancel(card.id, debit, 5);
	await hub.card('0'.repeat(32));
	const client = {email: 'ana@example.com'};
	const newCode = () => formatCode(makeRedemptionCode(randomBytes));
	for (const redemptionCode of [newCode(), newCode(), card.code]) {
		await hub.search({client, cart: {redemptionCode}});
	}

	await server.call('GET', `/giftcards/${card.id}`, {headers: {'X-PROVIDER-API-AppToken': 'wrong'}});
	await ask(`${server.url}/giftcards/${card.id}`, 'GET', {});
	await gateway.create({card: cardMember(selectors.approve)});
	await gateway.create({card: cardMember(selectors.deny)});
	const receiver = await openReceiver({teardown: work => closers.push(work)}, [500]);
	const later = {callbackUrl: receiver.at('/callback'), card: cardMember(selectors.approveLater)};
	await gateway.create(later);
	server.clock.advance(60_000);
	await server.parts.payments.concludeDue();
	server.clock.advance(60_000);
	await server.parts.callbacks.deliverDue();
	server.clock.advance(60_000);
	await runHere(server.parts, 'ledger:audit', []);
	server.beginJobs();
	shown = await scrape();
});
test.after.always(async () => {
	await Promise.all(closers.map(close => close()));
	await server.close();
});

test('every figure that is defined is shown, and every one that is shown is defined', t => {
	const defined = definitions.map(({name}) => name).sort();

	t.deepEqual([...shown.names].sort(), defined);
	t.is(new Set(defined).size, defined.length);
});

test('names and help are as Prometheus wants them', t => {
	for (const {name, type, help, labels} of definitions) {
		t.regex(name, /^(?:monedero|process|nodejs)(?:_[a-z]+)+$/);
		t.is(type === 'counter', name.endsWith('_total'), name);
		t.regex(help, /^[A-Z0-9].*\.$/, name);
		// A scrape adds these itself.
		t.false(
			labels.some(label => ['job', 'instance', 'le'].includes(label)),
			name,
		);
		t.true(type !== 'histogram' || /_seconds$|_commands$/.test(name), name);
	}
});

test('the page of the metrics has a line for each of them; `npm run readme` writes it anew', t => {
	const page = readFileSync(metricsFile, 'utf8');

	t.is(page, withGeneratedParts(page, metricsParts));
});

test('every figure that the dashboard asks for is shown, and the dashboard shows every one', t => {
	const text = readFileSync(new URL('grafana/monedero.json', docs), 'utf8');
	const asked = new Set(namesIn(text));

	t.deepEqual(
		[...asked].filter(name => !shown.names.has(name)),
		[],
	);
	t.deepEqual(
		[...shown.names].filter(name => !asked.has(name)),
		[],
	);
});

type Panel = {
	readonly id: number;
	readonly type: string;
	readonly title: string;
	readonly targets?: readonly {readonly expr: string}[];
	readonly datasource?: {readonly uid: string};
	readonly fieldConfig?: {readonly defaults: {readonly unit: string}};
	readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
};

test('the dashboard imports anywhere: its data source is a variable, its panels have units and places of their own', t => {
	const dashboard = JSON.parse(readFileSync(new URL('grafana/monedero.json', docs), 'utf8')) as {
		id: null;
		schemaVersion: number;
		templating: {list: {name: string; type: string}[]};
		panels: Panel[];
	};
	const panels = dashboard.panels.filter(({type}) => type !== 'row');

	t.is(dashboard.id, null);
	t.true(dashboard.schemaVersion >= 39);
	t.deepEqual(dashboard.templating.list[0]?.type, 'datasource');
	t.is(new Set(dashboard.panels.map(({id}) => id)).size, dashboard.panels.length);
	const taken = new Set<string>();
	for (const {title, targets = [], datasource, fieldConfig, gridPos} of panels) {
		t.is(datasource?.uid, '${datasource}', title);
		t.not(fieldConfig?.defaults.unit ?? '', '', title);
		t.true(targets.length > 0 && targets.every(({expr}) => isBalanced(expr)), title);
		for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
			for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
				t.false(taken.has(`${x} ${y}`), title);
				taken.add(`${x} ${y}`);
			}
		}
	}
});

type Rule = {
	readonly alert: string;
	readonly expr: string;
	readonly labels: {readonly severity: string};
	readonly annotations: Readonly<Record<'summary' | 'description' | 'runbook_url', string>>;
};

const anchors = [
	...['it-is-down', 'latency', 'wrong-credentials', 'turned-away', 'pool-exhausted', 'callbacks-lag'],
	...['orders-lag', 'a-job-does-not-run', 'audit-findings', 'seals-lag', 'liability-jumps'],
];

function rules(): Rule[] {
	const {groups} = parse(readFileSync(new URL('alerts.yml', docs), 'utf8')) as {
		groups: readonly {readonly rules: Rule[]}[];
	};
	return groups.flatMap(group => group.rules);
}

test('every alert asks for figures that are shown, says what it means, and where to read on', t => {
	t.true(rules().length > 20);
	for (const {alert, expr, labels, annotations} of rules()) {
		t.regex(alert, /^Monedero[A-Z]/);
		t.true(isBalanced(expr), alert);
		t.deepEqual(
			namesIn(expr).filter(name => !shown.names.has(name)),
			[],
			alert,
		);
		t.true(namesIn(expr).length > 0 || expr.startsWith('up{'), alert);
		t.true(['critical', 'warning'].includes(labels.severity), alert);
		t.true(annotations.summary.length > 10 && annotations.description.length > 30, alert);
		t.true(
			anchors.some(anchor => annotations.runbook_url === `docs/operate.md#${anchor}`),
			alert,
		);
	}

	const used = new Set(rules().map(({annotations}) => annotations.runbook_url.split('#')[1]));
	t.deepEqual(
		anchors.filter(anchor => !used.has(anchor)),
		[],
	);
});

test('where the alerts send people, there is a heading', t => {
	const file = new URL('operate.md', docs);
	const page = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
	const headings = [...(page ?? '').matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
		title
			.toLowerCase()
			.replaceAll(/[^\w -]/g, '')
			.replaceAll(' ', '-'),
	);
	const explicit = [...(page ?? '').matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, id = '']) => id);

	t.deepEqual(page === undefined ? [] : anchors.filter(one => ![...headings, ...explicit].includes(one)), []);
});

test('limits in the alerts are edges of the histogram, so that nothing is interpolated', t => {
	const edges = new Set(definitions.flatMap(({buckets = []}) => buckets.map(String)));
	const asked = rules().flatMap(({expr}) => [...expr.matchAll(/\ble="([^"]+)"/g)].map(([, le = '']) => le));

	t.deepEqual([...new Set(asked)].sort(), ['1', '1.5', '2.5', '5']);
	t.deepEqual(
		asked.filter(edge => !edges.has(edge)),
		[],
	);
});

test('requests are counted by pattern, method and class of status', t => {
	const count = (labels: Readonly<Record<string, string>>) =>
		shown.value('monedero_http_request_duration_seconds_count', labels);

	t.is(count({method: 'POST', route: '/giftcards/:giftCardId/transactions', status: '2xx'}), 2);
	t.is(count({method: 'POST', route: '/giftcards/:giftCardId/transactions', status: '4xx'}), 1);
	t.is(count({method: 'POST', route: '/giftcards/_search', status: '2xx'}), 3);
	t.is(count({method: 'GET', route: 'none', status: '4xx'}), 2);
	t.is(count({method: 'POST', route: '/payments', status: '2xx'}), 3);
});

test('no id, code, e-mail, token or path of a request stands in a scrape', async t => {
	await server.call('GET', `/giftcards/${card.id}/nothing?x=ana@example.com`);
	await fetch(`${server.origin}/v1/anything/at/all`, {method: 'PROPFIND'});
	const {text} = await scrape();

	for (const secret of [
		card.id,
		card.code,
		card.code.slice(-4),
		'ana@',
		server.appToken,
		server.appKey,
		'PROPFIND',
	]) {
		t.false(text.includes(secret), secret);
	}

	t.false(/\/nothing|\/anything/.test(text));
});

test('commands and refusals are counted by verb, and a repeated one is no second refusal', t => {
	const commands = (labels: Readonly<Record<string, string>>) =>
		shown.value('monedero_commands_total', labels);

	t.is(commands({verb: 'authorize', result: 'done'}), 1);
	t.is(commands({verb: 'authorize', result: 'repeated'}), 1);
	t.is(commands({verb: 'authorize', result: 'refused'}), 1);
	t.is(commands({verb: 'capture', result: 'done'}), 1);
	t.is(shown.value('monedero_refusals_total', {verb: 'authorize', refusal: 'insufficientBalance'}), 1);
	t.true((shown.value('monedero_refusals_total', {verb: 'pay'}) ?? 0) > 0);
	t.true((shown.value('monedero_http_errors_total', {protocol: 'giftcards'}) ?? 0) >= 2);
});

test('each batch is counted once, with the time of each of its stages', t => {
	const batches = shown.value('monedero_writer_batch_commands_count') ?? 0;

	t.true(batches >= 7);
	t.true((shown.value('monedero_writer_batch_commands_sum') ?? 0) >= batches);
	for (const stage of ['wait', 'lock', 'load', 'decide', 'write', 'commit']) {
		t.is(shown.value('monedero_writer_stage_duration_seconds_count', {stage}), batches, stage);
		t.true((shown.value('monedero_writer_stage_duration_seconds_sum', {stage}) ?? 0) > 0, stage);
	}
});

test('wrong credentials are told from missing ones, and wrong codes from those who were limited for them', t => {
	t.is(shown.value('monedero_credentials_refused_total', {reason: 'wrong'}), 1);
	t.is(shown.value('monedero_credentials_refused_total', {reason: 'missing'}), 1);
	t.is(shown.value('monedero_credentials_refused_total', {reason: 'role'}), 0);
	t.true((shown.value('monedero_guesses_total', {result: 'missed'}) ?? 0) >= 1);
	t.true((shown.value('monedero_guesses_total', {result: 'limited'}) ?? 0) >= 1);
});

test('a callback that failed waits, is overdue, and is as old as it is', t => {
	t.is(shown.value('monedero_callback_attempts_total', {result: 'failed'}), 1);
	t.is(shown.value('monedero_callbacks_waiting', {merchant: 'default'}), 1);
	t.true((shown.value('monedero_callbacks_overdue_seconds') ?? 0) >= 30);
	t.true((shown.value('monedero_callbacks_oldest_seconds') ?? 0) >= 60);
});

test('what is owed is what cards have and hold, in whole units', t => {
	// 100.00 on the card, of which 10.00 were captured, and 30.00 held for each of the sandbox's two payments.
	t.is(shown.value('monedero_liability', {merchant: 'default', currency: 'BRL'}), 150);
});

test('the audit that was run last is known, and what it came to', t => {
	t.is(shown.value('monedero_audit_last_ok', {command: 'ledger:audit'}), 1);
	t.true((shown.value('monedero_audit_last_timestamp_seconds', {command: 'ledger:audit'}) ?? 0) > 0);
});

test('entries that no seal covers are counted', t => {
	t.true((shown.value('monedero_unsealed_entries') ?? 0) >= 3);
});

test('jobs are known from the moment they begin, so that one that never ends is missed', t => {
	t.is(shown.series('monedero_job_last_success_timestamp_seconds'), 9);
	t.is(shown.value('monedero_job_interval_seconds', {job_name: 'seal-entries'}), 60);
});

/** As far as can be said without a parser of its language. */
function isBalanced(expression: string): boolean {
	const depth = {'(': 0, '{': 0, '[': 0};
	for (const character of expression.replaceAll(/"[^"]*"/g, '')) {
		const opened = {')': '(', '}': '{', ']': '['}[character] as keyof typeof depth | undefined;
		if (character in depth) {
			depth[character as keyof typeof depth]++;
		} else if (opened !== undefined && --depth[opened] < 0) {
			return false;
		}
	}

	return Object.values(depth).every(count => count === 0);
}
