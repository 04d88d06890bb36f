import {type IncomingMessage, type ServerResponse} from 'node:http';
import helmet from 'helmet';
import {type Language} from './language.ts';
import {style, styleSource} from './style.ts';
import {template, type Template} from './template.ts';

export type Page = {
	readonly language: Language;
	readonly title: string;
	/** HTML that `template` has made. */
	readonly body: string;
	readonly status?: number;
	/** Where the answer to a form of this page redirects to, when that is not a page of ours. */
	readonly leadsTo?: string | undefined;
};

/** What a page needs of Koa's context. */
export type PageContext = {
	readonly req: IncomingMessage;
	readonly res: ServerResponse;
	status: number;
	type: string;
	body: unknown;
	readonly set: (header: string, value: string) => void;
	readonly vary: (header: string) => void;
};

export const icon =
	"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%230b6b4f'/%3E%3Cpath d='M4 11V5l4 4 4-4v6' fill='none' stroke='%23fff' stroke-width='1.6'/%3E%3C/svg%3E";

const layout: Template<Page & {readonly style: string; readonly icon: string}> = template(`<!doctype html>
<html lang="<%= it.language %>">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="format-detection" content="telephone=no">
<title><%= it.title %></title>
<link rel="icon" href="<%~ it.icon %>">
<style><%~ it.style %></style>
</head>
<body>
<main>
<%~ it.body %>
</main>
</body>
</html>
`);

/** Answer with a page that nobody may frame, store, index or add to. */
export function sendPage(ctx: PageContext, page: Page): void {
	protect(ctx, page.leadsTo);
	ctx.set('Cache-Control', 'no-store');
	ctx.set('Content-Language', page.language);
	ctx.set('X-Robots-Tag', 'noindex');
	ctx.vary('Accept-Language');
	ctx.status = page.status ?? 200;
	ctx.type = 'text/html; charset=utf-8';
	ctx.body = layout({...page, style, icon});
}

/** Send the browser to another page, on another origin as well, without telling that one where it comes from. */
export function redirectAway(ctx: PageContext, url: string, status: 302 | 303 = 303): void {
	protect(ctx, undefined);
	ctx.set('Cache-Control', 'no-store');
	// As it was received, where a header can carry that.
	ctx.set('Location', /^[\x21-\x7e]+$/.test(url) ? url : new URL(url).href);
	ctx.body = '';
	ctx.status = status;
}

function protect({req, res}: PageContext, leadsTo: string | undefined): void {
	const secure = helmet({
		contentSecurityPolicy: {
			useDefaults: false,
			directives: {
				defaultSrc: ["'none'"],
				styleSrc: [styleSource],
				imgSrc: ['data:'],
				formAction: ["'self'", ...formTargets(leadsTo)],
				frameAncestors: ["'none'"],
				baseUri: ["'none'"],
			},
		},
		frameguard: {action: 'deny'},
		referrerPolicy: {policy: 'no-referrer'},
		// A store may open our page in a window of its own and wait for it to come back; this would cut the two apart.
		crossOriginOpenerPolicy: false,
		// A promise about the whole host, which only its operator can make.
		strictTransportSecurity: false,
	});
	secure(req, res, error => {
		if (error !== undefined) {
			throw error as Error;
		}
	});
}

/**
 * Chromium holds every hop of a redirect that follows a form against `form-action`. VTEX's return page leads on to the store's own domain, which nobody
 * tells us, so every HTTPS page has to be let pass; on a developer's machine, every port of it.
 */
function formTargets(leadsTo: string | undefined): string[] {
	if (leadsTo === undefined) {
		return [];
	}

	const {protocol, hostname} = new URL(leadsTo);
	return [protocol === 'https:' ? protocol : `${protocol}//${hostname}:*`];
}
