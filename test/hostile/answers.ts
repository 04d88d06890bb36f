import {refusalReasons} from '../../src/vtex/payments/error-replies.ts';
import {type Route} from './routes.ts';

/** As much of an answer as the rules for all of them look at. */
export type Seen = {
	readonly status: number;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	readonly text: string;
};

/** What nobody outside has any business with: where our files are, what they are made of, what the database says. */
const internals =
	/node_modules|\bat .{0,200}[\w/]+\.[jt]s:\d+|\/src\/|\/dist\/|prisma|postgres|\bpg_|sqlstate|SELECT .+ FROM|INSERT INTO|ECONNREFUSED|\bZod|violates|\bkoa\b|stack/i;
const namesVersions = ['server', 'x-powered-by', 'x-aspnet-version', 'via'];

/** What the Payment Provider Protocol itself wants answered with 500: an operation that is refused. */
const refusedCodes = new Set([...Object.values(refusalReasons).map(([code]) => code), 'overloaded']);

/** What is wrong with an answer, whatever was asked; undefined for nothing. */
export function problemOf(route: Route | undefined, {status, headers, text}: Seen): string | undefined {
	if (status >= 500 && status !== 503 && !isRefusedOperation(route, status, text)) {
		return `answered ${status}`;
	}

	const said = `${text}\n${Object.entries(headers)
		.map(([name, value]) => `${name}: ${String(value)}`)
		.join('\n')}`;
	const leak = internals.exec(said);
	if (leak !== null) {
		return `tells of its inside: ${leak[0]}`;
	}

	const telling = namesVersions.find(name => name in headers);
	return telling === undefined ? shapeProblem(route, {status, headers, text}) : `has a header ${telling}`;
}

function isRefusedOperation(route: Route | undefined, status: number, text: string): boolean {
	const isOperation = route?.path.includes('/payments/') === true;
	return status === 500 && isOperation && refusedCodes.has(String(membersOf(text)['code']));
}

/** Each protocol's own form of an error; 401 and 403 say nothing at all (Gift Card Provider Protocol, 3). */
function shapeProblem(route: Route | undefined, {status, headers, text}: Seen): string | undefined {
	if (status < 400 || isPage(headers)) {
		return undefined;
	}

	if (status === 401 || status === 403) {
		return text === '' ? undefined : `says something with ${status}`;
	}

	const members = membersOf(text);
	const expected = route?.contract?.errorBody?.({status, code: 'c', message: 'm'}) ?? {error: {}};
	const missing = Object.keys(expected).filter(name => !(name in members));
	if (missing.length === 0) {
		return 'error' in members ? errorProblem(members['error']) : undefined;
	}

	// What is refused before a route is found, and an operation's own refusal.
	const isOwn = 'error' in members ? errorProblem(members['error']) === undefined : 'code' in members;
	const isHealth = route?.path.startsWith('/health') === true && 'status' in members;
	return isOwn || isHealth ? undefined : `has an error without ${missing.join(', ')}: ${text.slice(0, 200)}`;
}

function errorProblem(error: unknown): string | undefined {
	const {code, message} = (error ?? {}) as {code?: unknown; message?: unknown};
	const isWhole = typeof code === 'string' && code !== '' && typeof message === 'string' && message !== '';
	return isWhole ? undefined : 'has an error without code and message';
}

function isPage(headers: Seen['headers']): boolean {
	return String(headers['content-type']).startsWith('text/html');
}

function membersOf(text: string): Record<string, unknown> {
	try {
		const value = JSON.parse(text) as unknown;
		return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
	} catch {
		return {};
	}
}
