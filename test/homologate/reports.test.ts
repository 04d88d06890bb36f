import test from 'ava';
import {type Result} from '../../scripts/homologate/check.ts';
import {type Report} from '../../scripts/homologate/report.ts';
import {htmlReport} from '../../scripts/homologate/report-html.ts';
import {junitReport} from '../../scripts/homologate/report-junit.ts';
import {printEnd, printResult} from '../../scripts/homologate/report-text.ts';
import {openPrint} from '../../scripts/lib/print.ts';

const evil = `<script>alert("1")</script> & 'it' ]]> \u0000\u001b[31m\ud800`;

const about = {
	protocol: 'giftcards',
	title: `A title with ${evil}`,
	why: `Because of ${evil}`,
	ms: 12.345,
} as const;
const exchange = {request: `GET /${evil}`, answer: `200\n\n${evil}`, ms: 1.5};

const results: readonly Result[] = [
	{...about, id: 'G01', exchanges: [exchange], outcome: 'passed'},
	{
		...about,
		id: 'G02',
		exchanges: [exchange],
		outcome: 'failed',
		expected: `200 ${evil}`,
		got: `500 ${evil}`,
	},
	{...about, id: 'G03', exchanges: [], outcome: 'skipped', reason: `no ${evil}`},
];

const report: Report = {
	url: `https://cards.example.com/${evil}`,
	startedAt: new Date('2026-03-11T15:00:00Z'),
	ms: 1234,
	isStopped: false,
	parts: [
		{protocol: 'giftcards', title: `Gift cards ${evil}`, results},
		{
			protocol: 'payments',
			title: 'Payments',
			results: [{...results[0], id: 'P01', protocol: 'payments'} as Result],
		},
	],
};

test('the JUnit report counts its tests, failures and skips, for each suite and in all', t => {
	const xml = junitReport(report);

	t.regex(
		xml,
		/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites name="[^"]+" tests="4" failures="1" errors="0" skipped="1" time="0\.049">/,
	);
	t.regex(
		xml,
		/<testsuite name="Gift cards [^"]+" tests="3" failures="1" errors="0" skipped="1" time="0\.037" timestamp="2026-03-11T15:00:00">/,
	);
	t.regex(xml, /<testsuite name="Payments" tests="1" failures="0" errors="0" skipped="0" time="0\.012"/);
	t.is(xml.split('<testcase ').length - 1, 4);
	t.regex(xml, /<testcase classname="homologation\.giftcards" name="G01: A title[^>]+time="0\.012"\/>/);
	t.regex(
		xml,
		/<failure message="Expected 200 [^"]+; got 500 [^"]+\." type="HomologationFailure">[^<]+<\/failure>/,
	);
	t.regex(xml, /<skipped message="no [^"]+"\/>/);
	t.regex(xml, /Rule: docs\/homologation\.md#g02/);
});

test('the JUnit report is XML whatever a provider sends: every sign is escaped, and nothing stands in it that must not', t => {
	const xml = junitReport(report);

	t.false(xml.includes('<script'));
	t.false(xml.includes(']]>'));
	t.notRegex(xml, /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD]/);
	t.is(xml.replaceAll(/&(?:amp|lt|gt|quot|apos);/g, '').includes('&'), false);
	expectBalanced(t, xml);
});

/** Every tag that is opened is closed, in its order, and attributes are whole. */
function expectBalanced(t: {readonly deepEqual: (a: unknown, b: unknown) => unknown}, xml: string): void {
	const open: string[] = [];
	for (const [, end, name = '', alone] of xml.matchAll(/<(\/?)([a-z]+)(?: [a-z]+="[^"<]*")*(\/?)>/g)) {
		if (end === '/') {
			t.deepEqual(open.pop(), name);
		} else if (alone !== '/') {
			open.push(name);
		}
	}

	t.deepEqual(open, []);
	const rest = xml.replaceAll(/<\/?[a-z]+(?: [a-z]+="[^"<]*")*\/?>|<\?[^>]+\?>/g, '');
	t.deepEqual(/[<>]/.exec(rest), null);
}

test('the HTML report shows what failed with its exchanges, and needs nothing from elsewhere', t => {
	const html = htmlReport(report);

	t.regex(html, /<h1>One check failed<\/h1>/);
	t.regex(html, /<a href="#G02">G02<\/a>/);
	t.regex(html, /<li id="G02" class="failed">/);
	t.is(html.split('<div class="exchange">').length - 1, 1);
	t.regex(html, /docs\/homologation\.md#g02/);
	t.regex(html, /2026-03-11 15:00:00 UTC · 1\.2 s/);
	t.regex(html, /Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/);
	t.notRegex(html, /<(?:script|link|img|iframe|object)|\ssrc=|url\(|@import/);
});

test('the HTML report escapes whatever a provider sends', t => {
	const html = htmlReport(report);

	t.false(html.includes('<script'));
	t.true(html.includes('&lt;script&gt;alert(&quot;1&quot;)'));
	// In an attribute, too.
	t.regex(html, /<title>Homologation of https:\/\/cards\.example\.com\/&lt;script/);
});

test('a run without failures says so, one that was stopped says that', t => {
	const passed = {...report, parts: report.parts.slice(1)};

	t.regex(htmlReport(passed), /<h1>As VTEX needs it<\/h1>/);
	t.regex(htmlReport({...passed, isStopped: true}), /<h1>Stopped before the end<\/h1>[^]*had been tried/);
});

test('the list is plain, fits into 100 columns, and commands no terminal', t => {
	let stdout = '';
	const print = openPrint({stdout: {write: text => (stdout += text)}, stderr: {write: () => true}}, false);
	const long = {...about, title: 'word '.repeat(60).trim(), why: 'because '.repeat(40).trim()};

	results.forEach(result => {
		printResult(print, result, true);
	});
	printResult(
		print,
		{...long, id: 'G04', exchanges: [], outcome: 'failed', expected: 'this', got: 'that'},
		false,
	);
	printEnd(print, report);

	t.regex(stdout, /^ {2}✔ G01 {2}A title/);
	t.regex(stdout, /\n {2}✘ G02 {2}/);
	t.regex(stdout, /\n {2}– G03 {2}/);
	t.regex(stdout, /\n2 passed, 1 failed, 1 skipped in 1\.2 s\.\n$/);
	t.false(stdout.includes('\u001b'));
	t.deepEqual(
		stdout.split('\n').filter(line => line.length > 100),
		[],
	);
});
