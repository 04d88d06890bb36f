import type Router from '@koa/router';
import {type RouterContext} from '@koa/router';
import {z} from 'zod';
import {type LogIn} from '../../admins/admins.ts';
import {type OpenedBy} from '../../admins/sign-ups.ts';
import {isOwnForm, readForm} from '../../pages/form.ts';
import {languageOf} from '../../pages/language.ts';
import {sendPage} from '../../pages/page.ts';
import {authorizationQuery, signUpForm} from './endpoints.ts';
import {overPage, type Problem, signUpPage} from './page.ts';
import {type AuthorizationParts} from './parts.ts';

const path = '/authorization/redirect';

const page = {path, access: 'open', params: z.object({}), replyType: 'text/html'} as const;
const over = {410: 'The sign-up is unknown, over or used.'};

/** As they are published. */
export const signUpPages = [
	{
		...page,
		method: 'get',
		summary: "Show an admin the sign-up's form.",
		documented: {operationId: 'showSignUp', query: authorizationQuery.redirect, statuses: over},
	},
	{
		...page,
		method: 'post',
		summary: 'Log in, agree, and go back to VTEX with a code.',
		body: signUpForm,
		bodyTypes: ['application/x-www-form-urlencoded'],
		documented: {
			operationId: 'agreeToSignUp',
			isRedirect: true,
			statuses: {
				302: '`returnUrl` with the code right behind it.',
				401: 'The name or the password is wrong, or the admin may not agree. The form again.',
				429: 'Too many wrong passwords. The form again.',
				...over,
			},
		},
	},
] as const;

/** What the log is told. */
type Routed = {route: string | undefined};

/**
 * The step between them for a browser: an admin logs in and agrees, and goes back to VTEX with a code (Payment Provider Protocol, 12). The
 * router stands before authentication: a merchant has no credentials yet (rules C1).
 */
export function authorizationRoutes<State extends Routed>(
	router: Router<State>,
	parts: AuthorizationParts,
): void {
	router.get(path, async (ctx: RouterContext<State>) => {
		ctx.state.route = path;
		await showForm(parts, ctx);
	});
	router.post(path, async (ctx: RouterContext<State>) => {
		ctx.state.route = path;
		await takeForm(parts, ctx);
	});
}

async function showForm<State>(
	{signUps, clock}: AuthorizationParts,
	ctx: RouterContext<State>,
): Promise<void> {
	const language = languageOf(ctx);
	const opened = openedBy(ctx.query);
	const found = opened && (await signUps.find(opened, new Date(clock())));
	sendPage(
		ctx,
		opened === undefined || found === undefined
			? overPage(language)
			: signUpPage(language, {...opened, ...found}),
	);
}

async function takeForm<State>(parts: AuthorizationParts, ctx: RouterContext<State>): Promise<void> {
	const {admins, signUps, clock, publicUrl, mayReturn} = parts;
	const language = languageOf(ctx);
	const {name = '', password = '', ...hidden} = await readForm(ctx);
	const opened = openedBy({...ctx.query, ...hidden});
	const now = new Date(clock());
	const found = opened && (await signUps.find(opened, now));
	// Passwords can be tried only with an open sign-up, and from no other site. The configuration may have changed since it began.
	if (
		opened === undefined ||
		found === undefined ||
		!isOwnForm(ctx, publicUrl) ||
		!mayReturn(found.returnUrl)
	) {
		sendPage(ctx, overPage(language));
		return;
	}

	const address = ctx.req.socket.remoteAddress ?? '';
	const logIn = await admins.check({name, password, address}, now);
	const problem = problemOf(logIn);
	if (problem !== undefined) {
		sendPage(ctx, signUpPage(language, {...opened, ...found, name}, problem));
		return;
	}

	const consented = logIn.kind === 'known' ? await signUps.consent(opened, logIn.admin, now) : undefined;
	if (consented === undefined) {
		sendPage(ctx, overPage(language));
		return;
	}

	ctx.set({'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer'});
	// The protocol's own rule: the code comes right behind the address. Koa's redirect would write it anew.
	ctx.set('Location', consented.returnUrl + consented.code);
	ctx.body = '';
	ctx.status = 302;
}

function problemOf(logIn: LogIn): Problem | undefined {
	if (logIn.kind !== 'known') {
		return logIn;
	}

	return logIn.admin.role === 'admin' ? undefined : {kind: 'notAllowed'};
}

function openedBy(shown: unknown): OpenedBy | undefined {
	return authorizationQuery.redirect.safeParse(shown).data;
}
