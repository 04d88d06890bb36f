import {Eta} from 'eta';
import {type Result} from './check.ts';
import {countsOf, countsText, type Report, resultsOf, ruleLink} from './report.ts';
import {style} from './report-style.ts';

/** The report for people: one file without anything to load, for a screen or for paper. */
export function htmlReport(report: Report): string {
	const all = resultsOf(report);
	const counts = countsOf(all);
	return page({
		...report,
		counts,
		style,
		verdict: verdictOf(report, counts.failed),
		summary: countsText(counts),
		moment: `${report.startedAt.toISOString().slice(0, 19).replace('T', ' ')} UTC`,
		seconds: (report.ms / 1000).toFixed(1),
		failures: all.filter(({outcome}) => outcome === 'failed').map(({id}) => id),
		shares: (['passed', 'failed', 'skipped'] as const)
			.filter(outcome => counts[outcome] > 0)
			.map(outcome => ({outcome, count: counts[outcome]})),
		ruleLink,
		particularsOf,
		marks,
	});
}

const marks: Readonly<Record<Result['outcome'], string>> = {passed: '✔', failed: '✘', skipped: '–'};

function verdictOf({isStopped}: Report, failed: number): string {
	if (failed > 0) {
		return failed === 1 ? 'One check failed' : `${failed} checks failed`;
	}

	return isStopped ? 'Stopped before the end' : 'As VTEX needs it';
}

function particularsOf(result: Result): readonly (readonly [label: string, text: string])[] {
	switch (result.outcome) {
		case 'passed':
			return [];
		case 'skipped':
			return [['Skipped', result.reason]];
		case 'failed':
			return [
				['Expected', result.expected],
				['Got', result.got],
				['Why it matters', result.why],
			];
	}
}

const eta = new Eta({autoEscape: true, useWith: false, cache: false, autoTrim: false});

// Everything is escaped but the style, which is ours.
const compiled = eta.compile(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Homologation of <%= it.url %></title>
<style><%~ it.style %></style>
</head>
<body>
<main>
<header class="<%= it.counts.failed > 0 ? 'failed' : 'passed' %>">
<p class="kind">Homologation report</p>
<h1><%= it.verdict %></h1>
<p class="about"><span class="url"><%= it.url %></span><br><%= it.moment %> · <%= it.seconds %> s</p>
<div class="bar" role="img" aria-label="<%= it.summary %>">
<% it.shares.forEach(share => { %><span class="<%= share.outcome %>" style="flex-grow: <%= share.count %>"></span><% }) %>
</div>
<p class="counts"><% it.shares.forEach(share => { %><span class="<%= share.outcome %>"><b><%= share.count %></b> <%= share.outcome %></span> <% }) %></p>
<% if (it.isStopped) { %><p class="note">The run was stopped before all checks had been tried.</p><% } %>
<% if (it.failures.length > 0) { %><nav aria-label="Failures"><% it.failures.forEach(id => { %><a href="#<%= id %>"><%= id %></a> <% }) %></nav><% } %>
</header>
<% it.parts.forEach(part => { %>
<section>
<h2><%= part.title %></h2>
<ol>
<% part.results.forEach(result => { %>
<li id="<%= result.id %>" class="<%= result.outcome %>">
<p class="title"><span class="mark" aria-label="<%= result.outcome %>"><%= it.marks[result.outcome] %></span><b class="id"><%= result.id %></b><span><%= result.title %></span><span class="ms"><%= Math.round(result.ms) %> ms</span></p>
<% const particulars = it.particularsOf(result); if (particulars.length > 0) { %>
<dl>
<% particulars.forEach(([label, text]) => { %><dt><%= label %></dt><dd><%= text %></dd>
<% }) %>
<% if (result.outcome === 'failed') { %><dt>Rule</dt><dd><code><%= it.ruleLink(result.id) %></code></dd><% } %>
</dl>
<% } %>
<% if (result.outcome === 'failed' && result.exchanges.length > 0) { %>
<details open>
<summary><%= result.exchanges.length === 1 ? 'What was asked and answered' : 'What was asked and answered: ' + result.exchanges.length + ' exchanges' %></summary>
<% result.exchanges.forEach(exchange => { %>
<div class="exchange">
<pre class="request"><%= exchange.request %></pre>
<pre class="answer"><%= exchange.answer %></pre>
<p class="ms"><%= Math.round(exchange.ms) %> ms</p>
</div>
<% }) %>
</details>
<% } %>
</li>
<% }) %>
</ol>
</section>
<% }) %>
<footer>Credentials, codes, PINs and card numbers are blacked out. Each check is explained in docs/homologation.md of Monedero.</footer>
</main>
</body>
</html>
`);

function page(values: object): string {
	return eta.render(compiled, values);
}
