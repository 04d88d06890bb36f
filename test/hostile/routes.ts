import Router from '@koa/router';
import {type z} from 'zod';
import {authorizationEndpoints} from '../../src/vtex/authorization/endpoints.ts';
import {type Contract} from '../../src/vtex/endpoint.ts';
import {giftCardEndpoints} from '../../src/vtex/giftcards/endpoints.ts';
import {manifestEndpoint, paymentEndpoints} from '../../src/vtex/payments/endpoints.ts';

export type Route = {
	readonly method: string;
	/** From the root, in the router's form. */
	readonly path: string;
	/** None for pages and hooks. */
	readonly contract: Contract<z.ZodType, z.ZodType, z.ZodType> | undefined;
};

const contracts = [
	...giftCardEndpoints,
	...paymentEndpoints,
	manifestEndpoint,
	...authorizationEndpoints,
].map(({contract}) => contract);

/**
 * Every route that a service registers while it is assembled, as its routers are told, so that a new one is here by itself; and those of
 * health and of the published document, which no router knows.
 */
export async function watchRoutes<Result>(
	basePath: string,
	assemble: () => Promise<Result>,
): Promise<{readonly result: Result; readonly routes: readonly Route[]}> {
	const routes: Route[] = ['/health/live', '/health/ready', '/openapi.json', '/docs', '/'].map(path => ({
		method: 'GET',
		path,
		contract: undefined,
	}));
	const {prototype} = Router as unknown as {prototype: {register: Register}};
	const {register} = prototype;
	prototype.register = function (path, methods, ...rest) {
		const full = `${this.opts.prefix ?? ''}${path}`;
		for (const method of methods) {
			const contract = contracts.find(
				one => basePath + one.path === full && one.method.toUpperCase() === method.toUpperCase(),
			);
			routes.push({method: method.toUpperCase(), path: full, contract});
		}

		return register.call(this, path, methods, ...rest);
	};
	try {
		return {result: await assemble(), routes};
	} finally {
		prototype.register = register;
	}
}

type Register = (
	this: {readonly opts: {readonly prefix?: string}},
	path: string,
	methods: readonly string[],
	...rest: unknown[]
) => unknown;
