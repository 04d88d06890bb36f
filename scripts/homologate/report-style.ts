/** The style of the HTML report, for screens, light and dark, and for paper. */
export const style = `
:root {
	color-scheme: light dark;
	--ground: #f2f4f7;
	--sheet: #ffffff;
	--ink: #16202e;
	--soft: #566377;
	--line: #dde3ea;
	--code: #f6f8fa;
	--passed: #0b6b4f;
	--failed: #b3261e;
	--failed-ground: #fdf3f2;
	--skipped: #8a5a00;
}
@media (prefers-color-scheme: dark) {
	:root {
		--ground: #10151c;
		--sheet: #1a212b;
		--ink: #eef2f6;
		--soft: #a9b4c2;
		--line: #323d4b;
		--code: #131922;
		--passed: #4fc79e;
		--failed: #ff8a80;
		--failed-ground: #2a1d20;
		--skipped: #f0b44c;
	}
}
* { box-sizing: border-box; }
body {
	margin: 0;
	padding: 2rem 1rem;
	background: var(--ground);
	color: var(--ink);
	font: 0.9375rem/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif;
	overflow-wrap: anywhere;
}
main { max-width: 58rem; margin: 0 auto; }
header, section { background: var(--sheet); border: 1px solid var(--line); border-radius: 0.75rem; padding: 1.5rem; margin-bottom: 1.25rem; }
header { border-top: 0.375rem solid var(--passed); }
header.failed { border-top-color: var(--failed); }
.kind { margin: 0; color: var(--soft); font-size: 0.8125rem; letter-spacing: 0.04em; text-transform: uppercase; }
h1 { margin: 0.125rem 0 0.5rem; font-size: 1.75rem; line-height: 1.2; }
h2 { margin: 0 0 0.75rem; font-size: 1.125rem; }
.about { margin: 0 0 1.25rem; color: var(--soft); }
.url { color: var(--ink); font-weight: 600; }
.bar { display: flex; gap: 2px; height: 0.625rem; overflow: hidden; border-radius: 0.3125rem; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.bar span { flex-basis: 0; min-width: 0.375rem; }
.bar .passed { background: var(--passed); }
.bar .failed { background: var(--failed); }
.bar .skipped { background: var(--skipped); }
.counts { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin: 0.625rem 0 0; font-variant-numeric: tabular-nums; }
.counts .passed, .passed > .title .mark { color: var(--passed); }
.counts .failed, .failed > .title .mark { color: var(--failed); }
.counts .skipped, .skipped > .title .mark { color: var(--skipped); }
.note { margin: 0.75rem 0 0; }
nav { display: flex; flex-wrap: wrap; gap: 0.375rem; margin-top: 1rem; }
nav a { padding: 0.0625rem 0.5rem; border: 1px solid var(--failed); border-radius: 1rem; color: var(--failed); font-size: 0.8125rem; font-weight: 600; text-decoration: none; }
nav a:hover { background: var(--failed-ground); }
ol { list-style: none; margin: 0; padding: 0; }
li { padding: 0.5rem 0; border-top: 1px solid var(--line); }
li:first-child { border-top: 0; }
li.failed { margin: 0 -0.75rem; padding: 0.75rem; background: var(--failed-ground); border-radius: 0.5rem; break-inside: auto; }
.title { display: flex; align-items: baseline; gap: 0.625rem; margin: 0; break-after: avoid; }
.title .mark { flex: none; width: 1rem; font-weight: 700; text-align: center; }
.title .id { flex: none; font-variant-numeric: tabular-nums; }
.failed > .title { font-weight: 600; }
.ms { flex: none; margin: 0 0 0 auto; color: var(--soft); font-size: 0.8125rem; font-weight: 400; font-variant-numeric: tabular-nums; white-space: nowrap; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 1rem; margin: 0.5rem 0 0 1.625rem; }
dt { color: var(--soft); }
dd { margin: 0; }
details { margin: 0.75rem 0 0 1.625rem; }
summary { color: var(--soft); cursor: pointer; }
.exchange { margin-top: 0.625rem; border: 1px solid var(--line); border-radius: 0.5rem; background: var(--code); overflow: hidden; }
.exchange .ms { padding: 0 0.75rem 0.375rem; text-align: right; }
pre { margin: 0; padding: 0.625rem 0.75rem; font: 0.75rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
.answer { border-top: 1px dashed var(--line); }
footer { color: var(--soft); font-size: 0.8125rem; text-align: center; }
@media (max-width: 36rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 0.375rem; } }
@media print {
	:root { color-scheme: light; --ground: #ffffff; --sheet: #ffffff; --ink: #000000; --soft: #444444; --line: #cccccc; --code: #ffffff; --passed: #0b6b4f; --failed: #b3261e; --failed-ground: #ffffff; --skipped: #8a5a00; }
	body { padding: 0; font-size: 9.5pt; }
	header, section { border: 0; padding: 0; }
	header { padding-top: 0.75rem; border-top: 0.375rem solid var(--passed); }
	header.failed { border-top-color: var(--failed); }
	li.failed { margin: 0; padding: 0.5rem 0; }
	dl, .exchange { break-inside: avoid; }
	nav { display: none; }
}
`;
