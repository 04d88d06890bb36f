import {type Config} from '../config.ts';
import {components} from './openapi/components.ts';
import {operationOf} from './openapi/operation.ts';
import {type RouteGroup, routeGroups} from './openapi/routes.ts';
import {type Members, openSchemas, type Schemas} from './openapi/schemas.ts';

/** Where the service is reached. */
export type Place = Pick<Config, 'publicUrl' | 'basePath'>;

// Of this interface, which follows VTEX's protocols; what runs behind it is nobody's business.
const version = '1.0.0';

const description = `Gift cards, customer credit and loyalty points for a store on VTEX, over the two protocols by which VTEX calls a provider.

**Readers are lenient.** The schemas of requests say what to send. Members that they do not name are ignored; null, absent and empty are the same; and where a member only informs, anything that cannot be read counts as nothing. Bodies are read as JSON whatever they say that they are.

**Answers are strict.** They have exactly the members that their schemas name.

**Amounts** are JSON numbers in units of the currency, with its decimals, never cents. They are kept exactly.

**An error** has a \`code\` for programs and a \`message\` that says what to do. 401 and 403 have no body: missing and wrong credentials learn nothing. 503 means: send the same again, under the same id. Nothing happens twice.`;

/**
 * The published document: OpenAPI 3.1, from the contracts by which the service routes, validates and answers.
 * @throws Error when a route has nothing to be published by, or two schemas have the same name
 */
export function openApiDocument(
	{publicUrl, basePath}: Place,
	groups: readonly RouteGroup[] = routeGroups,
): Members {
	const schemas = openSchemas();
	const root = {url: publicUrl, description: 'Pages, hooks and health stand at the root.'};
	const paths = pathsOf(groups, schemas, root);
	return {
		openapi: '3.1.0',
		info: {title: 'Monedero', version, summary: 'Gift cards and loyalty for VTEX.', description},
		servers: [{url: publicUrl + basePath, description: 'The service URL that VTEX is given.'}],
		tags: groups.map(group => ({name: group.name, description: group.description})),
		paths,
		components: {...components, schemas: {...components.schemas, ...schemas.named()}},
	};
}

function pathsOf(groups: readonly RouteGroup[], schemas: Schemas, root: Members): Members {
	const paths: Record<string, Record<string, unknown>> = {};
	for (const group of groups) {
		for (const route of group.routes) {
			const path = (paths[publishedPath(route.path)] ??= group.place === 'root' ? {servers: [root]} : {});
			path[route.method] = operationOf(route, group, schemas);
		}
	}

	return paths;
}

/** `/giftcards/{giftCardId}` for `/giftcards/:giftCardId`. */
export function publishedPath(path: string): string {
	return path.replaceAll(/:(\w+)/g, '{$1}');
}
