import {authorizationEndpoints} from '../../vtex/authorization/endpoints.ts';
import {signUpPages} from '../../vtex/authorization/routes.ts';
import {giftCardEndpoints} from '../../vtex/giftcards/endpoints.ts';
import {manifestEndpoint, paymentEndpoints} from '../../vtex/payments/endpoints.ts';
import {docsRoutes} from '../docs.ts';
import {healthRoutes} from '../health.ts';
import {orderHook} from '../order-hook.ts';
import {payPages} from './pay-pages.ts';
import {type PublishedRoute} from './published-route.ts';

/** Routes of one purpose, under one heading. */
export type RouteGroup = {
	readonly name: string;
	/** Markdown. */
	readonly description: string;
	/** Where the paths begin: the base path, or the root. */
	readonly place: 'basePath' | 'root';
	/** Media types of request bodies. */
	readonly bodyTypes: readonly string[];
	readonly routes: readonly PublishedRoute[];
};

const json = ['application/json'];
const contractsOf = (endpoints: readonly {readonly contract: PublishedRoute}[]) =>
	endpoints.map(({contract}) => contract);

/** Every route of the service, as it is published. */
export const routeGroups: readonly RouteGroup[] = [
	{
		name: 'Gift cards',
		description: `The Gift Card Provider Protocol, as VTEX's Gift Card Hub calls it. Value moves once for each \`requestId\`, and an answer that says so is durable.`,
		place: 'basePath',
		bodyTypes: ['application/vnd.vtex.giftcards.v1+json', ...json],
		routes: contractsOf(giftCardEndpoints),
	},
	{
		name: 'Payments',
		description: `The Payment Provider Protocol, as VTEX's Payment Gateway calls it. A payment that is refused is \`denied\` under 200; an operation that is refused is 500 with a null id.`,
		place: 'basePath',
		bodyTypes: json,
		routes: contractsOf([manifestEndpoint, ...paymentEndpoints]),
	},
	{
		name: 'Sign-up',
		description:
			"VTEX's configuration flow: it asks for a token, sends a browser to our page, where an admin logs in and agrees, and exchanges the code that comes back for credentials. All of it is without credentials.",
		place: 'basePath',
		bodyTypes: json,
		routes: [...contractsOf(authorizationEndpoints), ...signUpPages],
	},
	{
		name: 'Orders',
		description: "What the hook of a store's orders calls.",
		place: 'root',
		bodyTypes: json,
		routes: [orderHook],
	},
	{
		name: 'Pages',
		description: 'What shoppers see, and this document.',
		place: 'root',
		bodyTypes: ['application/x-www-form-urlencoded'],
		routes: [...payPages, ...docsRoutes],
	},
	{
		name: 'Health',
		description: 'For balancers and process managers.',
		place: 'root',
		bodyTypes: json,
		routes: healthRoutes,
	},
];
