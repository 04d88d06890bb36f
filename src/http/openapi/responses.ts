import {type Documented} from '../../vtex/endpoint.ts';
import {bodyFailures, errorSchema, failures, laterHeaders, ref, usualHeaders} from './components.ts';
import {type PublishedRoute} from './published-route.ts';
import {contentOf, type Members, type Schema, type Schemas} from './schemas.ts';

const json = 'application/json';

const missing = {401: ref('responses/CredentialsMissing'), 403: ref('responses/CredentialsWrong')};
const refusals: Readonly<Record<PublishedRoute['access'], Members>> = {
	read: missing,
	write: missing,
	hook: {401: ref('responses/TokenMissing'), 403: ref('responses/TokenWrong')},
	open: {},
};

/** What an operation answers, by status: what may become of all of its kind, and what it documents itself. */
export function responsesOf(route: PublishedRoute, documented: Documented, schemas: Schemas): Members {
	const {method, access, isSimple} = route;
	const usual = {...(method === 'post' && bodyFailures), ...(isSimple === undefined && failures)};
	const failure = (status: string, description: string) => ({
		description,
		headers: {...headersOf(route, documented, Number(status)), ...usualHeaders},
		...bodyOf(route, documented, Number(status), schemas),
	});
	return {
		...(documented.isRedirect === undefined && {
			200: {
				description: 'Done.',
				headers: {...described(documented.replyHeaders), ...usualHeaders},
				content: replyContent(route, documented, schemas),
			},
		}),
		...refusals[access],
		...mapped(usual, (status, [name, text]) =>
			isPlain(route) ? ref(`responses/${name}`) : failure(status, text),
		),
		...mapped(documented.statuses ?? {}, failure),
	};
}

function replyContent(
	{reply, replyType = json}: PublishedRoute,
	{example}: Documented,
	schemas: Schemas,
): Members {
	const schema = reply === undefined ? {type: 'string'} : schemas.answered(reply);
	return contentOf([replyType], schema, example?.reply);
}

/** Whose errors have the usual form. */
function isPlain({replyType = json, errorBody}: PublishedRoute): boolean {
	return replyType === json && errorBody === undefined;
}

function headersOf(route: PublishedRoute, {replyHeaders}: Documented, status: number): Members {
	const {isSimple, replyType = json} = route;
	if (isRedirect(status)) {
		return described({Location: 'Where to.'});
	}

	if (isSimple === true) {
		return described(replyHeaders);
	}

	return replyType === json && (status === 503 || status === 429) ? laterHeaders : {};
}

function described(texts: Documented['replyHeaders'] = {}): Members {
	return mapped(texts, (_name, description) => ({description, required: true, schema: {type: 'string'}}));
}

function bodyOf(route: PublishedRoute, documented: Documented, status: number, schemas: Schemas): Members {
	const {replyType = json} = route;
	if (isRedirect(status) || status === 304) {
		return {};
	}

	if (replyType !== json) {
		// What goes wrong before or behind the page is said as everywhere.
		return {content: {...contentOf([replyType], {type: 'string'}), ...contentOf([json], errorSchema)}};
	}

	const [first = {}, ...others] = formsOf(route, documented, status, schemas);
	return {content: contentOf([json], others.length === 0 ? first : {anyOf: [first, ...others]})};
}

/** A refusal may have the form of the reply, an error that of its protocol, and what fails before the route is known the usual one. */
function formsOf(
	{reply, errorBody, isSimple}: PublishedRoute,
	{replyStatuses = []}: Documented,
	status: number,
	schemas: Schemas,
): Schema[] {
	const isReply = replyStatuses.includes(status) && reply !== undefined;
	const isUsual = errorBody === undefined ? isSimple === undefined || status === 503 : status >= 500;
	return [
		...(isReply ? [schemas.answered(reply)] : []),
		...(errorBody === undefined ? [] : [schemaOf(errorBody({status, code: 'code', message: 'message'}))]),
		...(isUsual ? [errorSchema] : []),
	];
}

/** What one error looks like says what all of them look like. */
function schemaOf(error: unknown): Schema {
	const members = error as Readonly<Record<string, unknown>>;
	return {
		type: 'object',
		properties: mapped(members, (name, value) =>
			name === 'code' || name === 'message' ? {type: 'string'} : {const: value},
		),
		required: Object.keys(members),
		additionalProperties: false,
	};
}

function mapped<Value>(
	members: Readonly<Record<string, Value>>,
	change: (name: string, value: Value) => unknown,
): Members {
	return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, change(name, value)]));
}

const isRedirect = (status: number) => status >= 300 && status < 304;
