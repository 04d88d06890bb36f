import {type Language} from '../../pages/language.ts';
import {type Page} from '../../pages/page.ts';
import {template, type Template} from '../../pages/template.ts';
import {type Texts, texts} from './texts.ts';

/** A sign-up that waits for an admin. */
export type OpenSignUp = {
	readonly applicationId: string;
	readonly token: string;
	readonly returnUrl: string;
	/** As it was typed before, when the page is shown again. */
	readonly name?: string;
};

/** Why the page is shown again. */
export type Problem =
	{readonly kind: 'wrong' | 'notAllowed'} | {readonly kind: 'tooMany'; readonly retryAfterSeconds: number};

type FormValues = OpenSignUp & {
	readonly texts: Texts;
	readonly host: string;
	readonly problem: string | undefined;
};

// Its address is relative: whatever a proxy puts before our base path, the form goes to where it came from.
const form: Template<FormValues> = template(`<h1><%= it.texts.title %></h1>
<p class="lead"><%= it.texts.lead %></p>
<% if (it.problem !== undefined) { %><p class="notice" role="alert"><%= it.problem %></p>
<% } %><dl class="facts">
<div><dt><%= it.texts.application %></dt><dd><%= it.applicationId %></dd></div>
<div><dt><%= it.texts.leadsTo %></dt><dd><%= it.host %></dd></div>
</dl>
<form method="post" action="redirect">
<input type="hidden" name="applicationId" value="<%= it.applicationId %>">
<input type="hidden" name="token" value="<%= it.token %>">
<div class="field"><label for="name"><%= it.texts.name %></label><input id="name" name="name" value="<%= it.name ?? '' %>" required maxlength="64" autocomplete="username" autocapitalize="none" spellcheck="false"></div>
<div class="field"><label for="password"><%= it.texts.password %></label><input id="password" name="password" type="password" required maxlength="200" autocomplete="current-password"></div>
<p><%= it.texts.consent %></p>
<p><strong><%= it.texts.caution %></strong></p>
<div class="actions"><button class="primary" type="submit"><%= it.texts.submit %></button></div>
</form>
`);

const over: Template<{readonly texts: Texts}> = template(`<h1><%= it.texts.overTitle %></h1>
<p class="lead"><%= it.texts.over %></p>
`);

const statuses = {wrong: 401, notAllowed: 403, tooMany: 429} as const;

/** The form: log in and agree at once. */
export function signUpPage(language: Language, signUp: OpenSignUp, problem?: Problem): Page {
	const said = texts[language];
	const {host} = new URL(signUp.returnUrl);
	return {
		language,
		title: said.title,
		body: form({...signUp, texts: said, host, problem: problem && problemText(said, problem)}),
		status: problem === undefined ? 200 : statuses[problem.kind],
		leadsTo: signUp.returnUrl,
	};
}

/** Unknown, used or too old: which of them is nobody's business. */
export function overPage(language: Language): Page {
	const said = texts[language];
	return {language, title: said.overTitle, body: over({texts: said}), status: 410};
}

function problemText(said: Texts, problem: Problem): string {
	return problem.kind === 'tooMany'
		? said.tooMany(Math.ceil(problem.retryAfterSeconds / 60))
		: said[problem.kind];
}
