import {z} from 'zod';
import {type PublishedRoute} from './openapi/published-route.ts';
import {type Context, type Next} from './state.ts';

export type HealthParts = {
	/** Resolves when the database answers. */
	readonly ping: () => Promise<unknown>;
	readonly isDraining: () => boolean;
};

const pingTimeoutMs = 2000;

/** As it is published. */
export const healthRoutes: readonly PublishedRoute[] = [
	{
		method: 'get',
		path: '/health/live',
		summary: 'Tell whether the process answers.',
		access: 'open',
		isSimple: true,
		params: z.object({}),
		reply: z.strictObject({status: z.literal('ok')}).meta({id: 'Healthy'}),
		documented: {operationId: 'isAlive'},
	},
	{
		method: 'get',
		path: '/health/ready',
		summary:
			'Tell whether requests can be sent here: the database answers, and the service is not about to stop.',
		access: 'open',
		isSimple: true,
		params: z.object({}),
		reply: z.union([
			z.strictObject({status: z.literal('ok')}),
			z.strictObject({status: z.literal('unavailable'), reason: z.string()}),
		]),
		documented: {
			operationId: 'isReady',
			statuses: {503: 'Not now; `reason` says why.'},
			replyStatuses: [503],
		},
	},
];

/**
 * `/health/live` and `/health/ready`, at the root and without credentials (rules C1). Live: the process answers. Ready: the database
 * answers too, and the service is not about to stop.
 */
export function health(parts: HealthParts): (ctx: Context, next: Next) => Promise<unknown> {
	const isReachable = shared(() => answersInTime(parts.ping()));
	return (ctx, next) => {
		const {path} = ctx;
		return path === '/health/live' || path === '/health/ready' ? answer(ctx, path) : next();
	};

	async function answer(ctx: Context, path: string): Promise<void> {
		const problem = path === '/health/live' ? undefined : await findProblem();
		ctx.state.route = path;
		ctx.status = problem === undefined ? 200 : 503;
		ctx.body = problem === undefined ? {status: 'ok'} : {status: 'unavailable', reason: problem};
		ctx.set('Cache-Control', 'no-store');
	}

	async function findProblem(): Promise<string | undefined> {
		if (parts.isDraining()) {
			return 'The service is stopping.';
		}

		return (await isReachable()) ? undefined : 'The database does not answer.';
	}
}

/** However many ask at once, one of them does the work. */
function shared<Result>(work: () => Promise<Result>): () => Promise<Result> {
	let running: Promise<Result> | undefined;
	return () =>
		(running ??= work().finally(() => {
			running = undefined;
		}));
}

async function answersInTime(ping: Promise<unknown>): Promise<boolean> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<boolean>(resolve => {
		timer = setTimeout(resolve, pingTimeoutMs, false);
	});
	try {
		return await Promise.race([ping.then(() => true), late]);
	} catch {
		return false;
	} finally {
		clearTimeout(timer);
	}
}
