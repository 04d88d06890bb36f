import {type Documented} from '../../vtex/endpoint.ts';
import {type PublishedRoute} from './published-route.ts';
import {responsesOf} from './responses.ts';
import {contentOf, type Members, type Schemas} from './schemas.ts';

/** What an operation takes from the group that it stands in. */
export type OperationGroup = {readonly name: string; readonly bodyTypes: readonly string[]};

/** Either spelling of the headers is as good as the other. */
const credentials = [
	{providerAppKey: [], providerAppToken: []},
	{vtexAppKey: [], vtexAppToken: []},
];

const securityOf: Readonly<Record<PublishedRoute['access'], readonly Members[]>> = {
	read: credentials,
	write: credentials,
	hook: [{hookToken: []}, {}],
	open: [],
};

const openTo: Readonly<Record<PublishedRoute['access'], string | undefined>> = {
	read: 'Open to keys of the roles provider and viewer.',
	write: 'Open to keys of the role provider.',
	hook: undefined,
	open: undefined,
};

/**
 * What one method of one path does, as OpenAPI 3.1 writes it.
 * @throws Error when the contract has nothing to be published by
 */
export function operationOf(route: PublishedRoute, group: OperationGroup, schemas: Schemas): Members {
	const {documented, summary, access, body, method} = route;
	if (documented === undefined) {
		throw new Error(`${method} ${route.path} is published without \`documented\`: give its contract one.`);
	}

	const description = [documented.description, openTo[access]]
		.filter(text => text !== undefined)
		.join('\n\n');
	return {
		operationId: documented.operationId,
		summary,
		...(description !== '' && {description}),
		tags: [group.name],
		security: securityOf[access],
		parameters: parametersOf(route, documented, schemas),
		...(method === 'post' &&
			body !== undefined && {
				requestBody: {
					required: true,
					content: contentOf(
						route.bodyTypes ?? group.bodyTypes,
						schemas.sent(body),
						documented.example?.body,
					),
				},
			}),
		responses: responsesOf(route, documented, schemas),
		...callbacksOf(route, documented, schemas),
	};
}

function callbacksOf({reply}: PublishedRoute, {callback}: Documented, schemas: Schemas): Members {
	if (callback === undefined || reply === undefined) {
		return {};
	}

	const {name, member, summary} = callback;
	const post = {
		summary,
		requestBody: {content: contentOf(['application/json'], schemas.answered(reply))},
		responses: {'2XX': {description: 'Taken. After anything else it is called again.'}},
	};
	return {callbacks: {[name]: {[`{$request.body#/${member}}`]: {post}}}};
}

function parametersOf({params}: PublishedRoute, {query, requestHeaders = {}}: Documented, schemas: Schemas) {
	return [
		...membersOf(schemas.sent(params)).map(({name, schema: {description, ...schema}}) => ({
			...{name, in: 'path', required: true},
			...(description !== undefined && {description}),
			schema,
		})),
		...(query === undefined ? [] : membersOf(schemas.sent(query))).map(({name, schema, isRequired}) => ({
			...{name, in: 'query', required: isRequired},
			schema,
		})),
		...Object.entries(requestHeaders).map(([name, description]) => ({
			...{name, in: 'header', required: false, description},
			schema: {type: 'string'},
		})),
	];
}

function membersOf({properties = {}, required = []}: Members) {
	return Object.entries(properties as Record<string, Members>).map(([name, schema]) => ({
		name,
		schema,
		isRequired: (required as string[]).includes(name),
	}));
}
