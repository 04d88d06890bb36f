import {createHash} from 'node:crypto';

/** The style of every page, inlined: a page is one request, and nothing else of its own has to be public. */
export const style = `
:root {
	color-scheme: light dark;
	--ground: #f2f4f7;
	--sheet: #ffffff;
	--ink: #16202e;
	--soft: #566377;
	--line: #dde3ea;
	--field: #8592a5;
	--deep: #0b6b4f;
	--deep-hover: #09573f;
	--on-deep: #ffffff;
	--alarm: #9c1c1c;
	--alarm-ground: #fdf0ef;
	--alarm-line: #efc4c0;
}
@media (prefers-color-scheme: dark) {
	:root {
		--ground: #10151c;
		--sheet: #1a212b;
		--ink: #eef2f6;
		--soft: #a9b4c2;
		--line: #323d4b;
		--field: #7a879a;
		--deep: #4fc79e;
		--deep-hover: #6fd6b2;
		--on-deep: #06251b;
		--alarm: #ffb4ac;
		--alarm-ground: #3a1d1c;
		--alarm-line: #6d3835;
	}
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
	margin: 0;
	min-height: 100vh;
	padding: 1rem;
	background: var(--ground);
	color: var(--ink);
	font: 1rem/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif;
	overflow-wrap: anywhere;
}
main {
	max-width: 30rem;
	margin: 0 auto;
	padding: 1.5rem 1.25rem;
	background: linear-gradient(var(--deep) 0.3125rem, var(--sheet) 0.3125rem);
	border: 1px solid var(--line);
	border-radius: 0.75rem;
}
h1 { margin: 0 0 0.5rem; font-size: 1.25rem; line-height: 1.25; }
h2 { margin: 1.75rem 0 0.5rem; font-size: 1rem; }
p { margin: 0 0 1rem; }
.lead, .hint { color: var(--soft); }
.hint { font-size: 0.875rem; margin: 0.375rem 0 0; }
.sum { margin: 0.25rem 0 0; font-size: 2.25rem; font-weight: 700; line-height: 1.2; font-variant-numeric: tabular-nums; }
dl { margin: 0; }
dl > div { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; }
dt { color: var(--soft); }
dd { margin: 0 0 0 auto; font-weight: 600; text-align: right; font-variant-numeric: tabular-nums; }
.facts { margin: 1.25rem 0 0; border-top: 1px solid var(--line); }
.facts > div { padding: 0.625rem 0; border-bottom: 1px solid var(--line); }
.cards { list-style: none; margin: 0; padding: 0; }
.cards li { padding: 0.75rem 0.875rem; border: 1px solid var(--line); border-radius: 0.5rem; }
.cards li + li { margin-top: 0.5rem; }
.cards dl { margin: 0.375rem 0 0; font-size: 0.9375rem; }
.name { font-weight: 600; }
.digits { color: var(--soft); }
.notice {
	margin: 1.25rem 0 0;
	padding: 0.75rem 0.875rem;
	background: var(--alarm-ground);
	border: 1px solid var(--alarm-line);
	border-radius: 0.5rem;
	color: var(--alarm);
}
main > :last-child, form > :last-child { margin-bottom: 0; }
form > .notice { margin: 0 0 1rem; }
form { margin: 1.5rem 0 0; }
.field { margin: 0 0 1rem; }
label { display: block; margin: 0 0 0.375rem; font-weight: 600; }
input {
	display: block;
	width: 100%;
	min-height: 3rem;
	padding: 0.5rem 0.75rem;
	border: 1px solid var(--field);
	border-radius: 0.5rem;
	background: var(--sheet);
	color: inherit;
	font: inherit;
	font-size: 1.125rem;
}
input.pin { max-width: 12rem; letter-spacing: 0.25em; }
input[aria-invalid='true'] { border-color: var(--alarm); }
.actions { display: flex; flex-wrap: wrap; gap: 0.75rem; }
button, .button {
	flex: 1 1 auto;
	min-height: 3rem;
	padding: 0.625rem 1.25rem;
	border: 1px solid var(--deep);
	border-radius: 0.5rem;
	background: none;
	color: var(--deep);
	font: inherit;
	font-weight: 600;
	text-align: center;
	text-decoration: none;
	cursor: pointer;
}
.button { display: inline-block; }
button.primary { flex-grow: 3; background: var(--deep); color: var(--on-deep); }
button.primary:hover { background: var(--deep-hover); border-color: var(--deep-hover); }
button.quiet { border-color: var(--field); color: inherit; }
button.quiet:hover, .button:hover { background: var(--ground); }
:focus-visible { outline: 3px solid var(--deep); outline-offset: 2px; }
@media (min-width: 40rem) {
	body { padding: 3rem 1rem; }
	main { padding: 2.25rem 2.5rem; }
}
@media (forced-colors: active) {
	button.primary { border-width: 3px; }
}
`;

/** What a Content-Security-Policy calls this style and no other. */
export const styleSource = `'sha256-${createHash('sha256').update(style).digest('base64')}'`;
